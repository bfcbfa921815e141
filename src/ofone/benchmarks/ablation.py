"""What each source of evidence adds, and what it costs where it is not what it was taken for.

Simulated companies (``ofone.simulation.lives``) are lived through the real ``advance``, once with
every source and once without each; and with nothing but the baseline and one source. Needs are
estimated apart from each other, so that sources of different needs are left out in the same run.

*Adds* is the mean log score of the truth (nats, more is better) that is lost without the source,
over the needs it bears on. Differences are paired by customer; standard errors are taken over
pairs of a company and its mirror image. *Helps* and *costs* are the same in the worlds where every
assumption holds and where no behaviour says anything. *Reaches* is the share of assessments that
the source moves at all. What may be counted is scored instead, each one of it, and has a second
row for the counts.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import exp, log, pi, sqrt
from random import Random
from statistics import fmean, stdev
from typing import Any, get_args

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from ofone.benchmarks.measure import PLAYBOOK, options, say
from ofone.benchmarks.needs import calibration
from ofone.benchmarks.text import Sentence, labelled
from ofone.domain.events import Happened, Heard
from ofone.domain.state import Count, Evidence, NeedState
from ofone.domain.times import DAY
from ofone.domain.words import NEEDS, Need
from ofone.journeys.ask_next import prefers, weighed
from ofone.journeys.compiled import Compiled, compile_playbook
from ofone.journeys.library import Library, library
from ofone.journeys.load import bundled
from ofone.journeys.playbook import Match, Signal
from ofone.needs.evidence import BASELINE, CORRECTED, COUNTED
from ofone.needs.model import HALF_LIFE_DAYS, STATE_VAR, TRAIT_VAR, assess, learn, summary
from ofone.readers import TextReader
from ofone.simulation.lives import (
    CANDIDATES,
    SCORED,
    START,
    Lived,
    Readings,
    Said,
    World,
    company,
    lived,
    states,
)

ANSWERS, WORDS, CORRECTIONS = "answers to the questions", "words", "the customer's corrections"
DAYS = (7, 21, 42)
"""The days after the beginning on which assessments are compared with the truth."""

Floats = NDArray[np.float64]


class Source(Struct, frozen=True, kw_only=True):
    """Something that gives evidence. ``group``: sources that are left out in the same run.

    ``signal`` is how it is declared, and ``counted`` how it is declared where it is counted
    instead of scored.
    """

    name: str
    needs: tuple[Need, ...]
    group: int
    signal: Signal | None = None
    counted: Signal | None = None


def sources() -> list[Source]:
    """Answers, words, corrections, and every candidate signal.

    A group holds one signal a need at most. What the approach rests on is a group apart, since it
    decides when we write, and so what counts as soon.
    """
    bearing = weighed(bundled(PLAYBOOK))
    found = [
        Source(name=name, needs=bearing if name == ANSWERS else NEEDS, group=n)
        for n, name in enumerate((ANSWERS, WORDS, CORRECTIONS))
    ]
    taken: list[Need] = []
    for signal in CANDIDATES:
        match = signal.event if isinstance(signal.event, Match) else Match(event=signal.event)
        name = match.event + (", how soon" if signal.soon else "")
        name += " but not answered" if signal.unless else ""
        name += f", {match.if_.removeprefix('event.')}" if match.if_ else ""
        scored, counted = signal, None
        if signal.counts is not None:
            score, validity = SCORED[signal.because]
            scored = replace(signal, counts=None, score=score, validity=validity)
            counted = signal
        found.append(
            Source(
                name=name,
                needs=(signal.need,),
                group=3 if signal.need in bearing else 4 + taken.count(signal.need),
                signal=scored,
                counted=counted,
            )
        )
        taken.append(signal.need)
    return found


def readings(sentences: Sequence[Sentence], reader: TextReader) -> Readings:
    """What the reader hears in each sentence, by what the sentence expresses."""
    found: dict[Said | None, list[tuple[Heard, ...]]] = {}
    read = reader.read([s.text for s in sentences])
    for sentence, reading in zip(sentences, read, strict=True):
        heard = tuple(
            Heard(need, h.score, 1 / h.weight, reader.name) for need, h in reading.evidence.items()
        )
        expressed: list[Said | None] = [
            (need, sign) for need in NEEDS if (sign := sentence.needs.get(need, 0))
        ]
        for said in expressed or [None]:
            found.setdefault(said, []).append(heard)
    return found


def ablation(given: dict[str, str]) -> dict[str, Any]:
    """The table. Options: companies (of the wide world; of the two others half as many), customers
    (of each company), counted (customers for the coverage of counts), seed.
    """
    o = options(given, companies=40, customers=40, counted=6_000, seed=1)
    run = Run(o["seed"], o["customers"], readings(labelled(), TextReader.bundled()))
    worlds = {}
    for world in get_args(World):
        many = 2 * max(2, o["companies"] // (2 if world == "wide" else 4))
        say(f"ablation: {many} companies of {o['customers']} customers, {world}")
        worlds[world] = [run.company(world, n, alone=world == "wide") for n in range(many)]
    say("ablation: counted signals")
    return {
        "customers": o["customers"],
        "companies": {world: len(firms) for world, firms in worlds.items()},
        "sources": table(run, worlds),
        "counted": counted(o["counted"], o["seed"]),
    }


class Kept(Struct, frozen=True):
    """Assessments of a company's customers: [customers, days, needs] of mean, and of sd."""

    mean: Floats
    sd: Floats


