"""A playbook in plain English and as a diagram, for the people who sign it off."""

from collections.abc import Iterator

from ofone.journeys.compiled import Compiled, Planned, Ready
from ofone.journeys.phrases import condition, count, events, lasting, need
from ofone.journeys.playbook import Match, Outcome, Signal

_AGAIN = {
    "per key": "ever",
    "after end": "and another one once it ended",
    "one at a time": "one at a time",
}


def describe(compiled: Compiled, *, words: bool = False) -> str:
    """Markdown: what begins it, every step, what is sent when, what if nothing happens.

    With ``words``, every text that will be sent stands at the end, as it was written.
    """
    parts = [_opening, _approaches, _steps, _ends, _evidence, _helpers, _rules]
    lines = [line for part in parts for line in part(compiled)]
    return "\n".join(lines + (list(_words(compiled)) if words else [])).rstrip() + "\n"


def mermaid(compiled: Compiled) -> str:
    """A Mermaid flowchart: solid arrows are requirements, dotted ones repeats and other ends."""
    p = compiled.playbook
    lines = ["flowchart TD", f'  begin(["{_quote(events((p.entry.event,)))}"])']
    for name, ready in compiled.steps.items():
        open_, close = ("[/", "/]") if ready.step.optional else ("[", "]")
        lines.append(f'  {name}{open_}"{_quote(ready.step.title)}"{close}')
        sources = ready.after or ("begin",)
        lines += [f"  {needed} --> {name}" for needed in sources]
        if ready.step.repeats:
            lines.append(f'  {name} -. "{_quote(events(ready.step.repeats))}" .-> {name}')
    goal = _quote(compiled.steps[p.goal].step.title)
    lines.append(f'  {p.goal} --> goal_end(["Goal: {goal}"])')
    for outcome in p.outcomes:
        lines.append(
            f'  any["at any step"] -. "{_quote(events(outcome.events))}" .-> '
            f'{outcome.id}_end(["{_quote(outcome.title)}"])'
        )
    return "\n".join(lines)


def _opening(compiled: Compiled) -> Iterator[str]:
    p = compiled.playbook
    goal = compiled.steps[p.goal].step.title
    yield f"# {p.title} (`{p.playbook}`, version {compiled.version})"
    yield f"\n{p.about.strip()}\n"
    each = f"one journey for each `{p.entry.key}`" if p.entry.key else "one journey for a customer"
    yield (
        f"It begins with {events((p.entry.event,))}, {each}, {_AGAIN[p.entry.again]}. "
        f"Its goal is “{goal}”.\n"
    )


def _approaches(compiled: Compiled) -> Iterator[str]:
    yield "## How people are accompanied\n"
    yield "The first that fits, in this order:\n"
    for n, a in enumerate(compiled.playbook.approaches, 1):
        when = f"when {condition(a.prefer)}" if a.prefer else "everybody else"
        yield (
            f"{n}. **{a.title}** ({when}): {a.because} Cadence {a.cadence}, tone {a.tone}, "
            f"by {', then '.join(_channel(c) for c in a.channels)}; helper {a.helper}; "
            f"tracker {a.tracker}."
        )
    explored = compiled.playbook.explore
    if explored:
        yield f"\nIn {explored * 100:g} % of the choices, chance picks another one, to learn."
    yield ""


def _steps(compiled: Compiled) -> Iterator[str]:
    yield "## The steps\n"
    for n, (name, ready) in enumerate(compiled.steps.items(), 1):
        s = ready.step
        yield f"### {n}. {s.title} (`{name}`{', only if it is opened' if s.optional else ''})\n"
        usual, most = lasting(s.days.usual), lasting(s.days.most)
        yield f"{s.happens.strip()} Usually {usual}, nine in ten within {most}. Done by: {s.who}.\n"
        if s.you_do:
            does = "does" if s.needs_you else "may do"
            yield f"- What the customer {does}: {s.you_do.strip()}"
        if s.act is not None:
            yield f"- The button “{s.act.title}” on the tracker leads to {s.act.url}"
        if s.prepare:
            days = count(s.prepare.days, "day")
            yield f"- On the tracker from {days} before, to prepare: {'; '.join(s.prepare.points)}"
        if s.says:
            yield f"- On the tracker also in {', '.join(repr(code) for code in s.says)}"
        if ready.after:
            yield f"- Waits for: {', '.join(_step(compiled, a) for a in ready.after)}"
        for word, found in (
            ("Opens with", s.opens),
            ("Done when", s.completes),
            ("Begins again when", s.repeats),
            ("Skipped when", s.skips),
        ):
            if found:
                yield f"- {word}: {events(found)}"
        yield from _done_beside(compiled, ready)
        yield ""
    p = compiled.playbook
    if p.closing:
        yield f"When the goal is reached: {_send(compiled, p.closing)}.\n"


