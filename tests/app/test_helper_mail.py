"""Helpers' mail over a real server: who gets it, what is in it, and what comes back."""

from collections.abc import Iterator
from contextlib import closing
from email.message import EmailMessage

import pytest
from msgspec import Struct
from msgspec.structs import replace
from tests.building import AGREED, ORDERED, START, event, visit
from tests.channels.mails import complaint, dsn, mail
from tests.channels.servers import MailServer, mail_server
from tests.journeys.test_helper import BOOK
from tests.runtime.contract import Wall

from ofone.app.post import Post, said_of, take
from ofone.channels.mailbox import Mailbox
from ofone.channels.smtp import Smtp
from ofone.domain.events import Happened
from ofone.domain.messages import Message, Outcome
from ofone.domain.times import DAY, HOUR, Micros
from ofone.journeys.compiled import Compiled
from ofone.journeys.library import library
from ofone.runtime.codec import decode_event, decode_message
from ofone.runtime.dispatch import Dispatcher
from ofone.runtime.engine import Engine
from ofone.runtime.links import Links
from ofone.runtime.ports import Channel, EffectRow
from ofone.runtime.show import customer
from ofone.stores.memory import MemoryStore

GIL = replace(AGREED, traits=AGREED.traits | {"guide_email": "gil@example.com"})


class House(Struct):
    """Ana's guide was asked on the seventh day, and reminded two days later."""

    engine: Engine
    links: Links
    dispatcher: Dispatcher
    box: Mailbox

    def live(self, *events: Happened, until: Micros = START + 9 * DAY) -> "House":
        """Hour by hour, as in a running service."""
        coming = list(events)
        for now in range(START, until + 1, HOUR):
            self.engine.clock = Wall(now)
            while coming and coming[0].at <= now:
                self.engine.submit(coming.pop(0))
            while self.engine.fire_due(now):
                pass
            self.dispatcher.run_once(now)
        return self

    def told(self) -> list[EffectRow]:
        rows = list(self.engine.store.effects())
        return [r for r in rows if r.message and decode_message(r.message).to_kind == "helper"]

    def take(self, raw: bytes) -> Post:
        return take(raw, self.engine, self.links, START + 9 * DAY)

    def logged(self) -> list[str]:
        events = [decode_event(r.body) for r in self.engine.store.log("ana")]
        return [e.name for e in events if isinstance(e, Happened)]


def house(email: Channel | None = None, book: Compiled = BOOK) -> House:
    store, box = MemoryStore(), Mailbox()
    engine, links = Engine(store, library([book]), Wall(START)), Links(store, "https://a.example")
    channels: dict[str, Channel] = dict.fromkeys(("email", "sms", "in_app", "helper"), box)
    dispatcher = Dispatcher(engine, channels | ({"email": email} if email else {}), links)
    return House(engine, links, dispatcher, box)


class Sent(Struct):
    house: House
    server: MailServer

    @property
    def mails(self) -> list[EmailMessage]:
        return [m for m in self.server.taken if "gil@example.com" in m["To"]]


@pytest.fixture
def sent() -> Iterator[Sent]:
    with mail_server() as server:
        smtp = Smtp("127.0.0.1", server.port, tls="none", sender="Alder <care@a.example>")
        with closing(smtp):
            yield Sent(house(smtp).live(GIL, ORDERED), server)


def returned(mail: EmailMessage) -> str:
    return "".join(f"{n}: {v}\r\n" for n, v in mail.items())


def test_a_request_and_its_reminder_go_to_the_helper_as_one_conversation(sent: Sent) -> None:
    """From us, to the address that was told; without a way out that would be the customer's."""
    first, again = sent.mails
    assert (first["To"], first["From"]) == ("Gil <gil@example.com>", "Alder <care@a.example>")
    assert first["Message-ID"] != again["Message-ID"]
    assert first["In-Reply-To"] == again["In-Reply-To"] == again["References"]
    assert not any("List-Unsubscribe" in m for m in (first, again))
    assert [(m.who, m.channel) for m in sent.house.box.messages() if m.to_kind == "helper"] == []


def test_the_mail_leads_to_the_page_where_it_is_answered(sent: Sent) -> None:
    """One tap: the helper's own page, at this very request."""
    state = sent.house.engine.get("ana")
    assert state is not None
    (reference,) = state.journeys[0].requests
    link = f"{sent.house.links.helper('gil')}#{reference}"
    assert all(link in part.get_content() for part in sent.mails[0].iter_parts())