class Firm(Struct, frozen=True, kw_only=True):
    """One company: the truth, and assessments by what was left out, left, or counted.

    ``alone`` holds the assessments with nothing but the baseline and one source.
    """

    truth: Floats
    all: Kept
    without: dict[str, Kept]
    alone: dict[str, Kept]
    counted: dict[str, Kept]
    all_counted: Kept


class Run:
    """What all companies share. ``libraries``: by the names of the sources, and whether counted."""

    def __init__(self, seed: int, customers: int, heard: Readings) -> None:
        self.seed, self.customers, self.heard = seed, customers, heard
        self.sources = sources()
        self.book = bundled(PLAYBOOK)
        self.prefers = prefers(self.book)
        self.groups = sorted({s.group for s in self.sources})
        self.libraries: dict[tuple[frozenset[str], bool], Library] = {}

    def company(self, world: World, number: int, *, alone: bool) -> Firm:
        """``alone``: also with nothing but the baseline and one source."""
        seed = f"{self.seed}/{world}/{number // 2}"
        chance = Random(seed)
        firm = company(chance, world, self.book.questions, mirrored=bool(number % 2))
        people = [
            lived(Random(f"{seed}/{n}"), f"c{n}", firm, self.book, self.heard)
            for n in range(self.customers)
        ]
        # Every group once without, and once alone beside the answers: see ``sources``.
        everything = self.kept(people, self.groups)
        counting = self.kept(people, self.groups, counted=True)
        minus = {g: self.kept(people, [n for n in self.groups if n != g]) for g in self.groups}
        plus = {g: self.kept(people, [0, g]) for g in self.groups if alone}
        return Firm(
            truth=np.array(
                [[[p.truth[need][day] for need in NEEDS] for day in DAYS] for p in people]
            ),
            all=everything,
            without={s.name: _spliced(everything, minus[s.group], s.needs) for s in self.sources},
            alone={
                s.name: _spliced(plus[0], plus[s.group], s.needs) for s in self.sources if alone
            },
            counted={
                s.name: _spliced(everything, counting, s.needs) for s in self.sources if s.counted
            },
            all_counted=counting,
        )

    def library(self, names: frozenset[str], counted: bool) -> Library:
        """The bundled playbook with these signals."""
        found = self.libraries.get((names, counted))
        if found is None:
            signals = tuple(
                (s.counted if counted and s.counted else s.signal)
                for s in self.sources
                if s.signal is not None and s.name in names
            )
            book = compile_playbook(replace(self.book.playbook, signals=signals))
            found = self.libraries[names, counted] = library([book])
        return found

    def kept(
        self, people: Sequence[Lived], groups: Sequence[int], *, counted: bool = False
    ) -> Kept:
        """Live all of them with the sources of these groups only."""
        names = frozenset(s.name for s in self.sources if s.group in groups)
        books = self.library(names, counted)
        cells = np.empty((2, len(people), len(DAYS), len(NEEDS)))
        for n, person in enumerate(people):
            events = _heard_of(person.events, names)
            for d, state in enumerate(states(person.customer, events, books, DAYS)):
                at = START + DAYS[d] * DAY
                for k, need in enumerate(NEEDS):
                    a = assess(state.needs.get(need), at, need, 0.5)
                    cells[:, n, d, k] = a.mean, a.sd
        return Kept(cells[0], cells[1])

    def preferred(self, kept: Kept) -> NDArray[np.str_]:
        """The approach that suits these assessments: [customers, days]."""
        book: Compiled = self.book
        bearing = [(NEEDS.index(n), n) for n in weighed(book)]
        found = []
        for mean, sd in zip(
            kept.mean.reshape(-1, len(NEEDS)), kept.sd.reshape(-1, len(NEEDS)), strict=True
        ):
            believed = {
                n: summary(float(mean[k]), float(sd[k]) ** 2, book.playbook.cut) for k, n in bearing
            }
            found.append(self.prefers(believed))
        return np.array(found)


