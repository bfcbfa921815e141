"""E-mail, against a real server and against rude ones."""

import gc
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from email import message_from_bytes
from email.headerregistry import Address
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar
from msgspec.structs import replace
from tests.channels.contract import HELLO, ChannelContract
from tests.channels.servers import MailServer, mail_server, rude

from ofone.channels.smtp import Smtp, write
from ofone.conversations.templates import printable
from ofone.domain.errors import OfoneError
from ofone.domain.messages import Appointment, Message, Outcome
from ofone.runtime.ports import Channel

SENDER = "Harbor Life <hello@harbor.example>"


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


def channel_to(port: int, **settings: Any) -> Smtp:
    settings = {"tls": "none", "sender": SENDER, "timeout_s": 5.0, **settings}
    return Smtp("127.0.0.1", port, **settings)


def sent(port: int, message: Message = HELLO, **settings: Any) -> Outcome:
    """One message over a channel of its own."""
    channel = channel_to(port, **settings)
    try:
        return channel.deliver(message)
    finally:
        channel.close()


class TestSmtp(ChannelContract):
    @pytest.fixture
    def channel(self, server: MailServer) -> Iterator[Channel]:
        self.server = server
        smtp = channel_to(server.port)
        yield smtp
        smtp.close()

    def seen(self, channel: Channel) -> list[tuple[str, str, str]]:
        return [
            (to[0], mail["Subject"], text_of(mail))
            for to, mail in zip(self.server.envelopes, self.server.taken, strict=True)
            if len(to) == 1
        ]


def text_of(mail: Any) -> str:
    text: str = mail.get_body(("plain",)).get_content()
    return text.replace("\r\n", "\n").removesuffix("\n")


def test_a_mail_has_what_a_mail_needs(server: MailServer) -> None:
    """Both parts, the time it was decided for, and a mark that no person wrote it."""
    assert sent(server.port).status == "accepted"
    (mail,) = server.taken
    assert mail["From"] == SENDER
    assert mail["To"] == "Angela Diaz <angela@example.org>"
    assert mail["Date"] == "Tue, 10 Mar 2026 14:20:00 +0000"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert "<p>Hello Angela</p>" in mail.get_body(("html",)).get_content()  # type: ignore[union-attr]


def test_a_message_keeps_its_identity_over_attempts(server: MailServer) -> None:
    """A mailbox that gets it twice can know; the key itself cannot be read from it."""
    for message in (HELLO, HELLO, replace(HELLO, key="angela:8:0")):
        sent(server.port, message)
    first, again, other = (mail["Message-ID"] for mail in server.taken)
    assert first == again != other
    assert first.endswith("@harbor.example>")
    assert "angela" not in first


def test_a_reference_stands_for_the_key(server: MailServer) -> None:
    """It comes back in bounces and answers, and is known then."""
    sent(server.port, replace(HELLO, reference="7f3kT0ken"))
    assert server.taken[0]["Message-ID"] == "<7f3kT0ken@harbor.example>"


def test_the_messages_of_a_thread_refer_to_it(server: MailServer) -> None:
    """So a mailbox shows one conversation; a message without a thread stands alone."""
    for message in (HELLO, replace(HELLO, key="2"), replace(HELLO, thread="T2")):
        sent(server.port, message)
    sent(server.port, replace(HELLO, thread=""))
    one, two, other, none = (mail["References"] for mail in server.taken)
    assert one == two != other
    assert other == "<T2@harbor.example>" == server.taken[2]["In-Reply-To"]
    assert none is None


