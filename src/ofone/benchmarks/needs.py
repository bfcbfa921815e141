"""Whether an assessment is right, how sure it may be of itself, and what it costs.

Four parts. *Questionnaire*: real answers to twenty items about a state (``psych_states`` of the
data folder), with the item parameters fitted on half of the people and everything else measured
on the other half; on one scale, as the product asks, and on two facets, as the answers are.
*Sessions*: the same people asked again an hour or a day later. *Fusion*: simulated customers whose
needs are known. *Cost*: CPU per piece of evidence.
"""

import csv
import gzip
import time
from collections.abc import Callable, Sequence
from functools import partial
from math import erf, exp, log, pi, sqrt
from pathlib import Path
from random import Random
from statistics import fmean, median, quantiles
from typing import Any

import numpy as np
from msgspec import Struct

from ofone.benchmarks import facets
from ofone.benchmarks.measure import options, say
from ofone.domain.errors import OfoneError
from ofone.domain.state import Count, CustomerState, Evidence, NeedState
from ofone.domain.times import DAY, Micros
from ofone.domain.words import Need
from ofone.needs.calibrate import SKIPPED, Answers, Fitted, dependence, fit
from ofone.needs.evidence import Scored, SignalRule, signals, variance_of
from ofone.needs.items import (
    Answer,
    Question,
    answer_to,
    equivalent,
    estimate,
    expected_variance,
    posterior,
    probability,
)
from ofone.needs.model import (
    HALF_LIFE_DAYS,
    STATE_VAR,
    STATED,
    TRAIT_VAR,
    assess,
    learn,
    override,
)
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
FACET = (0,) * len(WORRIED) + (1,) * len(CALM)
NEED: Need = "reassurance"
CUT = 0.5
_Z = {"50": 0.674490, "80": 1.281552, "95": 1.959964}
Pick = Callable[[float, float, list[int]], int]
"""The next item, from mean and variance now and the items left."""
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
    answers = first_answers(people, chance)
    one, two = fit(answers, 4), facets.fit(answers, FACET, 4)
    bank = questions(one)
    say("needs: adaptive questionnaires with the other half")
    held = first_answers(people, [not t for t in chance])
    held = held[(held != SKIPPED).all(axis=1)]
    found: dict[str, Any] = {
        "questionnaire": questionnaire(held, bank, o["seed"]),
        "folded_jointly": questionnaire(held, bank, o["seed"], jointly=True),
        "two_facets": two_facets(held, two, o["seed"]),
        "wording": wording(answers, one, two),
    }
    say("needs: later sessions from earlier ones")
    found["sessions"] = sessions(people, chance)
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


def first_answers(people: Sequence[Person], wanted: Sequence[bool]) -> Answers:
    """People × items of the first sessions of those wanted, without those who skipped it all."""
    found: Answers = np.array(
        [p.sessions[1] for p, w in zip(people, wanted, strict=True) if w], dtype=np.int64
    )
    there = (found != SKIPPED).any(axis=1)
    return np.asarray(found[there])


def questions(fitted: Fitted) -> list[Question]:
    """The twenty items as the product puts them."""
    return [
        Question(
            id=name,
            need=NEED,
            text=name,
            toward=1,
            slope=float(fitted.slopes[i]),
            cuts=tuple(float(b) for b in fitted.cuts[i]),
        )
        for i, name in enumerate(WORRIED + CALM)
    ]


TESTS: dict[str, tuple[bool, int, float]] = {
    "until_se_below_.4": (True, 20, 0.4),
    "until_se_below_.5": (True, 20, 0.5),
    "two_adaptive": (True, 2, 0.0),
    "two_random": (False, 2, 0.0),
    "three_adaptive": (True, 3, 0.0),
    "four_adaptive": (True, 4, 0.0),
    "four_random": (False, 4, 0.0),
}
"""Whether the next item is chosen or drawn, how many at most, and the SE that is enough."""


def questionnaire(
    held: Answers, bank: Sequence[Question], seed: int, *, jointly: bool = False
) -> dict[str, Any]:
    """Items asked and agreement with all twenty, for people nothing was fitted on.

    Answers are folded one at a time, as the product does, or ``jointly``, by quadrature.
    """
    everyone: list[list[int]] = held.tolist()
    full = [estimate(answer_to(q, k + 1) for q, k in zip(bank, a, strict=True)) for a in everyone]
    chance = Random(seed)
    best: Pick = lambda m, v, left: min(  # noqa: E731
        left, key=lambda i: expected_variance(m, v, bank[i])
    )
    luck: Pick = lambda _m, _v, left: chance.choice(left)  # noqa: E731
    found: dict[str, Any] = {"held_out": len(held), "items": len(bank)}
    for name, (chosen, most, enough) in TESTS.items():
        runs = [_ask(bank, a, best if chosen else luck, most, enough, jointly) for a in everyone]
        found[name] = agreement(runs, full, held)
    return found


