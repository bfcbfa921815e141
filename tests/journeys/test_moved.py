"""People are reached when a message goes out, not when it was decided."""

from tests.building import START, begun

from ofone.domain.events import Receipt
from ofone.domain.times import HOUR


def receipt(status: str, done: int = 0) -> Receipt:
    """News of the first message of the small journey."""
    return Receipt(
        customer="ana",
        key="ana:2:0",
        status=status,
        at=START,
        channel="email",
        journey=0,
        step="form",
        action="hello",
        done=done,
    )


def test_a_message_that_was_held_counts_from_when_it_went_out() -> None:
    """Caps and gaps look at that moment; told twice, it changes nothing."""
    life = begun()
    assert life.state.contacts == (START,)
    life.tell(receipt("moved", START + 14 * HOUR))
    assert life.state.contacts == (START + 14 * HOUR,)
    before = life.state
    life.tell(receipt("moved", START + 14 * HOUR))
    assert life.state is before


def test_a_message_that_failed_was_no_contact() -> None:
    """The other way need not keep a distance from it."""
    life = begun().tell(receipt("failed"))
    assert [s.channel for s in life.sends] == ["email", "sms"]
    assert len(life.state.contacts) == 1
