"""The linter over whole playbooks: what it reads of them, and what it says of ours."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.building import VISIT, visit_with

from ofone.conversations.lint import NOTES
from ofone.domain.errors import PlaybookError
from ofone.journeys.compiled import CUSTOMER_WORDS, HELPER_WORDS
from ofone.journeys.load import bundled, bundled_names, load, placed
from ofone.journeys.wording import linted, pieces, problem


def names(tree: Mapping[str, Any], above: str = "") -> set[str]:
    found = set()
    for name, inside in tree.items():
        found |= names(inside, f"{above}{name}.") if inside else {f"{above}{name}"}
    return found


@pytest.mark.parametrize("name", bundled_names())
def test_nothing_is_found_in_what_comes_with_the_package(name: str) -> None:
    """Notes aside; what is allowed there has its reason in the file."""
    assert [f for f in linted(bundled(name)) if f.rule not in NOTES] == []


def test_the_sample_knows_every_name_that_a_text_may_use() -> None:
    """A new name without a value would be found missing everywhere."""
    book = bundled("life-insurance")
    told, helped = pieces(book)[0], pieces(book)[-1]
    known = names(dict(CUSTOMER_WORDS) | {"facts": dict.fromkeys(book.playbook.remember)})
    for name in known:
        above, _, below = name.partition(".")
        assert told.sample[above] is not None
        assert not below or told.sample[above][below] is not None, name
    assert {n.split(".")[0] for n in names(HELPER_WORDS)} <= set(helped.sample)


def test_every_text_is_read_in_all_its_languages() -> None:
    """Approaches, channels, translations, helpers."""
    book = bundled("life-insurance")
    contents = [
        c for a in book.playbook.actions for said in a.content.values() for c in said.items()
    ]
    translated = sum(len(content.says) for _, content in contents)
    helped = len(book.playbook.helper_messages)
    assert len(pieces(book)) == len(contents) + translated + helped
    assert translated >= 21


def test_a_finding_is_placed_in_its_file() -> None:
    """File, line, column, words, hint, rule: as ``validate`` places a mistake."""
    old, new = "sms: {body: Nudge}", "sms: {body: Act now}"
    (found,) = [f for f in linted(visit_with(old, new)) if f.rule == "alarm"]
    (place,) = placed(VISIT.replace(old, new), "visit.yaml", [problem(found)])
    assert str(place).startswith("visit.yaml:110:15: actions[2].content.any.sms.body: “Act now”; ")
    assert place.hint.endswith("[alarm]")


def test_an_unknown_rule_cannot_be_allowed() -> None:
    """A misspelt silence would silence nothing."""
    with pytest.raises(PlaybookError, match="unknown lint rule 'alram'; did you mean 'alarm'"):
        visit_with("sms: {body: Nudge}", "sms: {body: Nudge}\n    lint: {allow: {alram: Why.}}")


def test_what_hangs_on_a_date_knows_it() -> None:
    """Before the date, or when it moves; sent at once as well, it may not know it."""
    date, words = "    date: visit_at\n", '{body: "{{ facts.visit_at }}"}'
    moved = VISIT.replace(date, f"{date}    moved: reminder\n")
    moved = moved.replace(words, '{body: "On {{ facts.visit_at | date_long }}."}')
    assert [f for f in linted(load(moved, "visit.yaml")) if f.owner == "reminder"] == []
    early = moved.replace("- send: nudge", "- send: reminder")
    (found,) = [f for f in linted(load(early, "visit.yaml")) if f.owner == "reminder"]
    right = "{% if facts.visit_at %}{{ facts.visit_at | date_long }}{% else %}soon{% endif %}"
    assert (found.rule, found.hint) == ("maybe-missing", f"put it inside {right}")


def test_the_playbook_of_the_quickstart_is_clean() -> None:
    """What a newcomer copies first."""
    text = Path(__file__).parents[2].joinpath("docs", "quickstart.md").read_text(encoding="utf-8")
    book = load(text.partition("<<'YAML'\n")[2].partition("\nYAML\n")[0], "broadband.yaml")
    assert (book.notices, linted(book)) == ((), [])


def test_dates_that_are_always_there_need_no_way_round_them() -> None:
    """What is sent only when a step takes longer knows both ranges; elsewhere it may not."""
    late = "    days: {usual: 1, most: 3}\n    late: LATER\n"
    days, body = "    days: {usual: 1, most: 3}\n", "Not {{ was.to | date_long }}."
    alone = VISIT.replace(days, late.replace("LATER", "later"), 1).replace(
        "\nactions:\n",
        "\nactions:\n  - id: later\n    title: Later\n    content:\n      any:\n"
        f"        sms: {{body: '{body}'}}\n",
    )
    assert [f.rule for f in linted(load(alone, "visit.yaml")) if f.owner == "later"] == []
    both = alone.replace("- send: nudge", "- send: later")
    found = [f.rule for f in linted(load(both, "visit.yaml")) if f.owner == "later"]
    assert found == ["maybe-missing"]
