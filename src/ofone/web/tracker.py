"""The customer's page in words: where am I, what happens now, until when.

Pure: a journey as ``ofone show`` gives it goes in, with the moment and the reader's zone; what
the page and the demo draw comes out. A step may also carry ``happens``, ``who``, ``you_do`` (the
playbook's words) and ``appointment`` (ISO); without them the page says less, never something wrong.
"""

from datetime import datetime, timedelta
from typing import Any, Literal

from msgspec import Struct

from ofone.web.moments import Reader, moment

StepStatus = Literal["ahead", "current", "done", "skipped"]
MARGIN = 0.06
"""Share of a bar kept free on its right, so that a mark at the end is still seen."""


class Bar(Struct, frozen=True, kw_only=True):
    """A range and today's mark on one line, as shares (0–100) of its width."""

    start: float
    width: float
    today: float


class StepView(Struct, frozen=True, kw_only=True):
    """One step as it is shown. ``words`` say when; ``bar`` only where the step is current."""

    id: str
    title: str
    status: StepStatus
    words: str
    happens: str = ""
    who: str = ""
    you_do: str = ""
    late: bool = False
    expected_from: str | None = None
    expected_to: str | None = None
    bar: Bar | None = None


class TrackerView(Struct, frozen=True, kw_only=True):
    """One journey as its customer sees it. ``sentence`` alone must be enough to go on with life."""

    sentence: str
    prominence: Literal["front", "quiet"]
    steps: tuple[StepView, ...]
    end: str
    status: str

    def snapshot(self, at: str) -> dict[str, Any]:
        """The same in the shape of the demo's story, as it stood ``at`` (ISO)."""
        return {
            "at": at,
            "prominence": self.prominence,
            "sentence": self.sentence,
            "end": self.end,
            "steps": [
                {
                    "title": step.title,
                    "status": step.status,
                    "words": step.words,
                    "happens": step.happens,
                    "who": step.who,
                    "you_do": step.you_do,
                    "from": step.expected_from,
                    "to": step.expected_to,
                }
                for step in self.steps
            ],
        }


def tracker(
    journey: dict[str, Any], *, now: datetime, zone: str = "UTC", locale: str = "en_US"
) -> TrackerView:
    """What the customer's page shows of a journey at ``now`` (aware), in the customer's zone."""
    reader = Reader(zone, locale)
    steps = tuple(_step(raw, now=now, reader=reader) for raw in journey.get("steps", ()))
    return TrackerView(
        sentence=_sentence(journey, steps, now=now, reader=reader),
        prominence="quiet" if journey.get("tracker") == "quiet" else "front",
        steps=steps,
        end=_end(journey, steps, reader=reader),
        status=journey.get("status", "active"),
    )


def _step(raw: dict[str, Any], *, now: datetime, reader: Reader) -> StepView:
    status: StepStatus = raw.get("status", "ahead")
    expected = raw.get("expected") or {}
    start, end = moment(expected.get("from")), moment(expected.get("to"))
    meeting = moment(raw.get("appointment"))
    late = status == "current" and end is not None and now > end and not (meeting and meeting > now)
    return StepView(
        id=raw.get("id", ""),
        title=raw.get("title") or raw.get("id", ""),
        status=status,
        words=_words(status, moment(raw.get("done_at")), start, end, meeting, now, reader),
        happens=raw.get("happens") or "",
        who=raw.get("who") or "",
        you_do=raw.get("you_do") or "",
        late=late,
        expected_from=expected.get("from"),
        expected_to=expected.get("to"),
        bar=_bar(moment(raw.get("entered_at")), start, end, meeting, now)
        if status == "current"
        else None,
    )


def _words(
    status: StepStatus,
    done: datetime | None,
    start: datetime | None,
    end: datetime | None,
    meeting: datetime | None,
    now: datetime,
    reader: Reader,
) -> str:
    if status == "skipped":
        return "Not needed"
    if status == "done":
        return f"Done on {reader.day(done)}" if done else "Done"
    if meeting and meeting > now:
        return f"{reader.full_day(meeting)} at {reader.time(meeting)}"
    if end is None:
        return "The date will follow" if status == "ahead" else "Under way"
    if status == "ahead":
        return f"Expected {reader.range(start or end, end)}"
    if now > end:
        return f"This is taking longer than we said. We had expected it by {reader.day(end)}."
    if start is None or now >= start or reader.range(start, end) == reader.day(end):
        return f"Expected by {reader.full_day(end)}"
    return f"Expected between {reader.day(start)} and {reader.day(end)}"


