"""What a helper sees is a function of what a helper knows anyway: proved, attacked, and tried.

V is everything a helper can see (``visible``), O what moves the process or is known to the helper
(``ofone.simulation.watched``). Three parts:

1. *Non-interference.* O is fixed; needs are at 3, at -3, and left to random private evidence,
   consents, wishes and failed deliveries. V must be the same bytes, in the same order.
2. *Attacker.* Customers react to how they are accompanied, so O itself says something of needs.
   A classifier is given O, and O with V. The added advantage must be nothing.
3. *Canary.* Builds that leak on purpose (``leaks``) must fail both, else the two have no power.
"""

import re
import resource
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from itertools import pairwise
from math import nan
from random import Random
from typing import Any
from zlib import crc32

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ofone.benchmarks.leaks import LEAKS
from ofone.benchmarks.measure import PLAYBOOK, Stopwatch, books, options, say
from ofone.domain.errors import OfoneError
from ofone.domain.messages import Message, Outcome
from ofone.domain.times import DAY, HOUR, MINUTE, SECOND, Micros
from ofone.domain.words import CHANNELS
from ofone.journeys.library import Library
from ofone.journeys.schedule import read_date
from ofone.runtime.codec import decode_message, encode, encode_message
from ofone.runtime.dispatch import Dispatcher
from ofone.runtime.engine import Engine
from ofone.runtime.helping import inbox
from ofone.runtime.links import Links
from ofone.runtime.ports import Batch, EffectRow, StateRow, Store
from ofone.runtime.show import helper_inbox
from ofone.runtime.words import write_to_helper
from ofone.simulation.reacting import STEPS, Reacted, react
from ofone.simulation.watched import (
    OUTAGES,
    START,
    TICK,
    Arrival,
    Lived,
    live,
    needing,
    observable,
    private,
)
from ofone.stores.memory import MemoryStore

Array = NDArray[Any]
HELPERS = ("mo", "li", "None", "")
"""Who may look: two helpers, and two that nobody should be."""
CUT = 0.5
"""Of P(reassurance > cut), and of the need itself: above it is high."""
MOST = 0.02
"""What V may add, at the upper end of its 95% interval."""
LEAST = 0.2
"""What a leak must add."""
TARGETS = ("believed", "truth")
Z = 1.96


