"""The dispatcher: checked again, attempted under one key, and never silently a second time."""

from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from msgspec import Struct
from tests.runtime.contract import Wall
from tests.runtime.small import LIBRARY, MONDAY, happened, known

from ofone.domain.errors import StoreError
from ofone.domain.messages import Message, Outcome
from ofone.domain.times import DAY, HOUR, MINUTE, SECOND, Micros, iso
from ofone.journeys.advance import ERASE
from ofone.runtime.clocks import RealClock
from ofone.runtime.dispatch import AT_ONCE, ATTEMPTS, FIRST_WAIT, LONGEST_WAIT, Dispatcher
from ofone.runtime.engine import Engine
from ofone.runtime.feed import FAR
from ofone.runtime.links import Links
from ofone.runtime.ports import Batch, EffectRow
from ofone.stores.memory import MemoryStore

LATE = MONDAY + 9 * HOUR + 30 * MINUTE
"""Half past seven in the evening: messages may go out for half an hour more."""

DELIVERED = Outcome(status="delivered")
RETRY = Outcome(status="retry", detail="busy")
FAILED = Outcome(status="failed", detail="no such mailbox")


class Killed(BaseException):
    """The process ends here."""


class Phone:
    """A channel that answers as it is told, and in the end takes everything."""

    def __init__(self, answers: Iterable[Outcome | BaseException] = (), *, knows: bool) -> None:
        self.name = "phone"
        self.idempotent = knows
        self.answers = list(answers)
        self.tried: list[Message] = []

    def deliver(self, message: Message) -> Outcome:
        self.tried.append(message)
        answer = self.answers.pop(0) if self.answers else DELIVERED
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def close(self) -> None:
        """Nothing is open."""


class Flaky(MemoryStore):
    """A store whose disk is full while ``full``, to what it is asked to keep of this kind."""

    def __init__(self) -> None:
        super().__init__()
        self.full = ""

    def settle(self, rows: Iterable[EffectRow]) -> None:
        told = list(rows)
        if self.full == "settle" and any(not r.attempting for r in told):
            raise StoreError("the disk is full")
        super().settle(told)

    def commit(self, batch: Batch) -> None:
        if self.full == "commit":
            raise StoreError("the disk is full")
        super().commit(batch)


class Desk(Struct):
    """Everything a message passes on its way out, at one moment."""

    wall: Wall
    store: Flaky
    engine: Engine
    phone: Phone
    dispatcher: Dispatcher

    def at(self, now: Micros) -> EffectRow:
        """A round at ``now``; then the first effect, as it stands."""
        self.wall.time = now
        self.dispatcher.run_once(now)
        return next(self.store.effects())

    def status(self) -> list[str]:
        return [e.status for e in self.store.effects()]

    def tried(self) -> list[tuple[str, str]]:
        return [(m.key, m.channel) for m in self.phone.tried]


def desk(
    *answers: Outcome | BaseException,
    knows: bool = True,
    now: Micros = MONDAY,
    channels: tuple[str, ...] = ("email", "sms"),
) -> Desk:
    """Anna has begun the small journey at ``now``: her welcome is asked for."""
    wall, store = Wall(now), Flaky()
    engine = Engine(store, LIBRARY, wall)
    phone = Phone(answers, knows=knows)
    carried = dict.fromkeys(("email", "sms", "in_app", "helper"), phone)
    dispatcher = Dispatcher(engine, carried, Links(store, "https://a.example"))
    engine.submit(known("anna", now, *channels))
    engine.submit(happened("anna", "Started", now, case="one"))
    return Desk(wall, store, engine, phone, dispatcher)


def test_what_is_delivered_is_finished() -> None:
    """It is tried once, under the effect's key, and the words are kept."""
    d = desk()
    row = d.at(MONDAY)
    assert (row.status, row.next_at, row.attempts, row.attempting) == ("delivered", None, 1, False)
    assert row.message is not None
    assert d.dispatcher.run_once(MONDAY + DAY).attempts == 0
    assert d.tried() == [("anna:2:0", "email")]
    assert d.phone.tried[0].address == "anna@example.org"


