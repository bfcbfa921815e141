"""Traces, their events and what they lack."""

import re
from pathlib import Path

import pytest

from ofone.domain.errors import OfoneError
from ofone.domain.events import Happened
from ofone.sources import ReadOptions, Record, Unreadable, read

NAME = '<string key="concept:name" value="{}"/>'
TIME = '<date key="time:timestamp" value="2026-01-31T09:00:00.000+01:00"/>'
EVENT = f"<event>{NAME.format('Call')}{TIME}{{}}</event>"
CASE = NAME.format("case 1")


def records(tmp_path: Path, text: str, options: ReadOptions) -> list[Record]:
    path = tmp_path / "log.xes"
    path.write_text(text, encoding="utf-8")
    return list(read(path, options))


def trace(tmp_path: Path, *inner: str) -> list[Record]:
    """What is read from one trace; every argument stands on a line of its own, from line 2."""
    body = "\n".join(inner)
    return records(tmp_path, f"<log><trace>\n{body}\n</trace></log>", ReadOptions())


def event(tmp_path: Path, *attributes: str) -> Record:
    (record,) = trace(tmp_path, CASE, EVENT.format("".join(attributes)))
    return record


@pytest.mark.parametrize(
    ("prefix", "namespace"), [("", ""), ("", ' xmlns="urn:x"'), ("x:", ' xmlns:x="urn:x"')]
)
def test_an_event_of_a_trace_is_an_event_of_its_case(
    tmp_path: Path, prefix: str, namespace: str
) -> None:
    """With a namespace, a prefix or neither; what the log says of itself does not matter."""
    inner = f'<global>{TIME}</global><int key="n" value="1"/><trace>{CASE}{EVENT}</trace>'
    text = re.sub("<(/?)", rf"<\1{prefix}", f"<log{namespace}>{inner.format('')}</log>")
    (found,) = records(tmp_path, '<?xml version="1.0"?>\n' + text, ReadOptions())
    assert found == Happened(
        id="case 1:0",
        customer="case 1",
        name="Call",
        at=1_769_846_400_000_000,
        properties={"case": "case 1"},
    )


def test_ids_count_within_a_trace_and_traits_come_with_the_first_event(tmp_path: Path) -> None:
    """A second reading gives the same ids, and changes nothing."""
    city = '<string key="city" value="Ulm"/>'
    first, second = trace(tmp_path, CASE, city, EVENT.format(""), EVENT.format(""))
    assert isinstance(first, Happened)
    assert isinstance(second, Happened)
    assert (first.id, first.traits) == ("case 1:0", {"city": "Ulm"})
    assert (second.id, second.traits) == ("case 1:1", {})


@pytest.mark.parametrize(
    ("stage", "name"),
    [("COMPLETE", "Call"), ("complete", "Call"), ("", "Call"), ("START", "Call/start")],
)
def test_a_stage_before_the_end_is_part_of_the_name(tmp_path: Path, stage: str, name: str) -> None:
    """A playbook can wait for the end of an activity without knowing of stages."""
    found = event(tmp_path, f'<string key="lifecycle:transition" value="{stage}"/>')
    assert isinstance(found, Happened)
    assert (found.name, found.properties) == (name, {"case": "case 1"})


def test_attributes_keep_their_types(tmp_path: Path) -> None:
    """NaN is no value; what JSON cannot hold stays text."""
    found = event(
        tmp_path,
        '<int key="i" value="7"/><float key="f" value="2.50"/><boolean key="b" value="true"/>',
        '<date key="d" value="2026-01-31"/><float key="n" value="NaN"/>',
        '<float key="inf" value="INF"/><id key="u" value="0815"/>',
        '<list key="l"><values><int key="a" value="1"/><int key="a" value="2"/></values></list>',
        '<container key="c"><string key="x" value="y"/></container>',
        '<string key="m" value="own"><string key="inner" value="z"/></string>',
    )
    assert isinstance(found, Happened)
    kept = {**found.properties}
    assert {key: kept.pop(key) for key in ("i", "f", "b")} == {"i": 7, "f": 2.5, "b": True}
    assert {key: kept.pop(key) for key in ("l", "c")} == {"l": [1, 2], "c": {"x": "y"}}
    assert kept.pop("m") == {"value": "own", "inner": "z"}
    assert kept == {"d": "2026-01-31", "inf": "INF", "u": "0815", "case": "case 1"}