def firewall(given: dict[str, str]) -> dict[str, Any]:
    """All three parts. Raises OfoneError with what failed; the figures are said before.

    Options: journeys and companies (of part 1), customers (of the attack), leaking (customers of
    each leaky build), tried (journeys of part 1 for each), seed.
    """
    o = options(
        given, journeys=2_000, companies=50, customers=20_000, leaking=4_000, tried=100, seed=1
    )
    watch = Stopwatch()
    found: dict[str, Any] = {"non_interference": interference(o["journeys"], o["seed"])}
    found["non_interference"]["cpu_s"] = round(watch.lap().cpu, 1)
    say(f"firewall: {found['non_interference']}")
    found["order"] = order(o["companies"], o["seed"])
    found["order"]["cpu_s"] = round(watch.lap().cpu, 1)
    say(f"firewall: {found['order']}")
    found["attack"] = attack(o["customers"], o["seed"], books())
    found["attack"]["cpu_s"] = round(watch.lap().cpu, 1)
    say(f"firewall: {found['attack']}")
    found["canaries"] = {}
    for name, leak in LEAKS.items():
        found["canaries"][name] = leaking(leak, o["tried"], o["leaking"], o["seed"])
        found["canaries"][name]["cpu_s"] = round(watch.lap().cpu, 1)
        say(f"firewall: {name}: {found['canaries'][name]}")
    found["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    failed = list(_failures(found))
    if failed:
        raise OfoneError("; ".join(failed))
    return found


def _failures(found: dict[str, Any]) -> Iterator[str]:
    for part in ("non_interference", "order"):
        if found[part]["unlike"]:
            yield f"{part}: what helpers see differs {found[part]['unlike']} times: " + str(
                found[part]["first"]
            )
    for target in TARGETS:
        if (upper := found["attack"][target]["upper_95"]) > MOST:
            yield f"V adds up to {upper} to what O says of reassurance ({target}), not {MOST}"
    for name, canary in found["canaries"].items():
        if not canary["unlike"]:
            yield f"part 1 does not catch that {name}"
        if (added := canary["attack"]["believed"]["added"]) <= LEAST:
            yield f"the attacker gains only {added} where {name}, not {LEAST}"


def interference(journeys: int, seed: int) -> dict[str, Any]:
    """Part 1: how many journeys were compared, what was seen, and in how many it differed."""
    library = books()
    compared = [compare(n, seed, library) for n in range(journeys)]
    unlike = [c.unlike for c in compared if c.unlike]
    return {
        "journeys": journeys,
        "messages": sum(c.seen for c in compared),
        "of_them_requests": sum(c.requests for c in compared),
        "journeys_with_messages": sum(c.seen > 0 for c in compared),
        "customers_told_differently": sum(c.apart for c in compared),
        "unlike": len(unlike),
        "first": unlike[0] if unlike else "",
    }


def order(companies: int, seed: int) -> dict[str, Any]:
    """Part 1 for customers who share helpers, through engine and dispatcher."""
    library = books()
    came = [ordered(n, seed, library) for n in range(companies)]
    unlike = [what for _, what in came if what]
    return {
        "companies": companies,
        "messages": sum(n for n, _ in came),
        "unlike": len(unlike),
        "first": unlike[0] if unlike else "",
    }


def leaking(
    leak: Callable[[], AbstractContextManager[None]], tried: int, customers: int, seed: int
) -> dict[str, Any]:
    """Parts 1 and 2 of a build that leaks."""
    with leak():
        unlike = interference(tried, seed)["unlike"]
        return {"tried": tried, "unlike": unlike, "attack": attack(customers, seed, books())}


def visible(store: Store, library: Library, helpers: Sequence[str], now: Micros) -> list[bytes]:
    """Everything that these helpers can see at a moment, in the order in which they get it.

    Messages whole (address, subject, bodies, id, thread, time: all that a channel makes headers
    of); what the inbox gives as data; and the projection that the page and every export are drawn
    from. A new view of helpers is a new line here.
    """
    rows = sorted(store.effects(), key=lambda row: row.next_at or row.at)
    sent = [decode_message(row.message) for row in rows if row.message is not None]
    found = [msgspec.json.encode(message) for message in sent if message.to_kind == "helper"]
    found += [msgspec.json.encode(helper_inbox(store, library, helper)) for helper in helpers]
    there = store.helpers()
    found += [
        msgspec.json.encode(inbox(store, library, helper, now))
        for helper in helpers
        if helper in there
    ]
    return [*found, msgspec.json.encode(there)]


def kept(lived: Lived, library: Library) -> MemoryStore:
    """A store that holds this life, its messages to helpers written as the dispatcher writes them.

    Messages to the customer are left out: no helper sees them.
    """
    store = MemoryStore()
    state = lived.state
    effects = [
        EffectRow(
            effect.key,
            state.customer,
            effect.at,
            encode(effect),
            next_at=effect.at,
            message=encode_message(write_to_helper(effect, library, _LINKS)),
        )
        for effect in lived.told
    ]
    named = [state.profile.traits[t].value for t in library.beside if t in state.profile.traits]
    helped = {e.view.helper for e in lived.told} | {str(who) for who in named if who}
    store.commit(
        Batch(
            states=[StateRow(state.customer, state.version, None, encode(state))],
            effects=effects,
            helped=[(helper, state.customer) for helper in helped],
        )
    )
    return store


class Compared(Struct, frozen=True):
    """One customer, lived three times. ``seen``: messages to helpers; ``unlike``: what differs.

    ``apart``: whether the customer was written to differently, as is meant.
    """

    seen: int
    requests: int
    apart: bool
    unlike: str


def compare(number: int, seed: int, library: Library) -> Compared:
    """Live one customer's observables with needs high, low and random, and compare what is seen."""
    chance = Random(f"{seed}/{number}")
    book = library.current[PLAYBOOK]
    customer = f"c{number}"
    fixed = observable(chance, book, customer)
    outage, end = chance.choice(OUTAGES), START + chance.randrange(10, 120) * DAY
    lives = list(_lives(chance, fixed, customer, library, outage, end))
    seen = [visible(kept(lived, library), library, HELPERS, end) for lived in lives]
    unlike = next(
        (
            f"customer {customer}, outages of {outage // MINUTE} min: {_first(seen[0], other)}"
            for other in seen[1:]
            if other != seen[0]
        ),
        "",
    )
    return Compared(
        seen=len(lives[0].told),
        requests=sum(t.answer_by is not None for t in lives[0].told),
        apart=any(lived.said != lives[0].said for lived in lives[1:]),
        unlike=unlike,
    )


def _lives(
    chance: Random,
    fixed: list[Arrival],
    customer: str,
    library: Library,
    outage: Micros,
    end: Micros,
) -> Iterator[Lived]:
    book = library.current[PLAYBOOK]
    agreed = fixed + private(Random(customer), book, customer)[:1]
    for level in (3.0, -3.0):
        yield live(customer, agreed, library, end=end, outage=outage, before=needing(level))
    told = fixed + private(chance, book, customer)
    yield live(customer, told, library, end=end, outage=outage, failing=chance)


def _first(one: Sequence[bytes], other: Sequence[bytes]) -> str:
    """The first difference, in words."""
    for n, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            at = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), 0)
            return f"item {n} from byte {at}: {a[max(0, at - 40) : at + 40]!r} and " + repr(
                b[max(0, at - 40) : at + 40]
            )
    return f"{len(one)} items and {len(other)}"


