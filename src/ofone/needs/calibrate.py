"""Item parameters from collected answers: marginal maximum likelihood (Bock and Aitkin 1981).

The expectation step weighs 61 nodes of theta for every person; the maximisation step takes one
Fisher-scoring step per item. Wide priors keep small samples sane: log a ~ N(log 1.5, .7²), each
b ~ N(0, 3²). This needs numpy, and nothing that runs while a customer waits imports it.
"""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from math import exp, factorial, log
from typing import Any

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ofone.domain.errors import OfoneError
from ofone.domain.words import NEEDS
from ofone.needs.items import CUTS, SLOPE, Question, information

Array = NDArray[np.float64]
Answers = NDArray[np.int64]

NODES: Array = np.linspace(-6, 6, 61)
ENOUGH = 500
"""Answers to an item from which its parameters are worth keeping."""
SKIPPED = -1
DEPENDENT = 0.2
"""A Q3 so far above the mean of all pairs is named (Christensen, Makransky and Horton 2017)."""
PAIRS = 200
"""People who answered both of two items, from which their dependence is worth naming."""
_NORMAL: Array = -0.5 * NODES**2 - log(np.exp(-0.5 * NODES**2).sum())
_TINY = 1e-12


class Answered(Struct, frozen=True, kw_only=True):
    """One line of the collected answers; ``group`` is what fairness is checked between."""

    person: str
    item: str
    answer: int
    group: str = ""


class Fitted(Struct, frozen=True, kw_only=True):
    """Parameters of the items of one need: slopes (items) and cuts (items × thresholds).

    ``errors`` are standard errors, slope first (items × parameters), from the cross-products of
    the persons' scores.
    """

    slopes: Array
    cuts: Array
    errors: Array
    log_likelihood: float
    rounds: int


def fit(answers: Answers, categories: int, *, rounds: int = 300, tolerance: float = 1e-3) -> Fitted:
    """Fit persons × items of graded answers 0 … categories-1, with ``SKIPPED`` for none.

    It ends when no parameter moves by ``tolerance``, or after so many rounds.
    """
    items = answers.shape[1]
    slopes = np.full(items, SLOPE)
    start = (
        np.array(CUTS) if categories == len(CUTS) + 1 else np.linspace(-1.5, 1.5, categories - 1)
    )
    offsets = np.tile(-SLOPE * start, (items, 1))
    done, moved = 0, np.inf
    while moved >= tolerance and done < rounds:
        done += 1
        weights, _ = _expect(answers, slopes, offsets)
        moved = 0.0
        for i in range(items):
            counts = np.stack(
                [weights[answers[:, i] == k].sum(axis=0) for k in range(categories)], axis=1
            )
            moved = max(moved, improve(i, counts, slopes, offsets))
    weights, found = _expect(answers, slopes, offsets)
    return Fitted(
        slopes=slopes,
        cuts=-offsets / slopes[:, None],
        errors=_errors(answers, weights, slopes, offsets),
        log_likelihood=found,
        rounds=done,
    )


def chances(slope: float, offsets: Array, at: Array = NODES) -> Array:
    """P(answer | theta): nodes × categories."""
    above = 1 / (1 + np.exp(-(slope * at[:, None] + offsets)))
    edges = np.hstack([np.ones((len(at), 1)), above, np.zeros((len(at), 1))])
    found: Array = np.maximum(edges[:, :-1] - edges[:, 1:], _TINY)
    return found


def _expect(answers: Answers, slopes: Array, offsets: Array) -> tuple[Array, float]:
    joint = np.tile(_NORMAL, (len(answers), 1))
    for i in range(answers.shape[1]):
        there = answers[:, i] != SKIPPED
        joint[there] += np.log(chances(slopes[i], offsets[i])).T[answers[there, i]]
    top = joint.max(axis=1, keepdims=True)
    weights: Array = np.exp(joint - top)
    total: Array = weights.sum(axis=1, keepdims=True)
    weights /= total
    return weights, float((np.log(total) + top).sum())


