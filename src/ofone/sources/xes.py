"""Event logs of process mining: XES, IEEE 1849. A trace is a customer, its case.

Read with expat itself, one event at a time: a log of any size fits, every record knows its line,
and a document type declaration, which can make a small file endless, is refused.
"""

from collections.abc import Iterator
from math import isfinite, isnan
from xml.parsers import expat

import msgspec

from ofone.domain.errors import OfoneError
from ofone.sources.columns import event_name
from ofone.sources.files import CutShort, Opened, ReadOptions
from ofone.sources.wire import Record, Unreadable, parse_json


def records(file: Opened, options: ReadOptions) -> Iterator[Record]:
    """One record for every event of every trace; its origin is the line of the event.

    The case is the customer and the property ``case``; the id is ``case:index``, the index from 0
    within the trace, so cases must differ within a file. Attributes of the trace are traits of its
    first event. A stage other than complete is part of the name: ``Call/start``.
    Raises OfoneError, before the first record, if the file is no XES log or lacks a chosen key.
    """
    log = _Log(file.name, options)
    for chunk in file.chunks():
        yield from log.feed(chunk)
    yield from log.feed(b"", last=True)


_DEEP = 16
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


class _Node:
    __slots__ = ("children", "key", "line", "tag", "text")

    def __init__(self, tag: str, key: str, text: str, line: int) -> None:
        self.tag = tag
        self.key = key
        self.text = text
        self.line = line
        self.children: list[_Node] = []


class _Log:
    """Takes bytes and gives the records that they complete."""

    def __init__(self, name: str, options: ReadOptions) -> None:
        self.name = name
        self.options = options
        self.case_key = options.case_key or "concept:name"
        self.activity = options.activity or "concept:name"
        self.lifecycle = options.lifecycle or "lifecycle:transition"
        self.time = options.time or "time:timestamp"
        self.first = True
        self.root = ""
        self.open: list[_Node] = []
        self.done: list[Record] = []
        self.case: str | None = None
        self.index = 0
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.StartDoctypeDeclHandler = self._doctype

    def feed(self, chunk: bytes, *, last: bool = False) -> Iterator[Record]:
        broken = ""
        try:
            self.parser.Parse(chunk, last)
        except expat.ExpatError as error:
            broken = str(error)
        done, self.done = self.done, []
        yield from done
        if broken and not self.root:
            raise OfoneError(f"{self.name}: is not XES: {broken}; give an XML file with a <log>")
        if broken:
            raise CutShort(f"the XML breaks: {broken}")

    def _doctype(self, *_: object) -> None:
        raise OfoneError(f"{self.name}: has a DOCTYPE, which XES does not use; take it out")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        if not self.open:
            if tag != "log":
                raise OfoneError(f"{self.name}: begins with <{tag}>; an XES file begins with <log>")
            self.root = tag
        line = self.parser.CurrentLineNumber
        self.open.append(_Node(tag, attributes.get("key", ""), attributes.get("value", ""), line))

    def _end(self, _: str) -> None:
        node = self.open.pop()
        if node.tag == "event":
            self.done.append(self._record(self.open[-1], node))
        elif node.tag == "trace":
            if self.index and node.children:
                self.done.append(self._late(node))
            self.case, self.index = None, 0
        # What the log says of itself is nobody's event; what lies deep is refused without it.
        elif 1 < len(self.open) < _DEEP:
            self.open[-1].children.append(node)

    def _record(self, trace: _Node, event: _Node) -> Record:
        origin = f"{self.name}:{event.line}"
        faults: list[str] = []
        traits = _values(trace.children, faults)
        if self.case is None and self.case_key in traits:
            self.case = next(a.text for a in trace.children if a.key == self.case_key)
        trace.children.clear()
        said = {attribute.key: attribute.text for attribute in event.children}
        self._insist(faults, "trace", "case_key", self.case_key, [*traits], self.case)
        self._insist(faults, "event", "activity", self.activity, [*said], said.get(self.activity))
        self._insist(faults, "event", "time", self.time, [*said], said.get(self.time))
        traits.pop(self.case_key, None)
        properties = _values(event.children, faults)
        for key in (self.activity, self.lifecycle, self.time):
            properties.pop(key, None)
        wire: dict[str, object] = {
            "name": event_name(said.get(self.activity, ""), said.get(self.lifecycle, "")),
            "time": said.get(self.time),
            "properties": properties,
            "traits": traits,
        }
        if self.case is not None:
            wire |= {"id": f"{self.case}:{self.index}", "customer": self.case}
            properties["case"] = self.case
        self.index += 1
        self.first = False
        raw = msgspec.json.encode(wire)
        if faults:
            return Unreadable(raw=raw, reason=f"{origin}: {'; '.join(faults)}", origin=origin)
        return parse_json(raw, origin)

    def _insist(
        self, faults: list[str], what: str, option: str, key: str, keys: list[str], text: str | None
    ) -> None:
        """A key that was chosen and is not there from the start is a slip; stop before it costs."""
        if text is not None:
            return
        fault = (
            f"the {what} has no attribute {key!r}; it has: {', '.join(keys) or 'none'}; "
            f"choose with --{option.replace('_', '-')}"
        )
        if self.first and getattr(self.options, option):
            raise OfoneError(f"{self.name}: {fault}")
        faults.append(fault)

    def _late(self, trace: _Node) -> Unreadable:
        origin = f"{self.name}:{trace.children[0].line}"
        return Unreadable(
            raw=msgspec.json.encode({"traits": _values(trace.children, [])}),
            origin=origin,
            reason=f"{origin}: attributes of a trace after its last event; put them before it",
        )


def _values(nodes: list[_Node], faults: list[str]) -> dict[str, object]:
    values = {node.key: _value(node, faults) for node in nodes}
    return {key: value for key, value in values.items() if value is not None}


def _value(node: _Node, faults: list[str]) -> object:
    if node.tag == "list":
        # XES 2.0 has <values> between the list and its members, 1.0 has not.
        members = node.children
        if len(members) == 1 and members[0].tag == "values":
            members = members[0].children
        return [_value(member, faults) for member in members]
    inner = _values(node.children, faults)
    if node.tag == "container":
        return inner
    own = _scalar(node, faults)
    return {"value": own, **inner} if inner else own


def _scalar(node: _Node, faults: list[str]) -> str | int | float | bool | None:
    try:
        match node.tag:
            case "int":
                return int(node.text)
            case "float":
                number = float(node.text)
                # Data frames write NaN for what is missing; JSON has no infinity.
                return None if isnan(number) else number if isfinite(number) else node.text
            case "boolean":
                return _BOOLEANS[node.text.lower()]
            case _:
                return node.text
    except (KeyError, ValueError):
        faults.append(
            f"{node.key} is no {node.tag}: {node.text!r:.80}; correct it, or call it a string"
        )
        return node.text