def test_a_customer_can_leave_with_one_click(server: MailServer) -> None:
    """RFC 8058: an address of their own in the headers, and one to write to."""
    address = f"https://journeys.{'long-' * 20}name.harbor.example/u/7f3k"
    leave = replace(HELLO, leave=address)
    for message in (leave, HELLO):
        sent(server.port, message, reply_to="care@harbor.example")
    customer, helper = server.taken
    assert customer["List-Unsubscribe"] == (
        f"<{address}>, <mailto:care@harbor.example?subject=unsubscribe%207f3k>"
    )
    assert customer["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert customer["Reply-To"] == "care@harbor.example"
    assert helper["List-Unsubscribe"] is None


def test_one_click_is_offered_only_where_it_is_safe(server: MailServer) -> None:
    """RFC 8058 asks for https; without, there is the page and the address to write to."""
    sent(server.port, replace(HELLO, leave="http://127.0.0.1:8765/u/7f3k"))
    assert server.taken[0]["List-Unsubscribe"].startswith(
        "<http://127.0.0.1:8765/u/7f3k>, <mailto:"
    )
    assert server.taken[0]["List-Unsubscribe-Post"] is None


def test_a_bounce_can_name_the_message() -> None:
    """RFC 3461: a server that knows DSN is told what to write into it; another is not."""
    told = " RET=HDRS ENVID=7f3k"
    for words, knows in (("250-hello\r\n250 DSN", True), ("250 hello", False)):
        with rude(EHLO=words) as server:
            assert sent(server.port, replace(HELLO, reference="7f3k")).status == "accepted"
        assert (f"MAIL FROM:<hello@harbor.example>{told}" in server.heard) == knows


def test_a_server_that_knows_only_helo_is_good_enough() -> None:
    with rude(EHLO="502 What?") as server:
        assert sent(server.port).status == "accepted"


def test_an_appointment_travels_as_calendars_expect_it(server: MailServer) -> None:
    """Beside text and HTML for programs that show it, and as a file for those that do not."""
    meeting = Appointment(
        uid="u@ofone", sequence=7, at=HELLO.at, start=HELLO.at, minutes=30, title="A visit; soon"
    )
    for cancelled in (False, True):
        sent(server.port, replace(HELLO, appointment=replace(meeting, cancelled=cancelled)))
    for mail, method in zip(server.taken, ("REQUEST", "CANCEL"), strict=True):
        body, attached = mail.iter_parts()
        text, html, calendar = body.iter_parts()
        kinds = [p.get_content_type() for p in (text, html, calendar, attached)]
        assert kinds == ["text/plain", "text/html", "text/calendar", "application/ics"]
        assert calendar.get_param("method") == method
        entry = Calendar.from_ical(calendar.get_content())
        assert entry["METHOD"] == method
        assert entry.events[0]["ATTENDEE"] == "mailto:angela@example.org"
        assert entry.events[0]["ORGANIZER"] == "mailto:hello@harbor.example"
        assert attached.get_filename() == "invite.ics"


@given(name=st.text(max_size=120), subject=st.text(max_size=120))
def test_no_name_and_no_subject_adds_a_header(name: str, subject: str) -> None:
    """Whatever they hold, a mail has the same headers and one recipient."""
    sender = Address("Harbor Life", "hello", "harbor.example")
    mail = write(replace(HELLO, name=name, subject=subject), sender)
    read = message_from_bytes(mail, policy=default)
    assert read.keys() == message_from_bytes(write(HELLO, sender)).keys()
    assert [to.addr_spec for to in read["To"].addresses] == [HELLO.address]
    assert read["Subject"].split() == printable(subject).split()
    assert not read.defects


@pytest.mark.parametrize("address", ["anna@bücher.example", "jürgen@bücher.example"])
def test_an_address_may_be_written_in_any_script(server: MailServer, address: str) -> None:
    """The domain goes as DNS knows it; before the @ the server has to know SMTPUTF8."""
    assert sent(server.port, replace(HELLO, address=address)).status == "accepted"
    (to,) = server.envelopes[0]
    assert to == address.replace("bücher", "xn--bcher-kva")


def test_a_server_without_unicode_cannot_reach_every_address() -> None:
    with mail_server(enable_SMTPUTF8=False) as server:
        outcome = sent(server.port, replace(HELLO, address="jürgen@example.org"))
    assert outcome.status == "failed"
    assert "cannot carry the address jürgen@example.org" in outcome.detail


@pytest.mark.parametrize(
    "address",
    [
        "",
        "h1",
        "@x.org",
        "a@",
        "a b@x.org",
        "a@x.org, b@x.org",
        "a@x\r\nRCPT TO:<b@x.org>",
        "<a@x>",
    ],
)
def test_what_is_no_address_is_never_tried(address: str) -> None:
    """It fails before a server is asked, and the detail shows what an address looks like."""
    outcome = sent(1, replace(HELLO, address=address))
    assert outcome.status == "failed"
    assert outcome.detail.endswith("is no e-mail address; one looks like name@example.org")


def test_a_sender_that_is_no_address_is_refused_at_once() -> None:
    with pytest.raises(OfoneError, match="the sender cannot be used: 'nobody' is no e-mail"):
        Smtp("localhost", sender="nobody")


@pytest.mark.parametrize(
    ("answers", "status", "says"),
    [
        ({"RCPT": "550 5.1.1 No such user"}, "failed", "550 5.1.1 No such user"),
        ({"RCPT": "450 4.2.0 Greylisted"}, "retry", "450 4.2.0 Greylisted"),
        ({"MAIL": "553 Sender unknown"}, "failed", "553 Sender unknown"),
        ({"MAIL": "530 Must use TLS"}, "retry", "530 Must use TLS; check tls, username"),
        ({"DATA": "554 No"}, "failed", "554 No"),
        ({"DATA": "451 Later"}, "retry", "451 Later"),
        ({"DATA": "250 What?"}, "retry", "250 What?"),
        ({"END": "554 Looks like spam"}, "failed", "554 Looks like spam"),
        ({"END": "452 Disk full"}, "retry", "452 Disk full"),
        ({"END": "399 Hm"}, "unknown", "399 Hm"),
        ({"END": "gibberish"}, "unknown", "sent, but no answer came: Malformed"),
        ({"CONNECT": "554 No mail here"}, "retry", "554 No mail here; try again"),
        ({"CONNECT": "421 Too busy"}, "retry", "421 Too busy"),
        ({"EHLO": "502 No", "HELO": "502 No"}, "retry", "502 No; try again, or ask who runs"),
    ],
)
def test_an_answer_decides_what_becomes_of_a_message(
    answers: dict[str, str], status: str, says: str
) -> None:
    """5xx about the message: failed. 4xx, or anything about us: retry. Sent, no answer: unknown."""
    with rude(**answers) as server:
        outcome = sent(server.port)
    assert outcome.status == status
    assert outcome.detail.startswith(f"127.0.0.1:{server.port}: {says}")


@pytest.mark.parametrize("silence", [None, ""])
@pytest.mark.parametrize("command", ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "END"])
def test_silence_is_unknown_only_after_the_message_was_sent(
    command: str, silence: str | None
) -> None:
    """A connection that is lost, or an answer that does not come in time, at every point."""
    with rude(**{command: silence}) as server:
        outcome = sent(server.port, timeout_s=0.05 if silence == "" else 5)
        assert outcome.status == ("unknown" if command == "END" else "retry")
        assert f"127.0.0.1:{server.port}: " in outcome.detail
        assert server.heard.count(".") == (command == "END")


