"""Mails from strangers: each is what it is, or the reason why it is nothing we can use."""

from time import process_time
from timeit import timeit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.channels.mails import (
    EXCHANGE,
    EXIM,
    FULL,
    QMAIL,
    THREAD,
    TOKEN,
    complaint,
    dsn,
    mail,
)

from ofone.channels.incoming import (
    LONGEST,
    LONGEST_TEXT,
    Arrived,
    AutoReplied,
    Bounced,
    Complained,
    Left,
    Replied,
    Unread,
    read,
)

ANSWER = {"In_Reply_To": f"<{TOKEN}@harbor.example>", "Message_ID": "<1@example.org>"}


@pytest.mark.parametrize(
    ("action", "status", "hard"),
    [
        ("failed", "5.1.1", True),
        ("failed", "5.2.1", True),
        ("failed", "5.0.0", True),
        ("delayed", "4.4.1", False),
        ("failed", "4.4.7", False),
        ("failed", "5.2.2", False),
        ("failed", "5.7.1", False),
        ("delayed", "5.1.1", False),
    ],
)
def test_a_bounce_is_hard_only_where_the_address_is_to_blame(
    action: str, status: str, hard: bool
) -> None:
    """A full mailbox, a server that is away and a filter say nothing of the address."""
    news = read(dsn(action, status, f"smtp; 550 {status} No"))
    assert news == Bounced(
        about=(TOKEN,), hard=hard, status=status, detail=f"smtp; 550 {status} No"
    )


@pytest.mark.parametrize(
    ("raw", "hard", "status"),
    [
        (EXIM, True, "5.0.0"),
        (QMAIL, True, "5.1.1"),
        (EXCHANGE, True, "5.1.1"),
        (FULL, False, "5.2.2"),
    ],
)
def test_programs_that_bounce_in_their_own_words_are_understood(
    raw: bytes, hard: bool, status: str
) -> None:
    """Exim, qmail, Exchange, and the many that write a few lines."""
    news = read(raw)
    assert isinstance(news, Bounced)
    assert (news.about, news.hard, news.status) == ((TOKEN,), hard, status)


def test_a_bounce_may_name_the_envelope_alone() -> None:
    """RFC 3461: what we gave the server to remember."""
    raw = dsn(returned="").replace(
        b"Reporting-MTA:", f"Original-Envelope-Id: {TOKEN}\r\nReporting-MTA:".encode()
    )
    news = read(raw)
    assert isinstance(news, Bounced)
    assert news.about == (TOKEN,)


def test_a_report_of_success_is_no_bounce() -> None:
    assert read(dsn("delivered", "2.0.0")) == Arrived(about=(TOKEN,))


@pytest.mark.parametrize("kind", ["abuse", "fraud", "not-spam"])
def test_a_complaint_is_told_with_its_kind(kind: str) -> None:
    assert read(complaint(kind)) == Complained(about=(TOKEN,), kind=kind)


def test_an_answer_has_its_words_and_what_it_answers() -> None:
    """The nearest mail first; whose words they are is cleaned later."""
    references = f"<{THREAD}@harbor.example> <{TOKEN}@harbor.example>"
    news = read(mail("Thanks!\n\n> Hello", References=references, **ANSWER))
    assert isinstance(news, Replied)
    assert (news.about, news.text) == ((TOKEN, THREAD), "Thanks!\n\n> Hello")


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated; x=y"},
        {"X_Autoreply": "yes"},
        {"Precedence": "auto_reply"},
        {"Subject": "Automatic reply: Your visit"},
        {"Subject": "=?utf-8?q?R=C3=A9ponse_automatique?="},
        {"Subject": "Abwesenheitsnotiz"},
        {"kind": "text/calendar; method=REPLY"},
    ],
)
def test_a_machines_answer_is_nobodys_words(headers: dict[str, str]) -> None:
    """RFC 3834 and what is used beside it; "no" says that a person wrote."""
    assert isinstance(read(mail("I am away.", **ANSWER, **headers)), AutoReplied)
    assert isinstance(read(mail("Hi", Auto_Submitted="no", **ANSWER)), Replied)


def test_who_writes_to_the_way_out_leaves() -> None:
    assert read(mail("", Subject=f"Unsubscribe {TOKEN}")) == Left(token=TOKEN)
    assert isinstance(read(mail("", Subject=f"Re: unsubscribe {TOKEN}")), Replied)


def test_an_answer_in_html_alone_is_read_as_words() -> None:
    html = (
        "<html><style>p{}</style><p>Yes, please</p><script>x()</script><blockquote>Hi</blockquote>"
    )
    news = read(mail(html, kind="text/html", **ANSWER))
    assert isinstance(news, Replied)
    assert news.text.split("\n") == ["Yes, please", "", "> Hi"]


