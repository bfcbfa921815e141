"""What the columns of a table mean: the same for every format that has columns."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import NamedTuple

import msgspec

from ofone.domain.errors import OfoneError
from ofone.sources.files import ReadOptions

_USUAL = {"id": "id", "customer": "customer", "name": "name", "time": "time", "source": "source"}
_USUAL |= {"messageId": "id", "userId": "customer", "event": "name", "timestamp": "time"}
_NEEDED = {"id": "--id", "customer": "--case-key", "name": "--activity", "time": "--time"}


class Place(NamedTuple):
    """Where a column's value goes: ``section`` is "" for a field of the event itself."""

    section: str
    key: str


def places(header: Sequence[str], options: ReadOptions, where: str) -> list[Place]:
    """A place for every column. Raises OfoneError for a header that cannot make an event.

    ``trait.x`` is the trait x; every column without a meaning of its own is a property.
    """
    for number, column in enumerate(header, 1):
        if not column:
            raise OfoneError(f"{where}: column {number} has no name; name it, or take it out")
        if column in header[: number - 1]:
            raise OfoneError(f"{where}: two columns are named {column!r}; rename one of them")
    chosen = {
        "id": options.id,
        "customer": options.case_key,
        "name": options.activity,
        "lifecycle": options.lifecycle,
        "time": options.time,
    }
    for column in chosen.values():
        if column and column not in header:
            raise OfoneError(f"{where}: no column {column!r}; {_list(header)}")
    found = [_place(column, chosen) for column in header]
    for field, option in _NEEDED.items():
        count = found.count(Place("", field))
        if count > 1:
            raise OfoneError(f"{where}: two columns give the {field}; choose with {option}")
        if count == 0:
            close = get_close_matches(field, header, n=1)
            guess = f"is it {close[0]!r}? " if close else ""
            raise OfoneError(
                f"{where}: no column {field!r}; {guess}"
                f"rename the one that holds it, or choose it with {option}; {_list(header)}"
            )
    return found


def wire(places: Iterable[Place], values: Iterable[object]) -> bytes:
    """One row as the JSON of an event; what is None is left out."""
    properties: dict[str, object] = {}
    traits: dict[str, object] = {}
    fields: dict[str, object] = {}
    sections = {"": fields, "properties": properties, "traits": traits}
    for (section, key), value in zip(places, values, strict=True):
        if value is not None:
            sections[section][key] = value
    lifecycle = fields.pop("lifecycle", None)
    if lifecycle is not None and "name" in fields:
        fields["name"] = event_name(str(fields["name"]), str(lifecycle))
    if properties:
        fields["properties"] = properties
    if traits:
        fields["traits"] = traits
    return msgspec.json.encode(fields)


def event_name(activity: str, lifecycle: str) -> str:
    """The activity alone once it is complete, ``activity/start`` and the like before."""
    stage = lifecycle.lower()
    return activity if stage in {"", "complete"} else f"{activity}/{stage}"


def _place(column: str, chosen: dict[str, str]) -> Place:
    for field, name in chosen.items():
        if column == name:
            return Place("", field)
    field = _USUAL.get(column, "")
    if field and not chosen.get(field):
        return Place("", field)
    trait = column.removeprefix("trait.")
    return Place("traits", trait) if trait != column else Place("properties", column)


def _list(header: Sequence[str]) -> str:
    return f"columns are: {', '.join(header)}"