def test_a_server_that_is_not_there_is_tried_again() -> None:
    """The detail says where, why, and what to look at."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    outcome = sent(port)
    assert outcome.status == "retry"
    assert "refused" in outcome.detail or "Connect call failed" in outcome.detail
    assert outcome.detail.endswith(
        "check host, port, tls (none, starttls, tls), username and password"
    )


def test_a_host_that_is_no_name_is_tried_again() -> None:
    smtp = Smtp("a..b", 25, tls="none", sender=SENDER)
    assert smtp.deliver(HELLO).status == "retry"
    smtp.close()


def test_messages_share_a_connection(server: MailServer) -> None:
    smtp = channel_to(server.port)
    assert {smtp.deliver(replace(HELLO, key=str(n))).status for n in range(3)} == {"accepted"}
    smtp.close()
    assert (len(server.taken), server.connections) == (3, 1)


def test_a_connection_that_grew_old_is_replaced() -> None:
    """The server hung up in between; the message goes over a new connection, once."""
    with rude(RSET=None) as server:
        smtp = channel_to(server.port)
        assert [smtp.deliver(HELLO).status for _ in range(2)] == ["accepted", "accepted"]
        smtp.close()
    assert server.heard.count(".") == 2
    assert server.heard.count("QUIT") == 1


def test_a_message_without_an_answer_does_not_swallow_the_next() -> None:
    """The server may still be inside the first one; the second has a connection of its own."""
    with rude(END="") as server:
        smtp = channel_to(server.port, timeout_s=0.05)
        assert smtp.deliver(HELLO).status == "unknown"
        server.answers["END"] = "250 ok"
        assert smtp.deliver(replace(HELLO, key="2")).status == "accepted"
        smtp.close()
    assert server.heard.count(".") == 2


def test_a_refused_message_leaves_nothing_behind_for_the_next() -> None:
    """After a refusal the next message begins with a connection of its own."""
    with rude(RCPT="450 Later") as server:
        smtp = channel_to(server.port)
        assert smtp.deliver(HELLO).status == "retry"
        server.answers["RCPT"] = "250 ok"
        assert smtp.deliver(HELLO).status == "accepted"
        smtp.close()
    assert sum(words.startswith("EHLO") for words in server.heard) == 2


def login(
    server: object, session: object, envelope: object, mechanism: str, given: Any
) -> AuthResult:
    ok = isinstance(given, LoginPassword) and given == LoginPassword(b"me", b"right")
    return AuthResult(success=ok, handled=ok)


@pytest.mark.parametrize(("password", "status"), [("right", "accepted"), ("wrong", "retry")])
def test_a_wrong_password_loses_no_message(password: str, status: str) -> None:
    """It is our mistake, not the message's: it waits until somebody mends it."""
    with mail_server(authenticator=login, auth_require_tls=False) as server:
        outcome = sent(server.port, username="me", password=password)
    assert outcome.status == status
    assert ("check username 'me' and password" in outcome.detail) == (status == "retry")


