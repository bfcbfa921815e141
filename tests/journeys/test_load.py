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
        "unknown field 'xyzzy'; fields are: playbook, title, about",
    ),
    "a text for a list": (
        ("completes: [Form Sent]", "completes: Form Sent", "completes: Form", 5),
        "steps[0].completes: “Form Sent” is no list; write a list: [Form Sent]",
    ),
    "a word for a number": (
        ("days: {usual: 1, most: 3}", "days: {usual: one, most: 3}", "usual: one", 12),
        "steps[0].days.usual: “one” is no number; write a number such as 3",
    ),
    "an empty list": (
        ("completes: [Form Sent]", "completes: []", "completes: []", 5),
        "steps[0].completes: the list is empty; name at least one",
    ),
    "a word outside a closed list": (
        ("cadence: more", "cadence: much", "cadence: much", 5),
        "“much” does not work here; write one of: more, normal, fewer",
    ),
    "an unknown need": (
        ("need: reassurance, text", "need: calm, text", "need: calm", 14),
        "write one of: reassurance, urgency, trust",
    ),
    "an unknown channel of a message": (
        ("sms: {body: Nudge}", "fax: {body: Nudge}", "fax: {body", 9),
        "content.any.fax: “fax” does not work here; write one of: email, sms, in_app",
    ),
    "a mistake in one language": (
        (
            "sms: {body: Nudge}",
            "sms: {body: Nudge, says: {de: {body: 'Hallo {{ customer.nam }}'}}}",
            "sms: {body: Nudge",
            40,
        ),
        "sms.says.de.body: line 1: unknown name customer.nam; did you mean customer.name?",
    ),
    "the playbook's own language again": (
        (
            "sms: {body: Nudge}",
            "sms: {body: Nudge, says: {en: {body: Hi}}}",
            "sms: {body: Nudge",
            35,
        ),
        "'en' is the playbook's own language; write these words where the others are",
    ),
    "an id with a space": (
        ("id: warm", "id: Warm One", "id: Warm", 5),
        "approaches[0].id: “Warm One” does not work here; write small letters, digits, - and _",
    ),
    "a validity above one": (
        ("validity: 0.5", "validity: 1.5", "validity: 1.5", 56),
        "signals[0].validity: 1.5 does not work here; write a number above 0, below 1",
    ),
    "a missing field": (
        ("playbook: visit\n", "", "title: A visit", 1),
        "playbook: playbook is missing; add playbook: …",
    ),
    "a key twice": (
        ("zone: UTC", "zone: UTC\nzone: UTC", "goal", 1),
        "this is not YAML: 'zone' is written twice; keep one of them; also at line 4",
    ),
    "an open quote": (
        ("gap: 0 minutes", "gap: '0 minutes", "gap: '0", 8),
        "this is not YAML: a quote that begins here is not closed",
    ),
    "a quote that another one closes": (
        ("A visit\nabout: A", "'A visit\nabout: Ana's", "title: 'A", 8),
        "a quote that begins here is not closed on its line; close it, and write '' for",
    ),
    "a quote that one far below closes": (
        ("title: Warm", 'title: "Warm', 'title: "Warm', 12),
        "a quote that begins here is not closed on its line",
    ),
    "a list item without its sign": (
        ("  - id: booked", "  id: booked", "  id: booked", 3),
        "this does not fit what stands above it; check the indentation, and the - that begins",
    ),
    "a text that begins with a brace": (
        ("body: Nudge", "body: {{ customer.name }}", "body: {{", 15),
        'sms.body: a group of fields is no text; quote a text that begins with { or [: "{{ … }}"',
    ),
    "a condition that begins with an exclamation mark": (
        ("prefer: needs.reassurance.high > 0.5", "prefer: !needs.trust.known", "prefer: !", 5),
        "prefer: this is no text to YAML; quote a text that begins with !",
    ),
    "a tab": (
        ("    title: Warm", "\ttitle: Warm", "", 1),
        "indent with spaces, not with tabs",
    ),
    "nothing after a key": (
        ("title: Warm", "title:", "title:\n    prefer", 5),
        "approaches[0].title: there is no text; leave it out, or give it a text",
    ),
    "a number for a text": (
        ("title: Warm", "title: 12", "title: 12", 5),
        'approaches[0].title: 12 is no text; put it in quotes: "12"',
    ),
    "a clock": (
        ('from: "00:00"', "from: 9am", "from: 9am", 17),
        'guards.quiet_hours.from: “9am” does not work here; write a time in quotes like "09:00"',
    ),
    "a word for yes": (
        ("optional: true", "optional: sure", "optional: sure", 5),
        "steps[2].optional: “sure” is neither true nor false; write true or false",
    ),
    "a list for fields": (
        ("days: {usual: 1, most: 3}", "days: [1, 3]", "days: [1", 5),
        "steps[0].days: a list stands where fields belong; write fields below it: usual, most",
    ),
    "a half message": (
        ("messages: 50", "messages: 2.5", "messages: 2.5", 9),
        "guards.cap.messages: 2.5 is no whole number",
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


def test_all_mistakes_of_shape_are_told_in_the_order_of_the_file() -> None:
    """One round, not one mistake a round; what is misspelt is not missing as well."""
    said = problems(VISIT[VISIT.index("  - id: form") :], TWO_WRONG).splitlines()
    lines = [int(one.split(":")[1]) for one in said]
    assert lines == sorted(lines)
    assert [one.partition(": ")[2] for one in said] == [
        "unknown field 'complets'; did you mean 'completes'?",
        "steps[0].days.usual: “soon” is no number; write a number such as 3",
        "steps[1]: days is missing; add days: …",
        "outcomes[0].title: there is no text; leave it out, or give it a text",
    ]


TWO_WRONG = """\
  - id: form
    title: Your form
    happens: You fill in a form.
    complets: [Form Sent]
    days: {usual: soon, most: 3}
  - id: visited
    title: Your visit
    happens: You are visited.
    completes: [Visited]
outcomes:
  - {id: cancelled, title: , says: You cancelled., events: [Cancelled]}
"""


def test_a_problem_of_a_template_stands_at_its_own_line() -> None:
    """Below ``|`` the lines of the text are those of the file; elsewhere the key is named."""
    block = "sms:\n          body: |\n            Dear you,\n\n            {{ customer.nam }}"
    said = problems("sms: {body: Nudge}", block)
    text = VISIT.replace("sms: {body: Nudge}", block)
    assert said.startswith(f"visit.yaml:{line_of(text, '{{ customer.nam }}')}:13: actions[2]")
    assert "body: unknown name customer.nam; did you mean" in said
    folded = block.replace("|", ">")
    assert f":{line_of(text, 'body: |')}:11: " in problems("sms: {body: Nudge}", folded)


def test_an_id_that_is_there_twice_names_the_line_of_the_other() -> None:
    """And nothing follows from it."""
    said = problems("- id: nudge\n", "- id: more\n")
    assert (
        f"'more' is there twice; give each its own id; also at line {line_of(VISIT, '- id: more')}"
        in said
    )


def test_a_condition_is_named_at_its_very_line() -> None:
    """Not at the touch that holds it."""
    said = problems("          at: after 1 day", "          if: step.atempts == 0")
    assert said.startswith(f"visit.yaml:{line_of(VISIT, 'at: after 1 day')}:11: ")
