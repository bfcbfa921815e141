// One person's phone: the tracker as it looked then, and what has arrived, newest on top.

import { CHANNELS, h, icon, s, shortened, unwrapped } from "./dom.js";
import { until } from "./story.js";

const DAY = 864e5;
const OLD = 4.5 * DAY;

export class Phone {
  constructor(root, person, calendar, why) {
    Object.assign(this, { person, calendar, why, shown: 0, stampDay: 0, view: undefined });
    this.tracker = h("div", { class: "ph-tracker" });
    this.list = h("ol", { class: "ph-list", "aria-label": `Messages to ${person.first}` });
    this.scroller = h("div", { class: "ph-scroll", tabindex: "0", role: "group",
      "aria-label": `${person.first}’s screen` }, this.tracker, this.list);
    this.sheet = h("div", { class: "ph-sheet", hidden: true });
    this.screen = h("div", { class: "ph-screen" },
      h("div", { class: "ph-island", "aria-hidden": "true" }), this.scroller, this.sheet);
    this.frame = h("div", { class: "phone" }, this.screen);
    // In a narrow window the page scrolls, not the phone: what does not fit is unfolded.
    this.more = h("button", { type: "button", class: "ph-more", "aria-expanded": "false", hidden: true,
      onclick: () => this.#unfold() }, "Show all");
    this.screen.append(this.more);
    new ResizeObserver(() => this.#fit()).observe(this.scroller);
    root.replaceChildren(
      h("header", { class: "person-head" },
        h("h2", {}, person.name), h("p", {}, person.tagline)),
      this.frame);
  }

  #unfold() {
    const tall = this.frame.classList.toggle("tall");
    this.more.setAttribute("aria-expanded", tall);
    this.more.textContent = tall ? "Show less" : "Show all";
  }

  #fit() {
    this.more.hidden = !this.frame.classList.contains("tall") && this.scroller.scrollHeight <= this.scroller.clientHeight + 8;
  }

  show(t, { calm }) {
    const { person } = this;
    const shown = until(person.messages, t);
    const arrived = shown - this.shown;
    for (; this.shown > shown; this.shown -= 1) this.list.firstElementChild.remove();
    for (; this.shown < shown; this.shown += 1) {
      const node = this.#message(person.messages[this.shown]);
      if (!calm && arrived <= 2) node.classList.add("arriving");
      this.list.prepend(node);
    }
    if (arrived > 0) this.scroller.scrollTop = 0;
    const view = person.trackers[until(person.trackers, t) - 1];
    const day = this.calendar.dayOf(t);
    if (view !== this.view || day !== this.stampDay) {
      this.tracker.replaceChildren(view ? this.#tracker(view, t) : "");
      this.tracker.dataset.prominence = view?.prominence ?? "none";
    }
    if (day !== this.stampDay || arrived) {
      [...this.list.children].forEach((node, i) => {
        const at = person.messages[this.shown - 1 - i].t;
        node.querySelector("time").textContent = this.calendar.stamp(at, t);
        node.classList.toggle("old", i > 0 && t - at > OLD);
      });
    }
    if (view !== this.view || day !== this.stampDay || arrived) this.#fit();
    this.view = view;
    this.stampDay = day;
    this.screen.dataset.tone = person.messages[shown - 1]?.tone ?? "plain";
  }

  #message(message) {
    const decision = this.person.decision.get(message.decision);
    const mail = message.channel === "email";
    // A lock screen shows no word of a mail's body, only how long it is.
    const body = mail
      ? h("button", { type: "button", class: "msg-mail", onclick: (e) => this.open(message, e.currentTarget) },
        h("strong", {}, message.subject || message.title), lines(message.words))
      : h("p", { class: "msg-text" }, shortened(message.text));
    return h("li", { class: `msg ${message.tone} ${message.channel}` },
      h("p", { class: "msg-head" }, icon(message.channel),
        h("span", {}, CHANNELS[message.channel] ?? message.channel), h("time", { datetime: message.at })),
      body,
      decision && h("button", { type: "button", class: "ask-why",
        "aria-label": `Why? ${message.subject || message.title || "this message"}`,
        onclick: () => this.why(this.person, decision, message) }, "why?"));
  }

  #tracker(view, t) {
    if (view.prominence === "quiet") {
      return h("button", { type: "button", class: "tk-quiet",
        onclick: (e) => this.openTracker(e.currentTarget) }, h("span", {}, view.sentence));
    }
    const done = view.steps.filter((x) => x.status === "done").length;
    const ahead = view.steps.filter((x) => x.status === "ahead");
    return h("div", { class: "tk" },
      h("button", { type: "button", class: "tk-sentence", onclick: (e) => this.openTracker(e.currentTarget) },
        view.sentence),
      h("ol", { class: "tk-line" },
        done > 0 && h("li", { class: "done" }, done === 1 ? "1 step done" : `${done} steps done`),
        view.steps.filter((x) => x.status === "current").map((step) =>
          h("li", { class: "current" }, h("strong", {}, step.title), h("span", {}, step.words),
            this.#range(step, t))),
        ahead.slice(0, 2).map((step) =>
          h("li", { class: "ahead" }, h("span", {}, step.title), h("span", { class: "tk-date" }, this.#dates(step)))),
        ahead.length > 2 && h("li", { class: "ahead rest" }, `${ahead.length - 2} more`)));
  }

  #dates(step) {
    return step.from && step.to
      ? this.calendar.range(Date.parse(step.from), Date.parse(step.to)) : "";
  }

  #range(step, t) {
    if (!step.from || !step.to) return null;
    const from = Date.parse(step.from), to = Date.parse(step.to);
    const entered = this.person.trackers.find((v) =>
      v.steps.some((x) => x.title === step.title && x.status === "current"))?.t ?? t;
    const left = Math.min(entered, from), span = Math.max(to, t) + DAY / 2 - left;
    const at = (x) => Math.min(100, Math.max(0, (100 * (x - left)) / span));
    const width = Math.max(3, at(to) - at(from));
    return s("svg", { class: "range small", width: "100%", height: "14", "aria-hidden": "true" },
      s("rect", { class: "range-track", x: 0, y: 5, width: "100%", height: 4, rx: 2 }),
      s("rect", { class: "range-span", x: `${at(from)}%`, y: 3, width: `${width}%`, height: 8, rx: 4 }),
      s("rect", { class: "range-today", x: `${at(t)}%`, y: 0, width: 2, height: 14, rx: 1 }));
  }

  open(message, from) {
    const frame = message.html
      ? h("iframe", { title: message.subject || "E-mail", class: "ph-mail",
        sandbox: "allow-popups allow-popups-to-escape-sandbox",
        src: `/demo/mail/${encodeURIComponent(message.key)}` })
      : h("p", { class: "as-written" }, unwrapped(message.text));
    this.#slide(message.subject || "E-mail", frame, from);
  }

  openTracker(from) {
    if (!this.view) return;
    this.#slide(this.view.sentence, h("ol", { class: "line in-phone" }, this.view.steps.map((step) =>
      h("li", { class: `step ${step.status}` },
        step.status === "current"
          ? h("div", { class: "card" }, h("h3", {}, step.title), h("p", { class: "step-when" }, step.words),
            step.happens && h("p", {}, step.happens),
            step.you_do && h("p", { class: "needs-you" }, step.you_do))
          : [h("span", { class: "step-title" }, step.title), h("span", { class: "step-when" }, step.words)]))), from);
  }

  #slide(title, content, from) {
    this.from = from;
    const close = h("button", { type: "button", class: "sheet-close", "aria-label": "Close",
      onclick: () => this.close() }, "Back");
    this.sheet.replaceChildren(h("header", {}, close, h("h3", {}, title)), content);
    this.sheet.hidden = false;
    this.scroller.inert = true;
    close.focus();
  }

  /** True when something was open. */
  close() {
    if (this.sheet.hidden) return false;
    this.sheet.hidden = true;
    this.sheet.replaceChildren();
    this.scroller.inert = false;
    (this.from?.isConnected ? this.from : this.scroller).focus();
    return true;
  }
}

function lines(words) {
  const count = Math.max(1, Math.min(9, Math.round(words / 20)));
  return s("svg", { class: "msg-lines", width: "100%", height: count * 7, role: "img", "aria-label": `${words} words` },
    Array.from({ length: count }, (_, i) => s("rect", {
      x: 0, y: i * 7 + 2, height: 3, rx: 1.5,
      width: i === count - 1 ? "46%" : `${92 - ((i * 37) % 11)}%` })));
}
