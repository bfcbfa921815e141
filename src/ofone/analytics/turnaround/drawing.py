"""Calibration as a picture: SVG that needs no script, and says in words what it shows."""

from collections.abc import Sequence
from html import escape
from typing import Any

_SIDE, _EDGE = 320, 48


def calibration(points: Sequence[dict[str, Any] | None], title: str) -> str:
    """Shares that were told against shares that held, with 95% intervals; the line is a kept word.

    ``points`` are those of a report: ``said``, ``share``, ``interval``, ``n``.
    """
    known = [p for p in points if p is not None]
    marks = "\n".join(
        f'<path d="M{_x(p["said"])} {_y(p["interval"][0])}V{_y(p["interval"][1])}" class="i"/>'
        f'<circle cx="{_x(p["said"])}" cy="{_y(p["share"])}" r="4">'
        f"<title>{p['said']:.0%} were told, {p['share']:.1%} held, of {p['n']}</title></circle>"
        for p in known
    )
    words = "; ".join(f"told {p['said']:.0%}, held {p['share']:.1%}" for p in known)
    ticks = "\n".join(
        f'<text x="{_x(t)}" y="{_y(0) + 20}" text-anchor="middle">{t:.0%}</text>'
        f'<text x="{_x(0) - 8}" y="{_y(t) + 4}" text-anchor="end">{t:.0%}</text>'
        for t in (0, 0.25, 0.5, 0.75, 1)
    )
    size = _SIDE + 2 * _EDGE
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" role="img"
 aria-labelledby="title words" font-family="system-ui, sans-serif" font-size="12">
<title id="title">{escape(title)}</title>
<desc id="words">{escape(words or "too little was seen yet")}</desc>
<style>
 svg {{ background: #fff; color: #1d2430 }} text {{ fill: currentColor }}
 .f {{ fill: none; stroke: #8a93a3 }} .i {{ stroke: #2f5fb3; stroke-width: 2 }}
 circle {{ fill: #2f5fb3 }}
</style>
<text x="{size / 2}" y="24" text-anchor="middle" font-size="14">{escape(title)}</text>
<path class="f" d="M{_x(0)} {_y(1)}V{_y(0)}H{_x(1)}"/>
<path class="f" d="M{_x(0)} {_y(0)}L{_x(1)} {_y(1)}" stroke-dasharray="4 4"/>
{ticks}
<text x="{_x(0.5)}" y="{_y(0) + 38}" text-anchor="middle">told: done by then</text>
<text x="{_x(0)}" y="{_y(1) - 14}" text-anchor="end">held</text>
{marks}
</svg>
"""


def _x(share: float) -> float:
    return round(_EDGE + _SIDE * share, 1)


def _y(share: float) -> float:
    return round(_EDGE + _SIDE * (1 - share), 1)
