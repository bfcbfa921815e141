"""Liquid in a box: what a designer may write, checked before it runs and named when it fails.

A template sees the mapping it is given and nothing else: no files, no clock, no attributes of
objects. Names that begin with ``_`` (``_zone``, ``_locale``) are for the filters, not for texts.
What is missing or empty is never printed as nothing: the message is held, with the name in it.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from difflib import get_close_matches
from functools import lru_cache, wraps
from typing import Any, TextIO
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import DateTimePattern, format_time, match_skeleton, parse_pattern
from babel.numbers import format_decimal
from liquid import Environment, FalsyStrictUndefined
from liquid.builtin.output import Output, OutputNode
from liquid.context import RenderContext
from liquid.exceptions import FilterArgumentError, LiquidError, UndefinedError
from liquid.filter import liquid_filter, string_filter, with_context
from liquid.output import LimitedStringIO
from liquid.stringify import to_liquid_string
from liquid.template import BoundTemplate
from liquid.utils import ReadOnlyChainMap

from ofone.domain.errors import TemplateError
from ofone.domain.times import to_datetime

LIMIT = 100_000
"""The most that a template may print or remember, in bytes."""

TAGS = ("if", "unless", "case", "for", "break", "continue", "assign", "comment", "#")

SLOT = re.compile(r"oqslot(\d+)z")
"""Where the n-th printed value goes in a skeleton. Letters only: Markdown leaves them alone."""

# Control characters, lone surrogates, and what turns the reading direction of the text around.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)

_BREAKS = re.compile(r"[^\S\u00a0\u202f]+")  # white space, but not where a line must not break


class Perhaps(dict[str, Any]):
    """In a tree of names: a group that is there or not, so that a text may ask {% if group %}."""


def printable(text: str) -> str:
    """The text in one line: no control characters, and one space for any run of white space."""
    return " ".join(_UNPRINTABLE.sub("", text).split())


def render(source: str, context: Mapping[str, Any], where: str) -> str:
    """The text of a template. Raises TemplateError, whose message begins with ``where``."""
    return _render(source, context, where, None)


def skeleton(source: str, context: Mapping[str, Any], where: str) -> tuple[str, list[str]]:
    """The text with a ``SLOT`` for each printed value, and the values, in one line each.

    So a value never passes through Markdown, and most customers share one skeleton.
    """
    values: list[str] = []
    return _render(source, context, where, values), values


def outline(source: str) -> str:
    """A skeleton with all branches of a template in it, to look at its Markdown unrendered."""
    return re.sub(r"(?s)\{%.*?%\}", "", re.sub(r"(?s)\{\{.*?\}\}", "oqslot0z", source))


def check(source: str, known: Mapping[str, Any]) -> list[str]:
    """What is wrong with a template, each with its line in the template; empty when nothing is.

    ``known`` is the tree of names that may exist: a mapping holds the names below it; None is a
    value, or something whose inside is not checked.
    """
    try:
        found = _compiled(source).analyze(include_partials=False)
    except LiquidError as err:
        return [_why(err, source, known)]
    problems = [
        (variable.span.index, _misnamed(variable.segments, known))
        for variables in found.globals.values()
        for variable in variables
    ] + [
        (span.index, f"unknown filter {name!r}; {_offer(name, _SANDBOX.filters)}")
        for name, spans in found.filters.items()
        if name not in _SANDBOX.filters
        for span in spans
    ]
    lined = sorted({(source.count("\n", 0, at) + 1, what) for at, what in problems if what})
    return [f"line {line}: {what}" for line, what in lined]


class _Context(RenderContext):
    """Without Liquid's ``now`` and ``today``: a text that reads the clock cannot be repeated."""

    __slots__ = ("values",)

    def __init__(
        self, template: BoundTemplate, given: Mapping[str, Any], values: list[str] | None
    ) -> None:
        super().__init__(template, globals=given)
        self.scope = ReadOnlyChainMap(self.locals, self.globals)
        self.values = values


class _Template(BoundTemplate):
    def make_partial_namespace(self, *_: object, **__: object) -> Mapping[str, object]:
        return {}


class _PrintNode(OutputNode):
    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        value = self.expression.evaluate(context)
        name = str(self.expression).partition(" | ")[0]
        if value is None:
            raise UndefinedError(
                f"{name} is empty; put it inside {{% if {name} %}} … {{% endif %}}, "
                f'or write {{{{ {name} | default: "…" }}}}',
                token=self.token,
            )
        if isinstance(value, dict):
            raise UndefinedError(f"{name} is a group; {_offer('', value, name)}", token=self.token)
        text = to_liquid_string(value, autoescape=False)
        if not isinstance(context, _Context) or context.values is None:
            return buffer.write(text)
        context.values.append(_BREAKS.sub(" ", _UNPRINTABLE.sub("", text)).strip())
        return buffer.write(f"oqslot{len(context.values) - 1}z")


