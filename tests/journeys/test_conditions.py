"""Conditions: small, safe, total, and with a reason when they do not hold."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st
from tests.building import START
from tests.strategies import values

from ofone.journeys.conditions import BadCondition, compile_condition
from ofone.needs.model import Assessment, assess

NAMES = ("event", "traits", "facts", "needs", "step")
CALM = assess(None, START, "reassurance", 0.5)


def why_not(source: str, **given_: Any) -> str | None:
    context = {"event": {}, "traits": {}, "facts": {}, "needs": {}, "step": {"attempts": 0}}
    return compile_condition(source, NAMES).fails(context | given_)


@pytest.mark.parametrize(
    "source",
    [
        "event.amount > 1000",
        "event.result == 'approved' || event.result == 'rated'",
        "traits.country in ['DE', 'AT'] && step.attempts == 0",
        "!has(event.missing)",
        "event.tags.exists(tag, tag == 'vip')",
        "size(event.tags) == 1 && event.result.startsWith('app')",
    ],
)
def test_a_condition_that_holds_says_nothing(source: str) -> None:
    """None means: it holds."""
    event = {"amount": 1000.5, "result": "approved", "tags": ["vip"]}
    assert why_not(source, event=event, traits={"country": "AT"}) is None


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("event.amount > 2000", "“event.amount > 2000” does not hold"),
        ("event.limit > 1", "'limit' is not known, so “event.limit > 1” does not hold"),
        ("event.amount == 'many'", "“event.amount == 'many'” does not hold"),
        ("event.amount > 'many'", "cannot be decided: No such overload"),
        ("event.amount", "“event.amount” does not hold"),
        ("event.amount / 0 > 1", "cannot be decided: division by zero"),
        ("event.tags[3] == 'a'", "cannot be decided: index out of bounds"),
        ("event.amount + 9223372036854775807 > 0", "cannot be decided: Arithmetic overflow"),
    ],
)
def test_a_condition_that_does_not_hold_says_why(source: str, reason: str) -> None:
    """A missing name, another type, or arithmetic that fails: never an error, always a reason."""
    said = why_not(source, event={"amount": 1000, "tags": []})
    assert said is not None
    assert reason in said


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("event.amount >", "cannot be read: something is missing at its end; write it like"),
        ("event.x = 1", "“=” does not compare; did you mean ==?"),
        ("event.x => 1", "“=>” is no comparison; write >= or <="),
        ("event.x > 1 and event.y", "“and” is written &&"),
        ("event.x OR event.y", "“OR” is written ||"),
        ("not event.x", "“not” is written !"),
        ("event.x == “a”", "““” is a typographic quote; write straight ones"),
        ("event.x == 'a", "the quote before “a” is not closed"),
        ("event.x == two words", "“two words” is a text; write it in quotes: 'two words'"),
        ("(event.x", "a bracket is not closed; add )"),
        ("event.x ~ 5 && event.y", "cannot be read from “~ 5 && event.y” on; write it like"),
        ("event.result == offered", "if it is a text, quote it: 'offered'"),
        (
            "event.paid == True",
            "'True' is not known here; known are event, traits, facts, needs, step; write true",
        ),
        ("step.atempts == 0", "step has no 'atempts'; it has attempts, days"),
        ("step.id == 1", "step has no 'id'; it has attempts, days"),
        ("step['days'] == 1", "asks for step in brackets; write step.attempts"),
        ("step.attempts == '0'", "compares step.attempts, a number, with a text"),
        ("'0.5' < needs.trust.high", "compares needs.trust.high, a number, with a text"),
        ("needs.trust.known > 0.5", "mixes numbers, texts and yes/no"),
        ("1 + 1", "gives a number, not yes or no"),
        ("needs.trust.high", "gives a number, not yes or no"),
        ("event.a + event.b", "not yes or no"),
        ("needs.trust.high > 50", "it is a probability from 0 to 1; for 50 % write 0.5"),
        ("-1 < needs.trust.low", "compares needs.trust.low with -1, but it is a probability"),
        ("evnt.amount > 1", "'evnt' is not known here; known are event, traits, facts, needs"),
        ("needs.calm.high > 0.5", "there is no need 'calm'; needs are reassurance, urgency"),
        ("needs.trus.high > 0.5", "there is no need 'trus'; did you mean 'trust'? needs are"),
        ("needs.trust.score > 1", "needs.trust has no 'score'; it has mean, sd, high, low, known"),
        ("needs.trust > 1", "needs.trust has no ''; it has mean"),
        ("needs['trust'].high > 0.5", "write needs.reassurance.high > 0.5"),
    ],
)
def test_an_expression_that_cannot_be_used_is_refused_when_it_is_read(
    source: str, message: str
) -> None:
    """At validation, not at three in the morning: what is wrong, and what there is."""
    with pytest.raises(BadCondition) as caught:
        compile_condition(source, NAMES)
    assert message in str(caught.value)


def test_a_name_bound_by_the_expression_is_no_unknown_name() -> None:
    """``exists``, ``all`` and their kin bring a name of their own."""
    assert compile_condition("event.a.all(x, x > 1)", ("event",)).names == ("event",)


def test_a_need_is_read_from_its_assessment() -> None:
    """Exactly the needs and fields that the expression names are asked for."""
    condition = compile_condition("needs.reassurance.high > 0.3 && !needs.reassurance.known", NAMES)
    assert condition.needs == (("reassurance", "high"), ("reassurance", "known"))
    assert condition.fails({"needs": {"reassurance": CALM}}) is None


def test_a_remembered_answer_is_the_answer_of_these_numbers_only() -> None:
    """The memo is keyed by the values that were asked for."""
    condition = compile_condition("needs.reassurance.high > 0.5", ("needs",))
    sure = Assessment(mean=2, sd=0.5, high=0.99, low=0, known=True)
    for _ in range(2):
        assert condition.fails({"needs": {"reassurance": sure}}) is None
        assert condition.fails({"needs": {"reassurance": CALM}}) is not None


def test_equal_sources_share_one_condition() -> None:
    """Compiled once, however many journeys ask."""
    assert compile_condition("event.a == 1", NAMES) is compile_condition("event.a == 1", NAMES)


SOURCES = (
    *("event.x > 1", "event.x == 'a'", "event.x.y == 1", "event.x[0] == 1", "event['x'] == true"),
    *("-event.x > 1", "event.x * 9223372036854775807 > 1", "1 / event.x > 0", "1 % event.x == 0"),
    *("size(event.x) > 1", "event.x.matches('[')", "int(event.x) > 1", "event.x in event.x"),
    *("timestamp(event.x) > timestamp('2020-01-01T00:00:00Z')", "event.x.exists(y, 1 / y > 0)"),
    *("string(event.x) == ''", "double(event.x) > 0.0", "event.x + event.x == event.x", "event.x"),
)


@given(st.sampled_from(SOURCES), values)
def test_a_condition_is_total(source: str, value: Any) -> None:
    """Whatever a property holds: None, or a sentence."""
    said = why_not(source, event={"x": value})
    assert said is None or source in said


def test_an_unknown_function_is_refused_with_those_there_are() -> None:
    """It would compile, and then never hold."""
    with pytest.raises(BadCondition, match=r"no function 'near'; there are bool, bytes"):
        compile_condition("near(event.place)", ("event",))


@pytest.mark.parametrize(
    ("source", "never"),
    [
        ("needs.trust.high > 0.9 && needs.trust.high < 0.2", True),
        ("step.attempts < 0", True),
        ("needs.trust.high > 0.999 && step.days == 40", False),
        ("!needs.trust.known && needs.trust.mean < -3.5", False),
        ("event.x > 1 && event.x < 0", False),
        ("needs.trust.high > .5 && needs.trust.high < 0.5001", False),
        ("needs.trust.mean > 5.0", False),
        ("needs.trust.sd >= 1.1 && needs.trust.mean < -7.0", False),
        ("step.attempts * 7 == 21", False),
        ("string(step.days) == '4'", False),
        ("false", True),
    ],
)
def test_a_condition_that_no_values_make_hold_is_known(source: str, never: bool) -> None:
    """Only where all values are known: an event may hold anything."""
    assert compile_condition(source, NAMES).never is never


@pytest.mark.parametrize(
    "source", ["event.paid", "event.step.id == 1", "event.needs.calm > 1", "event.x == 'step.id'"]
)
def test_what_an_event_holds_is_open(source: str) -> None:
    """A property may be named like anything, and may be yes or no by itself."""
    assert compile_condition(source, NAMES).names == ("event",)


def test_a_condition_knows_the_facts_it_asks_for() -> None:
    """So that they can be checked against what is remembered."""
    assert compile_condition("has(facts.b) && facts.a.startsWith('x')", NAMES).facts == ("a", "b")


@given(st.text("abnedst.'\"()[]<>=!&|019 -+,?:", max_size=30))
def test_whatever_is_written_is_a_condition_or_a_bad_one(text: str) -> None:
    """No other error comes out of reading an expression."""
    for source in (text, f"step.days{text}", f"needs.trust.high > {text}", f"event.{text}"):
        with suppress(BadCondition):
            assert compile_condition(source, NAMES).source == source


@given(
    st.lists(
        st.one_of(
            st.builds(
                "needs.reassurance.{} {} {:.3f}".format,
                st.sampled_from(["mean", "sd", "high", "low"]),
                st.sampled_from(["<", "<=", ">", ">="]),
                st.sampled_from([0.0, 0.309, 0.5, 1.0]),
            ),
            st.builds(
                "step.{} {} {}".format,
                st.sampled_from(["attempts", "days"]),
                st.sampled_from(["<", "<=", ">", ">=", "==", "!="]),
                st.integers(0, 2),
            ),
        ),
        min_size=1,
        max_size=3,
    ),
    st.sampled_from([0.0, 0.309, 0.5, 0.7]),
    st.integers(0, 2),
)
def test_what_is_compared_here_is_what_cel_says(parts: list[str], p: float, n: int) -> None:
    """The quick way gives the same answer, in the same words."""
    try:
        condition = compile_condition(" && ".join(parts), NAMES)
    except BadCondition:
        reject()  # a comparison that can never matter
    assert condition._compared
    belief = Assessment(mean=p, sd=p, high=p, low=p, known=True)
    context = {"needs": {"reassurance": belief}, "step": {"attempts": n, "days": n}}
    assert condition.fails(context) == condition._run(context)
