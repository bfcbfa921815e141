"""A simulated year of many customers in twenty zones, minute by minute as in the open.

Everybody applies for life insurance, half of them ask for a loan as well, often at the same time.
On the way they move to other zones, change their minds about messages, complain, state hours, and
some of their addresses fail; events come late or twice. Deliveries fail, are retried, and wait.

Each customer lives alone, in a store in memory, through the real engine and the real dispatcher
with the clock of the moment; then ``checker`` counts what was broken. Nothing here is measured on
people: it shows that the rules hold, not how anybody behaves.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from random import Random
from typing import Any

from msgspec.structs import replace

from ofone.benchmarks.checker import RULES, Broken, Came, Delivery, broken, held_out
from ofone.benchmarks.measure import Stopwatch, options, say
from ofone.decisions import guards
from ofone.domain.effects import Send
from ofone.domain.events import Happened, Scalar, Value
from ofone.domain.messages import Message, Outcome
from ofone.domain.times import DAY, HOUR, MINUTE, Micros, iso
from ofone.domain.words import Channel
from ofone.journeys.compiled import Compiled, compile_playbook
from ofone.journeys.library import Library, library
from ofone.journeys.load import bundled
from ofone.journeys.playbook import Action, Content, Playbook, Touch
from ofone.runtime.codec import decode_effect
from ofone.runtime.dispatch import Dispatcher
from ofone.runtime.engine import Engine
from ofone.runtime.links import Links
from ofone.simulation.lives import START, Company, company, lived
from ofone.stores.memory import MemoryStore

ZONES = (
    *("America/New_York", "America/Chicago", "America/Denver", "America/Phoenix"),
    *("America/Los_Angeles", "America/Anchorage", "Pacific/Honolulu", "America/Halifax"),
    *("America/St_Johns", "America/Sao_Paulo", "Europe/London", "Europe/Berlin", "Africa/Lagos"),
    *("Asia/Kolkata", "Asia/Kathmandu", "Asia/Shanghai", "Asia/Tokyo", "Australia/Lord_Howe"),
    *("Pacific/Auckland", "Pacific/Kiritimati"),
)
YEAR = 365 * DAY
WITHOUT = {
    "quiet hours": ("quiet_hours", "hours"),
    "cap": ("cap",),
    "gap": ("gap",),
    "consent": ("consent",),
    "bounced": ("undeliverable",),
    "cooling off": ("cooling_off", "no_exploitation"),
    "hold-out": (),
}
"""What is taken out to see whether the checker finds it; for the hold-out, the playbooks' own."""
HOLDOUT = 0.1
_NUMBERS = ("+15185550100", "+493012345678", "+61291234567", "+551133334444", "+911123456789")
_LOAN = (
    *(("A_PARTLYSUBMITTED", 0.01), ("A_PREACCEPTED", 0.1), ("A_ACCEPTED", 0.5)),
    *(("O_SENT", 0.1), ("O_SENT_BACK", 9.0), ("W_Valideren aanvraag/schedule", 0.5)),
    *(("W_Nabellen incomplete dossiers/schedule", 1.0), ("W_Valideren aanvraag/schedule", 4.0)),
    *(("W_Valideren aanvraag/start", 2.0), ("A_APPROVED", 0.2)),
)


class Hand:
    """A wall clock that is moved by hand."""

    def __init__(self) -> None:
        self.time: Micros = 0

    def now(self, at: Micros, last: Micros) -> Micros:
        return max(self.time, last)

    def firing(self, due: Micros, last: Micros) -> Micros:
        return max(self.time, last, due)


class Post:
    """A channel for everything, which now and then is busy, fails, or does not know.

    ``seen``: key, address, channel, when, and whether it may have arrived.
    """

    name = "post"
    idempotent = True

    def __init__(self, hand: Hand, chance: Random, *, trouble: float) -> None:
        self.hand, self.chance, self.trouble = hand, chance, trouble
        self.seen: list[tuple[str, str, Micros, bool]] = []

    def deliver(self, message: Message) -> Outcome:
        lot = self.chance.random()
        if message.to_kind == "helper":
            return Outcome(status="delivered")
        if lot < self.trouble:
            hours = self.chance.expovariate(0.5)
            return Outcome(status="retry", detail="busy", wait_s=hours * 3600)
        went = lot > 1.5 * self.trouble
        self.seen.append((message.key, message.address, self.hand.time, went))
        if not went:
            return Outcome(status="failed", detail="no such mailbox")
        return Outcome(status="unknown" if lot < 1.7 * self.trouble else "accepted")

    def close(self) -> None:
        """Nothing is open."""


