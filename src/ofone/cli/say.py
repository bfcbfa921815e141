"""What commands print for people: short, aligned, and never more than was asked."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ofone.app.rights import Holdings
from ofone.domain.calling import CallDesk
from ofone.domain.helping import HelperCase, HelperInbox
from ofone.domain.times import DAY, iso
from ofone.journeys.lengths import Apart, Lengths, quoted
from ofone.runtime.preview import Text as Shown
from ofone.runtime.purpose import Asked
from ofone.web import words

NAMES_SAID = 10
"""Unknown names of events that a summary lists; ``--json`` has more."""
_MARKS = {"done": "✓", "current": "●", "skipped": "–", "ahead": "·"}


def _console() -> Console:
    return Console(highlight=False, soft_wrap=True)


def _when(text: str | None) -> str:
    return text[:16].replace("T", " ") if text else ""


def table(found: dict[str, Any], title: str = "") -> None:
    """Names and figures, one a line; nested parts are indented."""
    console = _console()
    if title:
        console.print(Text(title, style="bold"))

    def show(part: dict[str, Any], depth: int) -> None:
        for name, value in part.items():
            lead = "  " * depth + name.replace("_", " ")
            if isinstance(value, dict):
                console.print(lead)
                show(value, depth + 1)
            elif isinstance(value, list) and value and isinstance(value[0], dict):
                console.print(lead)
                for one in value:
                    show(one, depth + 1)
            else:
                said = f"{value:,}" if isinstance(value, int | float) else str(value)
                console.print(Text(f"{lead:<34} {said:>14}"))

    show(found, 0)


def _unknown(events: int, names: list[dict[str, Any]]) -> str:
    said = [
        f"{one['name']} ({one['events']})"
        + (f", did you mean {one['did_you_mean']}?" if one["did_you_mean"] else "")
        for one in names[:NAMES_SAID]
    ]
    more = events - sum(one["events"] for one in names[:NAMES_SAID])
    said += [f"others ({more}; --json tells more)"] if more else []
    what = "event that no playbook knows" if events == 1 else "events that no playbook knows"
    return f"{events:,} {what}: {'; '.join(said)}"


def summary(found: dict[str, Any], data: Path) -> None:
    """What a run did, and what of it somebody should look at."""
    table({name: value for name, value in found.items() if name != "unknown_events"})
    console = _console()
    unknown = found["unknown_events"]
    if unknown["events"]:
        console.print(Text(f"\n{_unknown(unknown['events'], unknown['names'])}"))
    if found["dead_letters"]:
        console.print(Text(f"\nSome could not be processed: ofone dead-letters list --data {data}"))


def newest(names: Sequence[str], count: int) -> None:
    """Ids of customers, the newest first, one a line."""
    console = _console()
    for name in names:
        console.print(Text(name))
    if not names:
        console.print("nobody yet; customers appear with their first event")
    elif count > len(names):
        console.print(f"and {count - len(names):,} who came before")


def customer(found: dict[str, Any]) -> None:
    """One customer on one screen."""
    console = _console()
    name = found["traits"].get("name")
    console.print(Text(f"{found['customer']}" + (f", {name}" if name else ""), style="bold"))
    told = ", ".join(f"{k} {v}" for k, v in found["traits"].items() if k != "name")
    if told:
        console.print(Text(f"traits: {told}", style="dim"))
    given = [k.replace(":", " for ") for k, c in found["consents"].items() if c["granted"]]
    console.print(Text(f"may be written to by: {', '.join(given) or 'nobody said'}", style="dim"))
    console.print(Text("times are UTC", style="dim"))
    console.print(Text("\nWhat this person seems to need", style="bold"))
    needs = Table(box=None, pad_edge=False)
    for column in ("need", "believed", "80% interval", "P(high)", "evidence"):
        needs.add_column(
            column, justify="right" if column in ("80% interval", "P(high)") else "left"
        )
    for need, a in found["assessment"].items():
        if not (a["evidence"] or a["stated"]):
            continue
        half = 1.2816 * a["sd"]
        interval = f"{a['mean'] - half:+.2f} … {a['mean'] + half:+.2f}"
        counted = Counter(e["kind"].rstrip(".") for e in a["evidence"])
        kinds = ", ".join(k if n == 1 else f"{k} ×{n}" for k, n in counted.items())
        if a["stated"]:
            kinds = "; ".join(k for k in ("the customer's own word", kinds) if k)
        needs.add_row(
            need.replace("_", " "), words.believed(a), interval, f"{a['high']:.2f}", kinds
        )
    if needs.row_count:
        console.print(needs)
    else:
        console.print("nothing is known yet; everybody begins at the same mean")
    if wishes := words.asked_for(found):
        console.print(Text("\nAsked for", style="bold"))
        console.print(_rows(wishes))
    console.print(Text("\nHow this person seems to like to be in touch", style="bold"))
    console.print(_rows(words.liked(found["preferences"])))
    for j in found["journeys"]:
        outcome = f", {j['outcome_title'] or j['outcome']}" if j["outcome"] else ""
        console.print(
            Text(
                f"\n{j['title']} {j['key']} ({j['status']}{outcome}), {j['approach']}"
                + (", held out" if j["held_out"] else ""),
                "bold",
            )
        )
        steps = Table(box=None, pad_edge=False, show_header=False)
        for s in j["steps"]:
            e = s["expected"]
            dates = (
                f"expected {_when(e['from'])[:10]} … {_when(e['to'])[:10]}"
                if e
                else _when(s["done_at"])
            )
            steps.add_row(_MARKS[s["status"]], s["title"], s["approach"], dates)
        console.print(steps)
        console.print(Text(f"{len(j['decisions'])} decisions; the last:"))
        for d in j["decisions"][-5:]:
            console.print(Text(f"  {_when(d['at'])}  {d['question']} {d['chosen']}  [{d['id']}]"))
    console.print(Text("\nMessages", style="bold"))
    for m in found["deliveries"]:
        console.print(Text(f"  {_when(m['at'])}  {m['channel']:<6} {m['title']} ({m['status']})"))
    if found["helpers"]:
        console.print(Text("\nTo helpers", style="bold"))
        for m in found["helpers"]:
            where = f"to {m['to']}" if m["to"] else "kept here: no address is known"
            told = f"{m['status']}: {m['detail']}" if m["detail"] else m["status"]
            console.print(Text(f"  {_when(m['at'])}  {m['helper']}, {m['kind']}, {where} ({told})"))
    if found["timers"] or found["waiting_for_a_journey"]:
        console.print(Text("\nWaiting for", style="bold"))
        for e in found["waiting_for_a_journey"]:
            console.print(Text(f"  its journey: {e['name']} ({e['id']})"))
        for t in found["timers"]:
            console.print(
                Text(f"  {_when(t['due'])}  {words.awaited(t['name'], found['journeys'])}")
            )


def _rows(pairs: Sequence[tuple[str, str]]) -> Table:
    shown = Table(box=None, pad_edge=False, show_header=False)
    for what, said in pairs:
        shown.add_row(what, Text(said))
    return shown


def texts(found: Sequence[Shown]) -> None:
    """Every text as it would go out, one below the other."""
    console = _console()
    for text in found:
        size = f", {text.segments} segments" if text.segments > 1 else ""
        console.print(
            Text(f"{text.action}: {text.title}", style="bold"),
            Text(
                f"{', '.join(text.approaches)} · {text.channel}{size} · {text.language} · "
                f"step {text.step}",
                style="dim",
            ),
            sep="\n",
        )
        if text.held:
            console.print(Text(f"would be held: {text.held}\n", style="red"))
            continue
        if text.subject:
            console.print(Text(f"Subject: {text.subject}"))
        console.print(Text(f"{text.text.rstrip()}\n"))


def audit(asked: Sequence[Asked]) -> None:
    """Who asked for needs, a line each, oldest first; times are UTC."""
    console = _console()
    if not asked:
        console.print("nobody has asked for needs")
    for a in asked:
        what = f"for {a.purpose!r}" if a.purpose else "without a purpose"
        console.print(Text(f"{_when(a.at)}  {a.who} asked for {a.customer}, {what}: {a.answer}"))


def decision(d: dict[str, Any]) -> None:
    """Why, and why not the others."""
    console = _console()
    console.print(Text(d["question"], style="bold"))
    console.print(Text(f"{d['chosen']}: {d['because']}"))
    console.print(Text(f"{_when(d['at'])} UTC, step {d['step']}: {d['trigger']}", style="dim"))
    for o in d["options"]:
        mark = "→" if o["chosen"] else " "
        console.print(
            Text(f"\n{mark} {o['name']}  p = {o['probability']:.3f}  {o['because']}", "bold")
        )
        for v in o["verdicts"]:
            until = f" (until {_when(v['until'])})" if v["until"] else ""
            console.print(Text(f"    {'✓' if v['ok'] else '✗'} {v['guard']}: {v['reason']}{until}"))
    if d["evidence"]:
        console.print(Text("\nWhat was believed", style="bold"))
    for e in d["evidence"]:
        known = "" if e["known"] else ", not known yet"
        console.print(
            Text(
                f"  {e['need']}: {e['mean']:+.2f} ± {e['sd']:.2f}{known}; P(high) {e['high']:.2f}, "
                f"P(low) {e['low']:.2f}; from {', '.join(e['events']) or 'nothing'}"
            )
        )
        for h in e.get("heard", ()):
            console.print(Text(f"    {_when(h['at'])}  {h['name']}: {h['said']}", style="dim"))
    console.print(
        Text(
            f"\npolicy {d['policy']}, seed {d['seed']}, choice probability "
            f"{d['choice_probability']:.3f}, playbook {d['playbook']} {d['version']}",
            style="dim",
        )
    )


def helper(found: HelperInbox, link: str) -> None:
    """A helper's inbox: what waits, who is where, what was told."""
    console = _console()
    console.print(Text(f"{found.name or found.helper}  {link}".strip(), style="bold"))
    requests = [
        {"by": _when(r.due), "about": r.name, "telephone": r.phone, "step": r.step}
        | {"state": r.outcome or r.state}
        for r in found.requests
    ]
    cases = [
        {"customer": c.name, "step": " and ".join(_here(c)) or c.end or c.status, "since": since}
        for c in found.cases
        for since in [_when(next((s.began for s in c.steps if s.status == "current"), None))]
    ]
    notes = [{"at": _when(n.at), "kind": n.kind, "subject": n.subject} for n in found.notes]
    for title, rows in (("Requests", requests), ("Customers", cases), ("Notes", notes)):
        shown = Table(*(rows[0] if rows else ()), title=title, title_justify="left", box=None)
        for row in rows:
            shown.add_row(*(Text(str(v)) for v in row.values()))
        console.print(shown if rows else f"{title}: none")


