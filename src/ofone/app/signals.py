"""What a company's own signals are worth: how they go with what the same customers said."""

from collections.abc import Iterator, Mapping, Sequence
from math import exp
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from ofone.domain.errors import TooFew
from ofone.domain.events import Event, Happened, TimerFired
from ofone.domain.state import CustomerState, Evidence, NeedState
from ofone.domain.times import DAY, Micros, to_datetime
from ofone.domain.words import Need
from ofone.journeys.advance import advance
from ofone.journeys.compiled import Compiled
from ofone.journeys.library import SILENCE, Facts, Library, library
from ofone.journeys.playbook import Match, Signal
from ofone.needs.evidence import (
    BASELINE,
    CORRECTED,
    SILENCE_VALIDITY,
    SignalRule,
    baseline,
    correction,
)
from ofone.needs.items import Question
from ofone.needs.measure import (
    LEAST_PEOPLE,
    Frequency,
    Occasion,
    Spell,
    Validity,
    frequency,
    to_write,
    validity,
)
from ofone.needs.model import fade, learn, override
from ofone.runtime.codec import decode_event
from ofone.runtime.ports import Store
from ofone.runtime.replay import facts_by_number

_SPELL = 7 * DAY
"""Counts are compared with what was believed a week long: states fade in weeks."""


class History(Struct, frozen=True, kw_only=True):
    """One customer: what happened, what each event was evidence of, journeys, own words.

    ``found`` are (event, evidence by need); ``open`` (from, until) of each
    journey, None while it is open.
    """

    customer: str
    found: tuple[tuple[Event, dict[Need, tuple[Evidence, ...]]], ...]
    open: tuple[tuple[Micros, Micros | None], ...]
    said: dict[Need, tuple[tuple[Micros, NeedState], ...]]


def calibrate_signals(
    compiled: Compiled, store: Store, *, least: int = LEAST_PEOPLE
) -> list[dict[str, Any]]:
    """``ofone calibrate-signals``: for each signal that the playbook declares, plain data.

    The log is folded again with the playbook's signals, which may be new; what was sent and when
    is as it was. Nothing but answers and corrections says what a customer's needs are, and no
    trait is looked at. Where there is too little, ``too_few`` says of what.
    """
    histories = list(_histories(compiled, store))
    until = max((e.at for h in histories for e, _ in h.found), default=0)
    rules = {rule.because: rule for each in compiled.signals.values() for _, rule in each}
    return [
        _measured(signal, rules[signal.because], histories, until, least)
        for signal in compiled.playbook.signals
    ]


def _histories(compiled: Compiled, store: Store) -> Iterator[History]:
    declared = library([compiled])
    facts = {
        number: replace(books, signals=declared.signals, answers=declared.answers)
        for number, (books, _) in facts_by_number(store).items()
    }
    after = ""
    while rows := store.customers(after):
        for row in rows:
            after = row.customer
            yield _history(store, row.customer, facts, compiled.questions)


def _history(
    store: Store,
    customer: str,
    facts: Mapping[int, Library],
    questions: Mapping[str, Question],
) -> History:
    state = CustomerState(customer=customer)
    found: list[tuple[Event, dict[Need, tuple[Evidence, ...]]]] = []
    said: dict[Need, list[tuple[Micros, NeedState]]] = {}
    for row in store.log(customer):
        books = facts[row.facts]
        # A silence that is declared only now has no firing in the log.
        while (due := _silence(state, row.now)) is not None:
            state, heard = _fold(state, due, due.at, books)
            found.append((due, heard))
        event = decode_event(row.body)
        state, heard = _fold(state, event, row.now, books)
        found.append((event, heard))
        if isinstance(event, Happened):
            _note(event, said, questions)
    return History(
        customer=customer,
        found=tuple(found),
        open=tuple((j.started, j.ended) for j in state.journeys),
        said={need: tuple(each) for need, each in said.items()},
    )


