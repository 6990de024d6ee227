"""Across drugs: whether drugs are ordered alike within contexts, drugs permuted alike in all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.induced import permuted_products, stratum_ranks
from vcassay.arrays.permutations import permute_within
from vcassay.core import Threshold
from vcassay.evidence.biology.bench import Arm, Bench
from vcassay.evidence.biology.contrast import Contrast, Rows
from vcassay.evidence.biology.dose.repeats import Repeats
from vcassay.evidence.biology.dose.series import Strata
from vcassay.evidence.biology.tested import DRAWS, Tested, tested, truth_passes

DOSE_DRUGS = Threshold("dose_min_drugs", 5, "orders of fewer drugs cannot reach p < .05 by far")
LEAST = 3
"""Series that a stratum needs."""

Array = NDArray[np.float64]
Index = NDArray[np.int64]
Mask = NDArray[np.bool_]


def comparable(stratum: Index, use: Mask) -> Mask:
    """(m,) whether a series has at least two others to be compared with."""
    n = np.bincount(stratum[use], minlength=int(stratum.max(initial=0)) + 1)
    return np.asarray(use & (n[stratum] >= LEAST))


def across_drugs(pairs: Sequence[tuple[Array, Array]], strata: Strata, use: Mask, seed: int) -> Tested:
    """Rank correlation within strata, averaged over pairs of measurements.

    Parameters
    ----------
    pairs
        (m,) values of every series, twice; an undefined one counts as the middle of its stratum.
    strata
        Drug and stratum of every series.
    use
        (m,) series that take part.
    seed
        Of the permutations of drugs, the same for every arm.

    Returns
    -------
    `Tested` over series. 0 where one side does not tell drugs apart; NaN without series.
    """
    at = np.flatnonzero(use)
    n = len(at)
    if not n:
        return Tested(np.nan, np.nan, np.nan, np.nan, np.nan, 0)
    stratum, drug = np.unique(strata.stratum[at], return_inverse=True)[1], strata.drug[at]
    x, y, scale = [], [], []
    for left, right in pairs:
        a, b = stratum_ranks(left[at], stratum), stratum_ranks(right[at], stratum)
        size = float(np.sqrt((a @ a) * (b @ b)))
        x.append(a)
        y.append(b)
        scale.append(1.0 / size if size > 0 else 0.0)
    left, right = np.stack(x, axis=1), np.stack(y, axis=1)
    weight = np.asarray(scale) / len(scale)
    value = float((left * right).sum(axis=0) @ weight)
    drugs = int(strata.drug.max()) + 1
    orders = permute_within(np.zeros(drugs, dtype=np.int64), DRAWS, np.random.default_rng(seed))
    draws = np.concatenate([block @ weight for block in permuted_products(left, right, drug, stratum, orders)])
    return tested(value, draws, n)


Ask = Callable[[Arm, Mask], Tested | str]
Tell = Callable[[Arm], Rows]


def ask_arms(bench: Bench, got: Repeats, use: Mask, stratum: Index, ask: Ask, tell: Tell, coverage: str) -> Contrast:
    """Ask the truth, and where it passes, models and baselines of the series that they answer at every dose.

    Parameters
    ----------
    use
        (m,) series that are asked.
    stratum
        (m,) codes of the series that are compared with each other.
    ask
        Statistic of an arm over some series, or why it has none; asked where there are `DOSE_DRUGS`.
    tell
        Evidence of an arm.
    """

    def enough(arm: Arm, among: Mask) -> Tested | str:
        drugs = len(np.unique(got.strata.drug[among]))
        if drugs < DOSE_DRUGS.value:
            return f"{drugs} drugs can be compared where it answers; {DOSE_DRUGS.value:g} are needed"
        return ask(arm, among)

    truth = enough(bench.truth, use)
    rows = tell(bench.truth)
    if not isinstance(truth, Tested) or not truth_passes(truth):
        undefined = Tested(np.nan, np.nan, np.nan, np.nan, np.nan, int(use.sum()))
        return Contrast(truth if isinstance(truth, Tested) else undefined, {}, rows=rows, coverage=coverage)
    asked: dict[str, Tested | str] = {}
    truths: dict[str, Tested] = {}
    for arm in (*bench.submissions, *bench.baselines):
        among = comparable(stratum, use & got.known[arm.name])
        asked[arm.name] = enough(arm, among)
        if not np.array_equal(among, use) and isinstance(t := enough(bench.truth, among), Tested):
            truths[arm.name] = t
    return Contrast(
        truth,
        {a.name: asked[a.name] for a in bench.submissions},
        truths,
        {b.name: t for b in bench.baselines if isinstance(t := asked[b.name], Tested)},
        rows=rows,
        model_rows={a.name: tell(a) for a in bench.submissions},
        coverage=coverage,
    )