def _heard_of(events: Iterable[Happened], names: frozenset[str]) -> list[Happened]:
    """The events as they are where only these sources exist."""
    found = []
    for told in events:
        event = told
        if told.heard and WORDS not in names:
            event = replace(told, heard=())
        elif told.name == BASELINE and ANSWERS not in names:
            event = replace(told, properties={"P1": told.properties["P1"]})
        if told.name != CORRECTED or CORRECTIONS in names:
            found.append(event)
    return found


def _spliced(base: Kept, other: Kept, needs: Sequence[Need]) -> Kept:
    """``base``, with these needs from the other run."""
    columns = [NEEDS.index(n) for n in needs]
    mean, sd = base.mean.copy(), base.sd.copy()
    mean[:, :, columns], sd[:, :, columns] = other.mean[:, :, columns], other.sd[:, :, columns]
    return Kept(mean, sd)


def log_score(truth: Floats, kept: Kept) -> Floats:
    """ln N(truth; mean, sd²), cell by cell."""
    found: Floats = -0.5 * (np.log(2 * pi * kept.sd**2) + ((truth - kept.mean) / kept.sd) ** 2)
    return found


def table(run: Run, worlds: Mapping[str, Sequence[Firm]]) -> list[dict[str, Any]]:
    """All sources against the prior, then a row for each source."""
    wide = worlds["wide"]
    unknown = Kept(np.zeros_like(wide[0].truth), np.ones_like(wide[0].truth))
    right = [run.preferred(Kept(f.truth, np.full_like(f.truth, 1e-6))) for f in wide]

    def suits(kept: Iterable[Kept]) -> list[float]:
        return [float((run.preferred(k) == r).mean()) for k, r in zip(kept, right, strict=True)]

    everything = list(range(len(NEEDS)))
    none = _mean_se(suits([unknown] * len(wide)))
    wholes: dict[str, Callable[[Firm], Kept]] = {
        "all of them": lambda f: f.all,
        "all of them, counted": lambda f: f.all_counted,
    }
    rows: list[dict[str, Any]] = [
        {
            "source": name,
            "adds": _mean_se(_gain(wide, of, lambda _: unknown, everything)),
            "with": _figures([(f.truth, of(f)) for f in wide], everything),
            "right_approach_share": _mean_se(suits(of(f) for f in wide)),
            "right_approach_without_any": none,
        }
        for name, of in wholes.items()
    ]
    for source in run.sources:
        name, columns = source.name, [NEEDS.index(n) for n in source.needs]
        forms: list[tuple[str, Callable[[Firm], Kept]]] = [(name, lambda f: f.all)]
        if source.counted is not None:
            forms.append((f"{name}, counted", lambda f, name=name: f.counted[name]))  # type: ignore[misc]
        for label, of in forms:
            row: dict[str, Any] = {"source": label, "needs": list(source.needs)}
            for world, key in (("wide", "adds"), ("assumed", "helps"), ("none", "costs")):
                lost = _gain(worlds[world], of, lambda f, name=name: f.without[name], columns)  # type: ignore[misc]
                row[key] = _mean_se(lost)
            row["reaches"] = round(
                fmean(
                    float((of(f).mean != f.without[name].mean)[:, :, columns].mean()) for f in wide
                ),
                3,
            )
            row["with"] = _figures([(f.truth, of(f)) for f in wide], columns)
            row["without"] = _figures([(f.truth, f.without[name]) for f in wide], columns)
            if set(source.needs) & set(weighed(run.book)):
                off = zip(
                    suits(of(f) for f in wide), suits(f.without[name] for f in wide), strict=True
                )
                row["right_approach"] = _mean_se([a - b for a, b in off])
            if label == name:
                under: Callable[[Firm], Kept] = lambda f: f.alone[ANSWERS]  # noqa: E731
                if name == ANSWERS:
                    under = lambda _: unknown  # noqa: E731
                alone = _gain(wide, lambda f, name=name: f.alone[name], under, columns)  # type: ignore[misc]
                row["alone"] = _mean_se(alone)
            rows.append(row | {"verdict": verdict(row)})
    return rows


