from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from scipy.stats import kendalltau, kstest
from tests.evidence.biology.dose.planted import responses, series_of

from vcassay.evidence.biology.dose.order import judge_order, rises
from vcassay.evidence.biology.dose.projection import measure_series


def test_order_is_kendalls_tau_and_the_share_that_rises():
    rng = np.random.default_rng(2)
    matrices = [rng.normal(size=(4, 4)) for _ in range(7)]
    got = judge_order(matrices, 99, rng)
    taus = [kendalltau(range(4), m[-1]).statistic for m in matrices]
    assert got.tau == pytest.approx(np.mean(taus))
    assert got.share == np.mean([(np.diff(m[-1]) > 0).all() for m in matrices])
    every = [[(np.diff(m[o[-1]][list(o)]) > 0).all() for o in permutations(range(4))] for m in matrices]
    assert got.null_share == pytest.approx(np.mean(every))
    assert got.n == 7


def test_p_values_are_exact_without_any_response():
    p = [
        judge_order(responses([0, 0, 0], seed).response, 199, np.random.default_rng(seed)).p_rise for seed in range(150)
    ]
    assert kstest(np.array(p) + np.random.default_rng(0).uniform(-0.03, 0.03, 150), "uniform").pvalue > 0.001
    shares = [judge_order(responses([0, 0, 0], seed).response, 9, np.random.default_rng(0)) for seed in range(150)]
    assert np.mean([s.share for s in shares]) == pytest.approx(1 / 6, abs=0.03)


def test_projecting_a_dose_on_its_own_cells_would_look_ordered():
    """Why halves are needed: with no effect at all, about half of the series rise."""
    rng = np.random.default_rng(3)
    noise = rng.normal(size=(300, 200))
    same = measure_series([(noise, noise)], series_of(100), noise.shape)
    assert judge_order(same.response, 99, rng).share > 0.4


@pytest.mark.parametrize(
    ("shape", "low", "high"), [((0.1, 0.4, 1.0), "p_rise", "p_fall"), ((1, 0.5, 0.1), "p_fall", "p_rise")]
)
def test_trends_are_told_from_permuted_doses(shape, low, high):
    got = judge_order(responses(shape, 4, noise=0.3).response, 499, np.random.default_rng(0))
    assert getattr(got, low) < 0.01
    assert getattr(got, high) > 0.9
    assert (got.violation < 0.1) == (low == "p_rise")


def test_flat_series_rise_nowhere_even_by_rounding():
    wobble = 1.0 + 1e-14 * np.random.default_rng(5).normal(size=(3, 3))
    got = judge_order([wobble] * 6, 99, np.random.default_rng(0))
    assert (got.share, got.tau, got.p_rise, got.p_fall, got.violation) == (0.0, 0.0, 1.0, 1.0, 1.0)
    assert not rises(wobble)
    assert rises(np.tile([1.0, 2.0, 3.0], (3, 1)))


def test_many_doses_and_mixed_lengths():
    rng = np.random.default_rng(6)
    long, short = responses(np.linspace(0.1, 1, 8), 7, n=4, k=8, noise=0.2), responses([0.1, 0.5, 1], 8, n=6, noise=0.2)
    got = judge_order([*long.response, *short.response], 199, rng)
    assert (got.n, got.p_rise) == (10, 1 / 200)
    assert got.null_share < 1 / 6
    assert np.isnan(judge_order([], 9, rng).share)