def calls(found: CallDesk) -> None:
    """Each with whom to call about what by when, then those that nobody need make any more."""
    console = _console()
    if not found.calls:
        console.print("no call waits")
    for c in found.calls:
        who = f"{c.number:>4}  {c.name}, {c.phone}, {c.step}"
        console.print(Text(who, style="bold"))
        wait = f"; not before {_when(c.not_before)}" if c.not_before else ""
        has = f"; {c.caller} has it" if c.caller else ""
        console.print(Text(f"      by {_when(c.due)} UTC{wait}{has}: {c.about}"))
        console.print(Text(f"      {c.say_first}", style="dim"))
    for gone in found.not_needed:
        console.print(Text(f"{gone.number:>4}  {gone.name}: no longer needed, {gone.why}", "dim"))


def _here(case: HelperCase) -> list[str]:
    return [s.title for s in case.steps if s.status == "current"]


def dead_letters(found: list[dict[str, Any]]) -> None:
    """Each with its number and reason."""
    console = _console()
    if not found:
        console.print("no dead letters wait")
    for d in found:
        console.print(Text(f"{d['number']:>4}  {d['reason']}"))
        console.print(Text(f"      {d['kind']} from {d['origin']}: {d['raw'][:120]}", style="dim"))


def migration(found: dict[str, Any]) -> None:
    """Who moves, and what changes."""
    console = _console()
    moves = found["moves"]
    word = "would move" if found["dry_run"] else "moved"
    n = sum(not m["blocked"] for m in moves)
    console.print(Text(f"{n} of {len(moves)} running journeys {word} to {found['to']}", "bold"))
    for m in moves[:50]:
        if m["blocked"]:
            console.print(Text(f"  {m['customer']} {m['key']}: stays, {m['blocked']}"))
            continue
        before, after = ", ".join(m["steps_before"]), ", ".join(m["steps_after"])
        console.print(Text(f"  {m['customer']} {m['key']}: {before} → {after}"))
        for change in m["changes"]:
            console.print(Text(f"      {change}"))
    if len(moves) > 50:
        console.print(f"  and {len(moves) - 50} more; --json lists all")