def test_retries_wait_twice_as_long_each_time() -> None:
    """From 30 seconds up to an hour; the key and the words stay the same."""
    d = desk(*[RETRY] * 10)
    waits, now = [], MONDAY
    for _ in range(10):
        row = d.at(now)
        assert row.next_at is not None
        assert (row.status, row.detail, row.attempting) == ("requested", "busy", False)
        waits.append(row.next_at - now)
        assert d.dispatcher.run_once(row.next_at - 1).attempts == 0
        now = row.next_at
    assert waits == [min(FIRST_WAIT * 2**n, LONGEST_WAIT) for n in range(10)]
    assert waits[0] == 30 * SECOND
    assert d.at(now).status == "delivered"
    assert len({(m.key, m.text) for m in d.phone.tried}) == 1


def test_a_retry_waits_as_long_as_the_other_side_asks() -> None:
    """But never less than we would have waited."""
    d = desk(Outcome(status="retry", wait_s=600), Outcome(status="retry", wait_s=1))
    assert d.at(MONDAY).next_at == MONDAY + 10 * MINUTE
    assert d.at(MONDAY + 10 * MINUTE).next_at == MONDAY + 11 * MINUTE


def test_what_an_attempt_teaches_is_heard_before_its_failure_is() -> None:
    """Who opted out with the provider gets no other text: the journey looks further."""
    stop = happened("anna", "Consent Withdrawn", MONDAY, channel="sms")
    d = desk(FAILED, Outcome(status="failed", learned=(stop,)))
    for _ in range(4):
        d.at(MONDAY)
    assert [channel for _, channel in d.tried()] == ["email", "sms", "in_app"]
    anna = d.engine.get("anna")
    assert anna is not None
    assert not anna.profile.consents["sms:service"].granted


def test_after_a_day_of_trying_another_way_is_found() -> None:
    """It has failed; the journey hears of it by the one door, and takes the next channel."""
    d = desk(*[RETRY] * ATTEMPTS)
    row, now = d.at(MONDAY), MONDAY
    while row.next_at is not None:
        now = row.next_at
        row = d.at(now)
    assert (row.status, row.detail) == ("failed", f"given up after {ATTEMPTS} tries: busy")
    assert DAY < now - MONDAY < 3 * DAY  # nights are quiet, and do not count
    d.at(MONDAY + 3 * DAY)
    assert d.tried()[-1][1] == "sms"


def test_what_failed_for_good_goes_another_way_at_once() -> None:
    """Each failure takes its channel out, until the customer's own page is left."""
    d = desk(FAILED, FAILED)
    for _ in range(4):
        d.at(MONDAY)
    assert d.status() == ["failed", "failed", "delivered"]
    assert [channel for _, channel in d.tried()] == ["email", "sms", "in_app"]
    assert len({key for key, _ in d.tried()}) == 3


def test_an_attempt_cut_off_is_unknown_where_keys_are_not() -> None:
    """It may have arrived: it is never made again by itself, and nothing is sent instead."""
    d = desk(Killed(), knows=False)
    with pytest.raises(Killed):
        d.at(MONDAY)
    assert next(d.store.effects()).attempting
    row = d.at(MONDAY + MINUTE)
    assert (row.status, row.next_at) == ("unknown", None)
    assert row.detail == "the process ended during the attempt"
    d.at(MONDAY + DAY)
    assert len(d.tried()) == 1


def test_an_attempt_cut_off_is_made_again_where_keys_are_known() -> None:
    """With the same key and the same words, so that the other side sees a repeat."""
    d = desk(Killed(), knows=True)
    with pytest.raises(Killed):
        d.at(MONDAY)
    assert d.at(MONDAY + MINUTE).status == "delivered"
    first, second = d.phone.tried
    assert first == second


def test_a_channel_that_does_not_know_is_believed() -> None:
    """An outcome of unknown is a state of its own: said, kept, and left alone."""
    d = desk(Outcome(status="unknown", detail="the line went dead"))
    assert d.at(MONDAY).status == "unknown"
    d.at(MONDAY + DAY)
    assert len(d.tried()) == 1