class _Wall:
    """A clock on the wall: the same moment for all, and each look at it takes a millisecond."""

    def __init__(self) -> None:
        self.at: Micros = START

    def now(self, at: Micros, last: Micros) -> Micros:
        self.at += TICK
        return max(self.at, last)

    def firing(self, due: Micros, last: Micros) -> Micros:
        return max(self.now(due, last), due)


class _Store(MemoryStore):
    """One whose links are the same in every run."""

    def secret(self) -> bytes:
        return b"firewall" * 4


_LINKS = Links(_Store(), "http://localhost", remember=False)


class _Post:
    """A channel that keeps what goes to helpers, in the order in which it comes."""

    name = "post"
    idempotent = True

    def __init__(self) -> None:
        self.came: list[bytes] = []

    def close(self) -> None:
        """Nothing to do."""

    def deliver(self, message: Message) -> Outcome:
        if message.to_kind == "helper":
            self.came.append(msgspec.json.encode(message))
        return Outcome(status="delivered")


def ordered(number: int, seed: int, library: Library, customers: int = 14) -> tuple[int, str]:
    """The same through engine and dispatcher, for customers who share helpers: also in which order
    their messages come, after each of many outages. How many came, and the first difference.
    """
    chance = Random(f"{seed}/company {number}")
    book = library.current[PLAYBOOK]
    names = [f"c{n}" for n in range(customers)]
    fixed = [a for name in names for a in observable(chance, book, name)]
    outage = chance.choice((12 * HOUR, 3 * DAY))
    came = []
    for _ in range(3):
        rest = [a for name in names for a in private(chance, book, name)]
        came.append(_sent([*fixed, *rest], outage, library))
    other = next((c for c in came[1:] if c != came[0]), None)
    return len(came[0]), "" if other is None else f"company {number}: {_first(came[0], other)}"


def _sent(arrivals: Sequence[Arrival], wakes: Micros, library: Library) -> list[bytes]:
    """What comes to helpers, in order, where the loop wakes every so often."""
    clock, post, store = _Wall(), _Post(), _Store()
    engine = Engine(store, library, clock)
    channels = dict.fromkeys((*CHANNELS, "helper"), post)
    dispatcher = Dispatcher(engine, channels, Links(store, "http://localhost"))
    waiting = sorted((a for a in arrivals if a.event is not None), key=lambda a: -a.at)
    for now in range(START, START + 70 * DAY, wakes):
        clock.at = max(now, clock.at)
        while engine.fire_due(clock.at) or dispatcher.run_once(clock.at).attempts:
            pass
        while waiting and waiting[-1].at <= now:
            event = waiting.pop().event
            if event is not None:
                engine.submit(event)
    return post.came


