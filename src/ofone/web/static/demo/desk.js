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
    const notes = gathered(this.story.inbox.slice(0, shown)).map((n) => ({ ...n, done: this.#done(n, t) }));
    const key = `${shown} ${notes.map((n) => n.done)}`;
    if (key === this.key) return;
    const arriving = !calm && shown > this.shown && shown - this.shown <= 2;
    Object.assign(this, { key, shown });
    this.list.replaceChildren(...notes.map((note, i) => this.#note(note, i === 0, arriving)));
    this.empty.hidden = shown > 0;
  }

  #note(note, first, arriving) {
    const say = (t) => this.calendar.say("short", t);
    return h("li", { class: `note ${note.kind}${first && arriving ? " arriving" : ""}${note.done ? " answered" : ""}` },
      h("p", { class: "msg-head" }, h("span", { class: "tag" }, note.done ? "answered" : note.kind),
        note.also.length > 0 && h("span", {}, `also ${note.also.map(say).join(", ")}`), h("time", {}, say(note.t))),
      h("details", { open: first && note.text.length < 420 }, h("summary", {}, note.subject),
        note.done && h("p", { class: "quiet" }, `The step was done on ${say(note.done)}.`),
        h("p", { class: "as-written" }, unwrapped(note.text)),
        note.answer_by && !note.done && h("p", { class: "quiet" }, `Please answer by ${this.calendar.say("full", Date.parse(note.answer_by))}`)));
  }

  // A request is answered by what the customer does: the step it is about is done in their tracker.
  #done(note, t) {
    const person = note.kind === "request" && this.story.people.find((p) => p.name === note.about);
    const title = person && person.titles.get(note.step);
    return title && person.trackers.find((v) => v.t > note.t && v.t <= t && v.steps.some((s) => s.title === title && s.status === "done"))?.t;
  }
}

// Newest first; the same tip for another customer is the same tip, with one more date.
function gathered(inbox) {
  const found = [];
  for (const note of [...inbox].reverse()) {
    const same = note.kind === "tip" && found.find((n) => n.kind === "tip" && n.subject === note.subject);
    if (same) same.also.push(note.t); else found.push({ ...note, also: [] });
  }
  return found;
}