def live(
    came: Sequence[Came],
    books: Library,
    until: Micros,
    chance: Random,
    *,
    trouble: float = 0.03,
    carried: Sequence[str] = ("email", "sms", "in_app", "push", "webhook", "call", "helper"),
) -> tuple[list[Delivery], Mapping[str, int]]:
    """One customer's time, moment by moment; what went out, and how often each status was reached.

    ``came`` is in order of arrival. An event that no journey can take is left aside by the engine.
    """
    hand = Hand()
    post = Post(hand, chance, trouble=trouble)
    store = MemoryStore()
    engine = Engine(store, books, hand)
    dispatcher = Dispatcher(engine, dict.fromkeys(carried, post), Links(store, "https://x.example"))
    left = list(reversed(came))
    while True:
        ahead = [left[-1].arrived] if left else []
        ahead += [t for t in (store.next_due(), _next(store)) if t is not None and t > hand.time]
        if not ahead or min(ahead) > until:
            break
        hand.time = max(hand.time, min(ahead))
        while left and left[-1].arrived <= hand.time:
            engine.submit(left.pop().event)
        while engine.fire_due(hand.time):
            pass
        dispatcher.run_until_idle(hand.time)
    effects = {e.key: decode_effect(e.body) for e in store.effects()}
    found = []
    for key, address, at, went in post.seen:
        effect = effects[key]
        if isinstance(effect, Send):
            book = books.version(effect.playbook, effect.version)
            action = book.actions[effect.action]
            found.append(
                Delivery(
                    customer=effect.customer,
                    at=at,
                    decided=effect.at,
                    channel=effect.channel,
                    address=address,
                    purpose=effect.purpose,
                    pressing=action.presses != "nothing",
                    playbook=effect.playbook,
                    approach=effect.approach,
                    went=went,
                )
            )
    return found, Counter(e.status for e in store.effects())


def _next(store: MemoryStore) -> Micros | None:
    return min([e.next_at for e in store.effects() if e.next_at is not None], default=None)


def year(given: dict[str, str]) -> dict[str, Any]:
    """Violations by rule; and, for each rule, those of a build without its guard: must be found.

    Options: customers, seed, canary (customers of each of those builds).
    """
    o = options(given, customers=5_000, seed=1, canary=200)
    books = [_with_adverts(bundled("life-insurance")), bundled("loan")]
    texts = [replace(b.playbook, holdout=HOLDOUT) for b in books]
    held = [compile_playbook(t) for t in texts]
    watch = Stopwatch()
    found = _count(o["customers"], o["seed"], held, texts, "year")
    cost = watch.lap()
    canaries = {}
    for rule, names in WITHOUT.items():
        with _without(names):
            leaky = _count(o["canary"], o["seed"], held if names else books, texts, "canary")
        canaries[rule] = leaky["violations"][rule]
    return {
        "customers": o["customers"],
        "zones": len(ZONES),
        **found,
        "violations without the guard of that rule": {"customers": o["canary"], **canaries},
        "all_canaries_sing": all(canaries.values()),
        "cpu_s": round(cost.cpu, 1),
        "wall_s": round(cost.wall, 1),
    }


def _with_adverts(book: Compiled) -> Compiled:
    """The bundled playbooks advertise nothing; here one does, to see when it holds back."""
    p = book.playbook
    said: dict[Channel, Content] = {
        "email": Content(subject="Another cover", body="There is another cover."),
        "sms": Content(body="There is another cover."),
    }
    advert = Action(
        id="advert", title="An advert", purpose="marketing", content={"any": said}, presses="upsell"
    )
    touch = Touch(send="advert", at="after 6 hours")
    steps = tuple(
        replace(s, accompany={a.id: (*s.accompany.get(a.id, ()), touch) for a in p.approaches})
        for s in p.steps
    )
    return compile_playbook(replace(p, actions=(*p.actions, advert), steps=steps))


@contextmanager
def _without(names: Sequence[str]) -> Iterator[None]:
    """A build that lacks these guards, to see that the checker sees it."""
    lists = ("OF_CHANNEL", "OF_MOMENT", "OF_PRESSURE")
    kept = {name: getattr(guards, name) for name in lists}
    for name, asked in kept.items():
        setattr(guards, name, tuple(g for g in asked if g.__name__ not in names))
    try:
        yield
    finally:
        for name, asked in kept.items():
            setattr(guards, name, asked)


def _count(
    customers: int, seed: int, books: list[Compiled], texts: list[Playbook], what: str
) -> dict[str, Any]:
    """``books`` are what the engine runs, ``texts`` what was promised."""
    both = library(books)
    firm = company(Random(f"{seed} firm"), "wide", books[0].questions)
    wrong: list[Broken] = []
    statuses: Counter[str] = Counter()
    sent: Counter[str] = Counter()
    events = held = 0
    for n in range(customers):
        name = f"c{n}"
        came = life(Random(f"{seed} {n}"), name, firm, books[0])
        out, ended = live(came, both, START + YEAR, Random(f"{seed} {n} post"))
        wrong += broken(out, came, texts)
        statuses.update(ended)
        sent.update(d.channel for d in out if d.went)
        events += len(came)
        held += held_out(texts[0].playbook, name, HOLDOUT)
        if (n + 1) % 500 == 0:
            say(f"{what}: {n + 1:,} customers, {len(wrong)} violations")
    for one in wrong[:10] if what == "year" else ():
        say(f"{what}: {one.rule}: {one.customer} at {iso(one.at)}: {one.what}")
    return {
        "events": events,
        "deliveries": sum(sent.values()),
        "by_channel": dict(sent),
        "statuses": dict(statuses),
        "held_out": held,
        "violations": dict.fromkeys(RULES, 0) | Counter(b.rule for b in wrong),
    }


