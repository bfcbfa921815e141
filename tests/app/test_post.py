"""Mail that comes in, from the token in it to what the journey makes of it."""

import mailbox
from collections.abc import Iterator
from contextlib import closing
from email import message_from_bytes
from pathlib import Path

import pytest
from msgspec import Struct
from tests.channels.mails import TOKEN, complaint, dsn, mail
from tests.channels.servers import mail_server
from tests.runtime.contract import Wall
from tests.runtime.small import LIBRARY, MONDAY, happened, known

from ofone.app.post import Post, mails, own_words, take
from ofone.channels.mailbox import Mailbox
from ofone.channels.smtp import Smtp
from ofone.domain.errors import OfoneError
from ofone.domain.events import Happened, Receipt
from ofone.domain.messages import Message
from ofone.domain.times import DAY, MINUTE
from ofone.journeys.advance import ERASE
from ofone.runtime.codec import decode_event
from ofone.runtime.dispatch import Dispatcher
from ofone.runtime.engine import Engine
from ofone.runtime.links import Links
from ofone.runtime.ports import Channel
from ofone.stores.memory import MemoryStore

LATER = MONDAY + 10 * MINUTE


class Office(Struct):
    """Anna was welcomed by e-mail; ``letter`` is that mail."""

    engine: Engine
    links: Links
    dispatcher: Dispatcher
    box: Mailbox

    @property
    def letter(self) -> Message:
        return self.box.messages()[-1]

    def take(self, raw: bytes) -> Post:
        """A mail whose token stands for the welcome."""
        ours = raw.replace(TOKEN.encode(), self.letter.reference.encode())
        return take(ours, self.engine, self.links, LATER)

    def logged(self) -> list[str]:
        events = [decode_event(r.body) for r in self.engine.store.log("anna")]
        return [e.name if isinstance(e, Happened) else type(e).__name__ for e in events]


@pytest.fixture
def office() -> Iterator[Office]:
    store, box = MemoryStore(), Mailbox()
    engine, links = Engine(store, LIBRARY, Wall(MONDAY)), Links(store, "https://a.example")
    carried = dict.fromkeys(("email", "sms", "in_app", "helper"), box)
    dispatcher = Dispatcher(engine, carried, links)
    engine.submit(known("anna"))
    engine.submit(happened("anna", "Started", case="one"))
    dispatcher.run_once(MONDAY)
    yield Office(engine, links, dispatcher, box)
    box.close()


def test_a_hard_bounce_lets_the_journey_find_another_way(office: Office) -> None:
    """The address is left alone until there is a newer one; the welcome goes out as a text."""
    post = office.take(dsn())
    assert isinstance(post.event, Receipt)
    office.dispatcher.run_once(LATER)
    rows = list(office.engine.store.effects("anna"))
    assert [(r.status, r.detail) for r in rows] == [
        ("failed", "bounced: smtp; 550 5.1.1 No such user"),
        ("delivered", ""),
    ]
    assert [m.channel for m in office.box.messages()] == ["sms", "email"]


def test_the_same_bounce_twice_is_one(office: Office) -> None:
    for _ in range(2):
        office.take(dsn())
    assert office.logged().count("Receipt") == 1
    assert office.engine.store.dead_letters() == []


def test_a_soft_bounce_is_noted_and_changes_nothing(office: Office) -> None:
    """The address is as good as before; the server goes on trying, or the mailbox is full."""
    office.take(dsn("delayed", "4.4.1"))
    assert office.logged()[-1] == "Message Bounced"
    (row,) = office.engine.store.effects("anna")
    state = office.engine.get("anna")
    assert state is not None
    assert (row.status, "undeliverable:email" in state.profile.preferences) == ("delivered", False)


def test_a_complaint_is_told(office: Office) -> None:
    post = office.take(complaint())
    assert isinstance(post.event, Happened)
    assert (post.event.name, post.event.customer) == ("Message Complained", "anna")
    assert post.event.properties == {"channel": "email", "feedback": "abuse"}