@pytest.mark.parametrize(
    ("charset", "body", "said"),
    [
        ("utf-8", "für".encode(), "für"),
        ("iso-8859-1", "für".encode("latin-1"), "für"),
        ("utf-8", "für".encode("latin-1"), "f\ufffdr"),
        ("klingon", "für".encode(), "für"),
        ("utf-8\x00", b"a\0b", "ab"),
    ],
)
def test_a_wrong_charset_loses_letters_and_no_mail(charset: str, body: bytes, said: str) -> None:
    raw = mail("", kind=f'text/plain; charset="{charset}"', **ANSWER) + body
    news = read(raw)
    assert isinstance(news, Replied)
    assert news.text == said


def test_the_same_mail_has_the_same_id_by_whatever_way_it_comes() -> None:
    """Servers add headers on the way; a copy that was already taken is a repeat."""
    one = read(mail("Yes", **ANSWER))
    other = read(b"Received: by a\r\n" + mail("Yes", **ANSWER))
    assert isinstance(one, Replied)
    assert isinstance(other, Replied)
    assert one.id == other.id
    assert one != read(mail("No", **ANSWER))


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "it is empty"),
        (b" \r\n\r\n", "it is empty"),
        (b"\r\n\r\njust words", "no headers"),
        (
            b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\nx: boundary=\r\n" * 99,
            "99",
        ),
    ],
)
def test_what_is_no_mail_is_refused_with_the_reason(raw: bytes, why: str) -> None:
    news = read(raw)
    assert isinstance(news, Unread)
    assert why in news.reason or "parts inside parts" in news.reason


def test_a_huge_mail_is_read_at_its_beginning() -> None:
    """Words come first, pictures after them."""
    news = read(mail("Yes " * 10_000, **ANSWER) + b"x" * (2 * LONGEST))
    assert isinstance(news, Replied)
    assert len(news.text) == LONGEST_TEXT


def test_parts_inside_parts_end_somewhere() -> None:
    """Forty deep is read; no depth makes it fail."""
    raw = mail("deep", **ANSWER)
    for n in range(40):
        kind = f'multipart/mixed; boundary="b{n}"'
        raw = mail(f"--b{n}\r\n{raw.decode()}\r\n--b{n}--\r\n", kind=kind, **ANSWER)
    news = read(raw)
    assert isinstance(news, Replied)
    assert "deep" in news.text


def test_a_line_of_an_mbox_is_no_header() -> None:
    assert isinstance(read(b"From ana@example.org Mon Mar  2\n" + mail(**ANSWER)), Replied)


@given(raw=st.binary(max_size=300), at=st.integers(0, 900), other=st.sampled_from([EXIM, QMAIL]))
def test_no_bytes_break_the_reader(raw: bytes, at: int, other: bytes) -> None:
    """Alone, or in the middle of a mail that was good."""
    for one in (raw, b"From: a\r\n" + raw, other[:at] + raw + other[at:], dsn()[:at] + raw):
        read(one)


@given(
    name=st.sampled_from(["From", "Subject", "Date", "Message-ID", "Content-Type", "References"]),
    value=st.text(max_size=80),
)
def test_no_header_breaks_the_reader(name: str, value: str) -> None:
    """Whatever it holds, encoded words and broken parameters included."""
    for raw in (value, f"=?utf-8?b?{value}?=", f'x; charset="{value}"; boundary={value}'):
        read(f"{name}: {raw}\r\n\r\nhello".encode("utf-8", "replace"))


@pytest.mark.parametrize("piece", ["<!--", "<a", "<a b='", "</a", "<?", "<![x[", "<script>"])
def test_hostile_html_takes_no_longer_than_other_html(piece: str) -> None:
    """The library's parser begins anew at each of these, and takes up to 17 seconds."""
    raw = mail(piece * (LONGEST_TEXT * 10 // len(piece)), kind="text/html", **ANSWER)
    assert timeit(lambda: read(raw), timer=process_time, number=1) < 1


@pytest.mark.parametrize(
    ("html", "says"),
    [
        ("<p>a &amp; b</p><p>c</p>", "a & b\n\nc"),
        ("<!-- x --><div>yes</div><style>p{}</style>!", "yes!"),
        ("1 < 2 and <unknown>3</unknown>", "1 < 2 and 3"),
        ("<![x[ broken", "<![x[ broken"),
    ],
)
def test_html_leaves_its_words(html: str, says: str) -> None:
    news = read(mail(html, kind="text/html", **ANSWER))
    assert isinstance(news, Replied)
    assert news.text == says
