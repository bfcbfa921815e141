"""The JSON in which an event travels: an HTTP body, a line of a file, a dead letter.

    {"id": "e1", "customer": "c1", "name": "Application Submitted",
     "time": "2026-01-31T09:00:00+01:00", "properties": {…}, "traits": {…}, "source": "crm"}

The names of the Segment specification (messageId, userId, event, timestamp; type track or
identify) are understood as well. A flawless event takes one decode; whatever that refuses is
looked at a second time, slowly, which either understands it or can say what is wrong with it.
"""

from datetime import datetime
from difflib import get_close_matches
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from ofone.domain.errors import UnreadableEvent
from ofone.domain.events import Happened, Scalar, Value
from ofone.domain.times import iso, to_micros

LONGEST_KEY = 256
"""Characters that an id, a customer, a name or a source may have."""

_END = to_micros(datetime.fromisoformat("2201-01-01T00:00:00Z"))
_SIGNED_64 = range(-(2**63), 2**63)

_FIELDS = ("id", "customer", "name", "time", "properties", "traits", "source")
_ALIASES = {"messageId": "id", "userId": "customer", "event": "name", "timestamp": "time"}
# What Segment's own servers add to every call: of no use here, and no reason to refuse it.
_ENVELOPE = {"context", "integrations", "originalTimestamp", "receivedAt", "sentAt", "version"}
_ENVELOPE |= {"channel", "projectId", "writeKey", "_metadata", "anonymousId", "type"}

_Key = Annotated[str, Meta(min_length=1, max_length=LONGEST_KEY)]
_Int = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
_Scalar = str | _Int | float | bool | None
_Value = _Scalar | list[_Scalar] | dict[str, _Scalar]


class Unreadable(Struct, frozen=True, kw_only=True):
    """Something that came in and is not an event. It goes to the dead letters.

    ``raw`` is what was read; where the format is not JSON it is the same record in the form above,
    so that it can be mended and given to ``parse_json`` again. ``origin`` is file and line.
    """

    raw: bytes
    reason: str
    origin: str


Record = Happened | Unreadable


class _Wire(Struct, kw_only=True, forbid_unknown_fields=True):
    """The flawless form. What it takes, ``_understood`` takes too, with the same result."""

    id: _Key
    customer: _Key
    name: _Key
    time: Annotated[datetime, Meta(tz=True)]
    properties: dict[str, _Value] = {}
    traits: dict[str, _Value] = {}
    source: Annotated[str, Meta(max_length=LONGEST_KEY)] = ""


_DECODER = msgspec.json.Decoder(_Wire)


def parse_json(raw: bytes, origin: str) -> Record:
    """Read one JSON object as an event. Never raises; ``origin`` begins the reason if it fails."""
    try:
        wire = _DECODER.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _second_look(raw, origin)
    at = to_micros(wire.time)
    blank = wire.id.isspace() or wire.customer.isspace() or wire.name.isspace()
    if blank or not 0 <= at < _END or b"\\u0000" in raw:
        return _second_look(raw, origin)
    return Happened(
        id=wire.id,
        customer=wire.customer,
        name=wire.name,
        at=at,
        properties=wire.properties,
        traits=wire.traits,
        source=wire.source,
    )


def to_json(event: Happened) -> bytes:
    """The event in the form above, in UTC; ``parse_json`` gives back an equal one."""
    wire: dict[str, object] = {
        "id": event.id,
        "customer": event.customer,
        "name": event.name,
        "time": iso(event.at),
    }
    if event.properties:
        wire["properties"] = event.properties
    if event.traits:
        wire["traits"] = event.traits
    if event.source:
        wire["source"] = event.source
    return msgspec.json.encode(wire)


def _second_look(raw: bytes, origin: str) -> Record:
    try:
        return _understood(raw)
    except UnreadableEvent as error:
        reason = str(error)
    except RecursionError:
        # Decoding stops there, and so may comparing or quoting what was just decoded.
        reason = "is nested far too deep; one level of names is kept"
    return Unreadable(raw=raw, reason=f"{origin}: {reason}", origin=origin)


def _understood(raw: bytes) -> Happened:
    said = _object(raw)
    for field in said:
        if field not in _FIELDS and field not in _ALIASES and field not in _ENVELOPE:
            raise UnreadableEvent(_unknown(field))
    fields, spelled = _translated({k: v for k, v in said.items() if v is not None})
    return Happened(
        id=_key(fields, "id", spelled),
        customer=_key(fields, "customer", spelled),
        name=_key(fields, "name", spelled),
        at=_moment(fields, spelled),
        properties=_values(fields, "properties"),
        traits=_values(fields, "traits"),
        source=_text(fields.get("source", ""), "source"),
    )


def _object(raw: bytes) -> dict[str, object]:
    try:
        said = msgspec.json.decode(raw.removeprefix(b"\xef\xbb\xbf"))
    except UnicodeDecodeError as error:
        raise UnreadableEvent(f"is not UTF-8: {error}; save it as UTF-8") from None
    except msgspec.DecodeError as error:
        hint = "write one object to a line, its names in double quotes"
        if b"NaN" in raw or b"Infinity" in raw:
            hint = "JSON has neither NaN nor Infinity: leave the value out"
        elif "trailing characters" in str(error):
            hint = "write one event a line; with curl use --data-binary, as -d joins the lines"
        raise UnreadableEvent(f"is not JSON: {error}; {hint}") from None
    if not isinstance(said, dict):
        raise UnreadableEvent(f"is {_kind(said)}; write one object to a line: {{…}}")
    return said


