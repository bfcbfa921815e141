"""Choose how a step is accompanied: by the playbook's rules, the customer's word, and chance."""

from msgspec.structs import replace

from ofone.decisions.choice import draw, held_out, probabilities
from ofone.domain.decisions import Option, Verdict
from ofone.journeys.place import Place
from ofone.journeys.record import ASKED_FOR, next_seed, record
from ofone.profiles.stated import ACCOMPANY, personal

_PERSONAL = (
    Verdict(guard="personalisation", ok=True, reason="the customer has not switched it off"),
)
_SWITCHED_OFF = Verdict(
    guard="personalisation", ok=False, reason="the customer switched personalisation off"
)
_HELD_OUT = Verdict(
    guard="hold-out",
    ok=False,
    reason="this customer is held out: they get the standard service, for comparison",
)


def preferred(place: Place) -> tuple[str, dict[str, str]]:
    """The first approach whose condition holds, and of each approach why or why not.

    Who asks to be accompanied more, or less, gets the first approach of that cadence. Who switched
    personalisation off, or is held out, gets the last one, which is for everybody.
    """
    context = place.context()
    because: dict[str, str] = {}
    first = ""
    for name, suits in place.compiled.approaches.items():
        why_not = suits.condition.fails(context) if suits.condition is not None else None
        if why_not is not None:
            because[name] = why_not
        elif first:
            because[name] = f"{first} comes first"
        else:
            first = name
            because[name] = (
                f"“{suits.condition.source}” holds" if suits.condition else "for everybody else"
            )
    asked = _asked(place)
    if asked:
        because[asked] = ASKED_FOR
        first = asked
    return (first if _confined(place) is None else _last(place)), because


def stays(place: Place, first: str) -> bool:
    """Whether the step keeps its approach though ``first`` is preferred: gentle, no flapping.

    By its own ``keep``; and where more was added since nobody reacted, the old approach does not
    come back by itself. What the customer asks for, or may not have, is not held up.
    """
    if _asked(place) or _confined(place) is not None:
        return False
    if first == place.step.left:
        return True
    keep = place.compiled.approaches[place.step.approach].keep
    return keep is not None and keep.fails(place.context()) is None


def _asked(place: Place) -> str:
    """The approach that the customer's own word asks for; empty where there is none."""
    word = place.draft.profile.preferences.get("accompany")
    if word is None:
        return ""
    cadence = ACCOMPANY.get(str(word.value), "")
    return next(
        (n for n, s in place.compiled.approaches.items() if s.approach.cadence == cadence), ""
    )


def choose(place: Place, trigger: str, switch: str = "") -> str:
    """Decide the approach of a step, record it, and note it in the journey; its id.

    ``switch`` names the approach that a missed reaction asks for.
    """
    first, because = preferred(place)
    if switch:
        first, because = switch, dict.fromkeys(because, "") | {switch: trigger}
    confined = _confined(place)
    allowed = {} if confined is None else _allowed(place, confined)
    eligible = [a for a, v in allowed.items() if v.ok] if allowed else list(because)
    if first not in eligible:
        first = _last(place)
    chances = probabilities(eligible, first, 0.0 if switch else place.compiled.playbook.explore)
    chosen = draw(chances, next_seed(place))
    record(
        place,
        kind="approach",
        trigger=trigger,
        question=f"How to accompany “{place.ready.step.title}”?",
        options=tuple(
            Option(
                name=a,
                eligible=a in chances,
                probability=chances.get(a, 0.0),
                because=because[a],
                verdicts=(allowed[a],) if allowed else (),
            )
            for a in because
        ),
        chosen=chosen,
        because=trigger if switch else place.compiled.approaches[chosen].approach.because,
        probability=chances[chosen],
        verdicts=() if allowed else _PERSONAL,
    )
    journey = place.journey
    left = place.step.approach if switch else ""
    steps = journey.steps | {place.name: replace(place.step, approach=chosen, left=left)}
    place.draft.put(replace(journey, approach=chosen, steps=steps, approached=place.draft.now))
    return chosen


def _allowed(place: Place, why: Verdict) -> dict[str, Verdict]:
    """Of each approach, for somebody who gets the standard service, and why they do."""
    standard = Verdict(guard=why.guard, ok=True, reason="standard service is for everybody")
    return dict.fromkeys(place.compiled.approaches, why) | {_last(place): standard}


def _confined(place: Place) -> Verdict | None:
    """Why this customer gets the standard service only; None when everything is open."""
    if not personal(place.draft.profile):
        return _SWITCHED_OFF
    book = place.compiled.playbook
    if held_out(book.playbook, place.draft.before.customer, book.holdout):
        return _HELD_OUT
    return None


def _last(place: Place) -> str:
    return place.compiled.playbook.approaches[-1].id