def doctor(found: list[dict[str, Any]]) -> None:
    """Each check with what to do about it."""
    console = _console()
    for c in found:
        console.print(Text(f"{'✓' if c['ok'] else '✗'} {c['name']}: {c['detail']}"))


def demo(found: dict[str, Any]) -> None:
    """The two journeys side by side, in figures."""
    console = _console()
    both = Table(box=None)
    both.add_column("")
    for name in found["customers"]:
        both.add_column(found["customers"][name]["traits"].get("name", name), justify="right")

    def row(title: str, of: Any) -> None:
        both.add_row(title, *[str(of(c)) for c in found["customers"].values()])

    row("messages", lambda c: len(c["deliveries"]))
    for channel in ("email", "sms", "in_app"):
        row(f"  by {channel}", lambda c, k=channel: sum(d["channel"] == k for d in c["deliveries"]))
    row("words", lambda c: sum(len(d["text"].split()) for d in c["deliveries"]))
    row("tracker", lambda c: c["journeys"][0]["tracker"])
    row("approach", lambda c: c["journeys"][0]["approach"])
    row("status", lambda c: c["journeys"][0]["status"])
    console.print(both)
    console.print(Text("\nThe helper was told:", style="bold"))
    for m in found["helper"]["inbox"]:
        console.print(Text(f"  {_when(m['at'])}  {m['kind']:<8} {m['subject']}"))


