"""Count broken promises: an account of its own, from what went out and what had come in by then.

It asks no guard, no engine and no compiled playbook: only the deliveries, the events with the time
of their arrival, and what the playbooks' texts promise. Its arithmetic is that of the wall clock.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from zoneinfo import ZoneInfo

from msgspec import Struct

from ofone.domain.events import Happened, Value
from ofone.domain.times import DAY, Micros
from ofone.journeys.playbook import Playbook

COUNTRIES: dict[str, tuple[str, tuple[str, ...]]] = {
    "US": ("+1", ("America/New_York", "America/Denver", "America/Los_Angeles", "Pacific/Honolulu")),
    "DE": ("+49", ("Europe/Berlin",)),
    "AU": ("+61", ("Australia/Perth", "Australia/Sydney", "Australia/Lord_Howe")),
    "BR": ("+55", ("America/Sao_Paulo", "America/Manaus", "America/Rio_Branco")),
    "IN": ("+91", ("Asia/Kolkata",)),
}
"""How their telephone numbers begin, and zones that must all be open where only that is known."""
RULES = ("quiet hours", "cap", "gap", "consent", "bounced", "cooling off", "hold-out")

_UNITS = {"minute": 60, "hour": 3600, "day": 86400, "week": 604800}
_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Delivery(Struct, frozen=True, kw_only=True):
    """One attempt that a channel saw: when, and what of it. ``went``: the channel may have it."""

    customer: str
    at: Micros
    decided: Micros
    channel: str
    address: str
    purpose: str
    pressing: bool
    playbook: str
    approach: str
    went: bool


class Came(Struct, frozen=True):
    """An event, and when it arrived."""

    arrived: Micros
    event: Happened


class Broken(Struct, frozen=True):
    """A promise that was not kept."""

    rule: str
    customer: str
    at: Micros
    what: str


def broken(
    deliveries: Sequence[Delivery], came: Sequence[Came], books: Iterable[Playbook]
) -> list[Broken]:
    """Every promise that these deliveries to one customer broke. Both in order of time."""
    promised = {b.playbook: b for b in books}
    found: list[Broken] = []
    went: list[Micros] = []
    failed: list[Delivery] = []
    arrivals = [c.arrived for c in came]
    for one in deliveries:
        known = [c.event for c in came[: bisect_right(arrivals, one.at)]]
        book = promised[one.playbook]
        said = {
            "quiet hours": _asleep(one, known, book),
            "consent": _unwanted(one, known),
            "bounced": _bounced(one, known, failed),
            "cooling off": _cold(one, known, book),
            "hold-out": _mixed(one, book),
        }
        if one.went:
            books_open = [b for b in promised.values() if b is book or _under_way(b, known)]
            said["cap"] = next(filter(None, [_over(one, went, b) for b in books_open]), "")
            gap = max(_length(b.guards.gap) for b in books_open)
            near = bool(went) and one.at - went[-1] < gap
            said["gap"] = f"{(one.at - went[-1]) / 6e7:.1f} minutes" if near else ""
            went.append(one.at)
        else:
            failed.append(one)
        found += [Broken(rule, one.customer, one.at, what) for rule, what in said.items() if what]
    return found


def _asleep(one: Delivery, known: list[Happened], book: Playbook) -> str:
    """Where it is not open at this moment, of all the places where the customer may be."""
    quiet = book.guards.quiet_hours
    moment = datetime.fromtimestamp(one.at // 1_000_000, UTC)
    for name in _zones(known, book):
        local = moment.astimezone(ZoneInfo(name))
        clock = f"{local:%H:%M}"
        day = local.weekday() in _days(quiet.days)
        if quiet.holidays == "closed":
            day = day and str(local.date()) not in book.holidays
        if not (day and quiet.from_ <= clock < quiet.to):
            return f"{local:%a %Y-%m-%d %H:%M} in {name}"
    return ""


def _zones(known: list[Happened], book: Playbook) -> Sequence[str]:
    zone = _trait(known, "zone")
    try:
        if zone:
            ZoneInfo(str(zone))
            return (str(zone),)
    except (KeyError, OSError, ValueError):
        pass
    country, phone = str(_trait(known, "country")).upper(), str(_trait(known, "phone"))
    if country in COUNTRIES:
        return COUNTRIES[country][1]
    for prefix, zones in COUNTRIES.values():
        if phone.startswith(prefix):
            return zones
    return book.guards.quiet_hours.zones or (book.zone,)


def _trait(known: list[Happened], name: str) -> Value:
    told = [(e.at, str(e.traits[name]), e.traits[name]) for e in known if name in e.traits]
    return max(told)[2] if told else None


def _days(text: str) -> set[int]:
    found: set[int] = set()
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        start = _WEEK.index(first)
        found |= {(start + n) % 7 for n in range((_WEEK.index(last or first) - start) % 7 + 1)}
    return found


def _unwanted(one: Delivery, known: list[Happened]) -> str:
    """Why this channel was not open to this purpose, by the newest word."""
    if one.channel == "in_app" and one.purpose == "service":
        return ""
    words = []
    complained = -1
    for e in known:
        named = e.properties.get("channels", e.properties.get("channel"))
        channels = named if isinstance(named, list) else [named]
        purpose = e.properties.get("purpose", "service" if e.name == "Consent Given" else None)
        if e.name in ("Message Complained", "Suppressed") and (
            named is None or one.channel in channels
        ):
            words.append((e.at, True, ""))
            complained = max(complained, e.at)
        elif purpose not in (None, one.purpose):
            continue
        elif e.name == "Consent Withdrawn" and (named is None or one.channel in channels):
            words.append((e.at, True, ""))
        elif e.name == "Consent Given" and one.channel in channels:
            words.append((e.at, False, str(e.properties.get("wording", ""))))
    if not words:
        return "nobody agreed"
    at, withdrawn, wording = max(words)
    if withdrawn:
        return "withdrawn"
    return "complained before" if complained >= 0 and not (at > complained and wording) else ""


def _bounced(one: Delivery, known: list[Happened], failed: list[Delivery]) -> str:
    """Whether this channel had failed, and no newer address was given since."""
    name = {"email": "email", "sms": "phone"}.get(one.channel, "")
    given = max([e.at for e in known if name in e.traits], default=-1)
    bounces = [f.decided for f in failed if f.channel == one.channel and f.at < one.at]
    bounces += [
        e.at
        for e in known
        if e.name == "Message Bounced" and e.properties.get("channel") == one.channel
    ]
    return "a failed address" if bounces and max(bounces) >= given else ""


def _cold(one: Delivery, known: list[Happened], book: Playbook) -> str:
    if one.purpose != "marketing" and not one.pressing:
        return ""
    events = {"Distress Noted", *(e for e in book.distress if isinstance(e, str))}
    last = max([e.at for e in known if e.name in events], default=None)
    warm = last is None or one.at >= last + _length(book.guards.cooling_off)
    return "" if warm else "soon after distress"


def _mixed(one: Delivery, book: Playbook) -> str:
    """Whether somebody who is held out got more than the standard."""
    held = held_out(book.playbook, one.customer, book.holdout)
    return f"got {one.approach}" if held and one.approach != book.approaches[-1].id else ""


def held_out(playbook: str, customer: str, share: float) -> bool:
    """The promise of a stable hash, written down a second time."""
    digest = blake2b(f"{playbook}\x1f{customer}".encode(), digest_size=8).hexdigest()
    return int(digest, 16) / 2**64 < share


def _under_way(book: Playbook, known: list[Happened]) -> bool:
    """Whether a journey of this playbook surely runs: it began, and nothing yet could end it."""
    entry = book.entry.event
    began = any(e.name == (entry if isinstance(entry, str) else entry.event) for e in known)
    goal = next(s for s in book.steps if s.id == book.goal)
    ends = (*goal.completes, *(e for o in book.outcomes for e in o.events))
    names = {e if isinstance(e, str) else e.event for e in ends}
    return began and all(e.name not in names for e in known)


def _over(one: Delivery, went: list[Micros], book: Playbook) -> str:
    cap = book.guards.cap
    recent = len(went) - bisect_right(went, one.at - cap.days * DAY)
    return f"{recent + 1} in {cap.days} days" if recent >= cap.messages else ""


def _length(text: str) -> Micros:
    amount, _, unit = text.partition(" ")
    return int(amount) * _UNITS[unit.removesuffix("s")] * 1_000_000