def _silence(state: CustomerState, now: Micros) -> TimerFired | None:
    for timer in state.timers:
        if timer.due <= now and timer.name.startswith(SILENCE):
            return TimerFired(customer=state.customer, name=timer.name, due=timer.due)
    return None


def _fold(
    state: CustomerState, event: Event, now: Micros, books: Library
) -> tuple[CustomerState, dict[Need, tuple[Evidence, ...]]]:
    """The next state, and what the event was evidence of."""
    after = advance(state, event, Facts(now=max(now, state.now), library=books)).state
    heard = {
        need: tuple(e for e in known.evidence if e.event == event.id)
        for need, known in after.needs.items()
        if known is not state.needs.get(need)
    }
    return after, heard


def _note(
    event: Happened,
    said: dict[Need, list[tuple[Micros, NeedState]]],
    questions: Mapping[str, Question],
) -> None:
    """Fold what the customer says of themselves, alone."""
    if event.name == BASELINE:
        scored = baseline(event, questions)
    elif event.name == CORRECTED:
        scored = (correction(event),)
    else:
        return
    for s in scored:
        known = said.setdefault(s.need, [])
        before = known[-1][1] if known else None
        piece = Evidence(event.at, s.score, s.variance, event.id, s.kind, s.answer)
        own_word = event.name == CORRECTED
        after = (override if own_word else learn)(before, piece, s.need)
        known.append((event.at, after))


def _believed(history: History, need: Need, at: Micros) -> tuple[float, float] | None:
    """(mean, variance) of theta then, from what was said by then; else from what was said next.

    A state that fades does so in both directions: what is said on Friday tells of Monday.
    """
    known = history.said.get(need)
    if not known:
        return None
    first = known[0][0]
    said = [state for when, state in known if when <= max(at, first)][-1]
    b = fade(said.belief, at if at >= said.belief.at else 2 * said.belief.at - at, need)
    return b.trait + b.state, b.trait_var + b.state_var + 2 * b.cov


def _measured(
    signal: Signal, rule: SignalRule, histories: Sequence[History], until: Micros, least: int
) -> dict[str, Any]:
    match = signal.event if isinstance(signal.event, Match) else Match(event=signal.event)
    row: dict[str, Any] = {
        "event": match.event,
        "need": signal.need,
        "because": signal.because,
        "how": _how(signal),
    }
    day = to_datetime(until).date().isoformat()
    try:
        if signal.counts is not None:
            spells = list(_spells(signal, histories, until))
            return row | _frequency(frequency(spells, least=least), day)
        occasions = list(_occasions(signal, match, rule, histories, until))
        return row | _validity(signal, rule, validity(occasions, least=least), day)
    except TooFew as why:
        return row | {"too_few": str(why)}


def _how(signal: Signal) -> str:
    if signal.counts is not None:
        return "counted"
    if signal.soon:
        return "by how soon"
    return "silence" if signal.unless else "when it comes"


