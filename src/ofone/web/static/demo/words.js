// What the record says, in words. The record keeps ids, rules and ISO moments; people read these.

import { CHANNELS, sentence, spoken } from "./dom.js";

export const GUARDS = {
  address: "Address", consent: "Consent", undeliverable: "Delivery", repeat: "Not said before", stale: "Timely",
  cap: "Weekly limit", gap: "Distance", quiet_hours: "Daytime", hours: "Hours asked for", personalisation: "Personalisation", helper: "Helper",
  cooling_off: "After distress", no_exploitation: "No pressure", already_knows: "Not known yet", "hold-out": "For comparison",
};
export const guard = (id) => GUARDS[id] ?? spoken(id);

const WAITS = { quiet_hours: "quiet hours", hours: "not at the hours asked for", gap: "too soon after the last message", cap: "the weekly limit is reached", cooling_off: "soon after distress" };
const WAYS = { email: "By e-mail", sms: "By text", in_app: CHANNELS.in_app };

/** A guard's reason with a 12-hour clock and no ids in it. */
export function reason(text) {
  return sentence(String(text ?? "")
    .replace(/\bit is (\d\d):(\d\d) in (?:[\w+-]+\/)*([\w+-]+)/, (_, hour, minute, place) =>
      `it is ${hour % 12 || 12}:${minute} ${hour < 12 ? "AM" : "PM"} in ${place.replaceAll("_", " ")}`)
    .replace(/\bby email\b/, "by e-mail").replace(/\bby sms\b/, "by text message").replace(/\bby in_app\b/, "on the page")
    .replace(/\blast email\b/, "last e-mail").replace(/\blast sms\b/, "last text message")
    .replace(/\bemail is\b/, "e-mail address is").replace(/\bphone is\b/, "phone number is"));
}

/** The refusal that lasts longest: until when a message waits, and for what. */
function refusal(decision) {
  const refused = decision.options.flatMap((o) => (o.verdicts ?? []).filter((v) => !v.ok));
  return refused.filter((v) => v.until).sort((a, b) => Date.parse(b.until) - Date.parse(a.until)).at(-1) ?? refused[0];
}

const quoted = (decision) => /“.+”/.exec(decision.question ?? "")?.[0] ?? "The message";
/** Whom a decision is about asking for help; undefined for every other decision. */
export const asked = (decision) => /^Ask the (.+) for help\?$/.exec(decision.question ?? "")?.[1];

function opening(decision, calendar) {
  const until = refusal(decision)?.until;
  if (!until) return "later";
  const t = Date.parse(until);
  const same = calendar.dayOf(t) === calendar.dayOf(Date.parse(decision.at));
  return same ? calendar.say("time", t) : `${calendar.say("weekday", t)}, ${calendar.say("short", t)}, ${calendar.say("time", t)}`;
}

/** A decision as a sentence for the line of events. */
export function told(decision, calendar) {
  const { chosen } = decision, role = asked(decision);
  if (decision.kind === "approach") return `From here: ${chosen.charAt(0).toLowerCase()}${chosen.slice(1)}`;
  if (role) return chosen === "nothing" ? `Nobody was asked to help: no ${role} is named` : `The ${role} was asked to help`;
  const why = refusal(decision);
  if (chosen === "wait") return `${quoted(decision)} waits until ${opening(decision, calendar)}: ${WAITS[why?.guard] ?? why?.reason ?? "not yet"}`;
  if (chosen === "nothing") return `${quoted(decision)} was not sent: ${why ? reason(why.reason).replace(/^./, (c) => c.toLowerCase()).replace(/\.$/, "") : decision.because}`;
  return `${quoted(decision)}: ${option(decision, chosen, calendar)}`;
}

/** An option's name, and what choosing it means. */
export function option(decision, name, calendar) {
  const role = asked(decision);
  if (name === "wait") return `Wait until ${opening(decision, calendar)}`;
  if (name === "nothing") return role ? "Ask nobody" : "Send nothing";
  if (role) return `Ask the ${role}`;
  return WAYS[name] ?? name;
}

const CLAUSE = /^needs\.(\w+)\.(high|low) *([<>]=?) *([\d.]+)$/;
const share = (p) => p.toFixed(2).replace(/^0/, "");

/** Why an option suits or not: words where its rule is simple, else nothing and the rule itself. */
export function because(decision, option) {
  const text = option.because ?? "";
  const comes = / comes first$/.test(text);
  if (comes) return { words: `“${decision.chosen}” comes first.` };
  const rule = /“(.+)”/.exec(text)?.[1];
  if (!rule) return { words: sentence(text) };
  const clauses = rule.split("&&").map((c) => CLAUSE.exec(c.trim()));
  const known = new Map((decision.evidence ?? []).map((e) => [e.need, e]));
  if (clauses.some((c) => !c || known.get(c[1])?.[c[2]] === undefined)) return { words: suits(option) ? "" : "The rule does not hold.", rule };
  const said = clauses.map(([, need, side, sign, cut]) => {
    const p = known.get(need)[side];
    const probably = p > 0.5 ? "is probably" : "is probably not";
    return `the need for ${spoken(need).toLowerCase()} ${probably} ${side} (P = ${share(p)}, asked for: ${sign.startsWith(">") ? "above" : "below"} ${String(Number(cut)).replace(/^0/, "")})`;
  });
  return { words: sentence(said.join(", and ")) };
}

/** Whether its condition holds; what is merely possible may still not suit. */
export const suits = (option) => !/does not hold$/.test(option.because ?? "");

/** What became of an option, in two or three words. */
export function fate(decision, option) {
  const chosen = option.name === decision.chosen;
  if (chosen) return "chosen";
  if (!option.eligible) return "removed";
  const said = suits(option) ? "possible, not chosen" : "does not suit now";
  return option.preferred ? `${said}, preferred` : said;
}
