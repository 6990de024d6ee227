"""How often intervals hold the truth of a known hierarchical model (methods 7)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest

from vcassay.arrays.resample import aggregate, draw_weights, interval

TRUTH = 1.0


class Spread(NamedTuple):
    """Standard deviations between contexts, perturbation families, and conditions of both."""

    context: float
    family: float
    rest: float


def coverage(
    k: int, m: int, spread: Spread, repeats: int, *, nested: bool = False, ratio: bool = False, draws: int = 250
) -> float:
    """Share of intervals that hold the truth; contexts and families drawn anew each time."""
    rng = np.random.default_rng(1000 * k + m)
    hits = 0
    for _ in range(repeats):
        context = np.repeat(np.arange(k), m)
        family = np.arange(k * m) if nested else np.tile(np.arange(m), k)
        values = TRUTH + rng.normal(0, spread.context, k)[context] + rng.normal(0, spread.family, k * m)[family]
        values += rng.normal(0, spread.rest, k * m)
        size = rng.uniform(0.5, 1.5, k * m) if ratio else None
        weights = draw_weights(context, family, draws, rng)
        numerator = values if size is None else values * size
        estimate = interval(*aggregate(numerator, weights, size), weights.method, families=weights.families)
        hits += estimate.low <= TRUTH <= estimate.high
    return hits / repeats


@pytest.mark.parametrize("ratio", [False, True])
def test_contexts_and_families_resampled(ratio: bool) -> None:
    assert 0.92 <= coverage(12, 12, Spread(0.3, 0.3, 0.7), 300, ratio=ratio) <= 0.99


def test_families_nested_in_contexts_err_on_the_safe_side() -> None:
    assert coverage(12, 8, Spread(0.3, 0.3, 0.7), 200, nested=True) >= 0.94


@pytest.mark.parametrize("k", [5, 9])
def test_t_on_contexts(k: int) -> None:
    assert 0.92 <= coverage(k, 8, Spread(1.0, 0.0, 0.5), 400, draws=2) <= 0.98


def test_these_contexts_covers_them_and_not_others() -> None:
    # The families are a sample, the two contexts are all there is: conditional coverage is right ...
    assert 0.91 <= coverage(2, 30, Spread(0.0, 1.0, 0.3), 300) <= 0.98
    # ... and says nothing of contexts that were not measured, which is why it is named so.
    assert coverage(2, 30, Spread(1.0, 0.0, 0.3), 100) < 0.6


@pytest.mark.slow
@pytest.mark.parametrize("k", [10, 20, 40])
@pytest.mark.parametrize("spread", [Spread(0.3, 0.3, 1.0), Spread(1.0, 0.0, 0.3), Spread(0.0, 1.0, 0.3)])
def test_coverage_at_length(k: int, spread: Spread) -> None:
    # A percentile bootstrap of ten contexts that alone vary falls short by several percent.
    floor = 0.86 if spread.context > spread.family and k == 10 else 0.89
    assert floor <= coverage(k, 30, spread, 600, draws=500) <= 0.99


def doses(m: int, spread: Spread, repeats: int, *, third: bool = False, widened: bool = True) -> tuple[float, float]:
    """Coverage and mean standard error, in true ones, of m families of 4 doses in one context.

    ``rest`` is the spread between doses. With ``third``, doses are resampled within the families drawn.
    """
    rng, again = np.random.default_rng([m, 0]), np.random.default_rng([m, 1])
    family, code = np.repeat(np.arange(m), 4), np.zeros(4 * m, dtype=int)
    hits, errors = 0, []
    for _ in range(repeats):
        values = TRUTH + rng.normal(0, spread.family, m)[family] + rng.normal(0, spread.rest, 4 * m)
        weights = draw_weights(code, family, 250, rng)
        value, drawn, by_context = aggregate(values, weights)
        if third:
            counts = again.multinomial(4 * weights.times.astype(np.int64), np.full(4, 0.25)).reshape(250, -1)
            drawn = counts @ values / counts.sum(axis=1)
        families = weights.families if widened else np.inf
        estimate = interval(value, drawn, by_context, weights.method, families=families)
        hits += estimate.low <= TRUTH <= estimate.high
        errors.append(estimate.se)
    return hits / repeats, float(np.mean(errors)) / np.sqrt(spread.family**2 / m + spread.rest**2 / (4 * m))


def test_few_families_are_covered() -> None:
    assert 0.925 <= doses(8, Spread(0.0, 1.0, 0.5), 500)[0] <= 0.975
    assert doses(8, Spread(0.0, 1.0, 0.5), 500, widened=False)[0] < 0.925


def test_resampling_doses_within_families_would_double_count_their_spread() -> None:
    two, three = (doses(60, Spread(0.0, 0.0, 1.0), 150, third=third) for third in (False, True))
    assert two[1] == pytest.approx(1.0, abs=0.05)
    assert three[1] > 1.25


@pytest.mark.slow
@pytest.mark.parametrize("spread", [Spread(0.0, 1.0, 0.3), Spread(0.0, 0.5, 0.5), Spread(0.0, 0.0, 1.0)])
@pytest.mark.parametrize("m", [8, 20, 60])
def test_two_levels_cover_and_three_are_too_wide(m: int, spread: Spread) -> None:
    coverage_of_two, error = doses(m, spread, 1500)
    assert 0.93 <= coverage_of_two <= 0.965
    assert error == pytest.approx(1.0, abs=0.05)
    coverage_of_three, wide = doses(m, spread, 1500, third=True)
    assert wide > error
    if spread.family == 0.0:
        assert coverage_of_three > 0.975
