"""A journey of two steps, small enough to know by heart, and what may happen in it.

The form: a welcome at once, a nudge two days later. The visit: its room is told, once it is known.
"""

from datetime import UTC, datetime

from ofone.domain.events import Happened, Value
from ofone.domain.times import Micros, to_micros
from ofone.domain.words import Channel
from ofone.journeys.compiled import Compiled, compile_playbook
from ofone.journeys.library import library
from ofone.journeys.playbook import (
    Action,
    Approach,
    Content,
    Days,
    Entry,
    Guards,
    Outcome,
    Playbook,
    Step,
    Touch,
)

MONDAY = to_micros(datetime(2026, 3, 2, 10, tzinfo=UTC))
"""Ten in the morning: nobody sleeps."""


def _action(name: str, body: str) -> Action:
    said: dict[Channel, Content] = {
        "email": Content(subject=name, body=body),
        "sms": Content(body=body),
        "in_app": Content(body=body),
    }
    return Action(id=name, title=name, content={"any": said})


PLAYBOOK = Playbook(
    playbook="small",
    title="A small journey",
    about="A form and a visit.",
    goal="visit",
    entry=Entry(event="Started", key="case"),
    remember=("room",),
    approaches=(
        Approach(
            id="standard",
            title="Standard",
            because="It is for everybody.",
            cadence="normal",
            tone="plain",
            channels=("email", "sms", "in_app"),
            tracker="quiet",
        ),
    ),
    steps=(
        Step(
            id="form",
            title="The form",
            happens="You fill in a form.",
            completes=("Form Sent",),
            repeats=("Form Returned",),
            days=Days(usual=1, most=3),
            accompany={
                "standard": (Touch(send="welcome"), Touch(send="nudge", at="after 2 days")),
            },
        ),
        Step(
            id="visit",
            title="The visit",
            happens="You visit us.",
            completes=("Visited",),
            days=Days(usual=2, most=5),
            accompany={"standard": (Touch(send="directions"),)},
        ),
    ),
    outcomes=(
        Outcome(id="withdrawn", title="Withdrawn", says="You withdrew.", events=("Withdrawn",)),
    ),
    actions=(
        _action("welcome", "Welcome."),
        _action("nudge", "The form waits for you."),
        _action("directions", "Come to room {{ facts.room }}."),
    ),
    guards=Guards(gap="0 minutes"),
)

SMALL: Compiled = compile_playbook(PLAYBOOK)
LIBRARY = library([SMALL])


def happened(
    customer: str, name: str, at: Micros = MONDAY, *, named: str = "", **properties: Value
) -> Happened:
    """An event whose id is its name, unless another is given."""
    return Happened(id=named or name, customer=customer, name=name, at=at, properties=properties)


def known(customer: str, at: Micros = MONDAY, *channels: Value) -> Happened:
    """The customer's addresses, and a consent to e-mail and text messages (or to ``channels``)."""
    return Happened(
        id="known",
        customer=customer,
        name="Consent Given",
        at=at,
        properties={"channels": [c for c in channels if isinstance(c, str)] or ["email", "sms"]},
        traits={"name": customer, "email": f"{customer}@example.org", "phone": "+442071234567"},
    )


def story(customer: str, at: Micros = MONDAY) -> list[Happened]:
    """A journey from its beginning to its goal, an hour between any two events."""
    hour = 3_600_000_000
    return [
        known(customer, at),
        happened(customer, "Started", at + hour, case="one"),
        happened(customer, "Form Sent", at + 2 * hour, room="7b"),
        happened(customer, "Visited", at + 3 * hour),
    ]