def _bar(
    entered: datetime | None,
    start: datetime | None,
    end: datetime | None,
    meeting: datetime | None,
    now: datetime,
) -> Bar | None:
    if meeting is not None:
        start, end = meeting - timedelta(hours=6), meeting + timedelta(hours=6)
    if end is None:
        return None
    start = min(start or end, end)
    left = min(entered or start, start, now)
    span = (max(end, now) - left) / (1 - MARGIN) or timedelta(days=1)
    return Bar(
        start=round(100 * ((start - left) / span), 2),
        width=round(max(2.0, 100 * ((end - start) / span)), 2),
        today=round(100 * ((now - left) / span), 2),
    )


_PROGRESS = (
    (0.95, "You are almost there."),
    (0.71, "You are three quarters of the way."),
    (0.62, "You are two thirds of the way."),
    (0.42, "You are half way."),
    (0.3, "You are a third of the way."),
    (0.2, "You are a quarter of the way."),
    (0.0, "You have made a start."),
)


def _sentence(
    journey: dict[str, Any], steps: tuple[StepView, ...], *, now: datetime, reader: Reader
) -> str:
    status = journey.get("status", "active")
    if status == "completed":
        says = str(journey.get("outcome_says") or "").strip()
        what = inline(str(journey.get("title") or "")).removeprefix("your ")
        whole = f"All done: your {what} is complete." if what else "All done."
        return says or f"{whole} There is nothing more for you to do."
    if status == "ended":
        says = str(journey.get("outcome_says") or "").strip()
        return says or "This has come to an end. There is nothing for you to do here."
    counted = [step for step in steps if step.status != "skipped"]
    done = sum(step.status == "done" for step in counted)
    left = len(counted) - done
    if not done:
        progress = "You are at the beginning."
    elif left == 1:
        progress = "You are almost there."
    else:
        share = done / len(counted)
        progress = next(words for at_least, words in _PROGRESS if share >= at_least)
    current = next((step for step in steps if step.status == "current"), None)
    if current is None:
        return progress
    raw = next(raw for raw in journey["steps"] if raw.get("id", "") == current.id)
    meeting = moment(raw.get("appointment"))
    title = inline(current.title)
    if meeting is not None and meeting > now:
        days = reader.days_until(meeting, now=now)
        if days < 2:
            day = "today" if days == 0 else "tomorrow"
        else:
            day = f"on {reader.weekday(meeting) if days < 7 else reader.full_day(meeting)}"
        return f"{progress} Next: {title} {day} at {reader.time(meeting)}."
    end = moment(current.expected_to)
    if current.late:
        return f"{progress} Now: {title}. It is taking longer than we said; nothing is lost."
    if end is None:
        return f"{progress} Now: {title}."
    return f"{progress} Now: {title}, expected by {reader.full_day(end)}."


def inline(title: str) -> str:
    """A title inside a sentence: its first letter small, unless it is an abbreviation or name."""
    first, second = title[:1], title[1:2]
    return first.lower() + title[1:] if first.isupper() and second.islower() else title


def _end(journey: dict[str, Any], steps: tuple[StepView, ...], *, reader: Reader) -> str:
    if journey.get("status", "active") != "active":
        ended = moment(journey.get("ended_at"))
        return f"Finished on {reader.full_day(ended)}. Thank you." if ended else ""
    open_ends = [
        (moment(step.expected_from) or end, end)
        for step in steps
        if step.status in {"ahead", "current"} and (end := moment(step.expected_to))
    ]
    if not open_ends:
        return ""
    start, end = max(open_ends, key=lambda ends: ends[1])
    if reader.day(start) == reader.day(end):
        return f"We expect everything to be finished by {reader.day(end)}."
    return f"We expect everything to be finished between {reader.day(start)} and {reader.day(end)}."
