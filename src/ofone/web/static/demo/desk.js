// The advisor's inbox. It depends on the steps alone, so both journeys feed it the same way.

import { h, unwrapped } from "./dom.js";
import { until } from "./story.js";

export class Desk {
  constructor(root, story, calendar) {
    Object.assign(this, { story, calendar, shown: 0 });
    this.list = h("ol", { class: "desk-list" });
    this.empty = h("p", { class: "quiet" }, "Nothing yet.");
    root.replaceChildren(
      h("header", { class: "person-head" }, h("h2", {}, story.helper?.name ?? "Nobody"), h("p", {}, "Advisor to both, and to many others")),
      h("div", { class: "desk-inner" },
        h("div", { class: "desk-box", tabindex: "0", role: "group", "aria-label": "Inbox" }, this.empty, this.list),
        h("p", { class: "desk-note" }, "Tips are about the step: everybody’s advisor gets the same one, on the same morning.")));
  }

  show(t, { calm }) {
    const shown = until(this.story.inbox, t);
    const arrived = shown - this.shown;
    for (; this.shown > shown; this.shown -= 1) this.list.firstElementChild.remove();
    for (; this.shown < shown; this.shown += 1) {
      const note = this.story.inbox[this.shown];
      this.list.prepend(h("li", { class: `note ${note.kind}${!calm && arrived <= 2 ? " arriving" : ""}` },
        h("p", { class: "msg-head" }, h("span", { class: "tag" }, note.kind), h("time", {}, this.calendar.say("short", note.t))),
        h("details", {}, h("summary", {}, note.subject),
          h("p", { class: "as-written" }, unwrapped(note.text)),
          note.answer_by && h("p", { class: "quiet" }, `Please answer by ${this.calendar.say("full", Date.parse(note.answer_by))}`))));
    }
    if (arrived) [...this.list.querySelectorAll("details")].forEach((d, i) => { d.open = i === 0 && d.textContent.length < 420; });
    this.empty.hidden = shown > 0;
  }
}
