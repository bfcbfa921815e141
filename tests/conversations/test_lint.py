"""Each rule of the linter: what it finds, what it lets be, and where it stands."""

import tomllib
from importlib.resources import files
from typing import Any

import pytest

from ofone.conversations.lint import RULES, Finding, Piece, lint

SAMPLE: dict[str, Any] = {
    "company": "Alder Life",
    "customer": {"name": "Ana Lee", "first_name": "Ana"},
    "helper": {"name": "Martin"},
    "tracker_url": "https://my.example.com/t/abcdefghijklmnopqrstuv",
    "facts": {"place": "1 Main Street", "seen": "2026-09-23T14:20:00Z"},
    "question": {"link": "https://my.example.com/t/abcdefghijklmnopqrstuv/questions"},
    "_zone": "UTC",
}
MISSING = (("customer.first_name", "customer.name"), ("helper.name",), ("facts.place",))


def piece(body: str, *, channel: str = "email", subject: str = "Your step", **more: Any) -> Piece:
    known: dict[str, Any] = {
        "path": f"actions[0].content.any.{channel}",
        "owner": "hello",
        "channel": channel,
        "language": "en",
        "told": f"any/{channel}",
        "subject": subject if channel in ("email", "helper") else "",
        "body": body,
        "sample": SAMPLE | {"_locale": more.get("language", "en")},
        "missing": MISSING,
    }
    return Piece(**known | more)


def found(*pieces: Piece, **allowed: dict[str, str]) -> list[Finding]:
    return lint(pieces, allowed)


def rules(*pieces: Piece) -> list[str]:
    return [f.rule for f in found(*pieces)]


FINDS = {
    "a name without default": ("maybe-missing", piece("Hi {{ customer.first_name }}, hello.")),
    "a fact without if": ("maybe-missing", piece("Come to {{ facts.place }}.", channel="sms")),
    "an open line": ("link", piece("[Look](http://example.com/a)")),
    "an address that is none": ("link", piece("[Look](https:///here)")),
    "a link to nowhere": ("link", piece("See it: www.example.com/a", channel="sms")),
    "a letter to nobody": ("link", piece("[Write](mailto:service)")),
    "the bare address of the page": ("bare-link", piece("Look at {{ tracker_url }} today.")),
    "an address as its own words": ("bare-link", piece("[{{ tracker_url }}]({{ tracker_url }})")),
    "three text messages": ("too-long", piece("long. " * 60, channel="sms")),
    "a long subject": ("too-long", piece("Hello.", subject="s" * 61)),
    "a long line in the app": ("too-long", piece("l" * 301, channel="in_app")),
    "alarm": ("alarm", piece("Hello. This is your FINAL\nnotice.")),
    "guilt": ("guilt", piece("Hello. We are disappointed.")),
    "scarcity": ("scarcity", piece("Hello. Don’t miss this.")),
    "health in a subject": ("health", piece("Hello.", subject="Your blood test")),
    "health in a text": ("health", piece("The clinic called.", channel="sms")),
    "health in the app": ("health", piece("Your diagnosis is here.", channel="in_app")),
    "health in a push": ("health", piece("Your diagnosis is here.", channel="push")),
    "health in the first line": ("health", piece("Hi Ana,\n\nYour test results came.")),
    "a need": ("need-named", piece("Hello. You seem anxious.")),
    "a need to a helper": ("need-named", piece("She is nervous.", channel="helper")),
    "a need in German": ("need-named", piece("Seien Sie unbesorgt, keine Angst.", language="de")),
}


@pytest.mark.parametrize("name", FINDS)
def test_a_rule_finds_what_it_is_for(name: str) -> None:
    """And nothing else is found in the same words."""
    rule, text = FINDS[name]
    assert set(rules(text)) == {rule}


LETS_BE = {
    "a default": piece('Hi {{ customer.first_name | default: "there" }}, hello.'),
    "an if": piece("{% if facts.place %}Come to {{ facts.place }}.{% endif %}", channel="sms"),
    "a link": piece("[Look]({{ tracker_url }}) or [write](mailto:service@example.com)."),
    "an address in a text": piece("Look: {{ tracker_url }}", channel="sms"),
    "two text messages": piece("long. " * 50, channel="sms"),
    "health further down": piece(
        "Hi Ana,\n\n" + "We look forward to it, and here is how it goes. " * 3 + "A blood test."
    ),
    "health for a person who calls": piece("Ask for the diagnosis.", channel="call"),
    "a part of a word": piece("Hello. A collaboration."),
    "no hurry": piece("Hello. There is no hurry, and either answer is fine."),
}