@pytest.mark.parametrize(
    ("attribute", "reason"),
    [
        ('<int key="i" value="UNKNOWN"/>', "i is no int: 'UNKNOWN'; correct it"),
        ('<boolean key="b" value="maybe"/>', "b is no boolean"),
        ("<list>" * 5_000 + "</list>" * 5_000, "inside another value"),
        ('<date key="time:timestamp" value="2026-01-31T09:00:00"/>', "has no zone"),
    ],
)
def test_a_bad_event_spoils_no_other(tmp_path: Path, attribute: str, reason: str) -> None:
    """Its origin is its line; its raw form can be mended and read again."""
    one, bad, two = trace(
        tmp_path, CASE, EVENT.format(""), EVENT.format(attribute), EVENT.format("")
    )
    assert isinstance(bad, Unreadable)
    assert bad.reason.startswith("log.xes:4: ")
    assert reason in bad.reason
    assert isinstance(one, Happened)
    assert isinstance(two, Happened)
    assert two.id == "case 1:2"


@pytest.mark.parametrize(
    ("inner", "reason"),
    [
        (
            EVENT.format(""),
            "the trace has no attribute 'concept:name'; it has: none; choose with --",
        ),
        (
            f"{CASE}<event>{TIME}</event>",
            "has no attribute 'concept:name'; it has: time:timestamp; choose with --activity",
        ),
        (f"{CASE}<event>{CASE}</event>", "the event has no attribute 'time:timestamp'"),
    ],
)
def test_what_an_event_lacks_is_named_in_the_words_of_the_log(
    tmp_path: Path, inner: str, reason: str
) -> None:
    """With the attributes there are, and the option that chooses one."""
    (bad,) = trace(tmp_path, inner)
    assert isinstance(bad, Unreadable)
    assert reason in bad.reason


def test_options_choose_the_attributes(tmp_path: Path) -> None:
    """The usual attribute is then one like any other."""
    text = f'<log><trace><int key="no" value="7"/>{CASE}{EVENT.format("")}</trace></log>'
    (found,) = records(tmp_path, text, ReadOptions(case_key="no"))
    assert isinstance(found, Happened)
    assert (found.customer, found.traits) == ("7", {"concept:name": "case 1"})


@pytest.mark.parametrize("option", ["case_key", "activity", "time"])
def test_an_option_that_names_nothing_stops_the_file(tmp_path: Path, option: str) -> None:
    """A slip of the pen costs one error, not a dead letter for each event."""
    text = f"<log><trace>{CASE}{EVENT.format('')}</trace></log>"
    with pytest.raises(OfoneError, match="has no attribute 'colour'; it has: concept:name"):
        records(tmp_path, text, ReadOptions(**{option: "colour"}))


def test_an_attribute_after_the_last_event_is_told_of(tmp_path: Path) -> None:
    """Nothing is dropped in silence."""
    _, late = trace(tmp_path, CASE, EVENT.format(""), '<string key="city" value="Ulm"/>')
    assert isinstance(late, Unreadable)
    assert late.raw == b'{"traits":{"city":"Ulm"}}'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id,customer,name", "log.xes: is not XES: syntax error"),
        ("", "log.xes: is not XES: no element found"),
        ("<html></html>", "log.xes: begins with <html>; an XES file begins with <log>"),
        ('<!DOCTYPE log [<!ENTITY a "b">]><log/>', "log.xes: has a DOCTYPE"),
    ],
)
def test_what_is_no_log_is_refused_as_a_whole(tmp_path: Path, text: str, message: str) -> None:
    """Also what would blow up: entities that multiply are not expanded."""
    with pytest.raises(OfoneError, match=message):
        records(tmp_path, text, ReadOptions())


def test_a_log_that_is_cut_gives_what_lies_before_the_cut(tmp_path: Path) -> None:
    """And says that there was more."""
    text = f"<log><trace>{CASE}{EVENT.format('')}{EVENT.format('')[:-9]}"
    one, last = records(tmp_path, text, ReadOptions())
    assert isinstance(one, Happened)
    assert isinstance(last, Unreadable)
    assert "log.xes: breaks off after 1 records: the XML breaks" in last.reason
