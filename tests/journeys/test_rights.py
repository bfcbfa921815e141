"""What a customer may ask for in a journey: a pause, and service without inference."""

from msgspec.structs import replace
from tests.building import AGREED, ORDERED, START, Life, begun, event, visit_with

from ofone.domain.decisions import Decision
from ofone.domain.events import Happened
from ofone.domain.times import DAY, HOUR, iso

WORRIED = event("Need Corrected", 0.01, key=None, need="reassurance", level="more")
OFF = event("Preference Stated", 0.02, key=None, personalisation=False)


def pause(days: float, until: float | None) -> Happened:
    """Asked for after so many days, until so many after the start."""
    end = None if until is None else iso(START + int(until * DAY))
    return event("Preference Stated", days, key=None, pause=end)


def touches(life: Life) -> list[Decision]:
    return [d for d in life.decisions if d.kind == "touch"]


def test_a_pause_holds_what_comes_due() -> None:
    """It is decided to wait, with the reason, and sent when the pause is over."""
    life = begun().tell(WORRIED, pause(0.5, 3))
    before = life.said
    life.wait(START + 2 * DAY)
    waited = touches(life)[-1]
    assert (waited.chosen, life.said) == ("wait", before)
    assert [v.guard for v in waited.verdicts if not v.ok] == ["paused"]
    life.wait(START + 3 * DAY)
    assert life.said[len(before) :] == ["more/warm/email", "nudge/warm/sms"]
    assert {s.at for s in life.sends[len(before) :]} == {START + 3 * DAY}


def test_what_was_overtaken_in_a_pause_is_not_said() -> None:
    """The customer acted meanwhile: nobody comes back to a pile of old messages."""
    life = begun().tell(WORRIED, pause(0.5, 9), event("Form Sent", 4))
    before = life.said
    life.wait(START + 9 * DAY)
    assert life.said == before


def test_a_pause_may_end_early() -> None:
    """What waited for its end is asked again at once."""
    life = begun().tell(WORRIED, pause(0.5, 3))
    life.wait(START + 2 * DAY)
    before = len(life.said)
    life.tell(pause(2.1, None))
    life.wait(START + 2 * DAY + 3 * HOUR)
    assert life.said[before:] == ["more/warm/email", "nudge/warm/sms"]


def test_a_pause_may_be_made_longer() -> None:
    """The end that was said last holds."""
    life = begun().tell(WORRIED, pause(0.5, 2), pause(0.6, 3))
    before = len(life.said)
    life.wait(START + 3 * DAY - HOUR)
    assert len(life.said) == before
    life.wait(START + 3 * DAY)
    assert len(life.said) == before + 2


def test_helpers_do_not_see_a_pause() -> None:
    """They are asked at the same moment as for everybody else."""
    lives = [begun().tell(WORRIED), begun().tell(WORRIED, pause(0.5, 30))]
    for life in lives:
        life.wait(START + 20 * DAY)
    asked = [[(t.reference, t.at, t.view) for t in life.told] for life in lives]
    assert asked[0] == asked[1] != []


def test_no_condition_sees_needs_without_personalisation() -> None:
    """A touch that hangs on a need is as for somebody of whom nothing is known."""
    book = visit_with(
        "      plain:\n        - send: hello\n",
        "      plain:\n        - send: hello\n        - send: more\n          at: after 1 day\n"
        "          if: needs.reassurance.high > 0.5\n",
    )
    life = begun(book).tell(WORRIED, OFF)
    assert life.step("form").approach == "plain"
    life.wait(START + 2 * DAY)
    assert "more/plain/email" not in life.said


def test_no_channel_is_inferred_without_personalisation() -> None:
    """What their acts speak for does not count; their own word does."""
    clicks = [
        event("Message Clicked", -0.9 + n / 12, key=None, channel="sms", named=f"c{n}")
        for n in range(9)
    ]
    early = replace(OFF, at=START - HOUR)
    for told, channel in (((), "sms"), ((early,), "email")):
        assert Life().tell(AGREED, *clicks, *told, ORDERED).sends[0].channel == channel
    word = event("Preference Stated", -0.3, key=None, channel="sms")
    assert Life().tell(AGREED, early, word, ORDERED).sends[0].channel == "sms"


def test_the_record_names_no_need_without_personalisation() -> None:
    """It was not asked what is believed; switched on again, it is."""
    life = begun().tell(WORRIED, OFF)
    assert [d.evidence for d in life.decisions if d.kind == "approach"][-1] == ()
    life.tell(event("Preference Stated", 0.1, key=None, personalisation=True, named="on"))
    last = [d for d in life.decisions if d.kind == "approach"][-1]
    assert (last.chosen, bool(last.evidence)) == ("warm", True)
