from __future__ import annotations

import numpy as np

from vcassay.arrays.adjusted import adjusted_slopes, resampled_slopes


def data(n=60, seed=0):
    rng = np.random.default_rng(seed)
    given = rng.standard_normal((n, 2))
    side = (given[:, 0] + rng.standard_normal(n) > 0).astype(float)
    outcome = np.column_stack([0.3 * side + given @ [1.0, -2.0] + 0.5 * rng.standard_normal(n), given[:, 0]])
    return outcome, side, given, rng


def least_squares(outcome, side, given):
    design = np.column_stack([np.ones(len(side)), given, side])
    return np.linalg.lstsq(design, outcome, rcond=None)[0][-1]


def test_slopes_are_those_of_the_whole_regression():
    outcome, side, given, rng = data()
    sides = np.stack([side, rng.permutation(side)])
    expected = [least_squares(outcome, own, given) for own in sides]
    np.testing.assert_allclose(adjusted_slopes(outcome, sides, given), expected, atol=1e-10)
    plain = adjusted_slopes(outcome, side[None], np.zeros((60, 0)))[0]
    np.testing.assert_allclose(plain, outcome[side > 0].mean(axis=0) - outcome[side == 0].mean(axis=0), atol=1e-10)


def test_covariates_that_tell_the_exposure_leave_no_slope():
    outcome, side, _, rng = data()
    assert np.isnan(adjusted_slopes(outcome, side[None], side[:, None])).all()
    assert np.isnan(adjusted_slopes(outcome, np.ones((1, 60)), np.zeros((60, 0)))).all()
    assert np.isnan(resampled_slopes(outcome, side, side[:, None], np.arange(60), 5, rng)).all()


def test_resampled_slopes_are_those_of_the_drawn_rows():
    outcome, side, given, _ = data(40)
    cluster = np.arange(40) // 2
    found = resampled_slopes(outcome, side, given, cluster, 6, np.random.default_rng(9))
    times = np.random.default_rng(9).multinomial(20, np.full(20, 1 / 20), size=6)
    for slope, drawn in zip(found, times, strict=True):
        rows = np.repeat(np.arange(40), drawn[cluster])
        np.testing.assert_allclose(slope, least_squares(outcome[rows], side[rows], given[rows]), atol=1e-6)


def test_the_interval_covers_a_true_difference():
    inside = 0
    for seed in range(100):
        outcome, side, given, rng = data(50, seed)
        draws = resampled_slopes(outcome, side, given, np.arange(50), 300, rng)[:, 0]
        low, high = np.quantile(draws, [0.025, 0.975])
        inside += low <= 0.3 <= high
    assert inside >= 85
