"""Choose how a step is accompanied: by the playbook's rules, the customer's word, and chance."""

from msgspec.structs import replace

from ofone.decisions.choice import draw, probabilities
from ofone.domain.decisions import Option, Verdict
from ofone.journeys.draft import Draft
from ofone.journeys.place import Place
from ofone.journeys.record import next_seed, record

_PERSONAL = (
    Verdict(guard="personalisation", ok=True, reason="the customer has not switched it off"),
)
_STANDARD = Verdict(guard="personalisation", ok=True, reason="standard service is for everybody")
_SWITCHED_OFF = Verdict(
    guard="personalisation", ok=False, reason="the customer switched personalisation off"
)


def preferred(place: Place) -> tuple[str, dict[str, str]]:
    """The first approach whose condition holds, and of each approach why or why not.

    Who switched personalisation off gets the last one, which is for everybody.
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
    return (first if _personal(place.draft) else _last(place)), because


def choose(place: Place, trigger: str, switch: str = "") -> str:
    """Decide the approach of a step, record it, and note it in the journey; its id.

    ``switch`` names the approach that a missed reaction asks for.
    """
    first, because = preferred(place)
    if switch:
        first, because = switch, dict.fromkeys(because, "") | {switch: trigger}
    personal = _personal(place.draft)
    allowed = {} if personal else _allowed(place)
    eligible = list(because) if personal else [a for a, v in allowed.items() if v.ok]
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
                verdicts=() if personal else (allowed[a],),
            )
            for a in because
        ),
        chosen=chosen,
        because=trigger if switch else place.compiled.approaches[chosen].approach.because,
        probability=chances[chosen],
        verdicts=_PERSONAL if personal else (),
    )
    journey = place.journey
    steps = journey.steps | {place.name: replace(place.step, approach=chosen)}
    place.draft.put(replace(journey, approach=chosen, steps=steps))
    return chosen


def _allowed(place: Place) -> dict[str, Verdict]:
    """Of each approach, for somebody who switched personalisation off."""
    return dict.fromkeys(place.compiled.approaches, _SWITCHED_OFF) | {_last(place): _STANDARD}


def _personal(draft: Draft) -> bool:
    word = draft.profile.preferences.get("personalisation")
    return word is None or word.value is not False


def _last(place: Place) -> str:
    return place.compiled.playbook.approaches[-1].id