def life(chance: Random, name: str, firm: Company, book: Compiled) -> list[Came]:
    """One customer's year: what happens, and when it is heard of."""
    begins = START + int(chance.uniform(0, 320) * DAY)
    events = list(_insurance(chance, name, firm, book, begins))
    if chance.random() < 0.5:
        events += _loan(chance, begins + int(chance.uniform(-5, 30) * DAY))
    events += _aside(chance, begins)
    came = []
    for n, e in enumerate(events):
        one = replace(e, id=f"e{n}", customer=name)
        late = chance.random() < 0.05
        arrived = one.at + int(chance.expovariate(1 / (6 * HOUR)) if late else 0)
        came.append(Came(arrived, one))
        if chance.random() < 0.02:
            came.append(Came(arrived + int(chance.uniform(0, 2) * DAY), one))
    return sorted(came, key=lambda c: (c.arrived, c.event.at, c.event.id))


def _insurance(
    chance: Random, name: str, firm: Company, book: Compiled, begins: Micros
) -> Iterator[Happened]:
    traits: dict[str, Value] = {
        "name": "Kim Doe",
        "first_name": "Kim",
        "email": f"{name}@example.com",
        "phone": chance.choice(_NUMBERS),
        "advisor_id": f"advisor-{chance.randrange(200)}",
        "advisor_name": "Sofia Lind",
    }
    lot = chance.random()
    if lot < 0.85:
        traits["zone"] = chance.choice(ZONES)
    elif lot < 0.9:
        traits["zone"] = chance.choice(("EST5", "Berlin", "utc+2", "?"))
    elif lot < 0.95:
        traits["country"] = chance.choice(("US", "DE", "AU", "BR", "IN"))
        del traits["phone"]
    for e in lived(chance, name, firm, book, {}, every_item=True).events:
        said = dict(e.properties)
        at = e.at - START + begins
        if "appointment_at" in said:
            said["appointment_at"] = iso(at + int(chance.uniform(2, 8) * DAY))
        yield replace(e, at=at, properties=said, traits=traits if e.traits else {})


def _loan(chance: Random, begins: Micros) -> Iterator[Happened]:
    at = begins
    yield _event("Consent Given", at, {"channels": ["email"], "purpose": "service"})
    yield _event("A_SUBMITTED", at + MINUTE, {"case": "L-1"})
    for name, days in _LOAN:
        if chance.random() < 0.05:
            return
        at += int(chance.expovariate(1 / days) * DAY) + 2 * MINUTE
        yield _event(name, at, {"case": "L-1"})


def _aside(chance: Random, begins: Micros) -> Iterator[Happened]:
    """What people do beside their journeys, mostly while these run."""

    def at() -> Micros:
        return begins + int(chance.expovariate(1 / 15) * DAY) + HOUR

    def now_and_then(share: float) -> bool:
        return chance.random() < share

    if now_and_then(0.1):
        yield _event("Consent Withdrawn", at(), {"channel": chance.choice(("email", "sms"))})
    if now_and_then(0.05):
        yield _event("Consent Withdrawn", at(), {})
    if now_and_then(0.1):
        yield _event("Consent Given", at(), {"channels": ["email", "sms"], "wording": "Yes."})
    if now_and_then(0.05):
        yield _event("Consent Given", at(), {"channels": ["email", "sms"]})
    if now_and_then(0.05):
        yield _event("Message Complained", at(), {"channel": chance.choice(("email", "sms"))})
    if now_and_then(0.05):
        yield _event("Message Bounced", at(), {"channel": "email"})
    if now_and_then(0.5):
        both: list[Scalar] = ["email", "sms"]
        yield _event("Consent Given", begins, {"channels": both, "purpose": "marketing"})
    if now_and_then(0.3):
        yield _event("Distress Noted", at(), {})
    if now_and_then(0.15):
        yield _event("Preference Stated", at(), {"hours": "17:00-20:00", "days": "mon-fri"})
    if now_and_then(0.1):
        yield _event("Moved", at(), {}, {"zone": chance.choice(ZONES)})
    if now_and_then(0.05):
        yield _event("Address Given", at(), {}, {"email": "new@example.com"})
    for _ in range(chance.randrange(4)):
        yield _event("Tracker Opened", at(), {})


def _event(
    name: str, at: Micros, properties: Mapping[str, Value], traits: Mapping[str, Value] = {}
) -> Happened:
    return Happened(
        id="", customer="", name=name, at=at, properties=dict(properties), traits=dict(traits)
    )