def attack(
    customers: int, seed: int, library: Library, targets: Sequence[str] = TARGETS
) -> dict[str, Any]:
    """Simulate customers who react, and try to tell from V who needs reassurance.

    Two targets: what the system *believes* when the appointment is to be booked (P(high) > cut,
    which is what would leak), and the *truth* (need > cut).
    """
    book = library.current[PLAYBOOK]
    known, seen, high = [], [], []
    for n in range(customers):
        one = react(Random(f"{seed}/{n}"), f"c{n}", library, book)
        known.append(np.array(_knows(one)))
        seen.append(np.array(_sees(one, library)))
        high.append([one.believed > CUT, one.truth > CUT])
    o, v = np.array(known), np.array(seen)
    told = {"customers": customers, "features_O": o.shape[1], "features_V": v.shape[1]}
    told["messages_each"] = round(float(v[:, 0].mean()), 2)
    found = dict(zip(TARGETS, np.array(high).T, strict=True))
    return told | {name: advantage(o, v, found[name], seed) for name in targets}


def advantage(o: Array, v: Array, high: Array, seed: int) -> dict[str, Any]:
    """What V adds to O in telling who is ``high``: cross-fitted gradient boosting, five folds.

    The advantage of an attacker is 2 AUC - 1 (Somers' D: 0 for a guess, 1 for certainty); added is
    the difference of two of them on the same people. Its 95% interval is from the paired variance
    of DeLong, DeLong and Clarke-Pearson (1988), conditional on the cross-fitted scores. ``gain``
    is the difference in balanced accuracy times two (the largest TPR - FPR), as a second view.
    """
    both = np.hstack([o, v])
    scores = {name: _fitted(x, high, seed) for name, x in (("O", o), ("V and O", both))}
    (auc_o, auc_v), cov = _delong(scores["O"], scores["V and O"], high)
    added = 2 * (auc_v - auc_o)
    error = 2 * float(np.sqrt(cov[0, 0] + cov[1, 1] - 2 * cov[0, 1]))
    return {
        "share_high": round(float(high.mean()), 3),
        "auc_O": [round(auc_o + k * Z * float(np.sqrt(cov[0, 0])), 4) for k in (0, -1, 1)],
        "auc_V_and_O": [round(auc_v + k * Z * float(np.sqrt(cov[1, 1])), 4) for k in (0, -1, 1)],
        "added": round(added, 4),
        "lower_95": round(added - Z * error, 4),
        "upper_95": round(added + Z * error, 4),
        "gain": round(_apart(scores["V and O"], high) - _apart(scores["O"], high), 4),
    }


def _fitted(x: Array, high: Array, seed: int) -> Array:
    """For each person the score by a model that was fitted to the others' folds."""
    try:
        from sklearn.ensemble import HistGradientBoostingClassifier  # type: ignore[import-untyped]
        from sklearn.model_selection import StratifiedKFold  # type: ignore[import-untyped]
        from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]
    except ImportError as error:
        raise OfoneError(
            "the attacker needs scikit-learn, which is not installed; "
            "install it with: pip install 'ofone[bench]'"
        ) from error
    score = np.empty(len(high))
    x = x[:, [len(np.unique(column[~np.isnan(column)])) > 1 for column in x.T]]
    # One thread: where other work shares the cores, several spend most of the time waiting.
    with threadpool_limits(1):
        for train, test in StratifiedKFold(5, shuffle=True, random_state=seed).split(x, high):
            there = ~np.isnan(x[train]).all(axis=0)
            model = HistGradientBoostingClassifier(
                learning_rate=0.1, max_iter=60, max_leaf_nodes=15, random_state=seed
            )
            model.fit(x[train][:, there], high[train])
            score[test] = model.predict_proba(x[test][:, there])[:, 1]
    return score


