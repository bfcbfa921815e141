"""Tell and ask helpers: on observables only, at the same threshold and hour for everybody."""

from hashlib import blake2b

from ofone.domain.decisions import Option, Verdict
from ofone.domain.effects import HelperView, TellHelper
from ofone.journeys.place import Place
from ofone.journeys.record import record
from ofone.journeys.say import NOTHING
from ofone.journeys.schedule import read_length


def ask(place: Place, message: str, trigger: str) -> None:
    """Ask a helper for an act, and record the choice."""
    role = place.compiled.helpers[place.compiled.helper_messages[message].to]
    known = bool(place.trait(role.trait))
    verdict = Verdict(
        guard="helper",
        ok=known,
        reason=f"a {role.title} is named" if known else f"no {role.title} is named",
    )
    record(
        place,
        kind="touch",
        trigger=trigger,
        question=f"Ask the {role.title} for help?",
        options=(
            Option(name=role.id, eligible=known, probability=float(known), verdicts=(verdict,)),
        ),
        chosen=role.id if known else NOTHING,
        because=trigger if known else verdict.reason,
        effects=(place.draft.next_key(),) if known else (),
    )
    tell(place, message)


def tell(place: Place, message: str) -> None:
    """Put a message to the helper, where there is one, built from what the helper knows anyway."""
    draft, journey = place.draft, place.journey
    words = place.compiled.helper_messages[message]
    role = place.compiled.helpers[words.to]
    helper = place.trait(role.trait)
    if not helper:
        return
    customer = draft.before.customer
    seen = (customer, journey.playbook, journey.key, place.name, place.step.attempts, message)
    deadline = place.compiled.after(draft.now, read_length(words.answer_within))
    draft.effects.append(
        TellHelper(
            key=draft.next_key(),
            reference=blake2b("|".join(map(str, seen)).encode(), digest_size=6).hexdigest(),
            playbook=journey.playbook,
            version=journey.version,
            message=message,
            view=HelperView(
                helper=helper,
                helper_name=place.trait(role.name),
                role=role.title,
                customer=customer,
                customer_name=place.trait("name") or customer,
                journey_title=place.compiled.playbook.title,
                step=place.name,
                step_title=place.ready.step.title,
                step_entered=place.entered,
                step_days=place.days,
            ),
            at=draft.now,
            answer_by=deadline if words.kind == "request" else None,
        )
    )
