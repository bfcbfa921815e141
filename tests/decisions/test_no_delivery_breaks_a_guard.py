"""Whatever the settings, the customer's life and the order of arrival: no promise is broken.

Two playbooks run side by side through the engine in memory and the real dispatcher, with a channel
that is busy, fails or does not know; ``benchmarks.checker``, which asks no guard, looks at what
went out.
"""

from dataclasses import dataclass
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.building import moment

from ofone.benchmarks.checker import Broken, Came, Delivery, broken
from ofone.benchmarks.year import WITHOUT, _without, live
from ofone.domain.events import Happened, Scalar, Value
from ofone.domain.times import DAY, HOUR, MINUTE
from ofone.domain.words import Channel
from ofone.journeys.compiled import compile_playbook
from ofone.journeys.library import library
from ofone.journeys.playbook import (
    Action,
    Approach,
    Cap,
    Content,
    Days,
    Entry,
    Guards,
    Playbook,
    QuietHours,
    Step,
    Touch,
)

ZONES = (
    *("America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"),
    *("Pacific/Kiritimati", "America/Havana", "Africa/Casablanca", "Nowhere/Land", ""),
)
BEGINNINGS = tuple(
    moment(day)
    for day in (
        *("2026-03-02T10:00:00", "2026-03-28T20:00:00", "2026-10-24T20:00:00"),
        *("2026-03-07T22:00:00", "2026-04-04T10:00:00", "2026-12-23T12:00:00"),
    )
)
HOLIDAYS = ("2026-04-06", "2026-12-25", "2026-12-26", "2026-03-30")
CHANNELS: tuple[Channel, ...] = ("email", "sms", "in_app")


def actions() -> tuple[Action, ...]:
    """Three of service, one that presses, one that advertises."""
    said: dict[Channel, Content] = {
        "email": Content(subject="Hello", body="Hello."),
        "sms": Content(body="Hello."),
        "in_app": Content(body="Hello."),
    }
    plain = [Action(id=f"a{n}", title="A", content={"any": said}) for n in range(3)]
    hurry = Action(id="a3", title="A", content={"any": said}, presses="deadline")
    advert = Action(id="a4", title="A", content={"any": said}, purpose="marketing")
    return (*plain, hurry, advert)


def approach(name: str, prefer: str = "") -> Approach:
    return Approach(
        id=name,
        title=name,
        prefer=prefer,
        because="So.",
        cadence="normal",
        tone="plain",
        channels=CHANNELS,
        tracker="quiet",
    )


@st.composite
def books(draw: st.DrawFn, name: str) -> Playbook:
    """One step with many touches, under settings of all kinds."""
    touches = tuple(
        Touch(send=f"a{draw(st.integers(0, 4))}", at=f"after {draw(st.integers(0, 90))} hours")
        for _ in range(draw(st.integers(1, 7)))
    )
    opens = draw(st.integers(0, 20))
    quiet = QuietHours(
        from_=f"{opens:02}:{draw(st.sampled_from(['00', '30']))}",
        to=f"{draw(st.integers(opens + 2, 23)):02}:00",
        days=draw(st.sampled_from(["mon-sun", "mon-sat", "tue,thu-fri"])),
        holidays=draw(st.sampled_from(["open", "closed"])),
        zones=draw(st.sampled_from([(), ("Europe/Berlin", "America/New_York")])),
    )
    return Playbook(
        playbook=name,
        title="T",
        about="A",
        zone=draw(st.sampled_from(["UTC", "America/New_York"])),
        holidays=HOLIDAYS,
        goal="only",
        entry=Entry(event=f"Begun {name}", key="case"),
        approaches=(approach("more", "needs.reassurance.high > 0.3"), approach("plain")),
        steps=(
            Step(
                id="only",
                title="S",
                happens="H",
                completes=(f"Done {name}",),
                days=Days(usual=1, most=2),
                accompany={"more": touches, "plain": touches},
            ),
        ),
        actions=actions(),
        guards=Guards(
            quiet_hours=quiet,
            cap=Cap(messages=draw(st.integers(1, 4)), days=draw(st.integers(1, 8))),
            gap=f"{draw(st.sampled_from([0, 45, 180, 1500]))} minutes",
            stale=draw(st.sampled_from(["3 days", "12 hours", "9 days"])),
            cooling_off=draw(st.sampled_from(["1 day", "7 days"])),
        ),
        distress=draw(st.sampled_from([(), ("Tears",)])),
        holdout=draw(st.sampled_from([0.0, 0.5])),
    )


CHANNELS_NAMED: list[dict[str, Value]] = [
    {"channel": "email"},
    {"channel": "sms"},
    {"channels": ["email", "sms"]},
]


