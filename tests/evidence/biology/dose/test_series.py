from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from scipy.stats import kendalltau, kstest

from vcassay.core import Conditions
from vcassay.evidence.biology.dose.series import find_series, judge_order, measure_series, rises, unit_rows


def series_of(n, k=3):
    table = Conditions.make(np.repeat([f"c{i:02d}" for i in range(n)], k), ["d"] * (n * k), list(range(1, k + 1)) * n)
    return find_series(table)


def from_shape(shape, rng, n=12, g=80, noise=1.0, k=3):
    """Pairs of halves of n series whose effect is ``shape`` (by dose) times a direction of its own."""
    direction = rng.normal(size=(n, 1, g))
    true = (np.asarray(shape)[None, :, None] * direction).reshape(n * k, g)
    a, b = (true + noise * rng.normal(size=true.shape) for _ in range(2))
    return [(a, b), (b, a)]


def responses(shape, seed, n=12, k=3, **settings):
    rng = np.random.default_rng(seed)
    pairs = from_shape(shape, rng, n=n, k=k, **settings)
    return measure_series(pairs, series_of(n, k), pairs[0][0].shape)


def test_series_are_found_in_order_of_dose():
    table = Conditions.make(
        ["A"] * 7 + ["B"] * 3,
        ["x", "x", "x", "y", "y", "y", "g", "x", "x", "x"],
        [10.0, 0.5, 2.0, 0.0, 1.0, 2.0, np.nan, 1.0, 2.0, 3.0],
    )
    found = find_series(table)
    assert [(s.context, s.perturbation, s.dose.tolist()) for s in found] == [
        ("A", "x", [0.5, 2.0, 10.0]),
        ("B", "x", [1.0, 2.0, 3.0]),
    ]
    assert [table.dose[s.rows].tolist() for s in found] == [s.dose.tolist() for s in found]


def test_times_are_series_of_their_own():
    table = Conditions.make(["A"] * 6, ["x"] * 6, [1.0, 2.0, 3.0] * 2, [6.0] * 3 + [24.0] * 3)
    assert [s.perturbation for s in find_series(table)] == ["x (6 h)", "x (24 h)"]


def test_projections_use_one_part_for_direction_and_another_for_response():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 3, 20))
    got = measure_series([(a, b)], series_of(1), (3, 20))
    unit = a / np.linalg.norm(a, axis=1, keepdims=True)
    assert got.response[0] == pytest.approx(unit @ b.T)
    assert got.spread[0] == pytest.approx((unit @ b.T)[-1:])
    assert got.direction == pytest.approx(unit)


def test_series_without_a_defined_part_are_left_out():
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(2, 6, 20))
    a[4] = np.nan
    got = measure_series([(a, b), (b, a)], series_of(2), (6, 20))
    assert [s.context for s in got.series] == ["c00"]
    assert len(got.response) == len(got.spread) == 1
    assert np.isnan(unit_rows(np.zeros((1, 3)))).all()


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