def _done_beside(compiled: Compiled, ready: Ready) -> Iterator[str]:
    if ready.step.tip:
        message = compiled.helper_messages[ready.step.tip]
        yield f"- Every helper gets the tip “{message.subject}” at 09:00 the next morning"
    if ready.step.cc:
        yield "- Every helper gets a plain copy at 09:00 the next morning, saying that it began"
    for approach, suits in compiled.approaches.items():
        for one in ready.accompany.get(approach, ()):
            yield f"- {suits.approach.title}: {_touch(compiled, one)}"
    if ready.step.moved:
        said = _send(compiled, ready.step.moved)
        yield f"- When `{ready.step.date}` moves: {said}, at once, and once for each new date"
    for reaction in ready.reactions.values():
        done = "; ".join(_touch(compiled, t) for t in reaction.then)
        within = count(reaction.within.amount, reaction.within.unit)
        yield f"- If it is still open after {within}: {done} ({reaction.because})"
    if ready.step.quiet is not None:
        said, after = _send(compiled, ready.step.quiet.send), ready.step.quiet.after
        yield (
            f"- If it was quiet for as long as the customer wishes, or {after} where that is not "
            f"known: {said}, once"
        )
    if ready.late is not None:
        why = f", because {ready.step.late_because}" if ready.step.late_because else ""
        yield (
            "- If it is still open a business day before the end of the range that was told: "
            f"{_send(compiled, ready.late.touch.send)}, with a new range{why}"
        )


def _ends(compiled: Compiled) -> Iterator[str]:
    if compiled.playbook.outcomes:
        yield "## Other ends\n"
        yield from (_end(compiled, o) for o in compiled.playbook.outcomes)
        yield ""


def _end(compiled: Compiled, outcome: Outcome) -> str:
    told = f"; {_send(compiled, outcome.closing)}" if outcome.closing else ""
    again = f"; taken up again by {events(outcome.reopens)}" if outcome.reopens else ""
    return f"- **{outcome.title}**: {events(outcome.events)}{told}{again}"


def _evidence(compiled: Compiled) -> Iterator[str]:
    p = compiled.playbook
    if p.items:
        yield "## What people are asked\n"
        for item in p.items:
            sign = "more" if item.toward == 1 else "less"
            ends = f", from “{item.low}” to “{item.high}”" if item.low and item.high else ""
            yield f"- {item.text} (`{item.id}`{ends}; a 5 means {sign} of {need(item.need)})"
        yield ""
    if p.signals:
        yield "## What else counts as a hint\n"
        for signal in p.signals:
            yield f"- {_signal(signal)} ({signal.because})"
        yield ""


def _signal(signal: Signal) -> str:
    """What a signal tells, in half a sentence, and how that is known."""
    match = signal.event if isinstance(signal.event, Match) else Match(event=signal.event)
    told, weight = events((match,)), signal.score or 0.0
    if signal.counts is not None:
        told += f", counted ({signal.counts.usual:g} in {signal.counts.days:g} days is usual)"
        weight = signal.counts.weight
    elif signal.soon:
        told += f", by how soon after our last message ({signal.soon} is usual)"
    elif signal.unless:
        told += f", and none of {events(signal.unless)} within {signal.within}"
    known = signal.measured or "an assumption"
    return f"{told}: {'more' if weight > 0 else 'less'} of {need(signal.need)}; {known}"


def _helpers(compiled: Compiled) -> Iterator[str]:
    p = compiled.playbook
    if not p.helpers:
        return
    yield "## Helpers\n"
    for helper in p.helpers:
        who = f"known by the trait `{helper.trait}`" if helper.trait else f"`{helper.person}`"
        deputy = f"; then the {compiled.helpers[helper.deputy].title}" if helper.deputy else ""
        desk = "; asked when nobody else is there" if helper.id == p.desk else ""
        mail = helper.address or (f"the trait `{helper.email}`" if helper.email else "")
        mail = f", written to at {mail}" if mail else ""
        yield f"- **{helper.title}** (`{helper.id}`), {who}{mail}{deputy}{desk}"
        for message in p.helper_messages:
            if message.to == helper.id:
                within = "" if message.kind == "tip" else f", to answer in {message.answer_within}"
                yield f"  - {message.kind}: “{message.subject}” (`{message.id}`{within})"
            for then in message.unanswered if message.to == helper.id else ():
                words = f" in the words of `{then.message}`" if then.message else ""
                told = {"same": "a reminder", "deputy": "the deputy", "desk": "the desk"}[then.to]
                wait = then.answer_within or message.answer_within
                yield f"    - without an answer: {told}{words}, to answer in {wait}"
    yield ""