def test_a_server_without_encryption_is_not_used_unencrypted() -> None:
    """Asked for STARTTLS, a server that has none gets nothing."""
    with rude() as server:
        outcome = sent(server.port, tls="starttls")
    assert outcome.status == "retry"
    assert "STARTTLS extension not supported" in outcome.detail
    assert "." not in server.heard


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, Path]:
    """A certificate for 127.0.0.1 that is its own authority, and the context that shows it."""
    if not (openssl := shutil.which("openssl")):
        pytest.skip("no openssl on this machine to make a certificate with")
    folder = tmp_path_factory.mktemp("tls")
    made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1"]
    made += ["-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
    made += ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    subprocess.run([openssl, *made], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context, folder / "cert.pem"


# asyncio leaves the socket of a handshake that failed to the collector, which says so.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("tls", ["tls", "starttls"])
def test_an_encrypted_connection_needs_a_certificate_we_trust(
    tls: str, certificate: tuple[ssl.SSLContext, Path]
) -> None:
    """With the authority's file the mail goes out; without, it waits and the detail says why."""
    context, ca = certificate
    settings = {"tls": context} if tls == "tls" else {"tls_context": context}
    with mail_server(**settings) as server:
        assert sent(server.port, tls=tls, ca=ca).status == "accepted"
        outcome = sent(server.port, tls=tls)
    gc.collect()  # here, and not in the middle of another test
    assert (outcome.status, len(server.taken)) == ("retry", 1)
    assert "certificate" in outcome.detail.lower()
