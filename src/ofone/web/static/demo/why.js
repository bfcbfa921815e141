// The panel beside a message: what was known, what was possible, what was chosen and why not else.

import { h, s } from "./dom.js";

const Z80 = 1.2815515655446004;
const spoken = (text) => { const t = String(text ?? "").replaceAll(/[_-]/g, " "); return t.charAt(0).toUpperCase() + t.slice(1); };

export class Why {
  constructor(dialog, calendar) {
    Object.assign(this, { dialog, calendar });
    dialog.addEventListener("click", (e) => { if (e.target === dialog) dialog.close(); });
  }

  open(person, decision, message) {
    if (!decision) return;
    const t = Date.parse(decision.at);
    const when = `${this.calendar.say("full", t)}, ${this.calendar.say("time", t)}`;
    this.dialog.replaceChildren(h("div", { class: "why-body" },
      h("header", {},
        h("p", { class: "eyebrow" }, `${person.name} · ${when}`),
        h("h2", { id: "why-title" }, decision.question || spoken(decision.kind)),
        h("button", { type: "button", class: "why-close", "aria-label": "Close", onclick: () => this.dialog.close() },
          s("svg", { viewBox: "0 0 20 20", "aria-hidden": "true" }, s("path", { d: "m5 5 10 10M15 5 5 15" })))),
      h("div", { class: "why-answer" }, h("strong", {}, decision.chosen), h("p", {}, decision.because)),
      message && h("blockquote", { class: `why-message ${message.tone}` },
        message.subject && h("strong", {}, message.subject), h("p", { class: "as-written" }, message.text)),
      this.#evidence(person, decision, t),
      this.#options(decision),
      h("section", {}, h("h3", {}, "For the record"),
        h("dl", { class: "facts small" },
          fact("Choice probability", decision.choice_probability),
          fact("Policy", decision.policy), fact("Seed", decision.seed),
          fact("Step", decision.step && spoken(decision.step)), fact("Decision", decision.id),
          message && fact("Delivery", `${message.key}, ${message.status}`)))));
    this.dialog.showModal();
    this.dialog.scrollTop = 0;
  }

  #evidence(person, decision, t) {
    const seen = decision.evidence ?? [];
    if (!seen.length) return null;
    return h("section", {}, h("h3", {}, "What we knew then"), seen.map((e) => {
      const about = person.needs.find((n) => n.need === e.need)?.evidence ?? [];
      const ids = new Set((e.events ?? []).map((x) => (typeof x === "string" ? x : x.id ?? x.event)));
      let because = about.filter((x) => x.t <= t && (ids.size === 0 || ids.has(x.event)));
      if (!because.length) because = about.filter((x) => x.t <= t);
      const low = e.mean - Z80 * e.sd, high = e.mean + Z80 * e.sd;
      return h("div", { class: "why-need" },
        h("p", {}, h("strong", {}, `Need for ${String(e.need).replaceAll("_", " ")}`),
          h("span", { class: "quiet" }, e.known ? "known" : "not known yet")),
        interval(low, e.mean, high, e.known, person.index),
        h("p", { class: "quiet figures" }, e.known
          ? `mean ${e.mean.toFixed(2)}, 80% interval ${low.toFixed(2)} to ${high.toFixed(2)}`
          : `80% interval ${low.toFixed(2)} to ${high.toFixed(2)}: too wide to say`),
        because.length > 0 && h("ul", { class: "why-events" }, because.slice(-4).reverse().map((x) =>
          h("li", {}, h("time", {}, this.calendar.say("short", x.t)), h("span", {}, x.because)))));
    }));
  }

  #options(decision) {
    return h("section", {}, h("h3", {}, "What was possible"), h("ul", { class: "options" },
      decision.options.map((option) => {
        const chosen = option.name === decision.chosen;
        const fate = chosen ? "chosen" : option.eligible ? "possible, not chosen" : "removed";
        return h("li", { class: chosen ? "chosen" : option.eligible ? "" : "removed" },
          h("p", {}, h("strong", {}, option.name), h("span", { class: "quiet" },
            option.preferred && !chosen ? `${fate}, preferred` : fate)),
          h("ul", {}, option.verdicts.map((v) => h("li", { class: v.ok ? "ok" : "not" },
            h("strong", {}, spoken(v.guard)), h("span", {}, ` ${v.reason ?? ""}`),
            v.until && h("span", { class: "quiet" }, ` Until ${this.calendar.say("weekday", Date.parse(v.until))}, ${this.calendar.say("time", Date.parse(v.until))}.`)))));
      })));
  }
}

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