def _spells(signal: Signal, histories: Sequence[History], until: Micros) -> Iterator[Spell]:
    """The weeks of every open journey, with how often it came in each of them."""
    for h in histories:
        came = sorted(e.at for e, heard in h.found if _piece(heard, signal) is not None)
        ended: Micros = 0
        for started, over in sorted((a, until if b is None else b) for a, b in h.open):
            begin = max(started, ended)
            while begin < over:
                end = min(begin + _SPELL, over)
                believed = _believed(h, signal.need, (begin + end) // 2)
                if believed is not None:
                    yield Spell(
                        person=h.customer,
                        mean=believed[0],
                        variance=believed[1],
                        count=sum(begin <= at < end for at in came),
                        days=(end - begin) / DAY,
                    )
                begin = end
            ended = max(ended, over)


def _occasions(
    signal: Signal, match: Match, rule: SignalRule, histories: Sequence[History], until: Micros
) -> Iterator[Occasion]:
    """The times when it might have come: each such event; of a plain event, each customer."""
    for h in histories:
        seen: list[tuple[Micros, float]] = []
        if match.if_ or signal.soon or signal.unless:
            seen = list(_times(signal, match.event, rule, h, until))
        elif h.open:
            middle = (h.open[0][0] + (h.open[-1][1] or until)) // 2
            came = any(_piece(heard, signal) is not None for _, heard in h.found)
            seen = [(middle, float(came))]
        for at, value in seen:
            believed = _believed(h, signal.need, at)
            if believed is not None:
                yield Occasion(
                    person=h.customer, mean=believed[0], variance=believed[1], value=value
                )


def _times(
    signal: Signal, name: str, rule: SignalRule, h: History, until: Micros
) -> Iterator[tuple[Micros, float]]:
    """(when, value) of each event of that name."""
    silent = {p.at for _, heard in h.found if (p := _piece(heard, signal)) is not None}
    for event, heard in h.found:
        if not isinstance(event, Happened) or event.name != name:
            continue
        piece = _piece(heard, signal)
        if rule.silence is not None:
            if event.at + rule.silence[0] <= until:
                yield event.at, float(event.at + rule.silence[0] in silent)
        elif rule.soon is None:
            yield event.at, float(piece is not None)
        elif piece is not None:
            yield event.at, piece.score / rule.score


def _piece(heard: Mapping[Need, tuple[Evidence, ...]], signal: Signal) -> Evidence | None:
    return next((e for e in heard.get(signal.need, ()) if e.kind == signal.because), None)


def _frequency(found: Frequency, day: str) -> dict[str, Any]:
    days = float(f"{1 / found.rate:.3g}")
    weight = max(-2.0, min(2.0, round(found.weight, 2)))
    often = f"1 in {days:g} days ({1 / found.rate_high:.3g}–{1 / found.rate_low:.3g})"
    row: dict[str, Any] = {
        "people": found.people,
        "events": found.events,
        "weight": round(found.weight, 3),
        "interval": [round(found.low, 3), round(found.high, 3)],
        "days_between": days,
    }
    if found.low <= 0 <= found.high:
        return row | {"says_nothing": "the interval of the weight holds 0: leave it out"}
    return row | {
        "write": {
            "counts": {"usual": 1, "days": days, "weight": weight},
            "measured": f"weight {_short(found.weight)} ({_range(found.low, found.high)}), "
            f"{often}, {found.people} customers, {day}",
        }
    }


def _validity(signal: Signal, rule: SignalRule, found: Validity, day: str) -> dict[str, Any]:
    row: dict[str, Any] = {
        "people": found.people,
        "occasions": found.occasions,
        "r": round(found.r, 3),
        "interval": [round(found.low, 3), round(found.high, 3)],
        "shift": round(found.shift, 3),
        "reliability": round(found.reliability, 3),
    }
    if found.low <= 0 <= found.high:
        return row | {"says_nothing": "the interval of the correlation holds 0: leave it out"}
    # It is folded only when it comes, and then as so far from most people as those who do it are.
    shift = found.shift if rule.soon is not None else found.shift * (1 - found.usual)
    score, worth = to_write(shift, found.r)
    if signal.unless:
        score, worth = max(-1.0, min(1.0, score)), min(SILENCE_VALIDITY, worth)
    write: dict[str, Any] = {"score": round(score, 2), "validity": round(worth, 3)}
    if rule.soon is not None:
        # The middle of what people take, so that the usual time says nothing.
        write["soon"] = f"{rule.soon * exp(-found.usual):.2g} days"
    write["measured"] = (
        f"r = {_short(found.r)} ({_range(found.low, found.high)}), {found.people} customers, {day}"
    )
    return row | {"write": write}


def _short(x: float) -> str:
    return f"{x:.2f}".replace("0.", ".", 1) if abs(x) < 1 else f"{x:.2f}"


def _range(low: float, high: float) -> str:
    between = "–" if low >= 0 else " to "
    return f"{_short(low)}{between}{_short(high)}"
