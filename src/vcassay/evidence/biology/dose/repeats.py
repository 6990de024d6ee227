"""Repeats: every dose series measured four times on disjoint rows and controls, as inner products within series."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.series_products import series_products
from vcassay.core import Finding
from vcassay.core.memo import once
from vcassay.evidence.biology.bench import Bench
from vcassay.evidence.biology.contrast import not_assessable
from vcassay.evidence.biology.dose.series import (
    DOSE_SERIES,
    NO_SERIES,
    Series,
    Strata,
    by_length,
    found_series,
    strata,
)
from vcassay.evidence.biology.quarters import QUARTERS, quarters

Array = NDArray[np.float64]
Index = NDArray[np.int64]
Mask = NDArray[np.bool_]


class Views(NamedTuple):
    """Responses s of all series in one choice of quarters, NaN-padded to the longest series.

    The direction of the top dose comes from two quarters, its two responses from the other two: a repeat of the
    measurement that shares neither rows nor controls with it.

    Attributes
    ----------
    first, second
        (m, k) of the truth.
    model
        Arm to its (m, k) responses along the same direction.
    """

    first: Array
    second: Array
    model: Mapping[str, Array]


class Repeats(NamedTuple):
    """What dose diagnostics read of the bench.

    Attributes
    ----------
    series
        m of them: active, of which three quarters can be measured.
    strata
        What can be compared with what.
    dose, length
        (m, k) NaN-padded, (m,).
    product
        (4, 4, m, k, k) inner products of doses in one quarter with doses in another.
    crossed
        Arm to (4, m, k) inner products of the top dose in a quarter with its predictions.
    own
        Arm to (m, k, k) inner products of its predictions.
    known
        Arm to (m,): it answers every dose.
    quiet
        (m, k) doses without a detectable effect, as far as that was assessed.
    coverage
        In words.
    """

    series: list[Series]
    strata: Strata
    dose: Array
    length: Index
    product: Array
    crossed: Mapping[str, Array]
    own: Mapping[str, Array]
    known: Mapping[str, Mask]
    quiet: Mask
    coverage: str

    def views(self) -> list[Views]:
        """The six choices of two quarters for the direction."""
        top = np.arange(len(self.length)), self.length - 1
        norm = np.stack([self.product[q, q][top[0], top[1], top[1]] for q in range(QUARTERS)])
        there = np.isfinite(norm)
        out = []
        for pair in combinations(range(QUARTERS), 2):
            a, b = pair
            c, d = (q for q in range(QUARTERS) if q not in pair)
            use = there[[a, b]]
            weight = np.where(use, 1.0 / np.maximum(use.sum(axis=0), 1), 0.0)
            cross = np.where(use.all(axis=0), self.product[a, b][top[0], top[1], top[1]], 0.0)
            square = (weight**2 * np.where(use, norm[[a, b]], 0.0)).sum(axis=0) + 2 * weight[0] * weight[1] * cross
            length = np.where(square > 0, np.sqrt(np.maximum(square, 0.0)), np.nan)

            def along(quarter: int, a: int = a, b: int = b, w: Array = weight, size: Array = length) -> Array:
                parts = [self.product[p, quarter][top[0], top[1]] for p in (a, b)]
                return _weigh(parts, w, size)

            model = {name: _weigh([m[a], m[b]], weight, length) for name, m in self.crossed.items()}
            out.append(Views(along(c), along(d), model))
        return out

    def truth(self) -> Array:
        """(m, k) responses averaged over all choices of quarters."""
        return mean_defined([s for v in self.views() for s in (v.first, v.second)])

    def model(self, name: str) -> Array:
        """(m, k) responses of an arm, averaged alike."""
        return mean_defined([v.model[name] for v in self.views()])


def _weigh(parts: list[Array], weight: Array, length: Array) -> Array:
    """(m, k) projections on the mean direction of two quarters, one of which may be missing."""
    total = sum(np.where(w[:, None] > 0, w[:, None] * p, 0.0) for w, p in zip(weight, parts, strict=True))
    return np.asarray(total / length[:, None])


def mean_defined(values: list[Array]) -> Array:
    """Mean over those that are defined; NaN where none is."""
    stacked = np.stack(values)
    ok = np.isfinite(stacked)
    n = ok.sum(axis=0)
    return np.asarray(np.where(n > 0, np.where(ok, stacked, 0.0).sum(axis=0) / np.maximum(n, 1), np.nan))


def measure_repeats(
    measured: list[Array], arms: Mapping[str, tuple[Array, Mask]], series: list[Series], silent: Mask
) -> Repeats:
    """Inner products within series of four measurements and of every arm's predictions.

    Parameters
    ----------
    measured
        Four (t, g) effects on disjoint rows and controls; 0 for genes that do not count, NaN where undefined.
    arms
        Name to (t, g) predictions and (t,) whether a condition was answered.
    silent
        (t,) conditions without a detectable effect.
    """
    groups = by_length(series)
    longest = max((rows.shape[1] for _, rows in groups), default=0)
    m = len(series)
    product = np.full((QUARTERS, QUARTERS, m, longest, longest), np.nan)
    crossed = {name: np.full((QUARTERS, m, longest), np.nan) for name in arms}
    own = {name: np.full((m, longest, longest), np.nan) for name in arms}
    known = {name: np.zeros(m, dtype=bool) for name in arms}
    dose, length = np.full((m, longest), np.nan), np.zeros(m, dtype=np.int64)
    quiet = np.zeros((m, longest), dtype=bool)
    for at, rows in groups:
        k = rows.shape[1]
        length[at] = k
        dose[at, :k] = np.stack([series[i].dose for i in at])
        quiet[at, :k] = silent[rows]
        for a in range(QUARTERS):
            for b in range(a, QUARTERS):
                found = series_products(measured[a], measured[b], rows)
                product[a, b, at, :k, :k] = found
                product[b, a, at, :k, :k] = found.transpose(0, 2, 1)
        for name, (values, answered) in arms.items():
            own[name][at, :k, :k] = series_products(values, values, rows)
            known[name][at] = answered[rows].all(axis=1)
            for q in range(QUARTERS):
                crossed[name][q, at, :k] = series_products(measured[q], values, rows)[:, -1]
    spot = np.arange(longest)
    whole = np.isfinite(product[np.arange(QUARTERS), np.arange(QUARTERS)][:, :, spot, spot])
    whole |= (spot >= length[:, None])[None]
    kept = np.flatnonzero(whole.all(axis=2).sum(axis=0) >= QUARTERS - 1)
    left = [series[i] for i in kept]
    return Repeats(
        left,
        strata(left),
        dose[kept],
        length[kept],
        product[:, :, kept],
        {name: values[:, kept] for name, values in crossed.items()},
        {name: values[kept] for name, values in own.items()},
        {name: values[kept] for name, values in known.items()},
        quiet[kept],
        f"{len(kept):,} can be measured at least three times on other rows and controls",
    )


@once
def repeats(bench: Bench) -> Repeats:
    """Measure the active dose series of a bench four times; none where there are no rows to divide."""
    found = found_series(bench)
    arms = {arm.name: (arm.values, arm.known) for arm in (*bench.submissions, *bench.baselines)}
    series = found.active if bench.has_halves else []
    got = measure_repeats(quarters(bench) if series else [], arms, series, bench.silent)
    return got._replace(coverage=f"{found.coverage}, and {got.coverage}")


def too_few(name: str, bench: Bench, what: str = "") -> tuple[Finding, ...]:
    """Findings where there are too few series; none where there are enough."""
    found = found_series(bench)
    if not found.all:
        return not_assessable(name, NO_SERIES, ())
    got = repeats(bench)
    if len(got.series) >= DOSE_SERIES.value:
        return ()
    why = (
        f"{got.coverage}; {DOSE_SERIES.value:g} are needed: four rows a condition and thirty-two controls a context, "
        f"stronger doses or more drugs{what}."
    )
    return not_assessable(name, why, bench.submissions)
