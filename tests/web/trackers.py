"""Trackers to look at: the bundled life insurance at moments that matter, in all its languages.

The browser tests open them, and ``python -m tests.web.trackers`` draws the pictures of
``docs/how-to/tracker.md`` from them.
"""

import io
import shutil
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from litestar import Litestar
from PIL import Image
from playwright.sync_api import Browser, sync_playwright
from tests.conftest import CHROMIUMS, FLAGS
from tests.web.fake import LIBRARY, FakeBook
from tests.web.serving import served

from ofone.domain.messages import Appointment
from ofone.domain.times import iso, to_micros
from ofone.runtime.tracking import Note, Reach, Tracked
from ofone.web.pages import create_app

NOW = datetime(2026, 3, 22, 15, 0, tzinfo=UTC)
PLAYBOOK = LIBRARY.current["life-insurance"].playbook
LONG = "Vertrauensschadenhaftpflichtversicherungsantragsprüfung " * 4
PICTURES = Path(__file__).parents[2] / "docs" / "images" / "tracker"
VISIT = Appointment(
    uid="u@ofone",
    sequence=1,
    at=to_micros(NOW),
    start=to_micros(NOW + timedelta(days=2)),
    minutes=30,
    title="Appointment",
)


def day(days: float) -> str:
    """A moment so many days from now, as pages read it."""
    return iso(to_micros(NOW + timedelta(days=days))) or ""


def steps(done: int, *, optional: bool = False) -> list[dict[str, Any]]:
    """The playbook's steps: so many done, one each second day; the next is current; then ranges."""
    found: list[dict[str, Any]] = []
    for n, step in enumerate(s for s in PLAYBOOK.steps if optional or not s.optional):
        ahead = n - done
        found.append(
            {
                "id": step.id,
                "title": step.title,
                "happens": step.happens,
                "you_do": step.you_do,
                "needs_you": step.needs_you,
                "who": step.who,
                "usual_days": step.days.usual,
                "most_days": step.days.most,
                "says": step.says,
                "prepare": {"days": step.prepare.days, "points": list(step.prepare.points)}
                if step.prepare
                else None,
                "status": "done" if ahead < 0 else "ahead" if ahead else "current",
                "done_at": day(2 * ahead - 2) if ahead < 0 else None,
                "entered_at": day(-3) if ahead == 0 else None,
                "expected": {"from": day(5 * ahead + 2), "to": day(8 * ahead + 6)}
                if ahead >= 0
                else None,
            }
        )
    return found


def tracked(found: list[dict[str, Any]], **more: Any) -> Tracked:
    """A page of these steps; ``more`` are fields of the journey, or of the page itself."""
    page = {k: more.pop(k) for k in list(more) if k in Tracked.__struct_fields__}
    journey = {
        "title": PLAYBOOK.title,
        "title_in": PLAYBOOK.title_in,
        "company": PLAYBOOK.company,
        "status": "active",
        "tracker": "front",
        "steps": found,
    }
    base: dict[str, Any] = {
        "now": to_micros(NOW),
        "name": "Angela",
        "zone": "America/New_York",
        "language": "",
        "locale": "",
        "own": "en",
        "person": Reach(
            name="Martin Okafor", title="financial professional", phone="+1 212 555 0142"
        ),
        "contact": PLAYBOOK.contact,
    }
    return Tracked(journey=journey | more, **(base | page))


def _appointment(**more: Any) -> Tracked:
    found = steps(3)
    found[3] |= {
        "appointment": "2026-03-24T14:20:00Z",
        "appointment_told": day(-1),
        "entered_at": day(-9),
    }
    notes = (
        Note(
            at=day(-0.5),
            subject="",
            text="Your appointment is coming up. What helps stands at this step. You may bring "
            "someone with you, and you may ask for a break at any time.",
        ),
        Note(at=day(-8), subject="", text="Welcome. This page shows every step and its dates."),
    )
    return tracked(found, notes=notes, calendar="exam_done", **more)


def _moved() -> Tracked:
    found = steps(4)
    found[4]["entered_at"] = day(-8)
    moved = {"from": day(-3), "to": day(0.5), "at": day(-0.2)}
    moved["because"] = next(s.late_because for s in PLAYBOOK.steps if s.id == "lab")
    found[4]["told"] = {"from": day(2), "to": day(5), "moved": moved}
    return tracked(found)