def _gain(
    firms: Sequence[Firm],
    better: Callable[[Firm], Kept],
    than: Callable[[Firm], Kept],
    columns: list[int],
) -> list[float]:
    """The mean difference in log score, company by company."""
    return [
        float((log_score(f.truth, better(f)) - log_score(f.truth, than(f)))[:, :, columns].mean())
        for f in firms
    ]


def _figures(pairs: Sequence[tuple[Floats, Kept]], columns: list[int]) -> dict[str, float]:
    """r of mean and truth, coverage of the 80 % interval, and the slope of truth on the mean."""
    truth = np.concatenate([t[:, :, columns].ravel() for t, _ in pairs])
    mean = np.concatenate([k.mean[:, :, columns].ravel() for _, k in pairs])
    sd = np.concatenate([k.sd[:, :, columns].ravel() for _, k in pairs])
    inside = float((np.abs(truth - mean) <= 1.281552 * sd).mean())
    if not mean.any():
        return {"r": 0.0, "coverage_80": round(100 * inside, 1)}
    return {
        "r": round(float(np.corrcoef(truth, mean)[0, 1]), 3),
        "coverage_80": round(100 * inside, 1),
        "slope": round(float(truth @ mean / (mean @ mean)), 3),
    }


def _mean_se(values: Sequence[float]) -> list[float]:
    """Mean, and its standard error over pairs of a company and its mirror image."""
    pairs = [fmean(values[n : n + 2]) for n in range(0, len(values), 2)]
    return [round(fmean(pairs), 5), round(stdev(pairs) / sqrt(len(pairs)), 5)]


def verdict(row: Mapping[str, Any]) -> str:
    """From two standard errors on it adds, or harms; and whether it is worth its risk."""
    adds, se = row["adds"]
    if adds < -2 * se:
        return "harms"
    if adds <= 2 * se:
        return "adds nothing measurable"
    worth = row["helps"][0] + row["costs"][0] > 0
    return "adds" if worth else "adds, but costs more where it is wrong"


