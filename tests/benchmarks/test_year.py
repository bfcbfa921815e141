"""The simulated year: the same every time, kept, and checked by somebody who can say no."""

from msgspec.structs import replace
from tests.building import START

from ofone.benchmarks.checker import Came, Delivery, broken
from ofone.benchmarks.year import year
from ofone.domain.events import Happened
from ofone.domain.times import DAY, HOUR
from ofone.journeys.load import bundled

BOOK = bundled("life-insurance").playbook
AGREED = Happened(
    id="e",
    customer="ana",
    name="Consent Given",
    at=START - DAY,
    properties={"channels": ["email"]},
    traits={"email": "a@example.com", "zone": "UTC"},
)
SENT = Delivery(
    customer="ana",
    at=START,
    decided=START,
    channel="email",
    address="a@example.com",
    purpose="service",
    pressing=False,
    playbook="life-insurance",
    approach="standard",
    went=True,
)


def rules(*sent: Delivery, came: tuple[Happened, ...] = (AGREED,)) -> list[str]:
    return [b.rule for b in broken(sent, [Came(e.at, e) for e in came], [BOOK])]


def told(name: str, at: int, **said: str) -> Happened:
    return Happened(id=name, customer="ana", name=name, at=at, properties=dict(said))


def test_the_checker_knows_each_rule() -> None:
    """By hand: what is right, and what is wrong in one thing only."""
    assert rules(SENT) == []
    assert rules(replace(SENT, at=START + 10 * HOUR)) == ["quiet hours"]
    assert rules(replace(SENT, channel="sms")) == ["consent"]
    assert rules(SENT, replace(SENT, at=START + HOUR)) == ["gap"]
    six = [replace(SENT, at=START + n * DAY) for n in range(6)]
    assert rules(*six) == ["cap"]
    assert rules(replace(SENT, went=False), replace(SENT, at=START + HOUR)) == ["bounced"]
    pressed = replace(SENT, pressing=True)
    assert rules(pressed, came=(AGREED, told("Distress Noted", START - DAY))) == ["cooling off"]
    complained = told("Message Complained", START - HOUR, channel="email")
    assert rules(SENT, came=(AGREED, complained)) == ["consent"]


def test_what_had_not_arrived_could_not_be_known() -> None:
    """A withdrawal that is on its way breaks nothing yet."""
    later = told("Consent Withdrawn", START - HOUR)
    came = [Came(AGREED.at, AGREED), Came(START + 1, later)]
    assert broken([SENT], came, [BOOK]) == []


def test_a_small_year_keeps_every_promise_and_finds_the_night() -> None:
    """The same code as the large one, in seconds."""
    found = year({"customers": "15", "canary": "10"})
    assert set(found["violations"].values()) == {0}
    assert found["deliveries"] > 50
    assert found["violations without the guard of that rule"]["quiet hours"] > 10
