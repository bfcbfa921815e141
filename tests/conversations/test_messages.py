"""A template becomes a message in the shape of its channel."""

import re
from typing import Any

import pytest

from ofone.conversations.messages import Rendered, check, compose
from ofone.domain.errors import TemplateError
from ofone.domain.words import Channel

CONTEXT: dict[str, Any] = {
    "_company": "Harbor & Life",
    "_tracker": "https://harbor.example/j/7f3k",
    "_zone": "America/New_York",
    "_locale": "en-US",
    "customer": {"name": "Angela"},
    "facts": {"at": "2026-03-10T14:20:00Z"},
}
BODY = """
Hello {{ customer.name }},

it is on **{{ facts.at | date_long }}**
at {{ facts.at | time }}.

[See your page](https://harbor.example)
"""


def said(
    channel: Channel = "email", body: str = BODY, subject: str = "Hi", **more: Any
) -> Rendered:
    context = {**CONTEXT, **more}
    return compose(subject=subject, body=body, channel=channel, context=context, where="p: a/b")


def test_an_email_says_the_same_in_text_and_in_html() -> None:
    """Readers without HTML miss nothing but the looks."""
    mail = said()
    assert mail.text == (
        "Hello Angela,\n\nit is on Tuesday, March 10 at 10:20 AM.\n\n"
        "See your page: https://harbor.example\n\n"
        "-- \nHarbor & Life\nWhy did I get this? https://harbor.example/j/7f3k"
    )
    for words in ("Tuesday, March 10</strong>", "10:20\u00a0AM", "Harbor &amp; Life", "/j/7f3k"):
        assert words in mail.html


def test_an_email_loads_nothing_and_reports_nothing() -> None:
    """No font, picture, script or style sheet from anywhere: only links that a person follows."""
    html = said().html
    for loads in ("<img", "<script", "<link", "@import", "url(", " src=", "googleapis"):
        assert loads not in html


def test_an_email_has_its_lead_and_its_dark_side() -> None:
    """The lead is hidden at the top; colours follow the reader's preference."""
    html = said().html
    assert html.index("it is on Tuesday") < html.index("Hello Angela")
    assert "prefers-color-scheme: dark" in html
    assert '<html lang="en-US" dir="ltr"' in html


def test_an_email_in_arabic_runs_from_right_to_left() -> None:
    html = said(_locale="ar-EG").html
    assert '<html lang="ar-EG" dir="rtl"' in html
    assert 'align="right"' in html


def test_an_email_without_company_and_tracker_has_no_foot() -> None:
    assert said(_company="", _tracker="").text.endswith("https://harbor.example\n")


@pytest.mark.parametrize("channel", ["sms", "in_app"])
def test_a_short_message_is_one_line_of_plain_text(channel: Channel) -> None:
    """Markdown is not for a telephone; spaces that do not break would double its price."""
    message = said(
        channel, body="Hello {{ customer.name }},\n\n  your *visit*: {{ facts.at | time }}"
    )
    assert message == Rendered(subject="Hi", text="Hello Angela, your *visit*: 10:20 AM")


def test_a_subject_cannot_begin_another_header() -> None:
    """Whatever the values are, a subject is one line of printable characters."""
    mail = said(
        subject="{{ customer.name }}!", customer={"name": "A\r\nBcc: x@evil.example\x00\u2028B"}
    )
    assert mail.subject == "A Bcc: x@evil.example B!"


def test_markup_in_a_subject_is_text_in_the_page() -> None:
    """The subject is the page's title and label as well."""
    assert "<i>" not in said(subject='"><i>{{ customer.name }}').html


@pytest.mark.parametrize(
    ("subject", "body", "begins"),
    [
        ("{{ x }}", "", "p: a/b subject: line 1: unknown name x"),
        ("", "\n{{ x }}", "p: a/b body: line 2: unknown name x"),
        ("", "[a]({{ customer.name }})", "p: a/b body: a link leads to 'Angela'"),
    ],
)
def test_what_cannot_be_said_is_refused_with_its_place(
    subject: str, body: str, begins: str
) -> None:
    with pytest.raises(TemplateError) as caught:
        said(subject=subject, body=body)
    assert str(caught.value).startswith(begins)


def test_a_check_reads_both_templates_and_the_links_in_every_branch() -> None:
    known = {"a": None}
    body = "{% if a %}[x]({{ a }}){% else %}\n[y](/here){% endif %}"
    assert check(subject="{{ b }}", body="{{ c }}", channel="sms", known=known) == [
        "subject: line 1: unknown name b; there are: a",
        "body: line 1: unknown name c; there are: a",
    ]
    (link,) = check(subject="Hi", body=body, channel="email", known=known)
    assert link.startswith("body: a link leads to '/here'")
    assert check(subject="Hi", body=body, channel="sms", known=known) == []


def test_below_an_email_stands_who_writes_from_where_and_the_way_out() -> None:
    """In the text as in the HTML; a link is the one it says it is."""
    mail = said(_address="1 Main Street,\nAlbany", _leave="https://harbor.example/u/9x")
    assert mail.text.endswith(
        "-- \nHarbor & Life\n1 Main Street, Albany\n"
        "Why did I get this? https://harbor.example/j/7f3k\n"
        "Stop these emails: https://harbor.example/u/9x"
    )
    assert "Harbor &amp; Life &nbsp;·&nbsp; 1 Main Street, Albany<br />" in mail.html
    assert 'href="https://harbor.example/u/9x"' in mail.html


def test_no_link_is_rewritten() -> None:
    """Each leads where the template says; nothing in between counts who followed it."""
    mail = said(_leave="https://harbor.example/u/9x")
    assert set(re.findall(r'(?:href|src|action|background)="([^"]*)"', mail.html)) == {
        "https://harbor.example",
        "https://harbor.example/j/7f3k",
        "https://harbor.example/u/9x",
    }