def improve(i: int, counts: Array, slopes: Array, offsets: Array) -> float:
    """One Fisher-scoring step for one item, in place; how far it went."""
    slope, offset = float(slopes[i]), offsets[i]
    gradient, curvature = _score(counts, counts.sum(axis=1), slope, offset)
    # The priors, on log a and on b = -c/a (the slope's share in b is left to the likelihood).
    gradient[0] -= log(slope / SLOPE) / (0.49 * slope)
    curvature[0, 0] += 1 / (0.49 * slope * slope)
    gradient[1:] -= offset / (9 * slope * slope)
    curvature[1:, 1:] += np.eye(len(offset)) / (9 * slope * slope)
    step = np.linalg.solve(curvature, gradient)
    for _ in range(20):
        after, shifted = slope + step[0], offset + step[1:]
        if 0.05 < after < 8 and np.all(np.diff(shifted) < 0):
            break
        step /= 2
    else:
        return 0.0
    slopes[i], offsets[i] = after, shifted
    return float(np.abs(step).max())


def _score(counts: Array, size: Array, slope: float, offset: Array) -> tuple[Array, Array]:
    """Gradient and Fisher information of (slope, offsets), for counts of nodes × categories."""
    above = 1 / (1 + np.exp(-(slope * NODES[:, None] + offset)))
    steep = above * (1 - above)
    p = chances(slope, offset)
    each = steep * (counts[:, 1:] / p[:, 1:] - counts[:, :-1] / p[:, :-1])
    gradient = np.concatenate([[(NODES * each.sum(axis=1)).sum()], each.sum(axis=0)])
    n = len(offset)
    inner = np.zeros((len(NODES), n, n))
    for j in range(n):
        inner[:, j, j] = steep[:, j] ** 2 * (1 / p[:, j] + 1 / p[:, j + 1]) * size
        if j + 1 < n:
            inner[:, j, j + 1] = inner[:, j + 1, j] = (
                -steep[:, j] * steep[:, j + 1] / p[:, j + 1] * size
            )
    across = (NODES[:, None] * inner.sum(axis=2)).sum(axis=0)
    whole = np.empty((n + 1, n + 1))
    whole[0, 0] = (NODES**2 * inner.sum(axis=(1, 2))).sum()
    whole[0, 1:] = whole[1:, 0] = across
    whole[1:, 1:] = inner.sum(axis=0)
    return gradient, whole


def _errors(answers: Answers, weights: Array, slopes: Array, offsets: Array) -> Array:
    """Standard errors of (a, b…) of every item; not a number where the data leave it open."""
    people, items = answers.shape
    n = offsets.shape[1]
    scores = np.zeros((people, items * (n + 1)))
    for i in range(items):
        for k in range(n + 1):
            said = answers[:, i] == k
            one = np.zeros((len(NODES), n + 1))
            above = 1 / (1 + np.exp(-(slopes[i] * NODES[:, None] + offsets[i])))
            steep, p = above * (1 - above), chances(slopes[i], offsets[i])[:, k]
            if k > 0:
                one[:, k] += steep[:, k - 1] / p
            if k < n:
                one[:, k + 1] -= steep[:, k] / p
            one[:, 0] = NODES * one[:, 1:].sum(axis=1)
            scores[said, i * (n + 1) : (i + 1) * (n + 1)] = weights[said] @ one
    spread = np.linalg.pinv(scores.T @ scores)
    found = np.empty((items, n + 1))
    for i in range(items):
        block = spread[i * (n + 1) : (i + 1) * (n + 1), i * (n + 1) : (i + 1) * (n + 1)]
        a, c = slopes[i], offsets[i]
        found[i, 0] = block[0, 0] ** 0.5
        for j in range(n):
            turn = np.zeros(n + 1)
            turn[0], turn[j + 1] = c[j] / a**2, -1 / a
            found[i, j + 1] = max(float(turn @ block @ turn), 0.0) ** 0.5
    return found