def word(names: tuple[str, ...]) -> st.SearchStrategy[tuple[str, dict[str, Value]]]:
    """Consents given and taken back, complaints and bounces, for all or some."""
    more: list[dict[str, Value]] = [{}, {"purpose": "marketing"}, {"wording": "Yes."}]
    more.append({"purpose": "marketing", "wording": "Yes."})
    return st.builds(
        lambda name, a, b: (name, a | (b if name.startswith("Consent") else {})),
        st.sampled_from(names),
        st.sampled_from(CHANNELS_NAMED),
        st.sampled_from(more),
    )


happenings = st.one_of(
    word(("Consent Given", "Consent Given", "Consent Withdrawn")),
    word(("Message Complained",)),
    st.just(("Message Bounced", {"channel": "email"})),
    st.sampled_from([("Distress Noted", {}), ("Tears", {}), ("Tracker Opened", {})]),
    st.sampled_from([("Consent Withdrawn", {}), ("Moved", {}), ("Address Given", {})]),
    st.sampled_from(
        [
            ("Preference Stated", {"hours": "17:00-19:00"}),
            ("Preference Stated", {"days": "sat,sun"}),
            ("Need Corrected", {"need": "reassurance", "level": "more"}),
            ("Done one", {"case": "1"}),
        ]
    ),
)


@st.composite
def lives(draw: st.DrawFn) -> list[Came]:
    """Two journeys begin; what else happens does at any time, and arrives late or twice."""
    start = draw(st.sampled_from(BEGINNINGS))
    traits: dict[str, Value] = {"email": "a@example.com", "phone": "+15185550100"}
    if draw(st.booleans()):
        traits["zone"] = draw(st.sampled_from(ZONES))
    if draw(st.booleans()):
        traits["country"] = draw(st.sampled_from(["DE", "AU", "BR", "IN", "zz"]))
    if draw(st.booleans()):
        traits["phone"] = draw(st.sampled_from(["+493012345678", "0301", "+911123456789"]))
    both: list[Scalar] = ["email", "sms"]
    events: list[tuple[str, dict[str, Value], dict[str, Value], int]] = [
        ("Consent Given", {"channels": both}, traits, 0),
        ("Begun one", {"case": "1"}, {}, 1),
        ("Begun two", {"case": "1"}, {}, draw(st.integers(2, 4000))),
    ]
    if draw(st.booleans()):
        events.append(("Consent Given", {"channels": both, "purpose": "marketing"}, {}, 0))
    for name, properties in draw(st.lists(happenings, max_size=8)):
        said: dict[str, Value] = {}
        if name == "Moved":
            said = {"zone": draw(st.sampled_from(ZONES))}
        elif name == "Address Given":
            said = {"email": "b@example.com"}
        events.append((name, properties, said, draw(st.integers(0, 8 * 24 * 60))))
    came = []
    for n, (name, properties, said, minute) in enumerate(events):
        one = Happened(
            id=f"e{n}",
            customer="ana",
            name=name,
            at=start + minute * MINUTE,
            properties=properties,
            traits=said,
        )
        delay = draw(st.sampled_from([0, 0, 0, HOUR, 30 * HOUR]))
        came.append(Came(one.at + delay, one))
        if draw(st.integers(0, 9)) == 0:
            came.append(Came(one.at + delay + DAY, one))
    return sorted(came, key=lambda c: (c.arrived, c.event.id))


@dataclass
class Played:
    out: list[Delivery]
    wrong: list[Broken]


def played(books: list[Playbook], came: list[Came], seed: int) -> Played:
    compiled = library([compile_playbook(b) for b in books])
    out, _ = live(came, compiled, came[0].arrived + 40 * DAY, Random(seed), trouble=0.2)
    return Played(out, broken(out, came, books))


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
@given(books("one"), books("two"), lives(), st.integers(0, 99))
def test_no_delivery_breaks_a_guard(
    one: Playbook, two: Playbook, came: list[Came], seed: int
) -> None:
    """Quiet hours, cap, gap, consent, bounces, cooling-off and hold-out, all at once."""
    assert played([one, two], came, seed).wrong == []


@pytest.mark.parametrize("rule", [r for r in WITHOUT if r != "hold-out"])
def test_the_checker_finds_what_a_missing_guard_lets_through(rule: str) -> None:
    """Else the test above could not fail."""
    found = 0

    @settings(max_examples=300, deadline=None, derandomize=True, database=None)
    @given(books("one"), books("two"), lives(), st.integers(0, 99))
    def look(one: Playbook, two: Playbook, came: list[Came], seed: int) -> None:
        nonlocal found
        if found:
            return
        with _without(WITHOUT[rule]):
            found += any(b.rule == rule for b in played([one, two], came, seed).wrong)

    look()
    assert found
