// Every message on one line of time: the first person's upward, the second's downward.
// Height is length, colour is warmth; what is still to come is a shadow.

import { h, s } from "./dom.js";
import { until } from "./story.js";

const BARS = 56, STRIP = 18, AXIS = 20;
const HEIGHT = 2 * (BARS + STRIP) + AXIS;

export class Score {
  constructor({ score, tally, legend }, story, calendar, why, seek) {
    Object.assign(this, { root: score, story, calendar, why, seek });
    this.counts = story.people.map((p) => {
      const number = h("strong", {}, "0"), unit = h("span", {}, "messages"), words = h("span", { class: "quiet" }, "0 words");
      tally.append(h("p", { class: `who-${p.index}` }, h("span", { class: "tally-name" }, p.first), number, h("span", { class: "tally-words" }, unit, words)));
      return { number, unit, words };
    });
    const key = (tone, says) => h("li", {}, h("i", { class: `swatch ${tone}` }), says);
    legend.append(h("ul", {},
      key("reassuring", "explains and reassures"), key("plain", "plain"), key("brief", "brief"),
      key("silent", "decided, nothing sent")));
    score.addEventListener("click", (e) => {
      if (!e.target.closest("[data-bar]")) this.seek(this.start(e.clientX));
    });
    new ResizeObserver(() => this.draw()).observe(score);
    this.draw();
  }

  start(clientX) {
    const box = this.root.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (clientX - box.left) / box.width));
    return this.story.start + share * (this.story.end - this.story.start);
  }

  draw() {
    const W = Math.max(240, this.root.clientWidth);
    if (W === this.width) return;
    this.width = W;
    const { start, end, people } = this.story;
    const x = (t) => (W * (t - start)) / (end - start);
    this.x = x;
    const longest = Math.max(...people.flatMap((p) => p.messages.map((m) => m.words)), 1);
    const tall = (m) => 7 + (BARS - 12) * Math.sqrt(m.words / longest);
    const base = [BARS, HEIGHT - BARS];

    const layer = (extra) => people.map((p) => s("g", { class: `who-${p.index}` },
      this.#strip(p, x, W),
      p.silent.filter((d) => [...p.messages, ...p.held].every((m) => Math.abs(x(m.t) - x(d.t)) > 9)).map((d) => this.#mark(d, x(d.t), base[p.index] + (p.index ? 7 : -7), () => this.why(p, d), extra)),
      [...p.messages, ...p.held].map((m) => {
        const wide = (m.channel === "email" ? 8 : 5) * (W < 480 ? 0.6 : 1), high = tall(m);
        return s("rect", {
          class: `bar ${m.tone}${p.held.includes(m) ? " held" : ""}`, "data-bar": extra,
          x: x(m.t) - wide / 2, width: wide, rx: wide / 2, height: high,
          y: p.index ? base[1] + 2 : base[0] - 2 - high,
          onclick: extra && (() => this.why(p, p.decision.get(m.decision), m)),
        }, extra && s("title", {}, `${p.first}, ${this.calendar.say("short", m.t)}: ${m.title || m.subject || "message"}`));
      })));

    const ticks = [];
    const every = W < 480 ? 14 : 7;
    for (let day = 1; day <= this.calendar.days; day += every) {
      const at = x(Math.max(start, this.calendar.midnight(day)));
      ticks.push(at < W - 40 && s("text", { class: "tick", x: at + 3, y: HEIGHT / 2 + 4 }, this.calendar.say("short", this.calendar.midnight(day) + 1)),
        s("path", { class: "grid", d: `M${at} 0V${HEIGHT}` }));
    }
    this.clip = s("rect", { x: -8, y: 0, width: 0, height: HEIGHT });
    this.head = s("path", { class: "playhead", d: `M0 -6V${HEIGHT}` });
    this.root.replaceChildren(s("svg", { viewBox: `0 0 ${W} ${HEIGHT}`, width: W, height: HEIGHT, role: "img",
      "aria-label": people.map((p) => `${p.messages.length} messages to ${p.first}`).join(", ") },
      s("clipPath", { id: "score-past" }, this.clip),
      s("g", {}, ticks),
      s("g", { class: "to-come" }, layer(false)),
      s("g", { "clip-path": "url(#score-past)" }, layer(true)),
      this.head));
    if (this.t !== undefined) this.show(this.t);
  }

  #mark(decision, x, y, onclick, extra) {
    return s("path", { class: "silent", "data-bar": extra, d: `M${x} ${y - 4}l4 4-4 4-4-4Z`, onclick: extra && onclick },
      extra && s("title", {}, decision.question));
  }

  // One rounded block for each step the person was at, so that the two paces can be compared.
  #strip(person, x, W) {
    const blocks = [];
    for (const view of person.trackers) {
      const title = view.steps.find((step) => step.status === "current")?.title ?? "";
      if (blocks.at(-1)?.title !== title) blocks.push({ title, t: view.t });
    }
    const y = person.index ? HEIGHT - BARS - STRIP : BARS;
    return blocks.map((block, i) => {
      if (!block.title) return null;
      const left = x(block.t), right = i + 1 < blocks.length ? x(blocks[i + 1].t) : W;
      const room = right - left - 1.5;
      return s("g", { class: "block" },
        s("rect", { x: left, y: y + 1.5, width: Math.max(1, room), height: STRIP - 3, rx: 3 }),
        room > 34 && s("text", { x: left + 5, y: y + STRIP / 2 + 3.8 }, fitted(block.title, room - 8)));
    });
  }

  show(t) {
    this.t = t;
    const x = this.x(t);
    this.clip.setAttribute("width", Math.max(0, x + 8 + 1));
    this.head.setAttribute("transform", `translate(${x} 0)`);
    this.story.people.forEach((p, i) => {
      const shown = until(p.messages, t), count = this.counts[i];
      if (count.shown === shown) return;
      count.shown = shown;
      count.number.textContent = shown;
      count.unit.textContent = shown === 1 ? "message" : "messages";
      const words = p.messages.slice(0, shown).reduce((sum, m) => sum + m.words, 0);
      count.words.textContent = `${words.toLocaleString("en-US")} words`;
    });
  }
}

// About 5.9 px a letter at this size; a title that does not fit is cut at a whole letter.
function fitted(title, room) {
  const most = Math.floor(room / 5.9);
  return title.length <= most ? title : most < 4 ? "" : `${title.slice(0, most - 1)}…`;
}