def others(answers: Answers, i: int, weights: Array, fitted: Fitted) -> Array:
    """Each person's posterior over the nodes from all items but ``i`` (persons × nodes)."""
    there = answers[:, i] != SKIPPED
    rest = weights.copy()
    p = chances(float(fitted.slopes[i]), -fitted.slopes[i] * fitted.cuts[i])
    rest[there] /= p.T[answers[there, i]]
    return np.asarray(rest / rest.sum(axis=1, keepdims=True))


def item_fit(answers: Answers, i: int, rest: Array, fitted: Fitted) -> dict[str, float]:
    """Residuals of an item against what the *other* items predict: it cannot flatter itself.

    ``mean_square`` is the squared residual over its expected size (1 under the model; as infit,
    Wright and Masters 1982); ``worst_gap`` the largest difference between the share that gave an
    answer and the share predicted, over the fifths of theta.
    """
    there = answers[:, i] != SKIPPED
    said, rest = answers[there, i], rest[there]
    predicted = rest @ chances(float(fitted.slopes[i]), -fitted.slopes[i] * fitted.cuts[i])
    grades = np.arange(predicted.shape[1])
    mean = predicted @ grades
    spread = predicted @ grades**2 - mean**2
    order = np.argsort(rest @ NODES)
    gaps = [0.0]
    for part in np.array_split(order, 5):
        if len(part) >= 20:
            seen = np.bincount(said[part], minlength=len(grades)) / len(part)
            gaps.append(float(np.abs(seen - predicted[part].mean(axis=0)).max()))
    return {
        "mean_square": round(float(((said - mean) ** 2).sum() / spread.sum()), 3),
        "worst_gap": round(max(gaps), 3),
    }


def dependence(answers: Answers, fitted: Fitted, least: int = PAIRS) -> Array:
    """Q3 (Yen 1984): how two items' residuals correlate once theta is known (items × items).

    Where it is well above the others', two answers say less than twice as much as one, and the
    deviation that is shown is too small. Not a number for pairs that fewer than ``least`` answered.
    """
    items = answers.shape[1]
    weights, _ = _expect(answers, fitted.slopes, -fitted.slopes[:, None] * fitted.cuts)
    grades = np.arange(fitted.cuts.shape[1] + 1)
    left = np.full(answers.shape, np.nan)
    for i in range(items):
        there = answers[:, i] != SKIPPED
        p = chances(float(fitted.slopes[i]), -fitted.slopes[i] * fitted.cuts[i])
        left[there, i] = answers[there, i] - weights[there] @ (p @ grades)
    found = np.full((items, items), np.nan)
    for i in range(items):
        for j in range(i):
            both = ~np.isnan(left[:, i] + left[:, j])
            if both.sum() >= least:
                found[i, j] = found[j, i] = np.corrcoef(left[both, i], left[both, j])[0, 1]
    return found


