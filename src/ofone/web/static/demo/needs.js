// What we believe each person needs: two bands on one scale, as they were known at that moment.

import { h, s } from "./dom.js";
import { believed, until } from "./story.js";

const Z80 = 1.2815515655446004;
const TOP = 2.4;
const spoken = (need) => need.replaceAll("_", " ");

export class Needs {
  constructor(root, story, calendar) {
    Object.assign(this, { story, calendar, root });
    this.names = [...new Set(story.people.flatMap((p) => p.needs.map((n) => n.need)))];
    this.need = this.names[0];
    this.now = h("p", { class: "needs-now" });
    this.plot = h("div", { class: "needs-plot" });
    this.tabs = h("div", { class: "needs-tabs", role: "group", "aria-label": "Which need" },
      this.names.map((name) => h("button", { type: "button", onclick: () => this.choose(name) }, spoken(name))));
    root.replaceChildren(h("div", { class: "needs-head" }, h("h2", { class: "small-title" }, "Need for"), this.tabs), this.plot, this.now);
    this.choose(this.need);
  }

  choose(name) {
    this.need = name;
    [...this.tabs.children].forEach((b, i) => b.setAttribute("aria-pressed", this.names[i] === name));
    this.draw();
    if (this.t !== undefined) this.show(this.t);
  }

  draw() {
    const W = Math.max(220, this.plot.clientWidth || 300), H = 150;
    const { start, end } = this.story;
    this.x = (t) => (W * (t - start)) / (end - start);
    const y = (v) => (H * (TOP - Math.max(-TOP, Math.min(TOP, v)))) / (2 * TOP);
    const clip = s("rect", { x: -4, y: 0, width: 0, height: H });
    const layers = this.story.people.map((p) => {
      const need = p.needs.find((n) => n.need === this.need);
      return need && s("g", { class: `who-${p.index}` },
        runs(need.points).map(({ known, points }) => {
          const upper = points.map((q) => `${this.x(q.t)},${y(q.mean + Z80 * q.sd)}`);
          const lower = points.map((q) => `${this.x(q.t)},${y(q.mean - Z80 * q.sd)}`).reverse();
          return [
            s("polygon", { class: known ? "area" : "area unknown", points: [...upper, ...lower].join(" ") }),
            known && s("polyline", { class: "mean", points: points.map((q) => `${this.x(q.t)},${y(q.mean)}`).join(" ") }),
          ];
        }),
        need.evidence.map((e) => s("circle", { class: "dot", cx: this.x(e.t), cy: y(e.score), r: 2.6 },
          s("title", {}, `${this.calendar.say("short", e.t)}: ${e.because}`))));
    });
    this.clip = clip;
    this.plot.replaceChildren(s("svg", { viewBox: `0 0 ${W} ${H}`, width: W, height: H, role: "img",
      "aria-label": `Need for ${spoken(this.need)} over time, as a band for each person` },
      s("clipPath", { id: "needs-past" }, clip),
      s("path", { class: "middle", d: `M0 ${y(0)}H${W}` }),
      s("g", { "clip-path": "url(#needs-past)" }, layers),
      s("text", { class: "note", x: W, y: y(0) + 4, "text-anchor": "end" }, "most people")));
  }

  show(t) {
    this.t = t;
    this.clip.setAttribute("width", this.x(t) + 4);
    const key = this.story.people.map((p) => {
      const need = p.needs.find((n) => n.need === this.need);
      const point = need?.points[until(need.points, t) - 1];
      const heard = need ? until(need.evidence, t) : 0;
      return !point || heard === 0 ? "not known yet" : believed(point);
    });
    if (key.join() === this.said) return;
    this.said = key.join();
    this.now.replaceChildren(...this.story.people.map((p) =>
      h("span", { class: `who-${p.index}` }, h("strong", {}, p.first), ` ${key[p.index]}`)));
  }
}

// A band holds its last width until the next estimate, so that known and unknown parts touch.
function runs(points) {
  const found = [];
  for (const point of points) {
    const last = found.at(-1);
    if (last && last.known !== point.known) last.points.push({ ...last.points.at(-1), t: point.t });
    if (last && last.known === point.known) last.points.push(point);
    else found.push({ known: point.known, points: [point] });
  }
  return found;
}