def test_who_says_that_it_is_no_spam_does_not_complain(office: Office) -> None:
    """A feedback report may also praise; nobody is silenced for that."""
    post = office.take(complaint("not-spam"))
    assert post.event is None
    assert post.letter is not None
    assert post.letter.reason == "it reports not-spam, which is no complaint"


def test_an_answer_is_told_in_the_customers_own_words(office: Office) -> None:
    """To a mail of ours, or to any of the thread; not what is quoted below."""
    body = "Is Tuesday fine?\r\n\r\nOn Mon, 2 Mar 2026, Harbor <a@b.example> wrote:\r\n> Welcome."
    thread = office.letter.thread
    for name in (TOKEN, thread):
        post = office.take(mail(body, References=f"<{name}@harbor.example>"))
        assert isinstance(post.event, Happened)
        assert (post.event.name, post.event.customer) == ("Reply Received", "anna")
        assert post.event.properties == {"channel": "email", "text": "Is Tuesday fine?"}
        assert post.event.at == LATER


def test_an_answer_happened_when_it_was_written(office: Office) -> None:
    """But not before the mail that it answers, and not in the future."""
    for date, at in (
        ("Mon, 02 Mar 2026 10:05:00 +0000", MONDAY + 5 * MINUTE),
        ("Mon, 02 Mar 2020 10:05:00 +0000", MONDAY),
        ("Mon, 02 Mar 2099 10:05:00 +0000", LATER),
        ("yesterday", LATER),
    ):
        post = office.take(mail("Hi", Date=date, In_Reply_To=f"<{TOKEN}@h.example>"))
        assert post.event is not None
        assert post.event.at == at


def test_who_answers_stop_is_left_alone(office: Office) -> None:
    """In any reasonable words; those words are the proof."""
    post = office.take(mail("Please stop emailing me.", In_Reply_To=f"<{TOKEN}@h.example>"))
    assert post.event is not None
    state = office.engine.get("anna")
    assert state is not None
    word = state.profile.consents["email:service"]
    assert (word.granted, word.wording) == (False, "Please stop emailing me.")
    assert state.profile.consents["sms:service"].granted


def test_an_automatic_answer_is_noted_without_its_words(office: Office) -> None:
    raw = mail("Away", Auto_Submitted="auto-replied", In_Reply_To=f"<{TOKEN}@h.example>")
    post = office.take(raw)
    assert isinstance(post.event, Happened)
    assert (post.event.name, post.event.properties) == ("Auto-Reply Received", {"channel": "email"})


def test_the_way_out_works_by_mail_as_well(office: Office) -> None:
    """The address in List-Unsubscribe; a second time changes nothing."""
    code = office.letter.leave.rpartition("/")[2]
    for _ in range(2):
        office.take(mail("", Subject=f"unsubscribe {code}"))
    state = office.engine.get("anna")
    assert state is not None
    assert not state.profile.consents["email:service"].granted
    assert office.logged().count("Consent Withdrawn") == 1


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (dsn(returned=""), "reports a mail that is none of ours"),
        (dsn(returned=f"Message-ID: <{'x' * 22}@harbor.example>\r\n"), "none of ours"),
        (complaint(returned="Message-ID: <1@x>\r\n"), "none of ours"),
        (mail("Hello, where are you?"), "answers no mail of ours"),
        (mail("", Subject="unsubscribe " + "x" * 22), "its code is none of ours"),
        (b"", "it is empty"),
    ],
)
def test_what_is_about_nothing_is_kept_with_the_reason(
    office: Office, raw: bytes, why: str
) -> None:
    """A forged bounce harms nobody; a customer's mail out of the blue waits for a person."""
    before = office.logged()
    office.take(raw)
    (letter,) = office.engine.store.dead_letters()
    assert why in letter.reason
    assert (letter.origin, letter.raw) == ("mail", raw)
    assert office.logged() == before


def test_a_tracker_link_is_no_way_to_forge_a_bounce(office: Office) -> None:
    """Each kind of token opens its own door alone."""
    anna = office.engine.get("anna")
    assert anna is not None
    token = office.links.token(anna, 0, anna.now)
    office.take(dsn(returned=f"Message-ID: <{token}@harbor.example>\r\n"))
    assert "Receipt" not in office.logged()