class _Print(Output):
    node_class = _PrintNode


@lru_cache(maxsize=4096)
def _compiled(source: str) -> BoundTemplate:
    if "oqslot" in source:
        raise LiquidError("the letters “oqslot” are kept for our own use", token=None)
    return _SANDBOX.from_string(source)


def _render(source: str, context: Mapping[str, Any], where: str, values: list[str] | None) -> str:
    buffer = LimitedStringIO(LIMIT)
    try:
        template = _compiled(source)
        template.render_with_context(_Context(template, context, values), buffer)
    except LiquidError as err:
        raise TemplateError(f"{where}: {_why(err, source, context)}") from err
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as err:
        raise TemplateError(f"{where}: {err} ({type(err).__name__})") from err
    return buffer.getvalue()


def _why(err: LiquidError, source: str, tree: Mapping[str, Any]) -> str:
    """One line for a person: where in the template, what is wrong, and what would work."""
    what = str(err.message)
    if isinstance(err, UndefinedError) and what.endswith(" is undefined"):
        what = _misnamed(what.removesuffix(" is undefined").strip("'").split("."), tree) or what
    if tag := re.fullmatch(r"expected tag (\w+), found .*", what):
        what = f"{{% {tag[1]} %}} is missing"
    elif tag := re.fullmatch(r"unexpected tag '(end\w+|els\w+|when)'", what):
        what = f"{{% {tag[1]} %}} belongs to nothing above it"
    elif tag := re.fullmatch(r"unexpected tag '(\w+)'", what):
        what = f"unknown tag {tag[1]!r}; {_offer(tag[1], TAGS)}"
    at = err.token.start_index if err.token else -1
    return f"line {source.count(chr(10), 0, at if at >= 0 else _place(err, source)) + 1}: {what}"


def _place(err: LiquidError, source: str) -> int:
    """Where a template begins to be wrong, for errors that Liquid only sees at the end.

    It is the shortest beginning that fails in the same way, after the longest that is right.
    """
    place = len(source)
    for end in reversed([match.end() for match in re.finditer("[%}]}", source)]):
        try:
            _SANDBOX.from_string(source[:end])
        except LiquidError as earlier:
            place = end if str(earlier.message) == str(err.message) else place
        else:
            break
    return place


def _misnamed(segments: Sequence[object], tree: Mapping[str, Any]) -> str:
    """What is wrong with a path such as customer.name, or nothing."""
    node: object = tree
    for depth, segment in enumerate(segments):
        if not isinstance(node, Mapping):
            return ""
        if not isinstance(segment, str):  # an index, or a name that is only known at the time
            return ""
        if segment not in node:
            above = ".".join(map(str, segments[:depth]))
            path = f"{above}.{segment}" if above else segment
            return f"unknown name {path}; {_offer(segment, node, above)}"
        node = node[segment]
    path = ".".join(map(str, segments))
    if not isinstance(node, Mapping) or isinstance(node, Perhaps):
        return ""
    return f"{path} is a group; {_offer('', node, path)}"


def _offer(name: str, names: Iterable[str], above: str = "") -> str:
    """What would work: the nearest name, and all there are."""
    there = sorted(n for n in names if not n.startswith("_"))
    near = get_close_matches(name, there, n=1)
    prefix = f"{above}." if above else ""
    return (f"did you mean {prefix}{near[0]}? " if near else "") + (
        f"{above or 'there'} {'holds' if above else 'are'}: {', '.join(there) or 'nothing'}"
    )


class _Dates:
    """How one language writes dates: the patterns of the Unicode CLDR, without the year."""

    def __init__(self, locale: Locale) -> None:
        options = locale.datetime_skeletons
        # CLDR lists few widths; TR 35 widens the fields of the nearest pattern.
        nearest = options[match_skeleton("MMMMEEEEd", options) or "MMMEd"].pattern
        self.locale = locale
        wide = re.sub("MMM+", "MMMM", re.sub("E+", "EEEE", re.sub("ccc+", "cccc", nearest)))
        self.long = parse_pattern(wide)
        self.short: DateTimePattern = options["MMMd"]


@lru_cache(maxsize=256)
def _dates(locale: str) -> _Dates:
    """By language tag; a region nobody knows falls back to its language, and that to English."""
    for name in (locale.replace("-", "_"), re.split("[-_]", locale)[0]):
        try:
            return _Dates(Locale.parse(name))
        except (UnknownLocaleError, ValueError):
            continue
    return _Dates(Locale("en"))


def _written(context: RenderContext) -> _Dates:
    return _dates(str(context.globals.get("_locale") or "en"))