def fairness(said: Answers, theta: Array, groups: Sequence[str], categories: int) -> dict[str, Any]:
    """Whether groups of the same theta answer an item differently (Zumbo 1999; Choi et al. 2011).

    Ordinal logistic regression of the answer on theta, then with group and group × theta: the
    likelihood-ratio test (2 degrees of freedom a further group), and what it adds to McFadden's R².
    An item is flagged at p < .01 and an R² of .02 more.
    """
    names = sorted(set(groups))
    if len(names) < 2:
        return {"groups": names, "flagged": False}
    dummies = np.array([[g == name for name in names[1:]] for g in groups], dtype=float)
    plain = _ordinal(said, theta[:, None], categories)
    full = _ordinal(
        said, np.hstack([theta[:, None], dummies, dummies * theta[:, None]]), categories
    )
    nothing = _ordinal(said, np.zeros((len(said), 0)), categories)
    ratio, free = max(0.0, 2 * (full - plain)), 2 * (len(names) - 1)
    # The tail of chi square at an even number of degrees of freedom is a finite sum.
    p = exp(-ratio / 2) * sum((ratio / 2) ** k / factorial(k) for k in range(free // 2))
    more = (plain - full) / nothing if nothing else 0.0
    return {
        "groups": names,
        "chi2": round(ratio, 2),
        "df": free,
        "p": round(p, 5),
        "r2_change": round(more, 4),
        "flagged": bool(p < 0.01 and more >= 0.02),
    }


def _ordinal(said: Answers, design: Array, categories: int) -> float:
    """Log likelihood of a proportional-odds regression (McCullagh 1980), by Fisher scoring."""
    n, free = categories - 1, design.shape[1]
    share = np.cumsum(np.bincount(said, minlength=categories)[::-1] + 0.5)[::-1] / (
        len(said) + 0.5 * categories
    )
    values = np.concatenate([np.log(share[1:] / (1 - share[1:])), np.zeros(free)])
    best = -np.inf
    people = np.arange(len(said))
    for _ in range(40):
        above = 1 / (1 + np.exp(-(values[:n] + (design @ values[n:])[:, None])))
        edges = np.hstack([np.ones((len(said), 1)), above, np.zeros((len(said), 1))])
        p = np.maximum(edges[:, :-1] - edges[:, 1:], _TINY)
        found = float(np.log(p[people, said]).sum())
        if found - best < 1e-6:
            return max(found, best)
        best = found
        steep = above * (1 - above)
        seen = np.zeros((len(said), categories))
        seen[people, said] = 1
        each = steep * (seen[:, 1:] / p[:, 1:] - seen[:, :-1] / p[:, :-1])
        inner = np.zeros((len(said), n, n))
        for j in range(n):
            inner[:, j, j] = steep[:, j] ** 2 * (1 / p[:, j] + 1 / p[:, j + 1])
            if j + 1 < n:
                inner[:, j, j + 1] = inner[:, j + 1, j] = (
                    -steep[:, j] * steep[:, j + 1] / p[:, j + 1]
                )
        gradient = np.concatenate([each.sum(axis=0), design.T @ each.sum(axis=1)])
        whole = np.zeros((n + free, n + free))
        whole[:n, :n] = inner.sum(axis=0)
        whole[:n, n:] = inner.sum(axis=2).T @ design
        whole[n:, :n] = whole[:n, n:].T
        whole[n:, n:] = design.T @ (design * inner.sum(axis=(1, 2))[:, None])
        values = values + np.linalg.solve(whole + 1e-9 * np.eye(n + free), gradient)
    return best


def calibrate(
    rows: Iterable[Answered], questions: Mapping[str, Question], *, rounds: int = 300
) -> dict[str, Any]:
    """A report as plain data: per need its items with a, b, errors, fit, information, fairness,
    and the item whose answers go along with it most.

    Of two answers of a person to an item the later line counts. Raises OfoneError for an item that
    ``questions`` does not have, an answer off its scale, or when nothing is left.
    """
    said: dict[str, dict[str, int]] = {}
    groups: dict[str, str] = {}
    for row in rows:
        question = questions.get(row.item)
        if question is None:
            raise OfoneError(f"unknown item {row.item!r}; items are: {', '.join(questions)}")
        if row.answer not in question.answers:
            raise OfoneError(
                f"answer {row.answer} of {row.person!r} to {row.item} is off its scale; "
                f"answers are 1 to {question.answers[-1]}"
            )
        said.setdefault(row.person, {})[row.item] = row.answer
        groups[row.person] = row.group or groups.get(row.person, "")
    if not said:
        raise OfoneError("there are no answers; give lines like " + _EXAMPLE)
    needs = {}
    for need in NEEDS:
        mine = [
            q
            for q in questions.values()
            if q.need == need and any(q.id in a for a in said.values())
        ]
        if mine:
            needs[need] = _one_need(mine, said, groups, rounds)
    return {
        "people": len(said),
        "answers": sum(map(len, said.values())),
        "method": "marginal maximum likelihood (EM, 61 nodes, wide priors)",
        "fit": "residuals against what the other items of the need predict",
        "fairness": "ordinal logistic regression, likelihood ratio (uniform and not)",
        "dependence": "Q3, named where .2 above the mean of all pairs",
        "needs": needs,
    }


_EXAMPLE = '{"person": "p1", "item": "A1", "answer": 4}'


def _one_need(
    items: Sequence[Question],
    said: Mapping[str, Mapping[str, int]],
    groups: Mapping[str, str],
    rounds: int,
) -> dict[str, Any]:
    people = [p for p, a in said.items() if any(q.id in a for q in items)]
    categories = len(items[0].answers)
    graded = np.array(
        [
            [
                SKIPPED
                if (given := said[p].get(q.id)) is None
                else (given - 1 if q.toward > 0 else categories - given)
                for q in items
            ]
            for p in people
        ],
        dtype=np.int64,
    )
    fitted = fit(graded, categories, rounds=rounds)
    weights, _ = _expect(graded, fitted.slopes, -fitted.slopes[:, None] * fitted.cuts)
    q3 = dependence(graded, fitted)
    found: dict[str, Any] = {}
    for i, q in enumerate(items):
        there = graded[:, i] != SKIPPED
        rest = others(graded, i, weights, fitted)
        new = Question(
            id=q.id,
            need=q.need,
            text=q.text,
            toward=q.toward,
            slope=round(float(fitted.slopes[i]), 3),
            cuts=tuple(round(float(b), 3) for b in fitted.cuts[i]),
        )
        answers = int(there.sum())
        notes = []
        if answers < ENOUGH:
            notes.append(f"{answers} answers are few; wait for {ENOUGH}")
        if len(items) == 1:
            notes.append("alone with its need: the slope rests on the prior")
        # Of two items alone, nothing tells dependence from a steeper slope.
        closest: dict[str, Any] = {}
        if len(items) > 2 and not np.isnan(q3[i]).all():
            j = int(np.nanargmax(q3[i]))
            flagged = bool(q3[i, j] - np.nanmean(q3) > DEPENDENT)
            closest = {"with": items[j].id, "q3": round(float(q3[i, j]), 3), "flagged": flagged}
            if flagged:
                notes.append(
                    f"goes along with {items[j].id} beyond the need: their answers overlap"
                )
        found[q.id] = {
            "answers": answers,
            "a": new.slope,
            "b": list(new.cuts),
            "se": [round(float(e), 3) for e in fitted.errors[i]],
            "fit": item_fit(graded, i, rest, fitted) if len(items) > 1 else {},
            "information": {f"{t:+d}": round(information(t, new), 3) for t in range(-2, 3)},
            "fairness": fairness(
                graded[there, i],
                (rest @ NODES)[there],
                [groups[p] for p, here in zip(people, there, strict=True) if here],
                categories,
            )
            if len(items) > 1
            else {},
            "dependence": closest,
            "notes": notes,
        }
    return {
        "people": len(people),
        "rounds": fitted.rounds,
        "log_likelihood": round(fitted.log_likelihood, 2),
        "items": found,
    }


def item_file(report: Mapping[str, Any], questions: Mapping[str, Question]) -> dict[str, Any]:
    """The calibrated items as a playbook writes them, with a version made from their content.

    ``items`` can stand in a playbook as it is; items without answers keep their parameters.
    """
    new = {n: i for need in report["needs"].values() for n, i in need["items"].items()}
    items = []
    for q in questions.values():
        one: dict[str, Any] = {"id": q.id, "need": q.need, "text": q.text, "toward": q.toward}
        one |= {name: text for name, text in (("low", q.low), ("high", q.high)) if text}
        one["a"] = new[q.id]["a"] if q.id in new else q.slope
        one["b"] = new[q.id]["b"] if q.id in new else list(q.cuts)
        items.append(one)
    version = sha256(msgspec.json.encode(items, order="sorted")).hexdigest()[:12]
    return {"version": version, "answers": report["answers"], "items": items}