def test_own_words_are_whole_lines() -> None:
    """A line keeps its link; a line that is only quoted goes."""
    text = "See https://x.example/a please\n\n-- \nAna\n+31 20 123"
    assert own_words(text) == "See https://x.example/a please"


def test_mails_come_from_a_file_an_mbox_and_a_maildir(tmp_path: Path) -> None:
    """All of them, and nothing is moved."""
    one = mail("one", Subject="1")
    (tmp_path / "one.eml").write_bytes(one)
    box = mailbox.mbox(tmp_path / "box")
    folder = mailbox.Maildir(tmp_path / "dir")
    for raw in (one, mail("two", Subject="2")):
        box.add(raw)
        folder.add(raw)
    box.close()
    found = {name: list(mails(tmp_path / name)) for name in ("one.eml", "box", "dir")}
    subjects = {n: sorted(message_from_bytes(r)["Subject"] for r in f) for n, f in found.items()}
    assert subjects == {"one.eml": ["1"], "box": ["1", "2"], "dir": ["1", "2"]}
    assert len(list(mails(tmp_path / "dir"))) == 2


@pytest.mark.parametrize("name", ["nothing", "."])
def test_what_holds_no_mail_says_what_does(tmp_path: Path, name: str) -> None:
    with pytest.raises(OfoneError, match=r"Maildir|give a mail"):
        list(mails(tmp_path / name))


def test_a_bounce_of_an_old_address_leaves_the_new_one_alone(office: Office) -> None:
    """The customer gave another since the mail went out."""
    office.engine.submit(
        Happened(
            id="moved",
            customer="anna",
            name="Profile Changed",
            at=MONDAY + MINUTE,
            traits={"email": "new@example.org"},
        )
    )
    office.take(dsn())
    office.engine.clock = Wall(MONDAY + DAY)
    office.dispatcher.run_once(LATER)
    newest = office.box.messages()[0]
    assert (newest.channel, newest.address) == ("email", "new@example.org")


def test_a_mail_that_went_over_the_wire_is_known_when_it_comes_back() -> None:
    """A real server took it; what it returns, answers and unsubscribes finds its way by headers."""
    store = MemoryStore()
    engine, links = Engine(store, LIBRARY, Wall(MONDAY)), Links(store, "https://a.example")
    with mail_server() as server, closing(Mailbox()) as box:
        smtp = Smtp("127.0.0.1", server.port, tls="none", sender="care@a.example")
        with closing(smtp):
            channels: dict[str, Channel] = {"email": smtp, "sms": box, "in_app": box, "helper": box}
            engine.submit(known("anna"))
            engine.submit(happened("anna", "Started", case="one"))
            Dispatcher(engine, channels, links).run_once(MONDAY)
    (sent,) = server.taken
    answer = mail("Yes", In_Reply_To=sent["Message-ID"], References=sent["References"])
    bounce = dsn(returned="".join(f"{n}: {v}\r\n" for n, v in sent.items()))
    code = sent["List-Unsubscribe"].rpartition("%20")[2].rstrip(">")
    assert sent["List-Unsubscribe"].startswith(f"<https://a.example/u/{code}>")
    for raw in (answer, bounce, mail("", Subject=f"unsubscribe {code}")):
        assert take(raw, engine, links, LATER).letter is None
    events = [decode_event(row.body) for row in store.log("anna")]
    named = [e.name if isinstance(e, Happened) else type(e).__name__ for e in events]
    assert named[2:] == ["Reply Received", "Receipt", "Consent Withdrawn"]


def test_late_news_of_the_erased_is_not_kept(office: Office) -> None:
    """A bounce holds the mail that bounced; what a person answers is for a person to read."""
    office.engine.submit(happened("anna", ERASE, MONDAY + MINUTE))
    for late in (dsn(), complaint()):
        assert office.take(late) == Post()
    assert office.engine.store.dead_letters() == []
    assert office.take(mail()).letter is not None
    assert office.engine.get("anna") is None
