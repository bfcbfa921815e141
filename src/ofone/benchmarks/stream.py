"""A made-up month of a life insurer: the events of many customers, as they would arrive.

The same arguments give the same bytes, on every machine. Times are plausible, not measured: most
people go on after the days that the playbook calls usual, some stop, some have a question.
"""

import random
from collections.abc import Iterator

import msgspec

from ofone.domain.times import DAY, HOUR, MINUTE, SECOND, Micros, iso

START: Micros = 1_772_445_600 * SECOND
"""The first sign-ups: 2026-03-02 10:00 UTC, a Monday."""
SPAN: Micros = 60 * DAY
"""Customers sign up over this long, evenly. The stream ends then: some are still under way."""

DUPLICATES = 0.03
LATE = 0.05

# (event, the chance that it comes at all after the one before, days since then: shortest, usual)
_PATH: tuple[tuple[str, float, float, float], ...] = (
    ("Application Submitted", 0.85, 0.02, 1.0),
    ("E-Sign Completed", 0.93, 0.01, 0.8),
    ("Exam Booked", 0.9, 0.1, 3.0),
    ("Exam Completed", 0.93, 2.0, 6.0),
    ("Lab Results Received", 0.98, 1.0, 3.0),
    ("Decision Made", 0.96, 0.5, 4.0),
    ("Offer Presented", 1.0, 0.01, 0.02),
    ("Offer Accepted", 0.8, 0.05, 3.0),
    ("Policy Issued", 0.99, 0.5, 2.0),
    ("Policy Delivered", 0.99, 0.5, 2.0),
    ("Premium Paid", 0.97, 0.01, 1.0),
)
_ASIDE = (
    *(["Page Viewed"] * 11),
    *(["Help Page Read"] * 4),
    *(["Status Call"] * 2),
    "Form Abandoned",
    "Exam Rescheduled",
    "Advisor Contacted",
)
_PAGES = ("home", "tracker", "prices", "how-it-works", "why-we-ask", "what-to-bring", "your-offer")
_FIRST = ("Ana", "Ben", "Chloe", "David", "Elif", "Farid", "Grace", "Hugo", "Ines", "Jon", "Kofi")
_LAST = ("Abara", "Berg", "Cohen", "Diaz", "Evans", "Fischer", "Garcia", "Haddad", "Ito", "Jansen")
_ZONES = ("America/New_York", "America/New_York", "America/Chicago", "America/Los_Angeles")

_encode = msgspec.json.encode


def stream(customers: int, events: int, seed: int = 1, *, applying: int = 100) -> list[bytes]:
    """JSON lines in the order of their arrival: ``events`` different ones and 3% repeats.

    5% arrive late, by minutes (most of them), hours or days. Customers are c0, c1, …; of 100 of
    them ``applying`` begin a journey, with sign-up, consent and, for six in ten, the baseline; the
    others only look. Where the journeys give more than ``events``, the last to happen are left
    out; where they give fewer, page views, questions and calls of all customers fill up.
    """
    chance = random.Random(f"{seed} {customers} {events} {applying}")
    happened: list[tuple[Micros, int, str, dict[str, object]]] = []
    spans: list[tuple[Micros, Micros]] = []
    for who in range(customers):
        if chance.random() * 100 >= applying:
            spans.append((START, START + SPAN))
            continue
        path = list(_journey(who, chance))
        spans.append((path[0][0], min(path[-1][0] + 3 * DAY, START + SPAN)))
        happened += [e for e in path if e[0] < START + SPAN]
    while len(happened) < events:
        who = chance.randrange(customers)
        first, last = spans[who]
        at = first + int((last - first) * chance.random())
        name = chance.choice(_ASIDE)
        happened.append((at, who, name, _aside(name, who, at, chance)))
    happened.sort(key=lambda e: (e[0], e[1], e[2]))
    arriving: list[tuple[Micros, int, bytes]] = []
    for n, (at, who, name, more) in enumerate(happened[:events]):
        line = _encode(
            {"id": f"e{n}", "customer": f"c{who}", "name": name, "time": iso(at), **more}
        )
        arrives = at + (_delay(chance) if chance.random() < LATE else 0)
        arriving.append((arrives, n, line))
        if chance.random() < DUPLICATES:
            arriving.append((arrives + _delay(chance), n, line))
    arriving.sort()
    return [line for _, _, line in arriving]


def _journey(
    who: int, chance: random.Random
) -> Iterator[tuple[Micros, int, str, dict[str, object]]]:
    """One customer's sign-up, and the path as far as this one goes."""
    at = START + int(SPAN * chance.random())
    first, last = chance.choice(_FIRST), chance.choice(_LAST)
    own: dict[str, object] = {"application_id": f"A-{who}"}
    traits = {
        "name": f"{first} {last}",
        "first_name": first,
        "email": f"{first}.{last}.{who}@example.com".lower(),
        "phone": f"+1518555{who % 10_000:04d}",
        "zone": chance.choice(_ZONES),
        "advisor_id": f"advisor-{who % 200}",
        "advisor_name": chance.choice(("Martin Okafor", "Sofia Lind", "Ravi Menon")),
    }
    yield at, who, "Application Started", {"properties": own, "traits": traits, "source": "web"}
    at += int(chance.uniform(0.5, 4) * MINUTE)
    consent = {"channels": ["email", "sms"], "purpose": "service", "wording": "v3"}
    yield at, who, "Consent Given", {"properties": consent, "source": "web"}
    if chance.random() < 0.6:
        at += int(chance.uniform(0.5, 6) * MINUTE)
        asked = chance.sample(("A1", "A2", "A3", "I1", "C1", "R1", "E1", "T1", "U1"), 4)
        answers = {q: chance.randint(1, 5) for q in asked}
        yield at, who, "Baseline Answered", {"properties": answers, "source": "web"}
    for name, chances, shortest, usual in _PATH:
        if chance.random() > chances:
            return
        at += int(DAY * (shortest + chance.expovariate(1 / usual)))
        said: dict[str, object] = dict(own)
        if name == "Exam Booked":
            said["appointment_at"] = iso(at + int(DAY * chance.uniform(2, 8)) // MINUTE * MINUTE)
            said["appointment_place"] = f"{who % 90 + 1} Cedar Street, Albany"
            said["booked_by"] = "customer"
        elif name == "Decision Made":
            said["result"] = chance.choice(("approved",) * 8 + ("rated", "declined"))
        elif name == "Offer Presented":
            said["offer_until"] = iso(at + 30 * DAY)
        yield at, who, name, {"properties": said, "source": "core"}
        if said.get("result") == "declined":
            return


def _aside(name: str, who: int, at: Micros, chance: random.Random) -> dict[str, object]:
    """What comes with something that is no step: a visit, a question, a call."""
    if name in ("Page Viewed", "Help Page Read"):
        return {"properties": {"page": chance.choice(_PAGES)}, "source": "web"}
    if name == "Exam Rescheduled":
        moved = iso(at + int(DAY * chance.uniform(2, 8)))
        return {"properties": {"application_id": f"A-{who}", "appointment_at": moved}}
    return {"properties": {"topic": "how it stands", "minutes": chance.randint(2, 15)}}


def _delay(chance: random.Random) -> Micros:
    """How late something is: mostly minutes, at times hours, seldom days."""
    longest = chance.choices((30 * MINUTE, 12 * HOUR, 4 * DAY), (6, 3, 1))[0]
    return int(longest * chance.random())