def _together() -> Tracked:
    found = steps(4, optional=True)
    found[5] |= {"status": "current", "entered_at": day(-6)}
    found[5]["expected"] = {"from": day(12), "to": day(36)}
    return tracked(found, person=None)


def _again() -> Tracked:
    found = steps(2)
    found[2] |= {"attempts": 1, "entered_at": day(-0.1)}
    found[0] |= {"status": "skipped", "done_at": None}
    return tracked(found, contact=None, person=Reach(name="Martin Okafor"))


def _forty() -> Tracked:
    one, found = steps(0)[0], []
    for n in range(40):
        status = "done" if n < 14 else "current" if n == 14 else "ahead"
        ahead = {"from": day(n), "to": day(n + 3)} if n >= 14 else None
        step = {"id": f"s{n}", "title": f"{one['title']} {n + 1}", "status": status, "says": {}}
        found.append(one | step | {"done_at": day(n - 15), "expected": ahead})
    return tracked(found)


def _unknown() -> Tracked:
    found: list[dict[str, Any]] = [
        {"id": "a", "title": LONG, "status": "current", "happens": "😀" * 400, "who": LONG},
        {"id": "b", "title": "MRI", "status": "ahead"},
    ]
    return tracked(found, name="\u202e<b>Angela</b>" * 30, person=Reach(name="😀" * 200))


def _over(status: str, **more: Any) -> Tracked:
    found = steps(9) if status == "completed" else steps(6)
    for step in found:
        if step["status"] != "done":
            step |= {"status": "ahead", "expected": None}
    return tracked(found, status=status, ended_at=day(-1), **more)


def cases() -> dict[str, Tracked]:
    """By name; each opens at ``/t/token-NAME``."""
    declined = next(o for o in PLAYBOOK.outcomes if o.id == "declined")
    return {
        "appointment": _appointment(),
        "quiet": _appointment(tracker="quiet"),
        "waiting": tracked(steps(5)),
        "moved": _moved(),
        "together": _together(),
        "again": _again(),
        "forty": _forty(),
        "unknown": _unknown(),
        "begun": tracked(steps(0), asks=True),
        "paused": tracked(steps(6), paused=to_micros(NOW + timedelta(days=5)), tracker="quiet"),
        "completed": _over("completed"),
        "ended": _over("ended", outcome_says=declined.says, outcome_says_in=declined.says_in),
    }


class Trackers(FakeBook):
    """A book of these pages."""

    def __init__(self) -> None:
        super().__init__()
        self.cases = cases()
        self.records |= dict.fromkeys(self.cases, self.records["angela"])

    def tracked(self, customer: str, journey: int) -> Tracked | None:
        return self.cases.get(customer)


def pages(book: FakeBook) -> Litestar:
    """The pages over this book, at ``NOW``."""
    return create_app(book, clock=lambda: NOW)


SHOTS = (
    ("appointment", 360, "light", "en"),
    ("appointment", 360, "dark", "de"),
    ("appointment", 1280, "light", "en"),
    ("quiet", 360, "light", "en"),
    ("moved", 360, "light", "en"),
    ("moved", 360, "dark", "fr"),
    ("together", 768, "light", "es"),
    ("again", 360, "light", "en"),
    ("forty", 360, "light", "en"),
    ("completed", 360, "dark", "en"),
    ("ended", 360, "light", "en"),
)


def draw(browser: Browser, base: str, folder: Path) -> None:
    """Every picture anew: whole pages, few colours, so that they stay small."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, width, scheme, lang in SHOTS:
        with browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if scheme == "dark" else "light",
        ) as context:
            page = context.new_page()
            last = int((NOW - timedelta(days=4)).timestamp())
            address = f"{base}/t/token-{name}?lang={lang}"
            if lang == "en":
                context.add_cookies([{"name": "seen", "value": f"0.{last}", "url": address}])
            page.goto(address)
            shot = Image.open(io.BytesIO(page.screenshot(full_page=width < 1280))).convert("RGB")
        few = shot.quantize(48, method=Image.Quantize.MEDIANCUT, kmeans=1, dither=Image.Dither.NONE)
        few.save(folder / f"{name}-{width}-{scheme}-{lang}.png", optimize=True)


def main(folder: Path) -> None:
    """Draw the pictures into a folder."""
    chromium = next(path for name in CHROMIUMS if (path := shutil.which(name)))
    with served(pages(Trackers())) as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        draw(browser, base, folder)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURES)