def _delong(one: Array, other: Array, high: Array) -> tuple[list[float], Array]:
    """AUCs of two scores on the same people, and the covariance of the two (DeLong et al. 1988)."""
    positives, negatives = [], []
    for score in (one, other):
        yes, no = score[high], score[~high]
        positives.append((_ranks(score)[high] - _ranks(yes)) / len(no))
        negatives.append(1 - (_ranks(score)[~high] - _ranks(no)) / len(yes))
    cov = np.cov(positives) / len(positives[0]) + np.cov(negatives) / len(negatives[0])
    return [float(p.mean()) for p in positives], cov


def _ranks(values: Array) -> Array:
    """Ranks from 1; equal values share the middle one."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    found: Array = (ends - (counts - 1) / 2)[inverse]
    return found


def _apart(score: Array, high: Array) -> float:
    """The largest TPR - FPR over all thresholds (Youden's J), with equal scores together."""
    values, inverse = np.unique(score, return_inverse=True)
    yes = np.bincount(inverse[high], minlength=len(values)) / high.sum()
    no = np.bincount(inverse[~high], minlength=len(values)) / (~high).sum()
    return float(np.max(np.cumsum(no - yes), initial=0.0))


_NAMES = (
    *(name for _, name, _ in STEPS),
    *("Application Started", "Exam Rescheduled", "Exam Missed", "Advisor Contacted"),
    "Application Withdrawn",
)


def _knows(one: Reacted) -> list[float]:
    """O as numbers: when each thing happened, first and last, how often, after what came before."""
    row: list[float] = [len(one.events)]
    last = one.events[0].at
    before = {}
    for event in one.events:
        before[event.name] = event.at - last
        last = event.at
    for name in _NAMES:
        at = [e.at for e in one.events if e.name == name]
        row += [len(at), *(_when(at[0]) if at else _NEVER), before.get(name, nan)]
        row += [at[-1] - at[0] if at else nan]
    booked = [e for e in one.events if "appointment_at" in e.properties]
    leads = [(read_date(str(e.properties["appointment_at"])) or 0) - e.at for e in booked]
    return [*row, leads[0] if leads else nan, leads[-1] if leads else nan]


def _sees(one: Reacted, library: Library) -> list[float]:
    """V as numbers: counts, moments, gaps, deadlines, lengths, digests and ids of the messages."""
    messages = [write_to_helper(effect, library, _LINKS) for effect in one.told]
    at = [m.at for m in messages]
    gaps: list[float] = [b - a for a, b in pairwise(at)] or [nan]
    sizes = [len(m.subject) + len(m.text) + len(m.html) for m in messages]
    row: list[float] = [len(messages), sum(sizes), len({m.key for m in messages})]
    row += [min(gaps), max(gaps), sum(gaps) / len(gaps)]
    kinds = library.current[PLAYBOOK].helper_messages
    for kind in kinds:
        mine = [(m, e) for m, e in zip(messages, one.told, strict=True) if e.message == kind]
        row.append(len(mine))
        if not mine:
            row += [nan] * _OF_ONE
            continue
        (m, e), (final, _) = mine[0], mine[-1]
        row += [*_when(m.at), m.at - e.view.step_entered, final.at - m.at, e.view.step_days]
        row.append(nan if e.answer_by is None else e.answer_by - m.at)
        row += [len(m.subject), len(m.text), len(m.html), crc32(m.subject.encode())]
        row += [messages.index(m), len(m.key), crc32(m.key.encode()), crc32(m.thread.encode())]
        counted = re.search(r"(?<=:)\d+", m.key)
        row += [float(counted[0]) if counted else nan, len(e.view.step_title)]
    return row


_NEVER = [nan] * 4
_OF_ONE = 18
"""How many numbers one kind of message gives, beside its count."""


def _when(at: Micros) -> list[float]:
    """A moment: since the beginning, in the day, in the week, in the second."""
    return [at, at % DAY, at // DAY % 7, at % SECOND]
