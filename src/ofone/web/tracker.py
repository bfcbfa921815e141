"""The customer's page in words: where am I, what happens now, until when.

Pure: a journey as ``ofone show`` gives it goes in, with the moment, the reader's zone and language;
what the page, the demo and the company's own site draw comes out. A step may also carry
``happens``, ``who``, ``you_do`` (the playbook's words), ``says`` (the same in other languages),
``act`` (title and url) and ``appointment`` (ISO); without them the page says less, never something
wrong.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from math import ceil
from typing import Any, Literal

from msgspec import Struct

from ofone.domain.times import Micros
from ofone.web.language import ENGLISH, Say
from ofone.web.moments import Reader, moment

StepStatus = Literal["ahead", "current", "done", "skipped"]
MARGIN = 0.06
"""Share of a bar kept free on its right, so that a mark at the end is still seen."""
LONGEST = 120
"""Characters of a title inside a sentence."""
DONE, AHEAD = 5, 8
"""So many steps are all shown; of more, only the near ones: 2 behind, 5 ahead and the last."""
_OVERRIDES = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""What would turn the rest of a sentence round."""


class Bar(Struct, frozen=True, kw_only=True):
    """A range and today's mark on one line, as shares (0–100) of its width."""

    start: float
    width: float
    today: float


class StepView(Struct, frozen=True, kw_only=True):
    """One step as it is shown. ``words`` say when; ``bar`` only where the step is current.

    ``usual`` says how long it takes and which day this is. ``needs_you``: the step waits for what
    stands in ``you_do``; without it, that is only possible. ``act`` are the words of the button
    that leads there, and ``act_url`` its address. ``again``: it was entered before.
    ``moved``: the range is another than we first said, and why. ``lang`` is the language of the
    playbook's words where the page speaks another, else empty.
    """

    id: str
    title: str
    status: StepStatus
    words: str
    happens: str = ""
    who: str = ""
    you_do: str = ""
    late: bool = False
    expected_from: str | Micros | None = None
    expected_to: str | Micros | None = None
    bar: Bar | None = None
    usual: str = ""
    needs_you: bool = False
    act: str = ""
    act_url: str = ""
    again: bool = False
    prepare: tuple[str, ...] = ()
    moved: str = ""
    lang: str = ""


class TrackerView(Struct, frozen=True, kw_only=True):
    """One journey as its customer sees it. ``sentence`` alone must be enough to go on with life.

    It begins with ``lead``, which says how far the journey has come (empty once it is over).
    ``behind`` of the first steps and ``beyond`` of those before the last are folded away.
    """

    sentence: str
    prominence: Literal["front", "quiet"]
    steps: tuple[StepView, ...]
    end: str
    status: str
    lead: str = ""
    behind: int = 0
    beyond: int = 0

    @property
    def then(self) -> str:
        """The sentence after its lead."""
        return self.sentence.removeprefix(self.lead).lstrip()

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
    journey: Mapping[str, Any],
    *,
    now: datetime,
    zone: str = "UTC",
    locale: str = "en_US",
    language: str = ENGLISH,
    own: str = ENGLISH,
) -> TrackerView:
    """What the customer's page shows of a journey at ``now`` (aware), in the customer's zone.

    ``language`` is the page's, ``own`` that of the playbook's words.
    """
    teller = _Teller(now, Reader(zone, locale, language), language, own)
    raw = journey.get("steps", ())
    company = str(journey.get("company") or "")
    over = journey.get("status", "active") in ("completed", "ended")
    if over:  # what was not reached will not be
        raw = [one for one in raw if one.get("status") in ("done", "skipped")]
    steps = tuple(teller.step(one, company) for one in raw)
    behind, beyond = _folded(steps)
    lead = "" if over else teller.progress(steps)
    then = teller.over(journey) if over else teller.now_and_next(raw, steps)
    return TrackerView(
        sentence=f"{lead} {then}".strip(),
        lead=lead,
        prominence="quiet" if journey.get("tracker") == "quiet" else "front",
        steps=steps,
        end=teller.end(journey, steps),
        status=journey.get("status", "active"),
        behind=behind,
        beyond=beyond,
    )