def _unknown(field: str) -> str:
    close = get_close_matches(field, (*_FIELDS, *_ALIASES), n=1)
    guess = f"did you mean {close[0]!r}? " if close else ""
    return (
        f"unknown field {field!r:.80}; {guess}fields are: {', '.join(_FIELDS)}; "
        "anything else belongs under properties"
    )


def _translated(said: dict[str, object]) -> tuple[dict[str, object], dict[str, str]]:
    """The fields under their own names, and for each the name that was used."""
    fields, spelled = dict(said), {field: field for field in _FIELDS}
    for alias, field in _ALIASES.items():
        if alias not in fields:
            continue
        value = fields.pop(alias)
        if fields.setdefault(field, value) != value:
            raise UnreadableEvent(f"{field} and {alias} differ; give one of them")
        spelled[field] = alias
    kind = fields.pop("type", "track")
    if kind == "identify":
        fields.setdefault("name", "Customer Identified")
    elif kind != "track":
        raise UnreadableEvent(
            f"type {kind!r:.80} is not taken; send type track or identify, "
            "or put a type of your own under properties"
        )
    if "anonymousId" in fields and "customer" not in fields:
        raise UnreadableEvent(
            "has an anonymousId but no userId; an event belongs to a customer: "
            "send userId, or send the event once the person is known"
        )
    return fields, spelled


def _key(fields: dict[str, object], field: str, spelled: dict[str, str]) -> str:
    label = spelled[field]
    if field not in fields:
        raise UnreadableEvent(f'has no {label}; an event needs "{label}": "…"')
    value = fields[field]
    if isinstance(value, int | float):
        word = str(value).lower()
        raise UnreadableEvent(f'{label} {word:.80} is {_kind(value)}; quote it: "{word:.80}"')
    text = _text(value, label)
    if not text or text.isspace():
        raise UnreadableEvent(f"{label} is empty; give it at least one character")
    return text


def _text(value: object, label: str) -> str:
    if not isinstance(value, str):
        raise UnreadableEvent(f'{label} is {_kind(value)}; write a text: "…"')
    if len(value) > LONGEST_KEY:
        raise UnreadableEvent(
            f"{label} has {len(value)} characters; at most {LONGEST_KEY} are taken: "
            "shorten it, or use a hash of it"
        )
    return _without_nul(value, label)


def _without_nul(text: str, label: str) -> str:
    if "\0" in text:
        raise UnreadableEvent(f"{label:.80} holds a NUL character; leave it out")
    return text


def _moment(fields: dict[str, object], spelled: dict[str, str]) -> int:
    label = spelled["time"]
    if "time" not in fields:
        raise UnreadableEvent(f'has no {label}; an event needs "{label}": "2026-01-31T09:00:00Z"')
    value = fields["time"]
    if not isinstance(value, str):
        raise UnreadableEvent(
            f'{label} is {_kind(value)}; write it as text with its zone: "2026-01-31T09:00:00Z"'
        )
    try:
        at = to_micros(_parsed(value))
    except ValueError as error:
        raise UnreadableEvent(f"{label} {value!r:.80} {error}") from None
    if not 0 <= at < _END:
        raise UnreadableEvent(f"{label} {value!r} is out of range; years 1970 to 2200 are taken")
    return at


def _parsed(text: str) -> datetime:
    try:
        moment = msgspec.convert(text, datetime)
    except msgspec.ValidationError:
        # ISO 8601 knows more spellings than RFC 3339: databases leave out minutes of the offset.
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise ValueError("is not a time; write 2026-01-31T09:00:00Z or …+01:00") from None
    if moment.tzinfo is None:
        stem = moment.isoformat()
        raise ValueError(f"has no zone; write {stem}Z if it is UTC, or {stem}+01:00")
    return moment


def _values(fields: dict[str, object], field: str) -> dict[str, Value]:
    values = fields.get(field, {})
    if not isinstance(values, dict):
        raise UnreadableEvent(f"{field} is {_kind(values)}; write an object of names and values")
    return {
        _without_nul(name, f"a name in {field}"): _value(value, f"{field}.{name}")
        for name, value in values.items()
    }


def _value(value: object, label: str) -> Value:
    if isinstance(value, list):
        return [_scalar(one, f"{label}[{place}]") for place, one in enumerate(value)]
    if isinstance(value, dict):
        return {
            _without_nul(name, f"a name in {label}"): _scalar(one, f"{label}.{name}")
            for name, one in value.items()
        }
    return _scalar(value, label)


def _scalar(value: object, label: str) -> Scalar:
    if isinstance(value, str):
        return _without_nul(value, label)
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        if value not in _SIGNED_64:
            raise UnreadableEvent(f'{label:.80} is beyond 64 bits; quote it: "{value!s:.40}"')
        return value
    raise UnreadableEvent(
        f"{label:.80} is {_kind(value)} inside another value; a value is a scalar, a list of "
        "scalars or one level of names: give the inner values names of their own, "
        "or write them as one JSON text"
    )


def _kind(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case list():
            return "a list"
        case _:
            return "an object"