class Rate(Struct, frozen=True):
    """Something counted: how often it is usual a day, and its weight."""

    usual: float
    weight: float


_SELDOM, _OFTEN = Rate(1 / 60, 0.7), Rate(1 / 14, 0.5)


def counted(customers: int, seed: int) -> dict[str, Any]:
    """Coverage and slope where people act as the model of counts says: Poisson, with its rates.

    Where ``full``, all of a count's information is used, and not the share that the product trusts;
    ``and the wait since`` then folds what it leaves out: that nothing came since the last one.
    """
    ways: dict[str, dict[str, Any]] = {
        "seldom, as they come": {"rate": _SELDOM},
        "often, as they come": {"rate": _OFTEN},
        "often, late, in any order": {"rate": _OFTEN, "late": True},
        "often, duplicated": {"rate": _OFTEN, "twice": True},
        "often, half of them missing": {"rate": _OFTEN, "missing": 0.5},
        "often, with answers": {"rate": _OFTEN, "answers": True},
        "seldom, full": {"rate": _SELDOM, "share": 1.0},
        "often, full": {"rate": _OFTEN, "share": 1.0},
        "seldom, full, and the wait since": {"rate": _SELDOM, "share": 1.0, "tail": True},
        "often, full, and the wait since": {"rate": _OFTEN, "share": 1.0, "tail": True},
    }
    found = {}
    for name, how in ways.items():
        people = [_counting(Random(f"{seed}/{n}"), **how) for n in range(customers)]
        found[name] = calibration(people) | {
            "mean_error": round(fmean(m - t for t, m, _ in people), 3)
        }
    return found


def _counting(
    chance: Random,
    *,
    rate: Rate,
    late: bool = False,
    twice: bool = False,
    missing: float = 0.0,
    answers: bool = False,
    share: float = COUNTED,
    tail: bool = False,
) -> tuple[float, float, float]:
    """(truth, mean, deviation) of a customer after up to 60 days of calls."""
    need: Need = "reassurance"
    step = 0.125
    phi = exp(-log(2) / HALF_LIFE_DAYS[need] * step)
    trait, state = chance.gauss(0, sqrt(TRAIT_VAR)), chance.gauss(0, sqrt(STATE_VAR))
    arrived: list[Evidence] = []
    ends = int(chance.uniform(1, 60) / step)
    count = Count(log(rate.usual), rate.weight, 0, share)
    for n in range(ends):
        if chance.random() < step * rate.usual * exp(rate.weight * (trait + state)):
            at = int((n + 0.5) * step * DAY)
            if chance.random() >= missing:
                arrived.append(Evidence(at, 0.0, 1.0, f"e{n}", "call", None, count))
        if answers and chance.random() < step / 14:
            at, error = int((n + 0.7) * step * DAY), sqrt(3.0)
            score = trait + state + error * chance.gauss(0, 1)
            arrived.append(Evidence(at, score, error**2, f"a{n}", "score"))
        state = phi * state + chance.gauss(0, sqrt(STATE_VAR * (1 - phi * phi)))
    if twice:
        arrived += [e for e in arrived if chance.random() < 0.5]
    if late:
        chance.shuffle(arrived)
    known: NeedState | None = None
    for e in arrived:
        known = learn(known, e, need)
    end = int(ends * step * DAY)
    a = assess(known, end, need, 0.5)
    mean, variance = a.mean, a.sd**2
    if tail:
        last = max((e.at for e in arrived), default=0)
        expected = (end - last) / DAY * rate.usual * exp(rate.weight * mean)
        # Poisson with nothing counted: gradient -weight mu, information weight² mu (Laplace).
        variance = 1 / (1 / variance + rate.weight**2 * expected)
        mean -= variance * rate.weight * expected
    return trait + state, mean, sqrt(variance)