def test_where_no_address_is_known_it_waits_in_the_mailbox_and_that_is_said() -> None:
    """Nobody is left out in silence: `ofone show` names who could not be written to."""
    alone = house().live(AGREED, ORDERED)
    found = [m for m in alone.box.messages() if m.to_kind == "helper"]
    assert {(m.channel, m.address) for m in found} == {("helper", "gil")}
    shown = customer(alone.engine.store, "ana", alone.engine.library, alone.links)["helpers"]
    assert [(h["to"], h["status"]) for h in shown] == [(None, "delivered")] * 2


def test_a_bounce_of_a_helpers_mail_says_nothing_of_the_customer(sent: Sent) -> None:
    """The message failed, for everybody to see; the customer's own address is as good as before."""
    posts = [sent.house.take(dsn(returned=returned(sent.mails[0]))) for _ in range(2)]
    assert {p.event.name for p in posts if isinstance(p.event, Happened)} == {"Help Undelivered"}
    assert said_of(posts)["helper_mail_bounced"] == 2
    state = sent.house.engine.get("ana")
    assert state is not None
    assert not [name for name in state.profile.preferences if name.startswith("undeliverable")]
    first, again = sent.house.told()
    assert (first.status, first.detail) == ("failed", "bounced: smtp; 550 5.1.1 No such user")
    assert again.status == "accepted"


def test_when_the_newest_mail_bounces_the_desk_is_asked_in_the_next_round(sent: Sent) -> None:
    """The customer need not wait until a dead address has had its days to answer."""
    sent.house.take(dsn(returned=returned(sent.mails[1])))
    sent.house.dispatcher.run_once(START + 9 * DAY)
    assert [m.who for m in sent.house.box.messages() if m.to_kind == "helper"] == ["desk-1"]


def test_an_address_that_is_none_is_passed_over_at_once() -> None:
    """Refused before it was sent: the message failed with its reason, and the desk is asked."""
    wrong = replace(GIL, traits=GIL.traits | {"guide_email": "gil at example"})
    with closing(Smtp("127.0.0.1", 1, tls="none", sender="care@a.example")) as smtp:
        found = house(smtp).live(wrong, ORDERED, until=START + 7 * DAY + 2 * HOUR)
    first, then = found.told()
    assert first.detail == "'gil at example' is no e-mail address; one looks like name@example.org"
    assert decode_message(then.message or b"").who == "desk-1"


def test_what_a_helper_writes_is_read_by_a_person_and_is_never_the_customers_word(
    sent: Sent,
) -> None:
    """Kept with whom it is from; an answer by a machine is nothing new."""
    asked = sent.mails[0]
    answer = mail("She is fine.", In_Reply_To=asked["Message-ID"])
    for raw, why in (
        (answer, "Gil (guide), asked about ana, answers by e-mail; a person has to read it"),
        (complaint(returned=returned(asked)), "Gil (guide) reports our mail as unwanted; a person"),
    ):
        post = sent.house.take(raw)
        assert post.letter is not None
        assert post.letter.reason.startswith(why)
    away = mail("I am away", In_Reply_To=asked["Message-ID"], Auto_Submitted="auto-replied")
    assert sent.house.take(away) == Post()
    assert "Reply Received" not in sent.house.logged()


def test_a_list_of_tips_that_bounces_is_all_its_tips() -> None:
    """One mail for several customers: none of them was told of."""
    with mail_server() as server:
        smtp = Smtp("127.0.0.1", server.port, tls="none", sender="care@a.example")
        many = [replace(GIL, customer=f"c{n}", id=f"g{n}") for n in range(6)]
        many += [replace(ORDERED, customer=one.customer, id=f"o{one.id}") for one in many]
        many += [replace(event("Form Sent", 0.1), customer=m.customer, id=m.id + "f") for m in many]
        with closing(smtp):
            found = house(smtp, visit()).live(*many)
        (weekly,) = [m for m in server.taken if str(m["Subject"]).startswith("This week")]
        assert weekly["To"] == "Gil <gil@example.com>"
        found.take(dsn(returned=returned(weekly)))
    assert [r.status for r in found.told()] == ["failed"] * 6


class Dying:
    """A mail server's channel whose process ends before the answer comes."""

    name = "email"
    idempotent = False

    def deliver(self, message: Message) -> Outcome:
        if message.to_kind == "helper":
            raise KeyboardInterrupt
        return Outcome(status="accepted")

    def close(self) -> None:
        """Nothing is open."""


def test_after_a_crash_nobody_knows_and_it_is_not_sent_twice() -> None:
    """As with a customer's: an e-mail in doubt is said to be so."""
    found = house(Dying())
    with pytest.raises(KeyboardInterrupt):
        found.live(GIL, ORDERED)
    found.dispatcher.run_once(START + 8 * DAY)
    assert [(r.status, r.detail) for r in found.told()] == [
        ("unknown", "the process ended during the attempt")
    ]
