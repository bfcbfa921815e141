"""From YAML to a compiled playbook, with every problem at its place."""

import pytest
from tests.building import VISIT, visit_with

from ofone.domain.errors import NotFound, PlaybookError
from ofone.journeys.load import bundled, bundled_names, bundled_text, load


def line_of(text: str, piece: str) -> int:
    return text[: text.index(piece)].count("\n") + 1


def problems(old: str, new: str) -> str:
    with pytest.raises(PlaybookError) as caught:
        visit_with(old, new)
    return str(caught.value)


# What was written, what it became, where it stands (a piece of text on its line, and the column),
# and the words a designer reads.
WRONG = {
    "an unknown field": (
        ("completes: [Form Sent]", "complets: [Form Sent]", "complets", 5),
        "unknown field 'complets'; did you mean 'completes'?",
    ),
    "a field deep inside": (
        ("days: {usual: 1, most: 3}", "days: {usual: 1, mots: 3}", "mots", 22),
        "unknown field 'mots'; did you mean 'most'?",
    ),
    "a field like no other": (
        ("goal: visited", "goal: visited\nxyzzy: 1", "xyzzy", 1),
        "unknown field 'xyzzy'; see the schema for the fields that work",
    ),
    "a text for a list": (
        ("completes: [Form Sent]", "completes: Form Sent", "completes: Form", 5),
        "steps[0].completes: expected `array`, got `str`",
    ),
    "a word for a number": (
        ("days: {usual: 1, most: 3}", "days: {usual: one, most: 3}", "usual: one", 12),
        "steps[0].days.usual: expected `float`, got `str`",
    ),
    "an empty list": (
        ("completes: [Form Sent]", "completes: []", "completes: []", 5),
        "steps[0].completes: expected `array` of length >= 1",
    ),
    "a word outside a closed list": (
        ("cadence: more", "cadence: much", "cadence: much", 5),
        "invalid enum value 'much'; write one of: more, normal, fewer",
    ),
    "an unknown need": (
        ("need: reassurance, text", "need: calm, text", "need: calm", 14),
        "write one of: reassurance, urgency, trust",
    ),
    "an unknown channel of a message": (
        ("sms: {body: Nudge}", "fax: {body: Nudge}", "content:\n      any:\n        fax", 5),
        "actions[2].content: invalid enum value 'fax'; write one of: email, sms, in_app",
    ),
    "an id with a space": (
        ("id: warm", "id: Warm One", "id: Warm", 5),
        "approaches[0].id: expected `str` matching regex",
    ),
    "a validity above one": (
        ("validity: 0.5", "validity: 1.5", "validity: 1.5", 56),
        "signals[0].validity: expected `float` < 1.0",
    ),
    "a missing field": (
        ("playbook: visit\n", "", "title: A visit", 1),
        "playbook: object missing required field `playbook`",
    ),
    "a key twice": (
        ("zone: UTC", "zone: UTC\nzone: UTC", "goal", 1),
        'this is not YAML: found duplicate key "zone"',
    ),
    "an open quote": (
        ("gap: 0 minutes", "gap: '0 minutes", "", 1),
        "this is not YAML: found unexpected end of stream; check the indentation",
    ),
    "a colon in a text": (
        ("title: A visit", "title: A visit: long", "title", 15),
        "this is not YAML: mapping values are not allowed here",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_read_is_named_at_its_line_and_column(name: str) -> None:
    """``file:line:column: what is wrong; what would work``."""
    (old, new, piece, column), message = WRONG[name]
    text = VISIT.replace(old, new)
    said = problems(old, new)
    if piece and name != "a key twice":
        assert said.startswith(f"visit.yaml:{line_of(text, piece)}:{column}: ")
    assert said.startswith("visit.yaml:")
    assert message in said


@pytest.mark.parametrize("text", ["", "- a", "null", "only a text"])
def test_a_file_that_is_no_mapping_is_told_how_a_playbook_begins(text: str) -> None:
    """Also an empty one."""
    with pytest.raises(PlaybookError, match=r"^p.yaml:1:1: a playbook is a mapping that begins"):
        load(text, "p.yaml")


@pytest.mark.parametrize(
    "text", ["{", "\t a: b", "<<: *x", "%YAML 9\n---\na: b", "a: 2026-02-30", "a: \x00"]
)
def test_what_is_no_yaml_is_said_and_never_a_traceback(text: str) -> None:
    """Every error of the parser becomes one of ours."""
    with pytest.raises(PlaybookError, match=r"^p.yaml(:\d+:\d+)?: this is not YAML: "):
        load(text, "p.yaml")


@pytest.mark.parametrize("old", ["steps:\n  - id: form", "days: {usual: 1, most: 3}"])
def test_a_part_that_contains_itself_is_refused(old: str) -> None:
    """A recursive anchor ends in a message, not in an endless loop."""
    new = old.replace("steps:\n", "steps: &a\n  - *a\n").replace("{usual: 1", "&a {usual: *a")
    assert "visit.yaml" in problems(old, new)


def test_anchors_and_merges_are_yaml_like_any_other() -> None:
    """A designer may share a piece of text: the version is that of the text written out."""
    shared = VISIT.replace("accompany:\n      warm:", "accompany:\n      warm: &said", 1)
    assert load(shared, "visit.yaml").version == load(VISIT, "other.yaml").version


def test_a_date_of_yaml_is_the_text_that_was_meant() -> None:
    """Unquoted holidays are dates to YAML, and work."""
    assert len(visit_with("zone: UTC", "zone: UTC\nholidays: [2026-12-25]").holidays) == 1


def test_the_bundled_playbooks_compile() -> None:
    """Both of them, complete."""
    assert bundled_names() == ["life-insurance", "loan"]
    assert len(bundled("life-insurance").steps) == 10
    assert bundled("loan").version == bundled("loan").version


def test_a_name_that_is_not_bundled_lists_those_that_are() -> None:
    """The way out is in the message."""
    with pytest.raises(NotFound, match="no bundled playbook 'x'; there are: life-insurance, loan"):
        bundled_text("x")
