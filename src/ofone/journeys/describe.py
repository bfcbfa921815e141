"""A playbook in plain English and as a diagram, for the people who sign it off."""

from ofone.journeys.compiled import Compiled, Planned
from ofone.journeys.playbook import Events, Match


def describe(compiled: Compiled) -> str:
    """Markdown: what begins it, every step, what is sent when, what if nothing happens."""
    p = compiled.playbook
    lines = [
        f"# {p.title} (`{p.playbook}`, version {compiled.version})",
        "",
        p.about.strip(),
        "",
        f"It begins with {_events((p.entry.event,))}"
        + (f", one journey for each `{p.entry.key}`" if p.entry.key else "")
        + f" ({p.entry.again}), and its goal is “{compiled.steps[p.goal].step.title}”.",
        "",
        "## How people are accompanied",
        "",
    ]
    for a in p.approaches:
        when = f"when {a.prefer}" if a.prefer else "everybody else"
        lines.append(
            f"- **{a.title}** ({when}): {a.because} Cadence {a.cadence}, tone {a.tone}, "
            f"by {', then '.join(a.channels)}; tracker {a.tracker}."
        )
    lines += ["", "## The steps", ""]
    for n, (name, ready) in enumerate(compiled.steps.items(), 1):
        s = ready.step
        optional = ", only if it is opened" if s.optional else ""
        lines.append(f"### {n}. {s.title} (`{name}`{optional})")
        lines.append("")
        lines.append(
            f"{s.happens.strip()} Usually {s.days.usual:g} days, nine in ten within "
            f"{s.days.most:g}. Done by: {s.who}."
        )
        lines.append("")
        if ready.after:
            lines.append(f"- Waits for: {', '.join(ready.after)}")
        for word, events in (
            ("Opens with", s.opens),
            ("Done when", s.completes),
            ("Begins again when", s.repeats),
            ("Skipped when", s.skips),
        ):
            if events:
                lines.append(f"- {word}: {_events(events)}")
        if s.tip:
            lines.append(f"- Every helper gets the tip “{s.tip}” at 09:00 the next morning")
        for approach, planned in ready.accompany.items():
            for one in planned:
                lines.append(f"- {approach}: {_touch(one)}")
        for reaction in ready.reactions.values():
            done = "; ".join(_touch(t) for t in reaction.then)
            within = f"{reaction.within.amount} {reaction.within.unit}s"
            lines.append(f"- If it is still open after {within}: {done} ({reaction.because})")
        lines.append("")
    if p.closing:
        lines += [f"When the goal is reached: send “{p.closing}”.", ""]
    if p.outcomes:
        lines += ["## Other ends", ""]
        lines += [
            f"- **{o.title}**: {_events(o.events)}" + (f"; send “{o.closing}”" if o.closing else "")
            for o in p.outcomes
        ]
        lines.append("")
    g = p.guards
    lines += [
        "## What always holds",
        "",
        (
            f"- Messages go out between {g.quiet_hours.from_} and {g.quiet_hours.to} where the "
            "customer lives."
        ),
        (
            f"- At most {g.cap.messages} messages in {g.cap.days} days to one person, at least "
            f"{g.gap} apart, over all journeys."
        ),
        (
            "- Only with consent for the channel and the purpose, checked when it is decided and "
            "again when it goes out."
        ),
    ]
    return "\n".join(lines) + "\n"


def mermaid(compiled: Compiled) -> str:
    """A Mermaid flowchart: solid arrows are requirements, dotted ones repeats and other ends."""
    p = compiled.playbook
    lines = ["flowchart TD", f'  begin(["{_quote(_events((p.entry.event,)))}"])']
    for name, ready in compiled.steps.items():
        open_, close = ("[/", "/]") if ready.step.optional else ("[", "]")
        lines.append(f'  {name}{open_}"{_quote(ready.step.title)}"{close}')
        sources = ready.after or ("begin",)
        lines += [f"  {needed} --> {name}" for needed in sources]
        if ready.step.repeats:
            lines.append(f'  {name} -. "{_quote(_events(ready.step.repeats))}" .-> {name}')
    lines.append(f"  {p.goal} --> goal([goal])")
    for outcome in p.outcomes:
        lines.append(
            f'  any["at any step"] -. "{_quote(_events(outcome.events))}" .-> '
            f'{outcome.id}_end(["{_quote(outcome.title)}"])'
        )
    return "\n".join(lines)


def _events(events: Events) -> str:
    return " or ".join(
        f"{e.event} (if {e.if_})"
        if isinstance(e, Match) and e.if_
        else (e.event if isinstance(e, Match) else e)
        for e in events
    )


def _touch(planned: Planned) -> str:
    t = planned.touch
    what = (
        f"send “{t.send}”"
        if t.send
        else f"ask the helper “{t.ask}”"
        if t.ask
        else f"change to {t.approach}"
    )
    only = f", only for {', '.join(t.for_)}" if t.for_ else ""
    return f"{what}, {t.at}{only}" + (f", if {t.if_}" if t.if_ else "")


def _quote(text: str) -> str:
    return text.replace('"', "#quot;").replace("\n", " ")