def two_facets(held: Answers, bank: facets.Facets, seed: int) -> dict[str, Any]:
    """The same where worried and calm wording are two facets of the need."""
    everyone: list[list[int]] = held.tolist()
    full = facets.estimates(held, bank)
    chance = Random(seed)
    found: dict[str, Any] = {"correlation_of_facets": round(bank.correlation, 3)}
    for name, (chosen, most, enough) in TESTS.items():
        pick = None if chosen else chance.choice
        runs = [facets.ask(bank, a, most, enough, pick) for a in everyone]
        found[name] = agreement(runs, full, held)
    return found


def agreement(
    runs: Sequence[tuple[float, float, int]], full: Sequence[tuple[float, float]], held: Answers
) -> dict[str, float]:
    """What (mean, variance, items) of each person come to beside (mean, variance) of all items.

    An honest SE keeps ``off_by``, the root mean square distance to the full estimate, at what it
    promises: the variance of the short test minus that of the full one.
    """
    asked = fmean(n for _, _, n in runs)
    pairs = list(zip(runs, full, strict=True))
    return {
        "mean_items": round(asked, 2),
        "share_of_items": round(asked / held.shape[1], 3),
        "mean_se": round(fmean(sqrt(v) for _, v, _ in runs), 3),
        "r_with_full_estimate": round(correlation([r[0] for r in runs], [m for m, _ in full]), 3),
        "r_promised": round(sqrt(1 - _rest(runs)) / sqrt(1 - _rest(full)), 3),
        "r_with_full_sum": round(correlation([r[0] for r in runs], held.sum(axis=1).tolist()), 3),
        "off_by": round(sqrt(fmean((r[0] - f[0]) ** 2 for r, f in pairs)), 3),
        "off_by_promised": round(sqrt(fmean(r[1] - f[1] for r, f in pairs)), 3),
    }


def _rest(runs: Sequence[tuple[float, ...]]) -> float:
    return fmean(r[1] for r in runs)


def wording(answers: Answers, one: Fitted, two: facets.Facets) -> dict[str, float]:
    """How far answers go along by their wording, once the one scale is known (Q3, fitted half)."""
    q3 = dependence(answers, one, least=50)
    n = len(WORRIED)
    return {
        "q3_within_worried": round(float(np.nanmean(q3[:n, :n])), 3),
        "q3_within_calm": round(float(np.nanmean(q3[n:, n:])), 3),
        "q3_across": round(float(np.nanmean(q3[:n, n:])), 3),
        "log_likelihood_one_scale": round(one.log_likelihood, 1),
        "log_likelihood_two_facets": round(two.log_likelihood, 1),
    }


def _ask(
    bank: Sequence[Question],
    answers: Sequence[int],
    pick: Pick,
    most: int,
    enough: float,
    jointly: bool,
) -> tuple[float, float, int]:
    mean, variance = 0.0, 1.0
    said: list[Answer] = []
    left = list(range(len(bank)))
    while len(bank) - len(left) < most and sqrt(variance) >= enough:
        i = pick(mean, variance, left)
        left.remove(i)
        said.append(answer_to(bank[i], answers[i] + 1))
        if jointly:
            mean, variance = estimate(said)
        else:
            _, mean, variance = posterior(mean, variance, said[-1])
    return mean, variance, len(bank) - len(left)


def correlation(a: Sequence[float], b: Sequence[float]) -> float:
    """Pearson's r."""
    return float(np.corrcoef(np.array(a), np.array(b))[0, 1])


class Session(Struct, frozen=True):
    """A session of a person: days since the first; (score, variance) of parts of its answers.

    ``early`` are the two sharpest items, ``rest`` the other eighteen.
    """

    days: float
    whole: tuple[float, float]
    early: tuple[float, float]
    rest: tuple[float, float]


_HALVES = [2 ** (n / 2) / 64 for n in range(12)]
MODELS = {
    "trait_and_state": [(n / 10, half) for n in range(1, 10) for half in _HALVES],
    "trait_and_state_in_equal_parts": [(0.5, half) for half in _HALVES],
    "state_only": [(0.0, half) for half in _HALVES],
    "trait_only": [(1.0, _HALVES[0])],
}
"""The shares that last and the half-lives (days) among which each model is fitted."""


