"""Markdown, values and the two shapes of an e-mail's body."""

from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ofone.conversations.letters import WIDTH, fill, letter
from ofone.conversations.templates import printable


class Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, tuple[str, ...]]] = []
        self.words = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, tuple(name for name, _ in attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data


def plain(skeleton: str, *values: str) -> str:
    return fill(letter(skeleton), values)[1]


@given(st.text())
@example("[x](http://evil)")
@example("<script>alert(1)</script>")
@example('"><img src=x onerror=alert(1)>')
@example("**bold** `code` &lt; # title")
@example("oqslot0z oqlink0z")
def test_a_value_is_a_text_whatever_it_looks_like(value: str) -> None:
    """A customer cannot write a link, a tag or a heading into a mail by way of a name."""
    value = printable(value)
    skeleton = "# oqslot0z\n\noqslot0z, *oqslot0z* and [oqslot0z](https://a.example)\n\n- oqslot0z"
    harmless, (html, text, _) = fill(letter(skeleton), ["x"])[0], fill(letter(skeleton), [value])
    if value:
        assert Tags(html).seen == Tags(harmless).seen
    assert Tags(html).words.count(value) >= 4
    assert " ".join(text.split()).count(" ".join(value.split())) >= 4


@given(st.text())
def test_a_value_in_an_address_stays_in_the_address(value: str) -> None:
    """It cannot close the quotes, and what no address may hold is percent-encoded."""
    html, text, _ = fill(letter("[go](https://a.example/?q=oqslot0z)!"), [printable(value)])
    assert Tags(html).seen == Tags(fill(letter("[go](https://a.example/?q=1)!"), [])[0]).seen
    assert text.split()[0] == "go:"
    assert text.split()[1:] == [text[4:]]
    assert text[4:].startswith("<https://a.example/?q=")


@pytest.mark.parametrize("value", ["javascript:alert(1)", "", "/tracker", "data:text/html,x"])
def test_a_value_that_is_an_address_has_to_be_one(value: str) -> None:
    """A script is refused, and so is a link that leads nowhere: the mail is held."""
    with pytest.raises(ValueError, match="an address begins with https://, mailto: or tel:"):
        fill(letter("[go](oqslot0z)"), [value])


@pytest.mark.parametrize("address", ["javascript:alert(1)", "/tracker", "example.com", "ftp://a"])
def test_an_address_in_the_template_has_to_be_one(address: str) -> None:
    with pytest.raises(ValueError, match="a link leads to"):
        letter(f"[go]({address})")


def test_pictures_and_html_stay_text() -> None:
    """A picture reports who opened a mail, and when; that needs a consent nobody asked for."""
    html = fill(letter("![p](https://a.example/p.gif) <b>hi</b> `x`\n\n    <i>"), [])[0]
    assert "<img" not in html
    assert "&lt;b&gt;hi&lt;/b&gt;" in html
    assert "<i>" not in html


def test_plain_text_keeps_the_shape_of_the_letter() -> None:
    """Lists hang, quotes are marked, links show their address, and a telephone number is itself."""
    source = (
        "# Title\n\nBody *one* [here](https://a.example).\nMore\\\nnew row\n\n1. first\n2. second\n"
        "   - deep\n\n> quote\n>\n> again\n\n---\n\n[Call 555](tel:+1-555) or [555](tel:+1-555)"
    )
    assert plain(source) == (
        "Title\n\nBody one here: <https://a.example>. More\nnew row\n\n1. first\n2. second\n"
        "   - deep\n\n> quote\n\n> again\n\n------------\n\nCall 555: tel:+1-555 or 555"
    )


@given(st.lists(st.text("ab ", min_size=1, max_size=90), max_size=40))
def test_no_row_of_plain_text_is_too_wide(words: list[str]) -> None:
    """A row has at most 76 columns, but a longer word is never broken: it may be an address."""
    text = plain("- oqslot0z", " ".join(words))
    assert text.split()[1:] == " ".join(words).split()
    for row in text.split("\n"):
        assert len(row) <= WIDTH or len(row.removeprefix("- ").split()) == 1


def test_the_first_link_that_stands_alone_is_the_button() -> None:
    """A letter asks for one thing; a second link on its own stays a link."""
    html = fill(letter("Hi\n\n[One](https://a.example)\n\n[Two](https://b.example)"), [])[0]
    assert html.count('class="button"') == 1
    assert html.index('class="button"') < html.index("One") < html.index("Two")
    assert '<p style="margin:0 0 16px"><a href="https://b.example"' in html


def test_a_paragraph_without_words_leaves_no_gap() -> None:
    """An optional value that is empty takes its paragraph with it."""
    html, text, _ = fill(letter("a\n\noqslot0z\n\nb"), [""])
    assert text == "a\n\nb"
    assert html.count("<p") == 2


def test_the_lead_is_what_the_letter_says_after_its_greeting() -> None:
    """It stands beside the subject in a mailbox: no greeting, no addresses."""
    source = "Hello oqslot0z,\n\nit is [today](https://a.example).\n\n- bring it"
    assert fill(letter(source), ["A"])[2] == "it is today. bring it"


def test_a_list_of_links_becomes_choices() -> None:
    """Each as large as a thumb; a list with any other word stays a list."""
    html = letter("Which?\n\n- [Yes](https://a.example)\n- [No](https://b.example)\n").html
    assert html.count('class="choice"') == 2
    assert "<ul" not in html
    mixed = letter("- [Yes](https://a.example)\n- no link\n").html
    assert ("choice" in mixed, "<ul" in mixed) == (False, True)


def test_choices_take_no_button_away() -> None:
    """The first link alone is still the one thing that the letter asks for."""
    found = letter(
        "- [Yes](https://a.example)\n\n[Go](https://b.example)\n\n[Or](https://c.example)"
    )
    assert (found.html.count('class="choice"'), found.html.count('class="button"')) == (1, 1)
