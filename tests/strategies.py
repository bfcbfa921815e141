"""What Hypothesis makes up: values, events that mean nothing, and streams for a playbook."""

from datetime import timedelta

from hypothesis import strategies as st
from tests.building import START, TRAITS

from ofone.domain.events import Event, Happened, Migrated, Receipt, TimerFired, Value
from ofone.domain.times import DAY, MINUTE, Micros, to_datetime
from ofone.journeys.compiled import Compiled

ZONES = (
    "America/New_York",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Kiritimati",
    "Nowhere/Land",
)

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.sampled_from(["", "A", "email", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "now"])
)
values: st.SearchStrategy[Value] = (
    scalars
    | st.lists(scalars, max_size=3)
    | st.dictionaries(st.text(max_size=4), scalars, max_size=2)
)
names = st.sampled_from(
    [
        *("order", "visit_at", "place", "channel", "channels", "purpose", "cadence", "zone"),
        *("personalisation", "A1", "P1", "P2", "result", "name", "guide_id", "email"),
        *("hours", "days"),
    ]
)


def happenings(book: Compiled) -> list[str]:
    """Every event name that means something to this playbook or to the house."""
    return sorted(
        {book.entry, *book.uses, *book.signals, "Consent Given", "Consent Withdrawn"}
        | {"Baseline Answered", "Preference Stated", "Message Answered", "Of No Interest"}
    )


def junk(book: Compiled) -> st.SearchStrategy[Event]:
    """Well-typed events without any sense: what ``advance`` must survive."""
    some = st.integers(-(2**40), 2**40) | st.integers(-(2**62), 2**62)
    moments = some.map(lambda n: START + n)
    number = st.integers(0, 2)
    step = st.sampled_from([*book.steps, "nowhere"])
    return st.one_of(
        st.builds(
            Happened,
            id=st.text(max_size=3),
            customer=st.just("ana"),
            name=st.sampled_from(happenings(book)),
            at=moments,
            properties=st.dictionaries(names, values, max_size=3),
            traits=st.dictionaries(names, values, max_size=2),
        ),
        st.builds(TimerFired, customer=st.just("ana"), name=st.text(max_size=5), due=moments),
        st.builds(
            Receipt,
            customer=st.just("ana"),
            key=st.text(max_size=5),
            status=st.sampled_from(["failed", "delivered"]),
            at=moments,
            channel=st.sampled_from(["email", "sms", "in_app"]),
            journey=number,
            step=step,
            action=st.sampled_from([*book.actions, "nothing"]),
        ),
        st.builds(
            Migrated,
            customer=st.just("ana"),
            journey=number,
            version=st.sampled_from([book.version, "none"]),
            at=moments,
        ),
    )


@st.composite
def streams(
    draw: st.DrawFn, book: Compiled, *, least: int = 1, most: int = 25, days: int = 40
) -> list[Happened]:
    """One customer's likely and unlikely life in this playbook, in order of time.

    It begins with the entry; ``key`` is the only one, times differ, and appointments lie around.
    """
    key = book.playbook.entry.key
    moments = st.integers(1, days * 24 * 60)
    times = draw(st.lists(moments, min_size=least, max_size=most, unique=True))
    traits = TRAITS | {"advisor_id": "mo", "zone": draw(st.sampled_from(ZONES))}
    about: dict[str, Value] = {key: "A"}
    begin = Happened(
        id="entry", customer="ana", name=book.entry, at=START, traits=traits, properties=about
    )
    found = [begin]
    for n, minutes in enumerate(sorted(times)):
        at = START + minutes * MINUTE
        name = draw(st.sampled_from(happenings(book)))
        said = draw(_meaning(name, at))
        if name != "Preference Stated":
            said = about | said
        found.append(Happened(id=f"e{n}", customer="ana", name=name, at=at, properties=said))
    return found


def _meaning(name: str, at: Micros) -> st.SearchStrategy[dict[str, Value]]:
    """Properties that an event of this name usually has."""
    appointment = st.integers(-1, 12).map(
        lambda day: (to_datetime(at) + timedelta(days=day)).isoformat()
    )
    said: st.SearchStrategy[dict[str, Value]]
    match name:
        case "Baseline Answered":
            said = st.integers(1, 5).map(lambda answer: {"A1": answer, "I1": 6 - answer})
        case "Consent Given" | "Consent Withdrawn":
            said = st.sampled_from([{"channels": ["email", "sms"]}, {"channel": "sms"}])
        case "Preference Stated":
            said = st.sampled_from(
                [
                    {"channel": "sms"},
                    {"personalisation": False},
                    {"pause": "2026-03-05T10:00:00Z"},
                    {"pause": None},
                    {"hours": "17:00-19:00", "days": "sat-mon"},
                    {"channel": None, "hours": None, "cadence": 2},
                ]
            )
        case "Message Answered":
            said = st.sampled_from([{"channel": "sms"}, {"channel": "email"}])
        case "Decision Made":
            said = st.sampled_from([{"result": "approved"}, {"result": "declined"}, {}])
        case _:
            said = st.just({}) | appointment.map(lambda a: {"visit_at": a, "appointment_at": a})
    return said


def days(least: float, most: float) -> st.SearchStrategy[Micros]:
    """Moments so many days after ``START``."""
    return st.floats(least, most).map(lambda day: START + round(day * DAY))