class Traceable(Phone):
    """A phone that can be asked what became of a call; ``tells`` is what it says, in turn."""

    def __init__(self, answers: Iterable[Outcome | BaseException], tells: list[Outcome]) -> None:
        super().__init__(answers, knows=False)
        self.tells = tells

    def resolve(self, message: Message) -> Outcome:
        assert message == self.tried[0]
        return self.tells.pop(0)


def traceable(answer: Outcome | BaseException, *tells: Outcome) -> Desk:
    d = desk()
    d.phone = Traceable([answer], list(tells))
    d.dispatcher = Dispatcher(
        d.engine,
        dict.fromkeys(("email", "sms", "in_app", "helper"), d.phone),
        Links(d.store, "https://a.example"),
    )
    return d


def test_a_channel_that_can_tell_is_asked_what_became_of_an_attempt() -> None:
    """Half a minute later, and again when it says; what it took is not sent again."""
    wait = Outcome(status="unknown", detail="not yet", wait_s=600)
    d = traceable(Outcome(status="unknown"), wait, Outcome(status="accepted", detail="listed"))
    row = d.at(MONDAY)
    assert (row.status, row.next_at) == ("unknown", MONDAY + FIRST_WAIT)
    row = d.at(MONDAY + FIRST_WAIT)
    assert (row.status, row.detail) == ("unknown", "not yet")
    assert row.next_at == MONDAY + FIRST_WAIT + 10 * MINUTE
    row = d.at(row.next_at)
    assert (row.status, row.detail, row.next_at) == ("accepted", "listed", None)
    assert len(d.tried()) == 1


def test_an_attempt_cut_off_is_asked_about_and_made_again_if_it_was_not_taken() -> None:
    """Nothing is lost and nothing is twice, whatever moment the process ended at."""
    d = traceable(Killed(), RETRY)
    with pytest.raises(Killed):
        d.at(MONDAY)
    assert d.at(MONDAY + MINUTE).status == "unknown"
    row = d.at(MONDAY + 2 * MINUTE)
    assert row.status == "requested"
    assert row.next_at is not None
    assert d.at(row.next_at).status == "delivered"
    assert len(set(d.tried())) == 1


def test_what_only_a_person_can_tell_is_asked_once() -> None:
    d = traceable(Outcome(status="unknown"), Outcome(status="unknown", detail="look there"))
    d.at(MONDAY)
    row = d.at(MONDAY + MINUTE)
    assert (row.status, row.detail, row.next_at) == ("unknown", "look there", None)


def test_a_channel_that_could_tell_and_is_gone_leaves_it_unknown() -> None:
    d = traceable(Outcome(status="unknown"))
    d.at(MONDAY)
    d.dispatcher.channels = dict.fromkeys(("email", "sms", "in_app"), Phone(knows=True))
    assert (d.at(MONDAY + MINUTE).status, d.at(MONDAY + MINUTE).next_at) == ("unknown", None)


def test_a_consent_withdrawn_in_between_is_heard() -> None:
    """Between the decision and the attempt the customer may have said no."""
    d = desk()
    d.engine.submit(happened("anna", "Consent Withdrawn"))
    row = d.at(MONDAY)
    assert (row.status, row.next_at, row.attempts) == ("withheld", None, 0)
    assert row.detail == "consent to service messages by email was withdrawn"
    assert d.tried() == []


def test_a_retry_at_night_waits_for_the_morning() -> None:
    """It is held, not lost, and goes out when the quiet hours end."""
    d = desk(*[RETRY] * 6, now=LATE)
    now = LATE
    while (row := d.at(now)).status == "requested":
        now = row.next_at or 0
    morning = MONDAY + 23 * HOUR
    assert (row.status, row.next_at) == ("held", morning)
    assert row.detail.startswith("it is 20:")
    assert d.at(morning).status == "delivered"


def test_hours_that_were_stated_after_the_decision_hold() -> None:
    """The customer's last word counts, also for a message that is on its way."""
    d = desk()
    d.engine.submit(happened("anna", "Preference Stated", hours="17:00-19:00"))
    evening = MONDAY + 7 * HOUR
    row = d.at(MONDAY)
    assert (row.status, row.next_at) == ("held", evening)
    assert row.detail.endswith("the customer asked for 17:00-19:00")
    assert d.at(evening).status == "delivered"