def _rules(compiled: Compiled) -> Iterator[str]:
    g = compiled.playbook.guards
    yield "## What always holds\n"
    yield (
        f"- Messages go out between {g.quiet_hours.from_} and {g.quiet_hours.to} where the "
        "customer lives"
        + (f", {g.quiet_hours.days}" if g.quiet_hours.days != "mon-sun" else "")
        + (", on no holiday" if g.quiet_hours.holidays == "closed" else "")
        + "."
    )
    yield (
        f"- At most {count(g.cap.messages, 'message')} in {count(g.cap.days, 'day')} to one "
        f"person, at least {g.gap} apart, over all journeys."
    )
    if g.keep_room:
        yield "- Room is kept for reminders before a date: what could come later waits for them."
    yield f"- What could not go out within {g.stale} is not sent any more."
    yield (
        "- Only with consent for the channel and the purpose, checked when it is decided and "
        "again when it goes out."
    )
    actions = compiled.playbook.actions
    pressing = [a.title for a in actions if a.presses != "nothing" or a.purpose == "marketing"]
    if pressing:
        yield (
            f"- Not within {g.cooling_off} of distress, nor while somebody more likely than not "
            f"needs reassurance: {', '.join(f'“{t}”' for t in pressing)}."
        )
    if compiled.playbook.holdout:
        yield (
            f"- {compiled.playbook.holdout:.0%} of the customers get "
            f"“{compiled.playbook.approaches[-1].title}” whatever they need, for comparison."
        )


def _words(compiled: Compiled) -> Iterator[str]:
    yield from _page(compiled)
    yield "\n## The words that will be sent\n"
    for action in compiled.playbook.actions:
        yield f"### {action.title} (`{action.id}`, {action.purpose})\n"
        for approach, channels in action.content.items():
            whom = (
                "Everybody" if approach == "any" else compiled.approaches[approach].approach.title
            )
            for channel, content in channels.items():
                yield f"{whom}, by {_channel(channel)}:\n"
                yield from _text(content.subject, content.body)
                for language, words in content.says.items():
                    yield f"{whom}, by {_channel(channel)}, in {language!r}:\n"
                    yield from _text(words.subject, words.body)
    for message in compiled.playbook.helper_messages:
        title = compiled.helpers[message.to].title
        yield f"### {message.kind.capitalize()} to the {title} (`{message.id}`)\n"
        yield from _text(message.subject, message.body)


def _page(compiled: Compiled) -> Iterator[str]:
    """The tracker's words in other languages."""
    said = [
        (f"{ready.step.title} (`{name}`), in {code!r}", words)
        for name, ready in compiled.steps.items()
        for code, words in ready.step.says.items()
    ]
    if said:
        yield "\n## The tracker in other languages\n"
    for title, words in said:
        yield f"### {title}\n"
        parts = (words.happens, words.you_do, words.act, words.who, *words.prepare)
        yield from _text(words.title, "\n".join(part.strip() for part in parts if part))
    for outcome in compiled.playbook.outcomes:
        for code, says in outcome.says_in.items():
            yield f"### {outcome.title} (`{outcome.id}`), in {code!r}\n"
            yield from _text("", says)


def _text(subject: str, body: str) -> Iterator[str]:
    yield "````text"
    if subject:
        yield f"{subject}\n"
    yield f"{body.rstrip()}\n````\n"


def _touch(compiled: Compiled, planned: Planned) -> str:
    t = planned.touch
    if t.send:
        what = _send(compiled, t.send)
    elif t.ask:
        message = compiled.helper_messages[t.ask]
        title = compiled.helpers[message.to].title
        what = f"ask the {title} “{message.subject}” (`{t.ask}`)"
    else:
        what = f"change to “{_approach(compiled, t.approach)}”"
    by = f" by {' or '.join(_channel(c) for c in t.channels)}" if t.channels else ""
    only = (
        f", only for {', '.join(f'“{_approach(compiled, a)}”' for a in t.for_)}" if t.for_ else ""
    )
    by += ", at another time of day than before" if t.hour else ""
    return f"{what}{by}, {t.at}{only}" + (f", if {condition(t.if_)}" if t.if_ else "")


def _send(compiled: Compiled, action: str) -> str:
    return f"send “{compiled.actions[action].title}” (`{action}`)"


def _approach(compiled: Compiled, name: str) -> str:
    return compiled.approaches[name].approach.title


def _step(compiled: Compiled, name: str) -> str:
    return f"“{compiled.steps[name].step.title}”"


def _channel(name: str) -> str:
    named = {"email": "e-mail", "sms": "text message", "in_app": "their own page"}
    named["other"] = "another channel than before"
    return named.get(name, name)


def _quote(text: str) -> str:
    return text.replace('"', "#quot;").replace("\n", " ")
