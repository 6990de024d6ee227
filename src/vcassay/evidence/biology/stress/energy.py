"""Energy: squared size of effects along axes of stress, in truth and arms, and along random axes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.subspace import energy_along, inner, random_shares
from vcassay.evidence.biology.axes import Axes
from vcassay.evidence.biology.bench import SUBMISSION, Bench
from vcassay.evidence.biology.stress.asked import Asked, Pairs, expression_levels

Array = NDArray[np.float64]

RANDOM_DRAWS = 199
RANDOM_ROWS = 2000
"""Conditions on which random axes are tried."""


class Energy(NamedTuple):
    """Squared size of the conditions that take part: (n,) in all and (n, k) along each axis."""

    whole: Array
    along: Array

    @property
    def stress(self) -> Array:
        """(n,) along all axes."""
        return np.asarray(self.along.sum(axis=1))


class Shares(NamedTuple):
    """Energy of the truth and of each arm, and the shares that random axes of the same kind hold.

    Attributes
    ----------
    truth
        By products of halves; of single measurements, with their noise, where there are none.
    arms
        Submissions and baselines by name.
    answered
        (n,) of each arm.
    random
        Of the truth and of each submission: (k + 1,) mean share along each axis and along all.
    p
        Probability that random axes hold at least the truth's share.
    """

    truth: Energy
    arms: Mapping[str, Energy]
    answered: Mapping[str, NDArray[np.bool_]]
    random: Mapping[str, Array]
    p: float


def measure_shares(bench: Bench, axes: Axes, asked: Asked, halves: Pairs, rng: np.random.Generator) -> Shares:
    """Energy of truth and arms along the axes, and along random ones on at most `RANDOM_ROWS` conditions."""
    at = np.flatnonzero(asked.rows)
    own = bench.truth.values
    pairs = halves or [(own, own)]
    some = at if len(at) <= RANDOM_ROWS else np.sort(rng.choice(at, RANDOM_ROWS, replace=False))
    weight = asked.spread()[some]
    level, order = expression_levels(bench), np.argsort(bench.genes)
    seed = int(rng.integers(2**32))
    random: dict[str, Array] = {}
    first = [np.nan_to_num(m[some]) for pair in pairs for m in pair]
    drawn = random_shares(
        list(zip(first[::2], first[1::2], strict=True)),
        weight,
        axes.matrix,
        level,
        RANDOM_DRAWS,
        np.random.default_rng(seed),
        order,
    )
    random["truth"] = np.append(drawn.each.mean(axis=0), drawn.total.mean())
    truth = _mean_energy([_energy(a, b, at, axes) for a, b in pairs])
    place = np.searchsorted(at, some)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = float(weight @ truth.stress[place] / (weight @ truth.whole[place]))
    p = float((1 + (drawn.total >= share - 1e-12).sum()) / (RANDOM_DRAWS + 1)) if np.isfinite(share) else np.nan
    arms = (*bench.submissions, *bench.baselines)
    for arm in arms:
        if arm.role == SUBMISSION:
            values = arm.values[some]
            found = random_shares(
                [(values, values)], weight, axes.matrix, level, RANDOM_DRAWS, np.random.default_rng(seed), order
            )
            random[arm.name] = np.append(found.each.mean(axis=0), found.total.mean())
    return Shares(
        truth,
        {a.name: _energy(a.values, a.values, at, axes) for a in arms},
        {a.name: a.known[at] for a in arms},
        random,
        p,
    )


def _energy(left: Array, right: Array, at: NDArray[np.int64], axes: Axes) -> Energy:
    whole, along = np.empty(len(at)), np.empty((len(at), len(axes)))
    for start in range(0, len(at), BLOCK):
        part = slice(start, start + BLOCK)
        a = left[at[part]]
        b = a if right is left else right[at[part]]
        whole[part], along[part] = inner(a, b), energy_along(a, b, axes.matrix)
    return Energy(whole, along)


def _mean_energy(parts: list[Energy]) -> Energy:
    """Mean over the pairs that define a condition."""
    ok = np.isfinite([p.whole for p in parts])
    count = np.maximum(ok.sum(axis=0), 1)
    whole = np.nan_to_num([p.whole for p in parts]).sum(axis=0) / count
    along = np.nan_to_num([p.along for p in parts]).sum(axis=0) / count[:, None]
    return Energy(np.asarray(whole), np.asarray(along))


BLOCK = 4096