def test_what_comes_too_late_is_not_said() -> None:
    """The step is behind by now: nobody is asked for a form that was sent."""
    d = desk(RETRY)
    d.at(MONDAY)
    d.engine.submit(happened("anna", "Form Sent", room="7b"))
    row = d.at(MONDAY + 2 * HOUR)
    assert (row.status, row.detail) == ("withheld", "the step is behind by now")
    assert d.status() == ["withheld", "delivered"]


def test_words_that_cannot_be_rendered_are_held() -> None:
    """Nothing is sent with a hole in it; the dead letter names template and variable."""
    d = desk()
    d.engine.submit(happened("anna", "Form Sent"))
    d.at(MONDAY)
    assert d.status() == ["delivered", "held"]
    (letter,) = d.store.dead_letters()
    assert (letter.kind, letter.raw, letter.customer) == ("delivery", b"anna:3:0", "anna")
    assert "small: directions/standard/email body: line 1: facts.room is empty" in letter.reason
    d.at(MONDAY + DAY)
    assert len(d.store.dead_letters()) == 1
    assert len(d.tried()) == 1


def test_a_store_that_refuses_the_result_sends_nothing_twice() -> None:
    """The attempt was noted before: it is repeated under its key, where keys are known."""
    d = desk()
    d.store.full = "settle"
    with pytest.raises(StoreError):
        d.at(MONDAY)
    assert next(d.store.effects()).attempting
    d.store.full = ""
    assert d.at(MONDAY).status == "delivered"
    assert d.phone.tried[0] == d.phone.tried[1]


def test_a_store_that_refuses_the_receipt_does_not_hide_the_failure() -> None:
    """A failure is finished only once the journey has heard of it."""
    d = desk(FAILED, FAILED)
    d.store.full = "commit"
    with pytest.raises(StoreError):
        d.at(MONDAY)
    d.store.full = ""
    for _ in range(2):
        d.at(MONDAY)
    assert d.status() == ["failed", "delivered"]
    assert [channel for _, channel in d.tried()] == ["email", "email", "sms"]


def test_a_replay_does_not_wait_for_a_server() -> None:
    """What the channel does not take is held as a dead letter, and the replay comes to its end."""
    d = desk(RETRY)
    replay = Dispatcher(d.engine, d.dispatcher.channels, d.dispatcher.links, real=False)
    assert replay.run_until_idle(FAR) == 0
    assert d.status() == ["held"]
    (letter,) = d.store.dead_letters()
    assert (letter.kind, letter.origin, letter.reason) == ("delivery", "anna:2:0", "busy")


def test_a_replay_sends_at_the_hour_of_the_effect() -> None:
    """Not at the hour of the replay, which may be night."""
    d = desk()
    replay = Dispatcher(d.engine, d.dispatcher.channels, d.dispatcher.links, real=False)
    assert replay.run_until_idle(FAR) == 1
    assert d.phone.tried[0].at == MONDAY


class Lorry(Phone):
    """Takes all that there is at once; ``noted`` is what the store knew of it then."""

    def __init__(self, store: MemoryStore, answers: Iterable[Outcome]) -> None:
        super().__init__(answers, knows=False)
        self.store = store
        self.noted: list[list[bool]] = []

    def deliver_all(self, messages: Sequence[Message]) -> list[Outcome]:
        self.noted.append([e.attempting for e in self.store.effects()])
        return [self.deliver(message) for message in messages]


def test_a_channel_that_likes_many_gets_them_all_at_once() -> None:
    """Every attempt is noted before the first is made, and each has its own outcome."""
    d = desk()
    d.engine.submit(known("berta"))
    d.engine.submit(happened("berta", "Started", case="two"))
    lorry = Lorry(d.store, [FAILED, DELIVERED])
    d.dispatcher.channels = dict.fromkeys(("email", "sms", "in_app", "helper"), lorry)
    d.at(MONDAY)
    assert lorry.noted == [[True, True]]
    assert d.status()[:2] == ["failed", "delivered"]


