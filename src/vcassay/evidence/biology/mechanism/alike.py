"""Alike: how alike drugs act in each arm, with and without what stress explains, and in embeddings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from vcassay.arrays.group_means import group_means
from vcassay.core import Threshold
from vcassay.core.memo import once
from vcassay.evidence.biology.axes import Axes, stress_axes
from vcassay.evidence.biology.bench import TRUTH, Arm, Bench
from vcassay.evidence.biology.likeness import crossed_likeness, symmetric
from vcassay.evidence.biology.mechanism.drugs import Drugs, find_drugs

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

TWICE = Threshold("moa_twice", 0.5, "share of conditions with split halves for the truth to be measured by them")


@dataclass(frozen=True, slots=True, eq=False)
class Alike:
    """What an arm says of n drugs.

    Attributes
    ----------
    whole
        (n, n) mean cosine of effects over contexts.
    beyond
        (n, n) the same of what is left of effects when axes of stress are set aside.
    inside
        (n, n) cosine of embeddings; ``None`` without.
    magnitude, stress
        (n,) ranks in (0, 1] of the drugs' sizes of effect, and of their parts along axes of stress; NaN where unknown.
    reliability
        Of a value of ``beyond``, from measurements on disjoint rows; 1 for what is not measured twice.
    """

    whole: Array
    beyond: Array
    inside: Array | None
    magnitude: Array
    stress: Array
    reliability: float


@once
def alike(bench: Bench) -> dict[str, Alike]:
    """Ask every arm, by name."""
    drugs, axes = find_drugs(bench), stress_axes(bench)
    return {arm.name: _ask(bench, arm, drugs, axes) for arm in bench.arms}


def _ask(bench: Bench, arm: Arm, drugs: Drugs, axes: Axes) -> Alike:
    n = len(drugs)
    item = _items(bench, drugs)
    item = np.where(bench.silent | ~arm.known, -1, item)
    _, context = np.unique(bench.table.context, return_inverse=True)
    unit = np.where(item >= 0, item * (int(context.max(initial=0)) + 1) + context, -1)
    at, code = np.unique(unit[unit >= 0], return_inverse=True)
    use = np.flatnonzero(unit >= 0)
    own_item, own_context = item[use], context[use]
    first = np.unique(code, return_index=True)[1]
    who, where = own_item[first], own_context[first]
    whole: list[Array] = []
    rest: list[Array] = []
    size: list[Array] = []
    harm: list[Array] = []
    for left, right in _measured(bench, arm, use):
        a = group_means(left[use], code, len(at), skip_undefined=True)
        b = a if right is left else group_means(right[use], code, len(at), skip_undefined=True)
        a_along, b_along = a @ axes.matrix.T, b @ axes.matrix.T
        size.append(_mean(a, b, who, n))
        harm.append(_mean(a_along, b_along, who, n))
        whole.append(crossed_likeness([(a, b)], who, where, n))
        a_left = axes.without(a)
        pair = (a_left, a_left if b is a else axes.without(b))
        rest.append(crossed_likeness([pair], who, where, n))
    crossed = _average(rest)
    return Alike(
        symmetric(_average(whole)),
        symmetric(crossed),
        _inside(bench, arm, drugs),
        _rank(_average(size)),
        _rank(_average(harm)),
        _reliability(crossed) if arm.role == TRUTH and measured_twice(bench, use) else 1.0,
    )


def truth_where(said: dict[str, Alike], name: str) -> Array | None:
    """(n, n) the truth's likeness beyond stress on the pairs that an arm answers; ``None`` where it answers all."""
    truth = said[TRUTH].beyond
    missing = np.isfinite(truth) & ~np.isfinite(said[name].beyond)
    return np.where(missing, np.nan, truth) if missing.any() else None


def measured_twice(bench: Bench, rows: Codes) -> bool:
    """Whether most of some test conditions can be measured on two halves: else the truth is measured as a whole."""
    halves = np.isfinite(bench.effects.size[bench.split.test][rows])
    return bool(len(halves) and halves.mean() >= TWICE.value)


def _measured(bench: Bench, arm: Arm, rows: Codes) -> Iterator[tuple[Array, Array]]:
    """Left and right measurements, one pair at a time: a large screen holds several in memory with difficulty."""
    if arm.role == TRUTH and measured_twice(bench, rows):
        yield from bench.halves()
    else:
        yield arm.values, arm.values


def _items(bench: Bench, drugs: Drugs) -> Codes:
    """(t,) which drug each test condition is of; -1 for others."""
    place = np.full(len(bench.agents.names) + 1, -1, dtype=np.int64)
    place[drugs.agent] = np.arange(len(drugs))
    return place[bench.agent]  # the last place answers -1


def _mean(left: Array, right: Array, item: Codes, n: int) -> Array:
    """(n,) mean inner product of the units of each item that are defined; NaN without any."""
    product = np.einsum("ij,ij->i", left, right)[:, None]
    return group_means(product, item, n, skip_undefined=True)[:, 0]


def _average(crossed: list[Array]) -> Array:
    """Mean over pairs of measurements of what is known."""
    known = [np.isfinite(c) for c in crossed]
    total = np.sum([np.where(k, c, 0.0) for k, c in zip(known, crossed, strict=True)], axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(np.any(known, axis=0), total / np.sum(known, axis=0), np.nan))


def _rank(values: Array) -> Array:
    """Mid-ranks in (0, 1]; equal up to rounding is equal. NaN stays NaN."""
    out = np.full(len(values), np.nan)
    ok = np.isfinite(values)
    if ok.any():
        top = float(np.abs(values[ok]).max())
        out[ok] = scipy.stats.rankdata(np.round(values[ok] / top, 9) if top > 0 else values[ok]) / ok.sum()
    return out


def _reliability(crossed: Array) -> float:
    """Correlation over pairs of the two values that disjoint rows give, for their mean (Spearman-Brown).

    NaN if it is not above 0.
    """
    i, j = np.triu_indices(len(crossed), k=1)
    a, b = crossed[i, j], crossed[j, i]
    ok = np.isfinite(a) & np.isfinite(b)
    if ok.sum() < 3 or not np.ptp(a[ok]) > 0 or not np.ptp(b[ok]) > 0:
        return np.nan
    r = float(np.corrcoef(a[ok], b[ok])[0, 1])
    return 2.0 * r / (1.0 + r) if r > 0 else np.nan


def _inside(bench: Bench, arm: Arm, drugs: Drugs) -> Array | None:
    """(n, n) cosine of mean embeddings of drugs over all their conditions that have one.

    The mean of a context is taken off first, so that neither it nor the point of origin makes drugs alike.
    """
    if arm.embedding is None:
        return None
    conditions = bench.effects.conditions
    place = np.full(len(bench.agents.names) + 1, -1, dtype=np.int64)
    place[drugs.agent] = np.arange(len(drugs))
    item = place[bench.agents.of(conditions)]
    ok = np.isfinite(arm.embedding).all(axis=1) & (item >= 0)
    _, context = np.unique(conditions.context, return_inverse=True)
    values = np.where(ok[:, None], arm.embedding, np.nan)
    middle = group_means(values[ok], context[ok], int(context.max(initial=0)) + 1)
    centred = values[ok] - middle[context[ok]]
    n = len(drugs)
    mean = group_means(centred, item[ok], n)
    return symmetric(crossed_likeness([(mean, mean)], np.arange(n), np.zeros(n, dtype=np.int64), n))
