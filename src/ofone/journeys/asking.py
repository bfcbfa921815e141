"""What the guards are asked of one action: the same at the decision and again at dispatch."""

from collections.abc import Mapping

from ofone.decisions.guards import Ask, News, Rules
from ofone.domain.state import Journey, NeedState, Profile
from ofone.domain.times import Micros
from ofone.domain.words import Channel, Need
from ofone.journeys.compiled import Compiled
from ofone.journeys.library import Library
from ofone.journeys.playbook import Action
from ofone.journeys.stage import usual
from ofone.needs.model import assess


def asking(
    *,
    now: Micros,
    channel: Channel,
    compiled: Compiled,
    library: Library,
    profile: Profile,
    needs: Mapping[Need, NeedState],
    journeys: tuple[Journey, ...],
    contacts: tuple[Micros, ...],
    number: int,
    step: str,
    action: Action,
    since: Micros,
    said: Micros | None,
    before: Micros | None,
) -> Ask:
    """May ``action`` be said, now, in the journey of this ``number``? Needs are looked at only
    for what presses.
    """
    presses = _presses(action)
    worry = 0.0
    if presses:
        stage = usual(journeys, library, now).get("reassurance", 0.0)
        known = needs.get("reassurance")
        worry = assess(known, now, "reassurance", compiled.playbook.cut, stage).high
    news = None
    if action.asks_for or action.tells:
        journey = journeys[number]
        state = journey.steps.get(step)
        news = News(
            asks_for=action.asks_for,
            tells=action.tells,
            facts=journey.facts,
            since=(state.entered if state is not None else None) or journey.started,
            seen=journey.seen.get(action.tells, -1),
        )
    return Ask(
        now=now,
        channel=channel,
        purpose=action.purpose,
        profile=profile,
        contacts=contacts,
        since=since,
        said=said,
        rules=compiled.rules,
        before=before,
        others=() if len(journeys) == 1 else _others(compiled.rules, library, journeys),
        presses=presses,
        worry=worry,
        news=news,
    )


def _presses(action: Action) -> str:
    """In words; empty for what neither presses nor advertises."""
    words = [] if action.presses == "nothing" else [f"pressing ({action.presses})"]
    return " and ".join([*words, *(["marketing"] if action.purpose == "marketing" else [])])


def _others(own: Rules, library: Library, journeys: tuple[Journey, ...]) -> tuple[Rules, ...]:
    """The rules of journeys that are under way, where their caps or gaps are not the same."""
    found = {
        library.version(j.playbook, j.version).rules: None for j in journeys if j.status == "active"
    }
    alike = (own.cap, own.cap_span, own.gap, own.keep)
    return tuple(r for r in found if (r.cap, r.cap_span, r.gap, r.keep) != alike)
