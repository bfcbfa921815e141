"""Tips to a helper with many cases go out in one list a week, by step, about people in general.

Whether a tip goes out alone depends on how many cases the helper has been told of and has still
open at the tip's own hour: on what helpers know, and on nothing else. It is asked only when all
that was due by then has been asked for, so the order in which customers were taken does not count.
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from hashlib import blake2b
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from ofone.conversations.helper import Entry, compose_list
from ofone.domain.effects import TellHelper
from ofone.domain.messages import Message
from ofone.domain.times import Micros, to_datetime, to_micros
from ofone.journeys.library import Library
from ofone.journeys.schedule import next_morning
from ofone.runtime.codec import decode_effect, decode_state
from ofone.runtime.links import Links
from ofone.runtime.ports import EffectRow, Store
from ofone.runtime.words import to_helper

ABOVE = 5
"""With more open cases than these, a helper gets a list a week instead of single tips."""
WEEKLY = "waits for the weekly list"
AT_THE_END = 2**62
"""In a replay, time is each customer's own: tips wait behind this moment until all was read."""
EVERYTHING = AT_THE_END + 2**61
_MANY = 1_000_000

List = tuple[str, Micros]
"""A weekly list: whose, and of which morning."""


class Sorted(Struct):
    """The rows of a round: to go out as they are, put off, and together in lists."""

    alone: list[EffectRow]
    waiting: list[EffectRow]
    lists: list[list[EffectRow]]


class Digest:
    """Decides which tips wait for a list. ``real``: whether time passes by the wall."""

    def __init__(self, store: Store, library: Library, *, real: bool) -> None:
        self.store = store
        self.library = library
        self.real = real
        self._many: dict[tuple[str, Micros], bool] = {}

    def sort(self, rows: Iterable[EffectRow], now: Micros) -> Sorted:
        """What becomes of each row now. A list is whole: it takes its tips from all that waits."""
        found = Sorted([], [], [])
        lists: dict[List, None] = {}
        if self.real:
            self._many.clear()
        for row in rows:
            tip = _tip(row)
            if tip is None:
                found.alone.append(row)
            elif not self.real and (row.next_at or 0) < AT_THE_END:
                found.waiting.append(replace(row, status="held", next_at=AT_THE_END + row.at))
                self._many.clear()
            elif (morning := self._morning(row, tip)) is None:
                found.alone.append(row)
            elif self.real and morning > now:
                put_off = replace(row, status="held", next_at=morning, detail=WEEKLY)
                found.waiting.append(put_off)
            else:
                lists[tip.view.helper, morning] = None
        if lists:
            members: dict[List, list[EffectRow]] = {key: [] for key in lists}
            # A tip is in the list of the first such morning after it, so none waits behind that.
            last = now if self.real else AT_THE_END + max(morning for _, morning in lists)
            for row in self.store.pending(last, _MANY):
                tip = _tip(row)
                morning = self._morning(row, tip) if tip is not None else None
                if tip is not None and morning is not None:
                    members.get((tip.view.helper, morning), []).append(row)
            found.lists += members.values()
        return found

    def write(self, rows: list[EffectRow], links: Links) -> Message:
        """The one message of a list. Raises TemplateError.

        Its key is made of its tips, so a tip that comes later is in a list of its own.
        """
        tips = sorted((t for row in rows if (t := _tip(row))), key=lambda t: (t.at, t.reference))
        last = tips[-1]
        steps: dict[tuple[str, int], Entry] = {}
        for tip in tips:
            compiled = self.library.version(tip.playbook, tip.version)
            words = compiled.helper_messages[tip.message]
            place = (compiled.playbook.title, list(compiled.steps).index(tip.view.step))
            steps[place] = Entry(
                journey=tip.view.journey_title,
                step=tip.view.step_title,
                words=words.weekly or words.subject,
            )
        compiled = self.library.version(last.playbook, last.version)
        said = compose_list(
            [steps[place] for place in sorted(steps)],
            helper_name=last.view.helper_name,
            page=links.helper(last.view.helper),
            zone=compiled.zone.key,
            locale=compiled.playbook.language,
            company=compiled.playbook.company,
        )
        named = "|".join([last.view.helper, *sorted(t.reference for t in tips)])
        key = blake2b(named.encode(), digest_size=6).hexdigest()
        morning = list_morning(last.at, compiled.zone, compiled.holidays)
        return to_helper(last.view, said, links, key=key, thread=key, at=morning)

    def _morning(self, row: EffectRow, tip: TellHelper) -> Micros | None:
        """The morning of the list that a tip waits for; None when it goes out alone."""
        if row.detail == WEEKLY:
            return row.next_at
        at = (tip.view.helper, tip.at)
        if at not in self._many:
            self._many[at] = self.many(*at)
        if not self._many[at]:
            return None
        compiled = self.library.version(tip.playbook, tip.version)
        return list_morning(tip.at, compiled.zone, compiled.holidays)

    def many(self, helper: str, at: Micros) -> bool:
        """Whether there are more open cases than ``ABOVE``: journeys the helper was told of."""
        count = 0
        for customer in self.store.helped(helper):
            told = {
                effect.journey
                for row in self.store.effects(customer)
                if row.at <= at
                and isinstance(effect := decode_effect(row.body), TellHelper)
                and effect.view.helper == helper
            }
            body = self.store.load(customer) if told else None
            if body is not None:
                journeys = decode_state(body).journeys
                ends = [journeys[n].ended for n in told if n < len(journeys)]
                count += sum(ended is None or ended > at for ended in ends)
                if count > ABOVE:
                    return True
        return False


def list_morning(at: Micros, zone: ZoneInfo, holidays: frozenset[date]) -> Micros:
    """09:00 on the first business day of a week: the first such morning at or after ``at``."""
    day = to_datetime(at).astimezone(zone).date()
    monday = day - timedelta(days=day.weekday())
    while True:
        sunday = datetime.combine(monday - timedelta(days=1), time(12), tzinfo=zone)
        morning = next_morning(to_micros(sunday), zone, holidays)
        if morning >= at:
            return morning
        monday += timedelta(weeks=1)


def _tip(row: EffectRow) -> TellHelper | None:
    """The tip that a row is, while its words are not frozen."""
    if row.message is not None:
        return None
    effect = decode_effect(row.body)
    return effect if isinstance(effect, TellHelper) and effect.kind == "tip" else None
