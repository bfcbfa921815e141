"""Write a decision down: whole, numbered within the customer, never changed."""

from ofone.decisions.choice import seed_of
from ofone.domain.decisions import Decision, DecisionKind, EvidenceSeen, Option, Verdict
from ofone.domain.words import NEEDS
from ofone.journeys.place import Place
from ofone.journeys.stage import usual
from ofone.needs.model import assess
from ofone.profiles.stated import personal

EVENTS_NAMED = 5
"""The newest events named as evidence for one need."""
ASKED_FOR = "the customer asked for it"
"""Why an option comes first that the customer stated."""
SILENT_THERE = "nothing was said on it at this step yet"
ACTS_SPEAK = "what the customer does speaks for it"
"""Why a channel comes first that was not asked for."""


def next_seed(place: Place) -> int:
    """The seed of the decision that is about to be recorded."""
    draft = place.draft
    return seed_of(draft.before.customer, draft.decided, draft.facts.policy.number)


def record(
    place: Place,
    *,
    kind: DecisionKind,
    trigger: str,
    question: str,
    options: tuple[Option, ...],
    chosen: str,
    because: str,
    probability: float = 1.0,
    effects: tuple[str, ...] = (),
    verdicts: tuple[Verdict, ...] = (),
) -> Decision:
    """Add a decision to the draft. A choice of approach names the evidence; others rest on it."""
    draft, journey = place.draft, place.journey
    decision = Decision(
        id=f"{draft.before.customer}:d{draft.decided}",
        customer=draft.before.customer,
        journey=journey.number,
        playbook=journey.playbook,
        version=journey.version,
        step=place.name,
        at=draft.now,
        kind=kind,
        trigger=trigger,
        question=question,
        options=options,
        chosen=chosen,
        because=because,
        choice_probability=probability,
        seed=next_seed(place),
        policy=draft.facts.policy.number,
        evidence=_evidence(place) if kind == "approach" else (),
        effects=effects,
        verdicts=verdicts,
    )
    draft.decided += 1
    draft.decisions.append(decision)
    return decision


def _evidence(place: Place) -> tuple[EvidenceSeen, ...]:
    """What was believed of the needs that this playbook's approaches weigh.

    Nothing of who switched personalisation off: it was not asked.
    """
    draft, compiled = place.draft, place.compiled
    if not personal(draft.profile):
        return ()
    stage = usual(draft.journeys, draft.facts.library, draft.now)
    found = []
    for need in NEEDS:
        if need in compiled.weighed:
            known = draft.needs.get(need)
            a = assess(known, draft.now, need, compiled.playbook.cut, stage.get(need, 0.0))
            events = [e.event for e in known.evidence[-EVENTS_NAMED:]] if known else []
            found.append(
                EvidenceSeen(
                    need=need,
                    mean=a.mean,
                    sd=a.sd,
                    high=a.high,
                    low=a.low,
                    known=a.known,
                    events=tuple(dict.fromkeys(events)),
                )
            )
    return tuple(found)
