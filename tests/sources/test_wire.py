"""The one form of JSON that every event takes."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ofone.domain.events import Happened
from ofone.domain.times import to_datetime
from ofone.sources import Unreadable, parse_json, to_json

GOOD = {"id": "e1", "customer": "c1", "name": "Saved", "time": "2026-01-31T09:00:00+01:00"}
SAVED = Happened(id="e1", customer="c1", name="Saved", at=1_769_846_400_000_000)
SEGMENT = {"id": "messageId", "customer": "userId", "name": "event", "time": "timestamp"}

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
keys = texts.filter(lambda text: text.strip() != "" and len(text) <= 256)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
)
values = scalars | st.lists(scalars, max_size=3) | st.dictionaries(texts, scalars, max_size=3)
moments = st.integers(0, 7_289_654_399_999_999)
events = st.builds(
    Happened,
    id=keys,
    customer=keys,
    name=keys,
    at=moments,
    properties=st.dictionaries(texts, values, max_size=3),
    traits=st.dictionaries(texts, values, max_size=3),
    source=texts,
)
anything = st.recursive(
    scalars | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
fields = st.sampled_from([*GOOD, *SEGMENT.values(), "type", "properties", "traits", "source", "x"])


def wire(**changes: Any) -> bytes:
    """The good event with changes; None takes a field out."""
    said = {**GOOD, **changes}
    return json.dumps({k: v for k, v in said.items() if v is not None}).encode()


def refused(raw: bytes) -> str:
    record = parse_json(raw, "events.jsonl:17")
    assert isinstance(record, Unreadable)
    assert (record.raw, record.origin) == (raw, "events.jsonl:17")
    return record.reason


@given(events)
def test_an_event_survives_the_way_out_and_in(event: Happened) -> None:
    """What ``to_json`` writes, ``parse_json`` reads as the same event, types included."""
    read = parse_json(to_json(event), "here")
    assert read == event
    assert repr(read) == repr(event)


@given(events)
def test_segments_names_mean_the_same_as_ours(event: Happened) -> None:
    """The fast and the slow way agree on every event."""
    said = json.loads(to_json(event))
    renamed = {SEGMENT.get(name, name): value for name, value in said.items()}
    call = {**renamed, "type": "track", "context": {"ip": "::1"}, "anonymousId": "a1"}
    assert repr(parse_json(json.dumps(call).encode(), "here")) == repr(event)


@given(st.binary() | st.dictionaries(fields, anything).map(lambda said: json.dumps(said).encode()))
def test_nothing_that_comes_in_raises(raw: bytes) -> None:
    """Any bytes are one record: an event, or a dead letter with its reason."""
    record = parse_json(raw, "line:1")
    assert isinstance(record, Happened) or record.reason.startswith("line:1: ")


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(GOOD, anything)))
def test_an_event_with_any_field_spoilt_is_still_one_record(spoilt: dict[str, Any]) -> None:
    """Whatever stands in a field, the rest of the line does not matter to the outcome."""
    record = parse_json(json.dumps({**GOOD, **spoilt}).encode(), "line:1")
    assert isinstance(record, Happened | Unreadable)


@pytest.mark.parametrize(
    ("time", "utc"),
    [
        ("2026-01-31T09:00:00Z", "2026-01-31T09:00:00+00:00"),
        ("2026-01-31T09:00:00.123456-05:30", "2026-01-31T14:30:00.123456+00:00"),
        ("2026-01-31 09:00:00+00", "2026-01-31T09:00:00+00:00"),
        ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00+00:00"),
        ("2200-12-31T23:59:59Z", "2200-12-31T23:59:59+00:00"),
    ],
)
def test_a_time_with_a_zone_is_read_exactly(time: str, utc: str) -> None:
    """RFC 3339, and what databases make of it."""
    event = parse_json(wire(time=time), "here")
    assert isinstance(event, Happened)
    assert to_datetime(event.at).isoformat() == utc


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"time": "2026-01-31T09:00:00"}, "has no zone; write 2026-01-31T09:00:00Z if"),
        ({"time": "2026-01-31"}, "has no zone"),
        ({"time": "soon"}, "time 'soon' is not a time; write 2026-"),
        ({"time": 1769850000}, "time is a number; write it as text with its zone"),
        ({"time": "1969-12-31T23:59:59Z"}, "out of range; years 1970 to 2200"),
        ({"time": "2201-01-01T00:00:00Z"}, "out of range"),
        ({"time": None}, 'has no time; an event needs "time"'),
        ({"id": 42}, 'id 42 is a number; quote it: "42"'),
        ({"customer": True}, 'customer true is a boolean; quote it: "true"'),
        ({"customer": " "}, "customer is empty"),
        ({"name": None}, "has no name"),
        ({"id": "x" * 257}, "id has 257 characters; at most 256"),
        ({"id": "a\0b"}, "id holds a NUL character"),
        ({"properties": {"a": "\0"}}, "properties.a holds a NUL character"),
        ({"properties": {"a": {"b": {"c": 1}}}}, "properties.a.b is an object inside another"),
        ({"properties": {"a": 2**63}}, 'properties.a is beyond 64 bits; quote it: "9223'),
        ({"properties": {"a": float("nan")}}, "JSON has neither NaN nor Infinity"),
        ({"traits": [1]}, "traits is a list; write an object"),
        ({"source": 5}, "source is a number; write a text"),
        ({"custommer": "c1"}, "unknown field 'custommer'; did you mean 'customer'? fields are: id"),
        ({"colour": "red"}, "unknown field 'colour'; fields are: "),
        ({"userId": "c2"}, "customer and userId differ"),
        ({"type": "page"}, "type 'page' is not taken; send type track or identify"),
    ],
)
def test_a_refusal_says_what_would_work(changes: dict[str, Any], reason: str) -> None:
    """Each reason begins with the place and names the field."""
    said = refused(wire(**changes))
    assert said.startswith("events.jsonl:17: ")
    assert reason in said


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"{", "is not JSON"),
        (b"[]", "is a list; write one object to a line"),
        (b'{"id": "\xff"}', "is not UTF-8"),
        (b'{"id": "a\0"}', "is not JSON"),
        (b'{"id": "\\ud800"}', "is not JSON"),
        (b"[" * 100_000, "is nested far too deep"),
        (b'{"id": ' * 100_000, "is nested far too deep"),
        (b'{"id": "1"}{"id": "2"}', "with curl use --data-binary"),
        (b'{"anonymousId": "a1", "event": "Saved"}', "has an anonymousId but no userId"),
        (b'{"messageId": 7}', 'messageId 7 is a number; quote it: "7"'),
    ],
)
def test_bytes_that_are_no_event_are_told_why(raw: bytes, reason: str) -> None:
    """Broken JSON, broken text and half an event are dead letters, not errors."""
    assert reason in refused(raw)


def test_identify_is_an_event_that_brings_traits() -> None:
    """Segment's identify has no name of its own."""
    call = {"type": "identify", "messageId": "e1", "userId": "c1", "traits": {"city": "Ulm"}}
    event = parse_json(json.dumps({**call, "timestamp": GOOD["time"]}).encode(), "here")
    assert isinstance(event, Happened)
    assert (event.name, event.traits) == ("Customer Identified", {"city": "Ulm"})


def test_null_is_the_same_as_absent_in_an_optional_field() -> None:
    """Many clients send what they do not have as null."""
    raw = json.dumps({**GOOD, "properties": None, "traits": None, "source": None}).encode()
    assert parse_json(raw, "here") == SAVED


def test_a_byte_order_mark_is_no_fault() -> None:
    """Editors on Windows write one."""
    assert parse_json(b"\xef\xbb\xbf" + wire(), "here") == SAVED
