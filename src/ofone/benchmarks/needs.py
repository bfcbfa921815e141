"""Whether an assessment is right, how sure it may be of itself, and what it costs.

Four parts. *Questionnaire*: real answers to twenty items about a state (``psych_states`` of the
data folder), with the item parameters fitted on half of the people and everything else measured
on the other half. *Sessions*: the same people asked again an hour or a day later. *Fusion*:
simulated customers whose needs are known. *Cost*: CPU per piece of evidence.
"""

import csv
import gzip
import time
from collections.abc import Callable, Sequence
from functools import partial
from math import erf, exp, log, pi, sqrt
from pathlib import Path
from random import Random
from statistics import fmean, median, quantiles, stdev
from typing import Any

import numpy as np
from msgspec import Struct

from ofone.benchmarks.measure import options, say
from ofone.domain.errors import OfoneError
from ofone.domain.state import CustomerState, Evidence, NeedState
from ofone.domain.times import DAY, Micros
from ofone.domain.words import Need
from ofone.needs.calibrate import SKIPPED, Answers, fit
from ofone.needs.evidence import Scored, SignalRule, signals, variance_of
from ofone.needs.items import (
    Question,
    answer_to,
    equivalent,
    estimate,
    expected_variance,
    posterior,
    probability,
)
from ofone.needs.model import HALF_LIFE_DAYS, STATE_VAR, TRAIT_VAR, assess, learn
from ofone.runtime.codec import decode_state, encode

DATA = "../shared/data"
WORRIED = (
    "tense",
    "regretful",
    "upset",
    "worrying",
    "anxious",
    "nervous",
    "jittery",
    "high.strung",
    "worried",
    "rattled",
)
CALM = (
    "calm",
    "secure",
    "at.ease",
    "rested",
    "comfortable",
    "confident",
    "relaxed",
    "content",
    "joyful",
    "pleasant",
)
NEED: Need = "reassurance"
CUT = 0.5
_Z = {"50": 0.674490, "80": 1.281552, "95": 1.959964}
_NEXT_DAY = {"RIM": 1.0, "SAM": 1.0, "VALE": 1.0, "PAT": 1.0, "ROB": 0.7}
_SAME_DAY = 1 / 24


def needs(given: dict[str, str]) -> dict[str, Any]:
    """Questionnaire, sessions, fusion and cost. Options: data (the folder), customers, seed."""
    rest = dict(given)
    folder = Path(rest.pop("data", DATA)) / "psych_states"
    o = options(rest, customers=12_000, seed=1)
    file = folder / "sai.csv.gz"
    if not file.is_file():
        raise OfoneError(f"there is no {file}; give the folder that holds it with data=…")
    people = read(file)
    chance = random_half(people, o["seed"])
    say(f"needs: {len(people)} people, items fitted on half of them")
    bank = fitted(people, chance)
    say("needs: adaptive questionnaires with the other half")
    found: dict[str, Any] = {"questionnaire": questionnaire(people, chance, bank, o["seed"])}
    say("needs: the second session from the first")
    found["sessions"] = sessions(people, chance, bank)
    say(f"needs: {o['customers']:,} simulated customers for each way that signals arrive")
    found["fusion"] = fusion(o["customers"], o["seed"])
    found["cost"] = cost(o["seed"])
    return found


class Person(Struct, frozen=True):
    """A respondent: sessions by number, each with twenty answers graded 0–3 (or ``SKIPPED``)."""

    study: str
    sessions: dict[int, tuple[int, ...]]


