// The story as the page needs it: moments as numbers, lists in order, every message with its why.

const ms = (text) => Date.parse(text);
const inOrder = (list) => [...list].sort((a, b) => a.t - b.t);

/** How many of a list, ordered by `t`, have happened at `t`. */
export function until(list, t) {
  let low = 0, high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle].t <= t) low = middle + 1; else high = middle;
  }
  return low;
}

const CUT = 0.5;

/** What is believed of a need, in words: an estimate where it is known, else what is likely. */
export function believed(e) {
  if (e.known) return e.mean > CUT ? "more than most" : e.mean < -CUT ? "less than most" : "about as most";
  const high = e.high ?? beyond((e.mean - CUT) / e.sd), low = e.low ?? beyond((-CUT - e.mean) / e.sd);
  if (high >= 0.5) return "probably more than most, not certain";
  if (low >= 0.5) return "probably less than most, not certain";
  return "not known yet";
}

// Φ, by the logistic that stays within .01 of it; a half, which matters here, is exact.
const beyond = (z) => 1 / (1 + Math.exp(-1.702 * z));

const RECEIVED = new Set(["requested", "accepted", "delivered"]);

function tone(delivery) {
  if (delivery.tone) return delivery.tone;
  const approach = delivery.approach ?? "";
  if (/reassur|along|close|warm|guid|more/.test(approach)) return "reassuring";
  if (/brief|light|fewer|quick|less|self/.test(approach)) return "brief";
  return "plain";
}

function person(raw, index) {
  const deliveries = inOrder((raw.deliveries ?? []).map((d) => ({
    ...d, t: ms(d.at), tone: tone(d), words: (d.text ?? "").split(/\s+/).filter(Boolean).length,
  })));
  const decisions = inOrder((raw.decisions ?? []).map((d) => ({ ...d, t: ms(d.at) })));
  const caused = new Set(deliveries.map((d) => d.decision));
  return {
    ...raw,
    baseline: raw.baseline ?? [],
    index,
    first: raw.name.split(" ")[0],
    messages: deliveries.filter((d) => RECEIVED.has(d.status)),
    held: deliveries.filter((d) => !RECEIVED.has(d.status)),
    decisions,
    decision: new Map(decisions.map((d) => [d.id, d])),
    // Decisions name steps by id; the question about a step's approach has its title.
    titles: new Map(decisions.filter((d) => d.kind === "approach").map((d) => [d.step, /“(.+)”/.exec(d.question ?? "")?.[1]])),
    silent: decisions.filter((d) => !caused.has(d.id)),
    events: inOrder((raw.events ?? []).map((e) => ({ ...e, t: ms(e.at) }))),
    trackers: inOrder((raw.trackers ?? []).map((v) => ({ ...v, t: ms(v.at) }))),
    needs: (raw.needs ?? []).map((n) => ({
      ...n,
      points: inOrder(n.points.map((p) => ({ ...p, t: ms(p.at) }))),
      evidence: inOrder(n.evidence.map((e) => ({ ...e, t: ms(e.at) }))),
    })),
  };
}

export function readStory(raw) {
  const people = raw.customers.slice(0, 2).map(person);
  const inbox = inOrder((raw.helper?.inbox ?? []).map((m) => ({ ...m, t: ms(m.at) })));
  const start = ms(raw.start), end = ms(raw.end);
  // Where the clock pauses for a beat: what a viewer should not miss, and what led to it.
  const beats = new Map();
  const beat = (t, weight) => beats.set(t, Math.max(weight, beats.get(t) ?? 0));
  for (const p of people) {
    for (const d of [...p.messages, ...p.held]) beat(d.t, 1);
    for (const d of p.silent) beat(d.t, 0.6);
    for (const e of p.events) beat(e.t, 0.3);
  }
  for (const m of inbox) beat(m.t, 0.3);
  return {
    zone: raw.zone, start, end, people, inbox,
    helper: raw.helper,
    beats: gathered(inOrder([...beats].map(([t, weight]) => ({ t, weight }))
      .filter((b) => b.t >= start && b.t <= end))),
  };
}

// What happens within half an hour is looked at once, when the last of it has happened.
function gathered(beats) {
  const found = [];
  for (const beat of beats) {
    const last = found.at(-1);
    if (last && beat.t - last.t < 18e5) Object.assign(last, { t: beat.t, weight: Math.max(beat.weight, last.weight) });
    else found.push({ ...beat });
  }
  return found;
}

/** Days and words for moments, in the story's zone; a day is the zone's own, also in March. */
export class Calendar {
  constructor(zone, start, end) {
    this.start = start;
    this.end = end;
    const make = (options) => new Intl.DateTimeFormat("en-US", { timeZone: zone, ...options });
    this.parts = make({
      year: "numeric", month: "numeric", day: "numeric",
      hour: "numeric", minute: "numeric", second: "numeric", hourCycle: "h23",
    });
    this.formats = {
      full: make({ weekday: "long", month: "long", day: "numeric" }),
      short: make({ month: "short", day: "numeric" }),
      weekday: make({ weekday: "short" }),
      time: make({ hour: "numeric", minute: "2-digit" }),
    };
    this.first = this.#wall(start);
    this.days = this.dayOf(end);
  }

  #wall(t) {
    const p = Object.fromEntries(this.parts.formatToParts(t).map((x) => [x.type, +x.value]));
    return { day: Date.UTC(p.year, p.month - 1, p.day), whole:
      Date.UTC(p.year, p.month - 1, p.day, p.hour, p.minute, p.second) };
  }

  /** 1 on the first day. */
  dayOf(t) { return Math.round((this.#wall(t).day - this.first.day) / 864e5) + 1; }

  /** The last second of a day, or the end of the story. */
  endOf(day) {
    const wall = this.first.day + day * 864e5;
    let t = wall;
    for (let i = 0; i < 2; i += 1) t = wall - (this.#wall(t).whole - t);
    return Math.min(t - 1000, this.end);
  }

  midnight(day) { return this.endOf(day - 1) + 1000; }

  say(kind, t) { return this.formats[kind].format(t); }

  /** A stamp as a phone has it: the time today, then the weekday, then the date. */
  stamp(t, now) {
    const ago = this.dayOf(now) - this.dayOf(t);
    if (ago === 0) return this.say("time", t);
    if (ago === 1) return "yesterday";
    return ago < 7 ? this.say("weekday", t) : this.say("short", t);
  }

  range(from, to) {
    const a = this.say("short", from), b = this.say("short", to);
    if (a === b) return a;
    const [month, day] = b.split(" ");
    return a.startsWith(`${month} `) ? `${a}–${day}` : `${a} – ${b}`;
  }
}