def signals(found: list[dict[str, Any]]) -> None:
    """What each signal was found to be worth, and the lines to write into the playbook."""
    console = _console()
    if not found:
        console.print("this playbook declares no signals; see docs/how-to/hear-more.md")
    for row in found:
        title = f"{row['event']} → {row['need'].replace('_', ' ')}, {row['how']}"
        console.print(Text(title, style="bold"))
        console.print(Text(f"  {row['because']}", style="dim"))
        if "too_few" in row:
            console.print(Text(f"  {row['too_few']}"))
            continue
        name = "weight" if "weight" in row else "r"
        low, high = row["interval"]
        console.print(
            Text(f"  {name} {row[name]:.2f} ({low:.2f} to {high:.2f}), {row['people']:,} customers")
        )
        if "says_nothing" in row:
            console.print(Text(f"  {row['says_nothing']}"))
            continue
        for key, value in row["write"].items():
            inner = ", ".join(f"{k}: {v:g}" for k, v in value.items()) if key == "counts" else ""
            said = f"{{{inner}}}" if inner else f'"{value}"' if key == "measured" else f"{value}"
            console.print(Text(f"    {key}: {said}"))


def _apart(found: Apart) -> dict[str, Any]:
    """What a fact makes of the first stay, in days."""
    (first, last), (other, latest) = quoted(found.curve), quoted(found.rest)
    return {
        "fact": found.fact,
        "values": list(found.values),
        "told": {"from": round(first / DAY, 2), "to": round(last / DAY, 2)},
        "others": {"from": round(other / DAY, 2), "to": round(latest / DAY, 2)},
        "stays": list(found.counts),
    }


def courses(found: Lengths) -> dict[str, Any]:
    """A snapshot as plain data: the ranges told of each step, in days, by attempt."""

    def days(length: int) -> float:
        return round(length / DAY, 2)

    return {
        "number": found.number,
        "until": iso(found.until),
        "stays": found.stays,
        "playbooks": {
            name: {
                step: {
                    "told": [
                        {"from": days(quoted(c)[0]), "to": days(quoted(c)[1]), "stays": n}
                        for c, n in zip(course.curves, course.counts, strict=True)
                    ],
                    "again": course.again,
                    **({"comes": course.opened} if course.opened else {}),
                    **({"apart": _apart(course.apart)} if course.apart else {}),
                }
                for step, course in steps.items()
            }
            for name, steps in found.playbooks.items()
        },
    }


def lengths(found: Lengths, *, new: bool) -> None:
    """A snapshot, step by step."""
    console = _console()
    console.print(
        Text(
            f"snapshot {found.number}, of {sum(found.stays.values()):,} stays until "
            f"{_when(iso(found.until))}" + ("" if new else ": nothing happened since"),
            style="bold",
        )
    )
    for name, steps in courses(found)["playbooks"].items():
        shown = Table("step", "told, in days", "stays", title=name, title_justify="left", box=None)
        for step, course in steps.items():
            for n, told in enumerate(course["told"]):
                again = f"  once more ({n + 1})" if n else step
                shown.add_row(again, f"{told['from']:g} to {told['to']:g}", f"{told['stays']:,}")
            if "apart" in course:
                a = course["apart"]
                for whose, told, count in (
                    (", ".join(a["values"]), a["told"], a["stays"][0]),
                    ("others", a["others"], a["stays"][1]),
                ):
                    span = f"{told['from']:g} to {told['to']:g}"
                    shown.add_row(f"  {a['fact']}: {whose}", span, f"{count:,}")
        console.print(shown)
    console.print(
        "customers are told these from now on; it takes some seconds where the folder is served"
    )