def read(file: Path) -> list[Person]:
    """The respondents, with the calm items turned round, so that more is always more worried."""
    found: dict[tuple[str, str], dict[int, tuple[int, ...]]] = {}
    with gzip.open(file, "rt", encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            graded = [_grade(row[name], 1) for name in WORRIED]
            graded += [_grade(row[name], -1) for name in CALM]
            key = (row["study"], row["id"])
            found.setdefault(key, {}).setdefault(int(row["time"]), tuple(graded))
    return [Person(study, sessions) for (study, _), sessions in found.items() if 1 in sessions]


def _grade(text: str, toward: int) -> int:
    if text not in ("1", "2", "3", "4"):
        return SKIPPED
    return int(text) - 1 if toward > 0 else 4 - int(text)


def random_half(people: Sequence[Person], seed: int) -> list[bool]:
    """Whether each person belongs to the half that is fitted on."""
    chance = Random(seed)
    return [chance.random() < 0.5 for _ in people]


def fitted(people: Sequence[Person], train: Sequence[bool]) -> list[Question]:
    """The twenty items with parameters from the first sessions of the training half."""
    answers: Answers = np.array(
        [p.sessions[1] for p, t in zip(people, train, strict=True) if t], dtype=np.int64
    )
    answers = answers[(answers != SKIPPED).any(axis=1)]
    found = fit(answers, 4)
    return [
        Question(
            id=name,
            need=NEED,
            text=name,
            toward=1,
            slope=float(found.slopes[i]),
            cuts=tuple(float(b) for b in found.cuts[i]),
        )
        for i, name in enumerate(WORRIED + CALM)
    ]


def questionnaire(
    people: Sequence[Person], train: Sequence[bool], bank: Sequence[Question], seed: int
) -> dict[str, Any]:
    """Items asked and agreement with all twenty, for people nothing was fitted on."""
    held = [
        p.sessions[1]
        for p, t in zip(people, train, strict=True)
        if not t and SKIPPED not in p.sessions[1]
    ]
    full = [estimate(answer_to(q, k + 1) for q, k in zip(bank, a, strict=True))[0] for a in held]
    sums = [float(sum(a)) for a in held]
    chance = Random(seed)
    found: dict[str, Any] = {"held_out": len(held), "items": len(bank)}
    best: Callable[[float, float, list[int]], int] = lambda m, v, left: min(  # noqa: E731
        left, key=lambda i: expected_variance(m, v, bank[i])
    )
    luck: Callable[[float, float, list[int]], int] = lambda _m, _v, left: chance.choice(left)  # noqa: E731
    for name, pick, most, enough in (
        ("until_se_below_.4", best, len(bank), 0.4),
        ("until_se_below_.5", best, len(bank), 0.5),
        ("two_adaptive", best, 2, 0.0),
        ("two_random", luck, 2, 0.0),
        ("three_adaptive", best, 3, 0.0),
        ("four_adaptive", best, 4, 0.0),
        ("four_random", luck, 4, 0.0),
    ):
        runs = [_ask(bank, a, pick, most, enough) for a in held]
        scores = [m for m, _, _ in runs]
        found[name] = {
            "mean_items": round(fmean(n for _, _, n in runs), 2),
            "share_of_items": round(fmean(n for _, _, n in runs) / len(bank), 3),
            "mean_se": round(fmean(sqrt(v) for _, v, _ in runs), 3),
            "r_with_full_estimate": round(correlation(scores, full), 3),
            "r_with_full_sum": round(correlation(scores, sums), 3),
        }
    return found


def _ask(
    bank: Sequence[Question],
    answers: Sequence[int],
    pick: Callable[[float, float, list[int]], int],
    most: int,
    enough: float,
) -> tuple[float, float, int]:
    mean, variance = 0.0, 1.0
    left = list(range(len(bank)))
    while len(bank) - len(left) < most and sqrt(variance) >= enough:
        i = pick(mean, variance, left)
        left.remove(i)
        _, mean, variance = posterior(mean, variance, answer_to(bank[i], answers[i] + 1))
    return mean, variance, len(bank) - len(left)


def correlation(a: Sequence[float], b: Sequence[float]) -> float:
    """Pearson's r."""
    return float(np.corrcoef(np.array(a), np.array(b))[0, 1])


class Pair(Struct, frozen=True):
    """Two sessions of a person: days between; (score, variance) of each and of two early items."""

    days: float
    first: tuple[float, float]
    early: tuple[float, float]
    second: tuple[float, float]


def sessions(
    people: Sequence[Person], train: Sequence[bool], bank: Sequence[Question]
) -> dict[str, Any]:
    """Log score (nats, more is better) of the second session, given the first and two answers.

    ``trait and state`` correlates two moments at .5 + .5 phi, ``trait only`` at 1, ``state only``
    at phi; each half-life is fitted on the training half and judged on the other one.
    """
    # The sharpest items are the evidence; what is predicted are the other eighteen.
    early = sorted(range(len(bank)), key=lambda i: -bank[i].slope)[:2]
    pairs: tuple[list[Pair], list[Pair]] = ([], [])
    for p, t in zip(people, train, strict=True):
        for number in sorted(p.sessions)[1:2]:
            one = _pair(p, number, bank, early)
            if one is not None:
                pairs[0 if t else 1].append(one)
    models: dict[str, Callable[[float, float], float]] = {
        "trait_and_state": lambda days, half: 0.5 + 0.5 * exp(-log(2) * days / half),
        "trait_only": lambda _days, _half: 1.0,
        "state_only": lambda days, half: exp(-log(2) * days / half),
    }
    halves = [2 ** (n / 2) / 64 for n in range(30)]
    found: dict[str, Any] = {"fitted_on": len(pairs[0]), "held_out": len(pairs[1])}
    full: list[float] = []
    for name, correlated in models.items():
        half = max(
            halves if name != "trait_only" else halves[:1],
            key=lambda h: fmean(_log_scores(pairs[0], correlated, h)),
        )
        scores = _log_scores(pairs[1], correlated, half)
        alone = _log_scores(pairs[1], correlated, half, with_early=False)
        full = full or scores
        worse = [a - b for a, b in zip(full, scores, strict=True)]
        found[name] = {
            "log_score": round(fmean(scores), 4),
            "from_the_first_alone": round(fmean(alone), 4),
            "half_life_days": round(half, 3),
            "worse_by": round(fmean(worse), 4),
            "worse_by_se": round(stdev(worse) / sqrt(len(worse)), 4),
        }
    del found["trait_only"]["half_life_days"]
    return found


def _pair(p: Person, number: int, bank: Sequence[Question], early: Sequence[int]) -> Pair | None:
    days = _NEXT_DAY.get(p.study, _SAME_DAY) if number >= 3 else _SAME_DAY * (number - 1)
    parts = (
        (p.sessions[1], range(len(bank))),
        (p.sessions[number], early),
        (p.sessions[number], [i for i in range(len(bank)) if i not in early]),
    )
    scores = []
    for answers, which in parts:
        said = [answer_to(bank[i], answers[i] + 1) for i in which if answers[i] != SKIPPED]
        if len(said) < len(which):
            return None
        mean, variance = estimate(said)
        scores.append((mean / (1 - variance), variance / (1 - variance)))
    return Pair(days, *scores)


def _log_scores(
    pairs: Sequence[Pair],
    correlated: Callable[[float, float], float],
    half: float,
    *,
    with_early: bool = True,
) -> list[float]:
    found = []
    for pair in pairs:
        rho = correlated(pair.days, half)
        gain = 1 / (1 + pair.first[1])
        mean, variance = rho * gain * pair.first[0], 1 - rho * rho * gain
        if with_early:
            gain = variance / (variance + pair.early[1])
            mean, variance = mean + gain * (pair.early[0] - mean), variance * (1 - gain)
        variance += pair.second[1]
        found.append(-0.5 * (log(2 * pi * variance) + (pair.second[0] - mean) ** 2 / variance))
    return found


ITEMS = tuple(
    Question(id=f"Q{n}", need=NEED, text="?", toward=1, slope=1.2 + 0.3 * n) for n in range(4)
)
VALIDITIES = (0.2, 0.32, 0.5, 0.6)


def fusion(customers: int, seed: int) -> dict[str, Any]:
    """Coverage in points off, calibration slope and error, for each way that signals arrive."""
    ways: dict[str, dict[str, float]] = {
        "as they come": {},
        "correlated within a contact": {"shared": 0.7},
        "half of them missing": {"missing": 0.5},
        "late, in any order": {"late": 1},
        "duplicated": {"twice": 1},
        "all of it": {"shared": 0.7, "missing": 0.3, "late": 1, "twice": 1},
    }
    return {
        name: calibration([simulated(Random(f"{seed}/{n}"), **how) for n in range(customers)])
        for name, how in ways.items()
    }


def simulated(
    chance: Random,
    shared: float = 0.0,
    missing: float = 0.0,
    late: float = 0.0,
    twice: float = 0.0,
) -> tuple[float, float, float]:
    """(truth, mean, deviation) of a customer after up to 60 days of contacts and answers.

    A contact holds one to five signals; ``shared`` is how much of their error they have in common,
    and ``missing`` the share of all evidence that is never sent.
    """
    rate = log(2) / (HALF_LIFE_DAYS[NEED] * DAY)
    trait, state = chance.gauss(0, sqrt(TRAIT_VAR)), chance.gauss(0, sqrt(STATE_VAR))
    now: Micros = 0
    arrived: list[Evidence] = []
    ends = int(chance.uniform(1, 60) * DAY)
    while True:
        later = now + int(chance.expovariate(1 / 8) * DAY) + 1
        later = min(later, ends)
        phi = exp(-rate * (later - now))
        state = phi * state + chance.gauss(0, sqrt(STATE_VAR * (1 - phi * phi)))
        now = later
        if now == ends:
            break
        theta = trait + state
        found = (
            _answers(chance, theta, missing)
            if chance.random() < 0.3
            else _contact(chance, theta, shared, missing)
        )
        arrived += [Evidence(now, s.score, s.variance, f"e{now}", s.kind, s.answer) for s in found]
    if twice:
        arrived += [e for e in arrived if chance.random() < 0.5]
    if late:
        chance.shuffle(arrived)
    known: NeedState | None = None
    for e in arrived:
        known = learn(known, e, NEED)
    a = assess(known, ends, NEED, CUT)
    return trait + state, a.mean, a.sd


def _answers(chance: Random, theta: float, missing: float) -> tuple[Scored, ...]:
    found = []
    for q in chance.sample(ITEMS, chance.randint(1, 3)):
        if chance.random() < missing:
            continue
        chances = [probability(theta, answer_to(q, k)) for k in q.answers]
        answer = answer_to(q, chance.choices(q.answers, chances)[0])
        score, variance = equivalent(0.0, 1.0, answer) or (0.0, 1e6)
        found.append(Scored(need=NEED, score=score, variance=variance, kind=q.id, answer=answer))
    return tuple(found)


def _contact(chance: Random, theta: float, shared: float, missing: float) -> tuple[Scored, ...]:
    common = chance.gauss(0, 1)
    rules = []
    for n in range(chance.randint(1, 5)):
        variance = variance_of(chance.choice(VALIDITIES))
        error = sqrt(shared) * common + sqrt(1 - shared) * chance.gauss(0, 1)
        score = theta + sqrt(variance) * error
        because = f"signal {n}"
        if chance.random() >= missing:
            rules.append(SignalRule(need=NEED, score=score, variance=variance, because=because))
    return signals(rules)


def calibration(people: Sequence[tuple[float, float, float]]) -> dict[str, Any]:
    """What share of truths the intervals hold, minus what they promise (points); slope; ECE."""
    slope = sum(t * m for t, m, _ in people) / sum(m * m for _, m, _ in people)
    found: dict[str, Any] = {
        f"coverage_{name}": round(100 * fmean(abs(t - m) <= z * sd for t, m, sd in people), 1)
        for name, z in _Z.items()
    }
    chances = [0.5 * (1 + erf((m - CUT) / (sd * sqrt(2)))) for _, m, sd in people]
    ece = 0.0
    for n in range(10):
        part = [i for i, p in enumerate(chances) if n <= p * 10 < n + 1 or (n == 9 and p == 1)]
        if part:
            gap = fmean(chances[i] for i in part) - fmean(people[i][0] > CUT for i in part)
            ece += abs(gap) * len(part) / len(people)
    return found | {
        "slope": round(slope, 3),
        "ece_of_high": round(ece, 4),
        "mean_sd": round(fmean(sd for _, _, sd in people), 3),
        "rmse": round(sqrt(fmean((t - m) ** 2 for t, m, _ in people)), 3),
    }


def cost(seed: int, rounds: int = 2_000) -> dict[str, Any]:
    """CPU in µs of ``learn`` by kind of evidence, against decoding the state it belongs to.

    Every update is to another state, so that nothing is found in a cache.
    """
    chance = Random(seed)
    before: list[NeedState] = []
    for n in range(rounds):
        known: NeedState | None = None
        for k in range(6):
            at = k * DAY + n
            known = learn(known, Evidence(at, chance.gauss(0, 1), 3.0, f"e{k}", "call"), NEED)
        if known is not None:
            before.append(known)
    answer = answer_to(ITEMS[0], 4)
    at = 7 * DAY
    kinds = {
        "score": Evidence(at, 1.0, 3.0, "new", "call"),
        "answer": Evidence(at, 1.0, 3.0, "new", "answer", answer),
        "late_score": Evidence(2 * DAY + 5, 1.0, 3.0, "new", "call"),
        "late_answer": Evidence(2 * DAY + 5, 1.0, 3.0, "new", "answer", answer),
        "duplicate": Evidence(3 * DAY, 1.0, 3.0, "e3", "call"),
    }
    spent: dict[str, float] = {}
    for name, evidence in kinds.items():
        spent[name] = _median_us([partial(learn, k, evidence, NEED) for k in before])
    spent["assess"] = _median_us(
        [partial(assess, k, at + n, NEED, CUT) for n, k in enumerate(before)]
    )
    state = CustomerState(customer="ana", needs={NEED: before[0], "information": before[1]})
    body = encode(state)
    decode = _median_us([partial(decode_state, body)] * rounds)
    middle = median(spent.values())
    return {
        "us": {name: round(us, 2) for name, us in spent.items()},
        "median_over_kinds_us": round(middle, 2),
        "decode_of_a_state_us": round(decode, 2),
        "ratio_to_decode": round(middle / decode, 2),
    }


def _median_us(calls: Sequence[Callable[[], object]]) -> float:
    """The median of fifty slices of the calls, CPU time: a busy machine disturbs only some."""
    size = max(1, len(calls) // 50)
    found = []
    for start in range(0, len(calls), size):
        part = calls[start : start + size]
        begin = time.thread_time_ns()
        for call in part:
            call()
        found.append((time.thread_time_ns() - begin) / 1e3 / len(part))
    return quantiles(found, n=2)[0]