def changes(
    journey: Mapping[str, Any],
    since: datetime,
    *,
    now: datetime,
    zone: str = "UTC",
    locale: str = "en_US",
    language: str = ENGLISH,
    own: str = ENGLISH,
) -> list[str]:
    """What moved on a page after ``since`` (aware), in the order of the steps."""
    teller = _Teller(now, Reader(zone, locale, language), language, own)
    return list(teller.changes(journey.get("steps", ()), since))


def titled(journey: Mapping[str, Any], language: str) -> str:
    """The journey's title, in that language where there is one."""
    return str((journey.get("title_in") or {}).get(language) or journey.get("title") or "")


class _Teller:
    """Says everything of one page: one moment, one reader, one language."""

    def __init__(self, now: datetime, reader: Reader, language: str, own: str) -> None:
        self.now = now
        self.reader = reader
        self.say = Say(language)
        self.language = language
        self.own = own.replace("_", "-").partition("-")[0].lower()

    def step(self, raw: Mapping[str, Any], company: str = "") -> StepView:
        status: StepStatus = raw.get("status", "ahead")
        # What was told is a promise: it stands, whatever would be expected now.
        told = raw.get("told") or {}
        expected = (told if told.get("to") else raw.get("expected")) or {}
        start, end = moment(expected.get("from")), moment(expected.get("to"))
        meeting = moment(raw.get("appointment"))
        current = status == "current"
        if not (current or status == "ahead"):
            meeting = None
        comes = meeting is not None and meeting > self.now
        entered = moment(raw.get("entered_at"))
        said = (raw.get("says") or {}).get(self.language)
        foreign = said is None and self.language != self.own
        you_do = (said.you_do if said else raw.get("you_do")) or ""
        act = (raw.get("act") or {}) if current else {}
        return StepView(
            id=raw.get("id", ""),
            title=(said.title if said else raw.get("title")) or raw.get("id", ""),
            status=status,
            words=self._when(status, moment(raw.get("done_at")), start, end, meeting),
            happens=(said.happens if said else raw.get("happens")) or "",
            who=self._who(raw.get("who") or "", said.who if said else "", company),
            you_do=you_do,
            late=current and end is not None and self.now > end and not comes,
            expected_from=expected.get("from"),
            expected_to=expected.get("to"),
            bar=self._bar(entered, start, end, meeting) if current else None,
            usual="" if comes or not current else self._usual(raw, entered),
            needs_you=current and bool(you_do) and raw.get("needs_you", True),
            act=(said.act if said and act else "") or act.get("title") or "",
            act_url=act.get("url") or "",
            again=current and (raw.get("attempts") or 0) > 0,
            prepare=self._prepare(raw, said, meeting) if current else (),
            moved=self._moved(raw, said, foreign=foreign) if current and not comes else "",
            lang=self.own if foreign else "",
        )

    def _who(self, who: str, said: str, company: str) -> str:
        """Who does it: ``said`` in the reader's language; "we" has the company's name in all."""
        if who == "we":
            return company or said or self.say.gettext("we")
        return said or (self.say.gettext("you") if who == "you" else who)

    def _when(
        self,
        status: StepStatus,
        done: datetime | None,
        start: datetime | None,
        end: datetime | None,
        meeting: datetime | None,
    ) -> str:
        say, reader = self.say, self.reader
        if status == "skipped":
            return say.gettext("Not needed")
        if status == "done":
            if done is None:
                return say.gettext("Done")
            return say.gettext("Done on %(day)s", day=reader.day(done))
        if meeting and meeting > self.now:
            day, time = reader.full_day(meeting), reader.time(meeting)
            return say.gettext("%(day)s at %(time)s", day=day, time=time)
        if end is None:
            if status == "ahead":
                return say.gettext("The date will follow")
            return say.gettext("Under way")
        if status == "ahead":
            return say.gettext("Expected %(range)s", range=reader.range(start or end, end))
        if self.now > end:
            return say.gettext(
                "This is taking longer than we said. We had expected it by %(day)s.",
                day=reader.day(end),
            )
        if start is None or self.now >= start or reader.day(start) == reader.day(end):
            return say.gettext("Expected by %(day)s", day=reader.full_day(end))
        return say.gettext(
            "Expected between %(start)s and %(end)s",
            start=reader.day(start),
            end=reader.day(end),
        )

    def _usual(self, raw: Mapping[str, Any], entered: datetime | None) -> str:
        """How long it usually takes, in whole days, and which day of it this is."""
        if not raw.get("most_days"):
            return ""
        say = self.say
        most = max(1, ceil(raw["most_days"]))
        least = min(most, max(1, ceil(raw.get("usual_days") or 0)))
        if least == most:
            usual = say.ngettext("Usually about a day", "Usually about %(n)s days", most)
        else:
            usual = say.gettext("Usually %(least)s to %(most)s days", least=least, most=most)
        if entered is None:
            return f"{usual}."
        day = self.reader.days_until(self.now, now=entered)
        today = (
            say.gettext("today is day %(n)s", n=day) if day > 0 else say.gettext("it began today")
        )
        return say.gettext("%(usual)s; %(today)s.", usual=usual, today=today)

    def _moved(self, raw: Mapping[str, Any], said: Any, *, foreign: bool) -> str:
        """That the range was moved, from which day, and why where the page can say it."""
        moved = (raw.get("told") or {}).get("moved")
        before = moment(moved.get("to")) if moved else None
        if moved is None or before is None:
            return ""
        day = self.reader.day(before)
        why = "" if foreign else (said.late_because if said else moved.get("because")) or ""
        if not why:
            return self.say.gettext("We first said by %(day)s. It takes longer than that.", day=day)
        return self.say.gettext(
            "We first said by %(day)s. It takes longer, because %(why)s.", day=day, why=why
        )

    def _prepare(
        self, raw: Mapping[str, Any], said: Any, meeting: datetime | None
    ) -> tuple[str, ...]:
        known = raw.get("prepare")
        if not known or meeting is None or meeting <= self.now:
            return ()
        if self.reader.days_until(meeting, now=self.now) > known["days"]:
            return ()
        return tuple((said.prepare if said else ()) or known["points"])

    def _bar(
        self,
        entered: datetime | None,
        start: datetime | None,
        end: datetime | None,
        meeting: datetime | None,
    ) -> Bar | None:
        now = self.now
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

    def now_and_next(self, raw: Sequence[Mapping[str, Any]], steps: tuple[StepView, ...]) -> str:
        """The rest of the sentence: the appointment to come, else what goes on now."""
        say = self.say
        now = [(r, s) for r, s in zip(raw, steps, strict=True) if s.status == "current"]
        if not now:
            return ""
        meetings = [
            (at, s)
            for r, s in now
            if (at := moment(r.get("appointment"))) is not None and at > self.now
        ]
        if meetings:
            at, step = min(meetings, key=lambda found: found[0])
            return self._next(self._inside(step), at)
        late = next((s for _, s in now if s.late), None)
        if late is not None:
            return say.gettext(
                "Now: %(title)s. It is taking longer than we said; nothing is lost.",
                title=self._inside(late),
            )
        if len(now) > 1:
            *others, last = (self._inside(s) for _, s in now[:3])
            both = say.gettext("%(one)s and %(other)s", one=", ".join(others), other=last)
            return say.gettext("Now: %(title)s.", title=both)
        step = now[0][1]
        end, title = moment(step.expected_to), self._inside(step)
        if end is None:
            return say.gettext("Now: %(title)s.", title=title)
        day = self.reader.full_day(end)
        return say.gettext("Now: %(title)s, expected by %(day)s.", title=title, day=day)

    def over(self, journey: Mapping[str, Any]) -> str:
        """The sentence of a journey that is over: the company's own words, where it has some."""
        say = self.say
        says = (journey.get("outcome_says_in") or {}).get(self.language)
        told = str(says or journey.get("outcome_says") or "").strip()
        if told:
            return told
        if journey["status"] == "ended":
            return say.gettext("This has come to an end. There is nothing for you to do here.")
        # What somebody calls a journey fits into a sentence of the same language only.
        what = inline(str(journey.get("title") or "")).removeprefix("your ")
        if self.language != ENGLISH or self.own != ENGLISH or not what:
            return say.gettext("All done. There is nothing more for you to do.")
        return f"All done: your {_told(what)} is complete. There is nothing more for you to do."

    def _next(self, title: str, at: datetime) -> str:
        say, reader = self.say, self.reader
        days, time = reader.days_until(at, now=self.now), reader.time(at)
        if days == 0:
            return say.gettext("Next: %(title)s today at %(time)s.", title=title, time=time)
        if days == 1:
            return say.gettext("Next: %(title)s tomorrow at %(time)s.", title=title, time=time)
        day = reader.weekday(at) if days < 7 else reader.full_day(at)
        return say.gettext(
            "Next: %(title)s on %(day)s at %(time)s.", title=title, day=day, time=time
        )

    def progress(self, steps: tuple[StepView, ...]) -> str:
        """How far the journey has come, in words: never a percentage."""
        say = self.say
        counted = [step for step in steps if step.status != "skipped"]
        done = sum(step.status == "done" for step in counted)
        if not done:
            return say.gettext("You are at the beginning.")
        share = done / len(counted)
        if len(counted) - done == 1 or share >= 0.95:
            return say.gettext("You are almost there.")
        if share >= 0.71:
            return say.gettext("You are three quarters of the way.")
        if share >= 0.62:
            return say.gettext("You are two thirds of the way.")
        if share >= 0.42:
            return say.gettext("You are half way.")
        if share >= 0.3:
            return say.gettext("You are a third of the way.")
        if share >= 0.2:
            return say.gettext("You are a quarter of the way.")
        return say.gettext("You have made a start.")

    def _inside(self, step: StepView) -> str:
        """A title inside a sentence. Only English writes its nouns small."""
        return _told(inline(step.title) if (step.lang or self.language) == ENGLISH else step.title)

    def end(self, journey: Mapping[str, Any], steps: tuple[StepView, ...]) -> str:
        say, reader = self.say, self.reader
        status = journey.get("status", "active")
        if status in ("completed", "ended"):
            ended = moment(journey.get("ended_at"))
            if ended is None:
                return ""
            if status == "ended":
                return say.gettext("Closed on %(day)s.", day=reader.full_day(ended))
            return say.gettext("Finished on %(day)s. Thank you.", day=reader.full_day(ended))
        found = _last(steps)
        if found is None:
            return ""
        start, end = (reader.day(at) for at in found)
        if start == end:
            return say.gettext("We expect everything to be finished by %(day)s.", day=end)
        return say.gettext(
            "We expect everything to be finished between %(start)s and %(end)s.",
            start=start,
            end=end,
        )

    def changes(self, raw: Sequence[Mapping[str, Any]], since: datetime) -> Iterator[str]:
        say, reader = self.say, self.reader
        for one in raw:
            step = self.step(one)
            title = _told(step.title)
            done, entered = moment(one.get("done_at")), moment(one.get("entered_at"))
            meeting, told = moment(one.get("appointment")), moment(one.get("appointment_told"))
            if step.status == "done" and done and done > since:
                yield say.gettext("%(title)s: done", title=title)
            elif step.status == "current" and meeting and meeting > self.now:
                if told and told > since:
                    day, time = reader.full_day(meeting), reader.time(meeting)
                    yield say.gettext(
                        "%(title)s: now on %(day)s at %(time)s", title=title, day=day, time=time
                    )
            elif step.moved and (at := moment(one["told"]["moved"].get("at"))) and at > since:
                end = moment(step.expected_to)
                day = reader.full_day(end) if end else ""
                yield say.gettext("%(title)s: a new date, by %(day)s", title=title, day=day)
            elif step.status == "current" and entered and entered > since:
                if step.again:
                    yield say.gettext("%(title)s: once more", title=title)
                else:
                    yield say.gettext("%(title)s: begun", title=title)


def _folded(steps: tuple[StepView, ...]) -> tuple[int, int]:
    """How many of the first steps, and of those before the last, need not be seen at once."""
    behind = 0
    while behind < len(steps) and steps[behind].status in ("done", "skipped"):
        behind += 1
    ahead = 0
    while ahead < len(steps) and steps[-1 - ahead].status == "ahead":
        ahead += 1
    return (behind - 2 if behind > DONE else 0), (ahead - 6 if ahead > AHEAD else 0)


def _last(steps: tuple[StepView, ...]) -> tuple[datetime, datetime] | None:
    """When everything should be finished: the range of the step that ends last."""
    ends = [
        (moment(step.expected_from) or end, end)
        for step in steps
        if step.status in {"ahead", "current"} and (end := moment(step.expected_to))
    ]
    return max(ends, key=lambda found: found[1], default=None)


def _told(title: str) -> str:
    text = _OVERRIDES.sub("", title)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def inline(title: str) -> str:
    """A title inside a sentence: its first letter small, unless it is an abbreviation or name."""
    first, second = title[:1], title[1:2]
    return first.lower() + title[1:] if first.isupper() and second.islower() else title