def _moment(value: object, context: RenderContext) -> date:
    """A date, or a datetime in the reader's zone: from Micros or from ISO 8601 text."""
    try:
        if isinstance(value, int) and not isinstance(value, bool):
            return to_datetime(value).astimezone(_zone(context))
        if isinstance(value, str) and len(value) == len("2026-03-10"):
            return date.fromisoformat(value)
        if isinstance(value, str) and (moment := datetime.fromisoformat(value)).tzinfo:
            return moment.astimezone(_zone(context))
    except (ValueError, OverflowError):
        pass
    raise FilterArgumentError(
        f"{value!r} is no moment; write 2026-03-10T10:20:00+01:00, …Z or 2026-03-10", token=None
    )


def _zone(context: RenderContext) -> ZoneInfo:
    name = str(context.globals.get("_zone") or "UTC")
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError) as err:
        raise FilterArgumentError(
            f"unknown zone {name!r}; zones are named like Europe/Berlin", token=None
        ) from err


@with_context
@liquid_filter
def _date_long(value: object, *, context: RenderContext) -> str:
    written = _written(context)
    return written.long.apply(_moment(value, context), written.locale)


@with_context
@liquid_filter
def _date_short(value: object, *, context: RenderContext) -> str:
    written = _written(context)
    return written.short.apply(_moment(value, context), written.locale)


@with_context
@liquid_filter
def _time(value: object, *, context: RenderContext) -> str:
    moment = _moment(value, context)
    if not isinstance(moment, datetime):
        raise FilterArgumentError(f"{value!r} is a day without a time", token=None)
    text = format_time(moment, "short", tzinfo=moment.tzinfo, locale=_written(context).locale)
    return text.replace(" ", "\u00a0").replace("\u202f", "\u00a0")


@with_context
@liquid_filter
def _number(value: object, *, context: RenderContext) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise FilterArgumentError(f"{value!r} is no number", token=None)
    return format_decimal(value, locale=_written(context).locale)


@string_filter
def _replace(value: str, old: object, new: object = "") -> str:
    _bounded(value.count(str(old)) * len(str(new)))
    return value.replace(str(old), str(new))


@liquid_filter
def _join(values: object, separator: object = " ") -> str:
    if not isinstance(values, list | tuple):
        raise FilterArgumentError(f"join takes a list, not {values!r}", token=None)
    _bounded(len(values) * len(str(separator)))
    return str(separator).join(map(str, values))


def _bounded(size: int) -> None:
    if size > LIMIT:
        raise FilterArgumentError(f"more than {LIMIT:,} characters", token=None)


_KEPT = (
    *("abs", "append", "at_least", "at_most", "capitalize", "ceil", "default", "divided_by"),
    *("downcase", "first", "floor", "last", "minus", "modulo", "plus", "prepend", "remove"),
    *("round", "size", "slice", "split", "squish", "strip", "times", "truncate"),
    *("truncatewords", "upcase", "url_encode"),
)
_OURS = {
    "date_long": _date_long,
    "date_short": _date_short,
    "join": _join,
    "number": _number,
    "replace": _replace,
    "time": _time,
}


_DATED = ("date_long", "date_short", "time")
_COUNTED = (
    *("abs", "at_least", "at_most", "ceil", "divided_by", "floor", "minus", "modulo", "number"),
    *("plus", "round", "times"),
)


def _otherwise(name: str) -> str:
    """What to write where the value before a filter may be missing; no word is a date."""
    if name in _DATED:
        return f"put it inside {{% if … %}}{{{{ … | {name} }}}}{{% else %}}soon{{% endif %}}"
    instead = "0" if name in _COUNTED else '"…"'
    write = f"{{{{ … | default: {instead} | {name} }}}}"
    return f"put it inside {{% if … %}} … {{% endif %}}, or write {write}"


def _strict(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """The filter, refusing to make a text of nothing (all but ``default``, which is for that)."""

    @wraps(function)
    def strict(value: object, *args: Any, **named: Any) -> Any:
        if value is None and name != "default":
            raise FilterArgumentError(f"{name} got nothing; {_otherwise(name)}", token=None)
        return function(value, *args, **named)

    return strict


class _Sandbox(Environment):
    """Only tags and filters that cannot read a file or a clock, or grow without end."""

    loop_iteration_limit = 1_000
    local_namespace_limit = LIMIT
    output_stream_limit = LIMIT
    template_class = _Template

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        super().setup_tags_and_filters(extra=extra)
        self.tags = {name: self.tags[name] for name in (*TAGS, "content", "illegal")}
        self.add_tag(_Print)
        kept = {name: self.filters[name] for name in _KEPT} | _OURS
        self.filters = {name: _strict(name, function) for name, function in kept.items()}


_SANDBOX = _Sandbox(undefined=FalsyStrictUndefined)
FILTERS = tuple(sorted(_SANDBOX.filters))