def turnaround(found: dict[str, Any]) -> None:
    """What was told of how long it takes, and what held, of how many."""
    console = _console()
    made = found["snapshot"]
    console.print(
        f"dates are told from snapshot {made['number']}, of what happened until "
        f"{_when(made['until'])}"
        if made
        else "dates are told from the playbook's figures; `ofone turnaround fit` measures them"
    )

    newest = max(found["kept"], default=0)
    if newest > (made["number"] if made else 0):
        console.print(f"from snapshot {newest} as soon as somebody serves the folder")

    def share(held: dict[str, Any] | None) -> str:
        if held is None:
            return "too few"
        low, high = held["interval"]
        return f"{held['share']:.0%} ({100 * low:.0f}–{high:.0%})"

    for name, book in found["playbooks"].items():
        shown = Table(
            "step",
            "stays",
            "done",
            "gone",
            "held: half",
            "held: 9 in 10",
            "messages",
            box=None,
            padding=(0, 1),
            pad_edge=False,
        )
        for step in book["steps"]:
            told = step["messages"]
            count = told["kept"] + told["broken"]
            kept = "too few" if told["kept_share"] is None else f"{told['kept_share']:.0%}"
            shown.add_row(
                step["step"],
                f"{step['stays']:,}",
                f"{step['done']:,}",
                f"{step['gone']:,}",
                share(step["by_first_day"]),
                share(step["by_last_day"]),
                f"{kept} of {count:,}" if count else "–",
            )
        console.print(Text(f"\n{name}, {book['stays']:,} stays until {_when(book['until'])}"))
        console.print(shown)
        for told in book["told_from"]:
            source = f"snapshot {told['snapshot']}" if told["snapshot"] else "the playbook"
            half, nine = share(told["by_first_day"]), share(told["by_last_day"])
            console.print(Text(f" told from {source}: half {half}, 9 in 10 {nine}"))
        points = [p for p in book["calibration"] if p is not None]
        if points:
            console.print(Text("told to be done by then, and held, over all steps:", style="dim"))
        for p in points:
            bar = "█" * round(p["share"] * 40)
            console.print(Text(f"  {p['said']:>4.0%}  {bar:<40} {share(p)}  n {p['n']:,}"))


def holdings(held: Holdings) -> None:
    """What an erasure would take."""
    console = _console()
    name = f" ({held.name})" if held.name else ""
    console.print(Text(f"Of {held.customer}{name} there would be erased:", style="bold"))
    unsent = f" ({held.waiting} not sent yet: that is not sent any more)" if held.waiting else ""
    for n, one, rest in (
        (held.events, "input", ", and every decision made of it"),
        (held.journeys, "journey", ", with its pages and links"),
        (held.messages, "message", unsent),
        (held.dead_letters, "dead letter", ", and any other that speaks of them"),
    ):
        console.print(f"{n:>7} {one}{'' if n == 1 else 's'}{rest}")
    console.print("Totals stay. What left this machine (mail, texts, webhooks) is not reached.")


def ledger(found: dict[str, Any]) -> None:
    """Consents with their wording, the ones in force marked; promises, and whether they held."""
    console = _console()
    console.print(Text(f"What {found['customer']} agreed to (UTC; ● is in force)", style="bold"))
    for w in found["consents"]:
        what = f"{w['purpose']} messages by {words.CHANNELS.get(w['channel'], w['channel'])}"
        said = f": “{w['wording']}”" if w["wording"] else ": no words were given"
        mark, word = "●" if w["in_force"] else " ", "agreed to" if w["granted"] else "withdrew"
        line = f"{mark} {_when(w['at'])}  {word} {what}{said}  [{w['event']}]"
        console.print(Text(line, style="" if w["in_force"] else "dim"))
    if not found["consents"]:
        console.print("nobody has agreed to anything yet")
    console.print(Text("\nWhat was promised", style="bold"))
    for p in found["promises"]:
        told = f"told {len(p['told'])} times" if len(p["told"]) > 1 else "told once"
        dates = f"{_when(p['from'])[:10]} … {_when(p['to'])[:10]}"
        console.print(Text(f"{p['fate']:<8} {p['title']}: {dates}, {told}"))
    if not found["promises"]:
        console.print("no dates were told")
