// The panel beside a message: what was known, what was possible, what was chosen and why not else.

import { h, s, sentence, spoken, unwrapped } from "./dom.js";
import { believed } from "./story.js";
import { asked, because, fate, guard, option as named, reason } from "./words.js";

const Z80 = 1.2815515655446004;

export class Why {
  constructor(dialog, calendar) {
    Object.assign(this, { dialog, calendar });
    dialog.addEventListener("click", (e) => { if (e.target === dialog) dialog.close(); });
  }

  open(person, decision, message) {
    if (!decision) return;
    const t = Date.parse(decision.at);
    const when = `${this.calendar.say("full", t)}, ${this.calendar.say("time", t)}`;
    const manner = mannerOf(person, decision);
    this.dialog.replaceChildren(h("div", { class: "why-body" },
      h("header", {},
        h("p", { class: "eyebrow" }, `${person.name} · ${when}`),
        h("h2", { id: "why-title" }, decision.question || spoken(decision.kind)),
        h("button", { type: "button", class: "why-close", "aria-label": "Close", onclick: () => this.dialog.close() },
          s("svg", { viewBox: "0 0 20 20", "aria-hidden": "true" }, s("path", { d: "m5 5 10 10M15 5 5 15" })))),
      this.#answer(manner), this.#answer(decision),
      message && h("blockquote", { class: `why-message ${message.tone}` },
        message.subject && h("strong", {}, message.subject), quote(message)),
      this.#evidence(person, decision.evidence?.length ? decision : manner ?? decision),
      manner && this.#options(manner, manner.question),
      this.#options(decision, manner ? decision.question : "What was possible"),
      h("section", {}, h("h3", {}, "For the record"), record(person, decision, message), manner && record(person, manner))));
    this.dialog.showModal();
    this.dialog.scrollTop = 0;
  }

  #evidence(person, decision) {
    const seen = decision.evidence ?? [];
    if (asked(decision)) return h("section", {}, h("p", {}, "This depends on what happened alone, and is the same for everybody. What a person may need plays no part in it."));
    if (!seen.length) return null;
    const t = Date.parse(decision.at);
    return h("section", {}, h("h3", {}, "What we knew then"), seen.map((e) => {
      const about = (person.needs.find((n) => n.need === e.need)?.evidence ?? []).filter((x) => x.t <= t);
      const ids = new Set((e.events ?? []).map((x) => (typeof x === "string" ? x : x.id ?? x.event)));
      const named = about.filter((x) => ids.has(x.event));
      const because = named.length ? named : about;
      const low = e.mean - Z80 * e.sd, high = e.mean + Z80 * e.sd;
      const span = `80% interval ${low.toFixed(2)} to ${high.toFixed(2)}`;
      return h("div", { class: "why-need" },
        h("p", {}, h("strong", {}, `Need for ${spoken(e.need).toLowerCase()}`),
          h("span", { class: "quiet" }, believed(e))),
        interval(low, e.mean, high, e.known, person.index),
        h("p", { class: "quiet figures" }, e.known ? `mean ${e.mean.toFixed(2)}, ${span}` : span),
        because.length > 0 && h("ul", { class: "why-events" }, because.slice(-4).reverse().map((x) =>
          h("li", {}, h("time", {}, this.calendar.say("short", x.t)), h("span", {}, x.because)))));
    }));
  }

  #options(decision, title) {
    return h("section", {}, h("h3", {}, title), h("ul", { class: "options" },
      decision.options.map((option) => {
        const chosen = option.name === decision.chosen;
        const why = because(decision, option);
        return h("li", { class: chosen ? "chosen" : option.eligible ? "" : "removed" },
          h("p", {}, h("strong", {}, named(decision, option.name, this.calendar)), h("span", { class: "quiet" }, fate(decision, option))),
          why.words && !refused(option) && h("p", { class: "option-because" }, why.words),
          why.rule && h("p", { class: "option-because" }, "Rule: ", h("code", {}, why.rule)),
          h("ul", {}, (option.verdicts ?? []).map((v) => h("li", { class: v.ok ? "ok" : "not" },
            h("strong", {}, guard(v.guard)), h("span", {}, ` ${reason(v.reason)}`),
            v.until && h("span", { class: "quiet" }, ` Until ${this.#moment(v.until)}.`)))));
      })));
  }

  #answer(decision) {
    return decision && h("div", { class: "why-answer" }, h("strong", {}, named(decision, decision.chosen, this.calendar)), h("p", {}, sentence(decision.because)));
  }

  #moment(at) {
    const t = Date.parse(at);
    return `${this.calendar.say("weekday", t)}, ${this.calendar.say("short", t)}, ${this.calendar.say("time", t)}`;
  }
}

// The way a message is sent follows from how its step is accompanied; that is where needs count.
// A helper is asked by what happened alone, so there needs are not shown.
function mannerOf(person, decision) {
  if (decision.kind === "approach" || asked(decision) || decision.evidence?.length) return undefined;
  const t = Date.parse(decision.at);
  const before = person.decisions.filter((d) => d.kind === "approach" && d.t <= t);
  return before.findLast((d) => d.step === decision.step) ?? before.at(-1);
}

// A refused channel says its reason with the guard that refused it, and once is enough.
const refused = (option) => (option.verdicts ?? []).some((v) => !v.ok && v.reason === option.because);

// A long message is opened in place; a box that scrolls would hide that there is more.
function quote(message) {
  const text = unwrapped(message.text);
  if (text.length < 360) return h("p", { class: "as-written" }, text);
  return h("details", { class: "whole" }, h("summary", {}, "Read the whole message"), h("p", { class: "as-written" }, text));
}

const record = (person, decision, message) => h("dl", { class: "facts small" },
  fact("Decision", decision.id), fact("Choice probability", decision.choice_probability),
  fact("Policy", decision.policy), fact("Seed", decision.seed),
  fact("Step", decision.step && (person.titles.get(decision.step) ?? spoken(decision.step))),
  message && fact("Delivery", `${message.key}, ${message.status}`));

const fact = (name, value) => value !== undefined && value !== null && value !== "" &&
  h("div", {}, h("dt", {}, name), h("dd", {}, String(value)));

// From −2.4 to 2.4 as shares of the width; the middle line is what most people need.
function interval(low, mean, high, known, index) {
  const at = (v) => 100 * (Math.max(-2.4, Math.min(2.4, v)) + 2.4) / 4.8;
  return s("svg", { class: `interval who-${index}`, width: "100%", height: 34, "aria-hidden": "true" },
    s("rect", { class: "range-track", x: 0, y: 8, width: "100%", height: 2, rx: 1 }),
    s("rect", { class: "interval-middle", x: "50%", y: 2, width: 1, height: 14 }),
    s("rect", { class: known ? "interval-span" : "interval-span unknown", x: `${at(low)}%`, y: 4, width: `${at(high) - at(low)}%`, height: 10, rx: 5 }),
    known && s("circle", { class: "interval-mean", cx: `${at(mean)}%`, cy: 9, r: 4 }),
    s("text", { x: 0, y: 31 }, "less"), s("text", { x: "50%", y: 31, "text-anchor": "middle" }, "most people"),
    s("text", { x: "100%", y: 31, "text-anchor": "end" }, "more"));
}