def test_one_message_never_counts_against_itself() -> None:
    """The gap and the cap look at the other messages; a retry is no second message."""
    d = desk(RETRY)
    d.at(MONDAY)
    assert d.at(MONDAY + MINUTE).status == "delivered"


def test_the_real_clock_does_not_go_back() -> None:
    """For a customer who has reached a later moment, that is now."""
    clock = RealClock()
    far = 4_000_000_000_000_000
    assert clock.now(0, far) == far
    assert clock.firing(far + 1, 0) == far + 1
    assert 1_700_000_000_000_000 < clock.now(far, 0) < far


@pytest.mark.parametrize(("knows", "doubtful"), [(False, AT_ONCE), (True, 41)])
def test_a_crash_leaves_one_group_in_doubt(knows: bool, doubtful: int) -> None:
    """Marked and attempted in turn; where repeats are recognised, all at once does no harm."""
    d = desk(Killed(), knows=knows)
    for n in range(40):
        for one in (known(f"c{n}"), happened(f"c{n}", "Started", case="one")):
            assert d.engine.submit(one).status == "accepted"
    with pytest.raises(Killed):
        d.dispatcher.run_once(MONDAY)
    assert sum(row.attempting for row in d.store.effects()) == doubtful


def test_a_pause_holds_what_was_decided_before_it() -> None:
    """It was asked for between the decision and the attempt."""
    d = desk()
    end = MONDAY + 2 * HOUR
    d.engine.submit(happened("anna", "Preference Stated", MONDAY, pause=iso(end)))
    row = d.at(MONDAY)
    assert (row.status, row.next_at, d.phone.tried) == ("held", end, [])
    assert row.detail.startswith("the customer asked to hear nothing until")
    assert d.at(end).status == "delivered"


class Meanwhile(Phone):
    """A channel during whose attempt a customer is erased."""

    def __init__(self, answer: Outcome) -> None:
        super().__init__([answer], knows=False)
        self.engine: Engine | None = None

    def deliver(self, message: Message) -> Outcome:
        assert self.engine is not None
        self.engine.submit(happened("anna", ERASE, MONDAY + HOUR, named="erase"))
        return super().deliver(message)


LEARNED = Outcome(
    status="failed", learned=(happened("anna", "Consent Withdrawn", MONDAY + DAY, channel="sms"),)
)


@pytest.mark.parametrize("answer", [DELIVERED, RETRY, FAILED, LEARNED, Outcome(status="unknown")])
def test_who_is_erased_during_an_attempt_leaves_nothing(answer: Outcome) -> None:
    """However it ends: nothing is noted, told or tried again, and nobody begins anew."""
    d, phone = desk(), Meanwhile(answer)
    phone.engine = d.engine
    channels = dict.fromkeys(("email", "sms", "in_app", "helper"), phone)
    dispatcher = Dispatcher(d.engine, channels, d.dispatcher.links)
    dispatcher.run_once(MONDAY)
    assert len(phone.tried) == 1
    assert d.store.load("anna") is None
    assert list(d.store.effects()) == []
    assert d.store.dead_letters() == []


@pytest.mark.parametrize("where", ["pending", "gone", "get", "settle"])
def test_who_is_erased_before_an_attempt_is_not_written_to(
    where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever of the round had been done by then; and the round goes on for everybody else."""
    d = desk()
    d.engine.submit_many([known("berta"), happened("berta", "Started", case="one")])
    owner = d.engine if where in ("gone", "get") else d.store
    usual = getattr(owner, where)

    def erasing(*given: Any) -> Any:
        found = usual(*given)
        monkeypatch.setattr(owner, where, usual)
        d.engine.submit(happened("anna", ERASE, MONDAY + HOUR, named="erase"))
        return found

    monkeypatch.setattr(owner, where, erasing)
    d.dispatcher.run_once(MONDAY)
    assert [m.who for m in d.phone.tried] == ["berta"]
    assert [(e.customer, e.status) for e in d.store.effects()] == [("berta", "delivered")]
