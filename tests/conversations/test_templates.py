"""The box around the company's templates."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ofone.conversations.templates import Perhaps, check, printable, render, skeleton
from ofone.domain.errors import TemplateError

KNOWN = {
    "customer": {"name": None, "city": None},
    "facts": {"appointment_at": None},
    "papers": None,
}
AT = "2026-03-10T14:20:00Z"


def said(source: str, **context: Any) -> str:
    return render(source, context, "p: a/b/email body")


def test_a_value_is_printed_where_its_name_stands() -> None:
    """Liquid as designers know it: values, filters, conditions and loops."""
    source = (
        "{{ a.b | upcase }}{% if a.c > 1 %}!{% endif %}{% for p in papers %} {{ p }}{% endfor %}"
    )
    assert said(source, a={"b": "yes", "c": 2}, papers=["id", "slip"]) == "YES! id slip"


@pytest.mark.parametrize(
    ("locale", "long", "short", "time"),
    [
        ("en", "Tuesday, March 10", "Mar 10", "10:20\u00a0AM"),
        ("en-GB", "Tuesday 10 March", "10 Mar", "10:20"),
        ("de", "Dienstag, 10. März", "10. März", "10:20"),
        ("es-MX", "martes, 10 de marzo", "10 mar", "10:20\u00a0a.m."),
        ("ru", "вторник, 10 марта", "10 мар.", "10:20"),
        ("tlh-KX", "Tuesday, March 10", "Mar 10", "10:20\u00a0AM"),
    ],
)
def test_a_moment_is_written_as_its_reader_writes_it(
    locale: str, long: str, short: str, time: str
) -> None:
    """Zone and locale come with the context; a language nobody knows is read as English."""
    source = "{{ at | date_long }}|{{ at | date_short }}|{{ at | time }}"
    told = said(source, at=AT, _zone="America/New_York", _locale=locale)
    assert told == f"{long}|{short}|{time}"


def test_a_moment_may_be_micros_or_text_or_a_bare_day() -> None:
    """Micros and ISO 8601 are the same moment; a day has no zone to move it."""
    source = "{{ at | date_long }}"
    for at in (AT, 1_773_152_400_000_000, "2026-03-10T16:20:00+02:00", "2026-03-10"):
        assert said(source, at=at, _zone="Pacific/Auckland") in {
            "Wednesday, March 11",
            "Tuesday, March 10",
        }
    assert said(source, at="2026-03-10", _zone="Pacific/Auckland") == "Tuesday, March 10"


@pytest.mark.parametrize("at", ["soon", "2026-03-10T10:20", True, 1.5, [], 10**20, "2026-13-10"])
def test_what_is_no_moment_is_refused(at: object) -> None:
    """A time without a zone is a wrong appointment for somebody."""
    with pytest.raises(TemplateError, match=r"is no moment; write 2026-03-10T10:20:00\+01:00"):
        said("{{ at | date_long }}", at=at)


@pytest.mark.parametrize("zone", ["Mars/Phobos", "../etc/passwd", "America"])
def test_an_unknown_zone_is_named(zone: str) -> None:
    with pytest.raises(TemplateError, match=f"unknown zone '{zone}'; zones are named like"):
        said("{{ at | time }}", at=AT, _zone=zone)


def test_a_number_is_grouped_as_its_reader_groups_it() -> None:
    assert said("{{ n | number }}", n=1234567.5, _locale="de") == "1.234.567,5"


def test_a_missing_name_holds_the_message_and_says_what_exists() -> None:
    """The error leads to the line: which template, which line, which name, and what there is."""
    with pytest.raises(TemplateError) as caught:
        said("Hello\n{{ customer.nam }}", customer={"name": "A", "city": "B"})
    assert str(caught.value) == (
        "p: a/b/email body: line 2: unknown name customer.nam; "
        "did you mean customer.name? customer holds: city, name"
    )


@pytest.mark.parametrize("source", ["{{ a.b }}", "{{ a.b | upcase }}", "{{ a.b | date_long }}"])
def test_nothing_is_never_printed_as_nothing(source: str) -> None:
    """“Your appointment on  at ” must not go out."""
    with pytest.raises(TemplateError, match=r"line 1: (a.b is empty|\w+ got nothing); put it in"):
        said(source, a={"b": None})


def test_what_may_be_missing_can_be_asked_for() -> None:
    """An absent name is false in a condition and gives way to a default."""
    source = "{% if a.b %}{{ a.b }}{% else %}not yet{% endif %}, {{ a.b | default: 'you' }}"
    assert said(source, a={}) == said(source, a={"b": None}) == "not yet, you"


@pytest.mark.parametrize("name", ["now", "today", "partial"])
def test_a_template_has_no_clock(name: str) -> None:
    """A text that reads the clock cannot be rendered again from what was decided."""
    with pytest.raises(TemplateError, match=f"unknown name {name}"):
        said(f"{{{{ {name} }}}}")


@pytest.mark.parametrize(
    "source",
    [
        "{% for i in (1..100000000) %}x{% endfor %}",
        "{% for i in (1..999) %}{% for j in (1..999) %}{% endfor %}{% endfor %}",
        "{% assign a = 'x' %}{% for i in (1..99) %}{% assign a = a | append: a %}{% endfor %}",
        "{% assign a = 9 %}{% for i in (1..99) %}{% assign a = a | times: a %}{% endfor %}{{ a }}",
        "{% for i in (1..999) %}{{ a }}{% endfor %}",
        "{{ (1..100000000000) | join }}",
        "{{ a | replace: 'x', a }}",
        "{{ a | split: '' | join: a }}",
    ],
)
def test_a_template_cannot_grow_without_end(source: str) -> None:
    with pytest.raises(TemplateError, match="p: a/b/email body"):
        said(source, a="x" * 1000)


@given(st.text(alphabet="{}%|.: '\"abif=<>-\n19", max_size=40))
def test_a_template_renders_or_is_refused_and_nothing_else(source: str) -> None:
    """Whatever a designer types, the runtime meets one kind of error."""
    with suppress(TemplateError):
        said(source, a={"b": 1}, b=[1, "x"], i=None)
    check(source, {"a": {"b": None}})


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        (
            "a\n{{ customer.nmae }}",
            "line 2: unknown name customer.nmae; did you mean customer.name?",
        ),
        ("{{ needs.trust }}", "line 1: unknown name needs; there are: customer, facts, papers"),
        ("{{ customer }}", "line 1: customer is a group; customer holds: city, name"),
        ("{{ _zone }}", "line 1: unknown name _zone"),
        ("{% include 'x' %}", "line 1: unknown tag 'include'; there are: #, assign"),
        (
            "{{ facts.appointment_at | date }}",
            "line 1: unknown filter 'date'; did you mean date_long",
        ),
        ("\n{{ papers | }}", "line 2: expected word, found end of expression"),
        ("{% if papers %}\n{% endif %}\n{% if papers %}\n", "line 3: {% endif %} is missing"),
        ("{% endif %}", "line 1: {% endif %} belongs to nothing above it"),
    ],
)
def test_a_mistake_is_found_before_anything_is_sent(source: str, problem: str) -> None:
    """A check at validate time: line, what is wrong, and what would work."""
    (found,) = check(source, KNOWN)
    assert found.startswith(problem)


def test_a_check_finds_all_mistakes_in_every_branch() -> None:
    source = "{% if facts.x %}{{ facts.y }}{% else %}\n{{ customer.name | shout }}{% endif %}"
    assert [what.partition(";")[0] for what in check(source, KNOWN)] == [
        "line 1: unknown name facts.x",
        "line 1: unknown name facts.y",
        "line 2: unknown filter 'shout'",
    ]


def test_a_check_lets_pass_what_the_template_made_itself() -> None:
    """Loop variables, assigned names, and everything below an open name."""
    source = (
        "{% assign who = customer.name %}{{ who | append: ', ' }}"
        "{% for p in papers %}{{ forloop.index }} {{ p.title.size }}{% endfor %}"
    )
    assert check(source, KNOWN) == []


def test_values_are_set_aside_in_a_skeleton() -> None:
    """Two customers with one branch share one skeleton."""
    source = "Dear {{ n }}{% if n == 'A' %}!{% endif %}"
    assert skeleton(source, {"n": "B"}, "w") == ("Dear oqslot0z", ["B"])
    assert skeleton(source, {"n": "C\nD\x00"}, "w") == ("Dear oqslot0z", ["C D"])


def test_a_text_cannot_imitate_a_slot() -> None:
    assert check("oqslot7z", {}) == ["line 1: the letters “oqslot” are kept for our own use"]


@given(st.text())
def test_what_is_printable_is_one_line_without_control_characters(text: str) -> None:
    line = printable(text)
    assert line == line.strip()
    assert "  " not in line
    assert line.encode().decode() == line
    assert not set(line) & {chr(c) for c in (*range(32), 127, 0x85, 0x2028, 0x202E)}


def test_a_group_that_may_be_absent_may_be_asked_for() -> None:
    """Its names are checked all the same."""
    known = {"question": Perhaps(text=None)}
    assert check("{% if question %}{{ question.text }}{% endif %}", known) == []
    assert "did you mean question.text?" in check("{{ question.txt }}", known)[0]
