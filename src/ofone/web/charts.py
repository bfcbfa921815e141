"""Geometry for drawings made on the server: numbers in, coordinates out. The templates draw.

A need is drawn as a band over time, the mean and its 80% interval, with a dot for each piece of
evidence. It is never drawn as a gauge, and where it is not known yet the mean is left out.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from typing import Any

from msgspec import Struct

from ofone.web.moments import Reader, moment

Z80 = 1.2815515655446004
"""Half the width of a normal 80% interval, in standard deviations."""

TOP = 2.5
"""Needs are standard normal: the charts show −2.5 to 2.5 and clip what lies outside."""


class Dot(Struct, frozen=True, kw_only=True):
    """One piece of evidence at its place, with the words that say why."""

    x: float
    y: float
    words: str


class Tick(Struct, frozen=True, kw_only=True):
    """One date below a chart."""

    x: float
    words: str


class Band(Struct, frozen=True, kw_only=True):
    """One need over time. ``areas`` are polygons, ``lines`` the mean where it is known."""

    need: str
    width: int
    height: int
    middle: float
    areas: tuple[tuple[str, bool], ...]
    lines: tuple[str, ...]
    dots: tuple[Dot, ...]
    ticks: tuple[Tick, ...]
    rows: tuple[tuple[str, str, str, str], ...]
    """For readers of the table: when, mean, 80% interval, known or not."""


class Bar(Struct, frozen=True, kw_only=True):
    """One message in the two-sided score: up for the first person, down for the second."""

    x: float
    y: float
    width: float
    height: float
    tone: str


class Score(Struct, frozen=True, kw_only=True):
    """All messages of a story, mirrored on one line of time at y = 0."""

    width: int
    top: float
    height: float
    bars: tuple[Bar, ...]
    words: str


def band(
    need: str,
    points: Sequence[dict[str, Any]],
    evidence: Sequence[dict[str, Any]],
    *,
    reader: Reader,
    width: int = 520,
    height: int = 130,
) -> Band | None:
    """The band of one need from points {at, mean, sd, known}; None when there is no point."""
    read = sorted(
        ((at, p) for p in points if (at := moment(p.get("at"))) is not None),
        key=lambda pair: pair[0],
    )
    if not read:
        return None
    heard = [at for e in evidence if (at := moment(e.get("at"))) is not None]
    start = min([read[0][0], *heard])
    span = max(read[-1][0] - start, timedelta(hours=1))

    def x(at: datetime) -> float:
        return round(width * min(1.0, max(0.0, (at - start) / span)), 1)

    def y(value: float) -> float:
        return round(height * (TOP - min(TOP, max(-TOP, value))) / (2 * TOP), 1)

    if len(read) == 1:
        # One estimate is one moment: a sliver at its place, not a past that nobody estimated.
        read.insert(0, (max(start, read[0][0] - span / 30), read[0][1]))
    areas: list[tuple[str, bool]] = []
    lines: list[str] = []
    for known, piece in groupby(_joined(read), key=lambda pair: bool(pair[1].get("known"))):
        run = list(piece)
        upper = [f"{x(at)},{y(p['mean'] + Z80 * p['sd'])}" for at, p in run]
        lower = [f"{x(at)},{y(p['mean'] - Z80 * p['sd'])}" for at, p in reversed(run)]
        areas.append((" ".join(upper + lower), known))
        if known:
            lines.append(" ".join(f"{x(at)},{y(p['mean'])}" for at, p in run))
    return Band(
        need=need,
        width=width,
        height=height,
        middle=y(0),
        areas=tuple(areas),
        lines=tuple(lines),
        dots=tuple(
            Dot(x=x(at), y=y(float(e.get("score") or 0)), words=str(e.get("because") or e["kind"]))
            for e in evidence
            if (at := moment(e.get("at"))) is not None
        ),
        ticks=tuple(
            Tick(x=round(width * share, 1), words=reader.short_day(start + share * span))
            for share in ((0.0, 0.5, 1.0) if span > timedelta(days=2) else (0.0,))
        ),
        rows=tuple(
            (
                f"{reader.short_day(at)}, {reader.time(at)}",
                f"{p['mean']:.2f}",
                f"{p['mean'] - Z80 * p['sd']:.2f} to {p['mean'] + Z80 * p['sd']:.2f}",
                "known" if p.get("known") else "not known yet",
            )
            for at, p in read
        ),
    )


def _joined(
    read: list[tuple[datetime, dict[str, Any]]],
) -> list[tuple[datetime, dict[str, Any]]]:
    """Repeats the last point before a change of ``known``, so that neighbouring areas touch."""
    joined = list(read[:1])
    for before, after in pairwise(read):
        if bool(before[1].get("known")) != bool(after[1].get("known")):
            joined.append((after[0], {**before[1]}))
        joined.append(after)
    return joined


def tone(delivery: dict[str, Any]) -> str:
    """``reassuring``, ``plain`` or ``brief``: as recorded, else guessed from the approach's id."""
    known = delivery.get("tone")
    if known in {"reassuring", "plain", "brief"}:
        return str(known)
    approach = str(delivery.get("approach") or "")
    if any(word in approach for word in ("reassur", "along", "close", "warm", "guid", "more")):
        return "reassuring"
    if any(word in approach for word in ("brief", "light", "fewer", "quick", "less", "self")):
        return "brief"
    return "plain"


def score(story: dict[str, Any], *, width: int = 720, tall: int = 72) -> Score | None:
    """Every message of the story's two customers; a bar's length follows its number of words."""
    start, end = moment(story.get("start")), moment(story.get("end"))
    people = list(story.get("customers", ()))[:2]
    if start is None or end is None or end <= start or not people:
        return None
    bars: list[Bar] = []
    said: list[str] = []
    for down, person in enumerate(people):
        sent = [d for d in person.get("deliveries", ()) if moment(d.get("at"))]
        said.append(f"{len(sent)} messages to {person.get('name', person.get('id', ''))}")
        for delivery in sent:
            at = moment(delivery["at"]) or start
            words = len(str(delivery.get("text") or "").split())
            long = round(6 + (tall - 6) * min(1.0, words / 200) ** 0.5, 1)
            bars.append(
                Bar(
                    x=round((width - 8) * ((at - start) / (end - start)), 1),
                    y=4 if down else -4 - long,
                    width=7 if delivery.get("channel") == "email" else 4,
                    height=long,
                    tone=tone(delivery),
                )
            )
    top = min((bar.y for bar in bars), default=-4.0) - 2
    bottom = max((bar.y + bar.height for bar in bars), default=4.0) + 2
    return Score(
        width=width, top=top, height=bottom - top, bars=tuple(bars), words=" and ".join(said)
    )
