// The clock: one moment, shown by every part of the page. Nothing is computed here; the engine
// decided all of it beforehand.

import { Desk } from "./desk.js";
import { Needs } from "./needs.js";
import { Phone } from "./phone.js";
import { Rail } from "./rail.js";
import { Score } from "./score.js";
import { Calendar, readStory, until } from "./story.js";
import { Whose } from "./whose.js";
import { Why } from "./why.js";

const $ = (id) => document.getElementById(id);
const DAY = 864e5;
const SWEEP = 450; // ms for a day without news, at speed 1
const BEAT = 900; // ms to look at a message, at speed 1
const still = matchMedia("(prefers-reduced-motion: reduce)");

class Demo {
  constructor(story) {
    this.story = story;
    this.calendar = new Calendar(story.zone, story.start, story.end);
    this.why = new Why($("why"), this.calendar);
    const why = (...about) => { this.pause(); this.why.open(...about); };
    this.phones = story.people.map((p) => new Phone($(`person-${p.index}`), p, this.calendar, why));
    this.score = new Score({ score: $("score"), tally: $("tally"), legend: $("legend") }, story, this.calendar, why,
      (t) => { this.pause(); this.go(t); });
    this.needs = new Needs($("needs"), story, this.calendar);
    this.parts = [...this.phones, new Rail($("rail"), story, this.calendar, why), new Desk($("desk"), story, this.calendar), this.score, this.needs];
    this.whose = new Whose($("whose"), $("stage"), story);
    this.scrub = $("scrub");
    this.scrub.max = this.calendar.days;
    this.fresh = true; // nobody has touched the clock: Play begins at the beginning
    this.listen();
    const asked = this.asked();
    if (asked) { this.fresh = false; this.rest(asked); } else this.go(this.telling());
  }

  // Opens where the difference shows: late in the shorter journey, while both are under way.
  telling() {
    const last = this.story.people.map((p) => p.messages.at(-1)?.t ?? this.story.end);
    return this.calendar.endOf(Math.max(1, Math.floor(this.calendar.dayOf(Math.min(...last)) * 0.85)));
  }

  asked() {
    const day = Number(new URLSearchParams(location.hash.slice(1)).get("day"));
    return Number.isInteger(day) && day > 0 ? Math.min(day, this.calendar.days) : 0;
  }

  listen() {
    $("play").addEventListener("click", () => this.toggle());
    $("back").addEventListener("click", () => this.step(-1));
    $("forward").addEventListener("click", () => this.step(1));
    $("next").addEventListener("click", () => this.next());
    $("unfold").addEventListener("click", () => $("unfold").setAttribute("aria-expanded", $("dock").classList.toggle("open")));
    $("speed").addEventListener("change", (e) => { this.speed = Number(e.target.value); });
    this.speed = Number($("speed").value);
    this.scrub.addEventListener("input", () => {
      this.pause();
      this.go(this.story.start + (this.scrub.value / this.scrub.max) * (this.story.end - this.story.start));
    });
    addEventListener("hashchange", () => { const day = this.asked(); if (day && day !== this.day) { this.pause(); this.rest(day); } });
    addEventListener("keydown", (e) => this.key(e));
    document.addEventListener("visibilitychange", () => { if (document.hidden) this.pause(); });
  }

  key(e) {
    if (e.altKey || e.ctrlKey || e.metaKey || $("why").open) return;
    if (e.key === "Escape") { if (this.phones.some((p) => p.close())) e.preventDefault(); return; }
    const busy = e.target.closest?.("button, a, select, summary, textarea, input:not([type=range])");
    const act = {
      " ": busy ? null : () => this.toggle(),
      ArrowLeft: () => this.step(-1), ArrowRight: () => this.step(1),
      Home: () => { this.pause(); this.go(this.story.start); },
      End: () => { this.pause(); this.go(this.story.end); },
      n: () => this.next(), N: () => this.next(),
    }[e.key];
    if (!act || e.target.closest?.("select")) return;
    e.preventDefault();
    act();
  }

  step(by) {
    this.pause();
    const day = this.calendar.dayOf(this.t);
    // From inside a day, one step back shows the day before whole; one forward, the day after.
    this.rest(Math.max(1, Math.min(this.calendar.days, day + by)));
  }

  rest(day) { this.go(this.calendar.endOf(day)); }

  next() {
    this.pause();
    const { beats } = this.story;
    const found = beats.find((b, i) => i >= until(beats, this.t));
    this.go(found ? found.t : this.story.end, { exact: true });
  }

  toggle() { if (this.playing) this.pause(); else this.play(); }

  play() {
    if (this.fresh || this.t >= this.story.end) this.go(this.story.start);
    this.fresh = false;
    this.playing = true;
    this.last = undefined;
    this.hold = 0;
    this.button();
    requestAnimationFrame((at) => this.frame(at));
  }

  pause() {
    this.fresh = false;
    if (!this.playing) return;
    this.playing = false;
    this.button();
    this.remember();
  }

  frame(at) {
    if (!this.playing) return;
    const passed = Math.min(100, at - (this.last ?? at)) * this.speed;
    this.last = at;
    if (this.hold > 0) this.hold -= passed;
    else this.advance(passed);
    if (this.t >= this.story.end) this.pause();
    else requestAnimationFrame((next) => this.frame(next));
  }

  advance(passed) {
    const { beats, end } = this.story;
    const beat = beats[until(beats, this.t)];
    if (still.matches) { // no sweep: from one thing that happened to the next
      this.go(beat ? beat.t : end, { exact: true });
      this.hold = BEAT;
      return;
    }
    const t = this.t + (passed / SWEEP) * DAY;
    if (beat && t >= beat.t) {
      this.go(beat.t, { exact: true });
      this.hold = BEAT * beat.weight;
    } else this.go(Math.min(t, end));
  }

  go(t, { exact = false } = {}) {
    this.t = Math.min(this.story.end, Math.max(this.story.start, t));
    const how = { calm: still.matches || this.day === undefined };
    for (const part of this.parts) part.show(this.t, how);
    const day = this.calendar.dayOf(this.t);
    this.scrub.value = (this.scrub.max * (this.t - this.story.start)) / (this.story.end - this.story.start);
    $("clock-sub").textContent = this.fresh ? `day ${day} · press play to watch from the start`
      : exact ? `day ${day} · ${this.calendar.say("time", this.t)}` : `day ${day}`;
    if (day !== this.day) {
      this.day = day;
      const words = this.calendar.say("full", this.t);
      $("clock-day").textContent = words;
      this.scrub.setAttribute("aria-valuetext", `${words}, day ${day}`);
    }
    if (!this.playing) this.remember();
  }

  // Browsers refuse hundreds of history changes: while dragging, only the last one is kept.
  remember() {
    clearTimeout(this.later);
    this.later = setTimeout(() => {
      if (!this.fresh) history.replaceState(null, "", `#day=${this.day}`);
    }, 150);
  }

  button() {
    $("play").setAttribute("aria-label", this.playing ? "Pause" : "Play");
    $("play").classList.toggle("playing", this.playing);
  }
}

async function begin() {
  const demo = $("demo");
  try {
    const answer = await fetch(demo.dataset.story);
    if (!answer.ok) throw new Error(`the story answered ${answer.status}`);
    const story = readStory(await answer.json());
    demo.hidden = false;
    new Demo(story);
    demo.dataset.ready = "true";
  } catch (error) {
    const trouble = $("demo-trouble");
    trouble.textContent = `The story could not be read (${error.message}). Reload the page, or start the demo again.`;
    trouble.hidden = false;
    throw error;
  }
}

begin();