@pytest.mark.parametrize("name", LETS_BE)
def test_a_rule_lets_be_what_is_fine(name: str) -> None:
    """A linter that cries wolf is switched off."""
    assert rules(LETS_BE[name]) == []


def test_hard_words_are_found_with_the_sentence() -> None:
    """Grade 8 at most, over 30 words and more."""
    text = "Communicating circumstantial modifications unambiguously is obligatory. " * 6
    (hard,) = found(piece(f"Hello.\n\n{text}"))
    assert hard.rule == "reading-level"
    assert "hardest is “Communicating circumstantial" in hard.what
    assert hard.line == 3


def test_a_finding_stands_at_its_line_of_the_template() -> None:
    """Also where the words go on in the next line."""
    (alarm,) = found(piece("Hello.\n\nThis is the\nfinal notice for you."))
    assert (alarm.path, alarm.line) == ("actions[0].content.any.email.body", 4)


def test_words_are_looked_at_in_every_branch() -> None:
    """Once with all that may be known, and once without."""
    text = "Hello. {% if helper.name %}Act now.{% else %}Hurry up.{% endif %}"
    assert set(rules(piece(text))) == {"alarm", "scarcity"}


def test_a_call_has_the_same_words_for_everybody() -> None:
    """Also in each language: whoever calls would learn that this customer is not like the rest."""

    def call(body: str, told: str, language: str = "en") -> Piece:
        return piece(body, channel="call", told=told, language=language)

    same = [call("Ask how it goes.", "any"), call("Ask how  it goes.\n", "warm")]
    assert rules(*same) == []
    assert rules(same[0], call("Take your time.", "warm")) == ["call-differs"]
    german = call("Fragen Sie, wie es geht.", "any", "de")
    told = [f for f in found(same[0], german, same[1]) if f.rule == "call-differs"]
    assert [f.what for f in told] == ["in 'de', a call has other words for warm than any"]


def test_two_actions_with_one_subject_are_found() -> None:
    """A mailbox shows them as one conversation; approaches of one action may share theirs."""
    one, same = piece("Hello."), piece("Bye.", owner="bye", path="actions[1].content.any.email")
    assert rules(one, piece("Hi.", path="actions[0].content.brief.email")) == []
    (twice,) = found(one, same)
    assert (twice.rule, twice.owner) == ("same-subject", "bye")
    assert "'hello' has the same subject" in twice.what


def test_missing_translations_are_told_once_any_is_there() -> None:
    """Wholly untranslated actions in one line, a half translated one by its texts."""
    own = piece("Hello."), piece("Hello.", channel="sms")
    german = piece("Hallo.", path=f"{own[0].path}.says.de", language="de")
    other = piece("Bye.", owner="bye", path="actions[1].content.any.email", subject="Bye")
    assert rules(*own, other) == []
    half, whole = found(*own, german, other)
    assert half.what == "'de' is missing for any/sms"
    assert whole.what == "'de' is missing in 1 actions: bye"


def test_a_rule_is_silenced_with_a_reason_and_an_idle_silence_is_found() -> None:
    """What is allowed and not there would hide the next one."""
    alarming = piece("Hello. Act now.")
    assert found(alarming, hello={"alarm": "It is a fire drill."}) == []
    (idle,) = found(piece("Hello."), hello={"alarm": "It is a fire drill."})
    assert (idle.rule, idle.path) == ("idle-allow", "actions[0].lint.allow.alarm")


def test_a_text_that_cannot_be_read_is_said_to_be_unread() -> None:
    """A value of another kind than the sample's: what nobody looked at is not praised."""
    (said,) = found(piece("Seen {{ facts.place | date_long }}. Act now.", missing=()))
    assert said.rule == "not-read"
    assert "is no moment" in said.what


def test_a_language_without_lists_is_said_not_to_be_measured() -> None:
    """Silence would look like praise."""
    (said,) = found(piece("Dringend.", language="nl"))
    assert said.rule == "not-measured"


@pytest.mark.parametrize("language", ["en", "de", "es", "fr"])
def test_every_language_has_every_list(language: str) -> None:
    """In lower case, as they are looked for."""
    path = files("ofone.conversations") / "lexicon" / f"{language}.toml"
    lists: dict[str, list[str]] = tomllib.loads(path.read_text(encoding="utf-8"))
    assert set(lists) == {"alarm", "guilt", "scarcity", "health", "need"}
    assert all(words and [w.lower() for w in words] == words for words in lists.values())
    assert {"alarm", "guilt", "scarcity", "health"} <= set(RULES)