def sessions(people: Sequence[Person], train: Sequence[bool]) -> dict[str, Any]:
    """Log score (nats, more is better) of each later session: of eighteen items, given the others.

    Known are all sessions before and two answers of the same one. Two moments correlate at
    share + (1 - share) phi: ``share`` is what lasts. Items, share and half-life are fitted on one
    half of the people and judged on the other, then the other way round: everybody is held out
    once.
    """
    judged: dict[str, dict[bool, list[list[float]]]] = {m: {True: [], False: []} for m in MODELS}
    fitted: dict[str, list[tuple[float, float]]] = {m: [] for m in MODELS}
    for half in (train, [not t for t in train]):
        bank = questions(fit(first_answers(people, half), 4))
        both: tuple[list[list[Session]], list[list[Session]]] = ([], [])
        for p, t in zip(people, half, strict=True):
            one = _series(p, bank)
            if len(one) > 1:
                both[0 if t else 1].append(one)
        for name, choices in MODELS.items():
            best = max(choices, key=lambda c: fmean(x for s in both[0] for x in _log_scores(s, *c)))
            fitted[name].append(best)
            for early, scores in judged[name].items():
                scores += [_log_scores(s, *best, with_early=early) for s in both[1]]
    full = judged["trait_and_state"]
    found: dict[str, Any] = {"people": len(full[True]), "sessions": sum(map(len, full[True]))}
    for name, scores_of in judged.items():
        found[name] = {
            "trait_share": [share for share, _ in fitted[name]],
            "half_life_days": [round(days, 3) for _, days in fitted[name]],
            "with_evidence": _behind(full[True], scores_of[True]),
            "from_before_alone": _behind(full[False], scores_of[False]),
        }
    del found["trait_only"]["half_life_days"]
    return found


def _behind(full: list[list[float]], scores: list[list[float]]) -> dict[str, float]:
    """Log score of a session, how far behind the full model's, and the SE of that by person."""
    number = sum(map(len, full))
    worse = [sum(a) - sum(b) for a, b in zip(full, scores, strict=True)]
    mean = sum(worse) / number
    off = sum((w - mean * len(f)) ** 2 for w, f in zip(worse, full, strict=True))
    return {
        "log_score": round(fmean(x for s in scores for x in s), 4),
        "worse_by": round(mean, 4),
        "se": round(sqrt(off) / number, 4),
    }


def _series(p: Person, bank: Sequence[Question]) -> list[Session]:
    """The sessions of a person in order, without those where an answer was skipped."""
    # The sharpest items are the evidence; what is predicted are the other eighteen.
    order = sorted(range(len(bank)), key=lambda i: -bank[i].slope)
    found = []
    for number, answers in sorted(p.sessions.items()):
        if SKIPPED in answers:
            continue
        parts = []
        for which in (order, order[:2], order[2:]):
            mean, variance = estimate(answer_to(bank[i], answers[i] + 1) for i in which)
            parts.append((mean / (1 - variance), variance / (1 - variance)))
        found.append(Session(_days(p.study, number), *parts))
    return found


def _days(study: str, number: int) -> float:
    """Since the first session: an hour each, but the third of some studies is the next day."""
    if number >= 3 and study in _NEXT_DAY:
        return _NEXT_DAY[study] + _SAME_DAY * (number - 3)
    return _SAME_DAY * (number - 1)


def _log_scores(
    series: Sequence[Session], share: float, half: float, *, with_early: bool = True
) -> list[float]:
    """Of each session but the first: a Gaussian process over all that was seen before it."""
    found = []
    for n, now in enumerate(series[1:], 1):
        seen = [(s.days, *s.whole) for s in series[:n]]
        if with_early:
            seen.append((now.days, *now.early))
        days, scores, noise = np.array(seen).T
        apart = np.abs(days[:, None] - days)
        among = share + (1 - share) * np.exp2(-apart / half) + np.diag(noise)
        ahead = share + (1 - share) * np.exp2(-(now.days - days) / half)
        gain = np.linalg.solve(among, ahead)
        variance = 1 - float(gain @ ahead) + now.rest[1]
        off = now.rest[0] - float(gain @ scores)
        found.append(-0.5 * (log(2 * pi * variance) + off * off / variance))
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
        "count": Evidence(at, 1.0, 3.0, "new", "counted", None, Count(-4.0, 0.7, DAY)),
        "late_count": Evidence(2 * DAY + 5, 1.0, 3.0, "new", "counted", None, Count(-4.0, 0.7, 0)),
        "duplicate": Evidence(3 * DAY, 1.0, 3.0, "e3", "call"),
    }
    spent: dict[str, float] = {}
    for name, evidence in kinds.items():
        spent[name] = _median_us([partial(learn, k, evidence, NEED) for k in before])
    word = Evidence(at, -1.2, 0.15, "word", STATED)
    spent["correction"] = _median_us([partial(override, k, word, NEED) for k in before])
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
