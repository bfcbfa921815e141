// What happened, day by day, newest on top: the first person's side, the date, the second's.

import { h, spoken } from "./dom.js";
import { told } from "./words.js";

export class Rail {
  constructor(root, story, calendar, why) {
    this.calendar = calendar;
    const rows = [];
    for (const p of story.people) {
      const ask = (d, m) => h("button", { type: "button", class: "ask-why", "aria-label": `Why? ${d.question}`,
        onclick: () => why(p, d, m) }, "why?");
      const beside = new Map();
      const changes = [];
      let manner;
      for (const d of p.silent) {
        // A step accompanied as the one before is no news: its reason stays with what led to it.
        const same = d.kind === "approach" && d.chosen === manner && p.events.some((e) => e.t === d.t);
        if (d.kind === "approach") manner = d.chosen;
        if (same) beside.set(d.t, d); else changes.push(d);
      }
      for (const e of p.events) {
        const also = beside.get(e.t);
        beside.delete(e.t);
        rows.push({ t: e.t, side: p.index, node: () => h("p", {}, e.title ?? spoken(e.name), also && [" ", ask(also)]) });
      }
      for (const d of changes) {
        rows.push({ t: d.t, side: p.index, node: () => h("p", { class: "chose" }, `${told(d, calendar)} `, ask(d)) });
      }
      for (const m of p.held) {
        const decision = p.decision.get(m.decision);
        rows.push({ t: m.t, side: p.index, node: () => h("p", { class: "held" }, `${m.title || m.subject || "A message"}: ${m.status} `,
          decision && ask(decision, m)) });
      }
    }
    this.days = [];
    for (const row of rows.sort((a, b) => a.t - b.t)) {
      const day = calendar.dayOf(row.t);
      if (this.days.at(-1)?.day !== day) this.days.push({ t: row.t, day, rows: [] });
      this.days.at(-1).rows.push(row);
    }
    this.list = h("ol", { class: "rail", tabindex: "0", "aria-label": "What happened, newest first" });
    root.replaceChildren(this.list, baseline(story.people));
    this.key = "";
  }

  show(t, { calm }) {
    const past = this.days.filter((d) => d.t <= t)
      .map((d) => ({ ...d, rows: d.rows.filter((r) => r.t <= t).reverse() }));
    const key = past.map((d) => d.rows.length).join();
    if (key === this.key) return;
    const grown = key.startsWith(this.key) || past.at(-1)?.rows.length > 1;
    this.key = key;
    this.list.replaceChildren(...past.reverse().map((d, i) =>
      h("li", { class: i === 0 && grown && !calm ? "fresh" : null },
        h("div", { class: "left" }, d.rows.filter((r) => r.side === 0).map((r) => r.node())),
        h("time", {}, this.calendar.say("short", d.t)),
        h("div", { class: "right" }, d.rows.filter((r) => r.side === 1).map((r) => r.node())))));
    this.list.scrollTop = 0;
  }
}

function baseline(people) {
  const items = [...new Set(people.flatMap((p) => p.baseline.map((b) => b.item)))];
  if (!items.length) return "";
  const answer = (p, item) => {
    const given = p?.baseline.find((b) => b.item === item)?.answer;
    return h("span", { class: `scale who-${p?.index}`, role: "img",
      "aria-label": given ? `${p.first}: ${given} of 5` : `${p?.first}: not answered` },
    [1, 2, 3, 4, 5].map((n) => h("i", { class: n === given ? "on" : null })));
  };
  return h("details", { class: "baseline" }, h("summary", {}, "What they answered on the first day"),
    h("ul", {}, items.map((item) => h("li", {}, answer(people[0], item), h("span", {}, item), people[1] && answer(people[1], item)))));
}
