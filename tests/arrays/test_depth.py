"""Depth curves: exact on their own families, and near a real replicate at full depth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcassay.arrays.agreement import pearson
from vcassay.arrays.ceiling import spearman_brown
from vcassay.arrays.depth import logistic_depth, power_depth
from vcassay.arrays.retrieval import cosine_distances, discrimination

DEPTHS = np.array([1 / 8, 1 / 4, 3 / 8, 1 / 2])


@given(st.floats(0.02, 0.97))
def test_reliability_follows_spearman_and_brown(full):
    """With slope 1 the curve is theirs: R at full depth follows from R at four lesser depths."""
    values = spearman_brown(full, DEPTHS)[None]
    fit = logistic_depth(values, DEPTHS, 0.0, 1.0)
    assert fit.full[0] == pytest.approx(full, abs=2e-3)
    assert fit.shape[0] == pytest.approx(1.0, abs=0.02)
    assert fit.residual[0] < 1e-3


@given(st.floats(0.6, 1.3), st.floats(-1.0, 1.5), st.sampled_from([(0.5, 1.0), (0.0, 1.0), (1.0, 0.0)]))
def test_other_slopes_are_found_where_the_curve_shows_them(slope, level, limits):
    chance, optimum = limits
    share = 1 / (1 + np.exp(-level - slope * np.log(DEPTHS)))
    values = chance + (optimum - chance) * share
    fit = logistic_depth(values[None], DEPTHS, chance, optimum)
    full = chance + (optimum - chance) / (1 + np.exp(-level))
    assert fit.full[0] == pytest.approx(full, abs=0.031)  # worst at slope 1.3, which is drawn towards 1: .0304
    assert abs(fit.full[0] - full) < max(abs(values[-1] - full) / 3, 0.003)


@pytest.mark.parametrize("b", [0.05, 0.5, 1.0, 2.0])
def test_the_power_curve_is_exact_on_its_family(b):
    fit = power_depth((0.8 - 0.1 / DEPTHS[None] ** b), DEPTHS)
    assert fit.full[0] == pytest.approx(0.7, abs=1e-9)
    assert fit.shape[0] == pytest.approx(b)


def test_rows_are_fitted_one_by_one_and_nan_stays():
    values = np.vstack([spearman_brown(r, DEPTHS) for r in (0.2, 0.7)] + [np.array([0.1, np.nan, 0.2, 0.3])])
    for fit in (logistic_depth(values, DEPTHS, 0.0, 1.0), power_depth(values, DEPTHS)):
        assert np.isnan(fit.full[2])
        assert np.isnan(fit.residual[2])
        assert np.isfinite(fit.full[:2]).all()
    both, one = (logistic_depth(v, DEPTHS, 0.0, 1.0).full for v in (values, values[1:2]))
    assert both[1] == one[0]


def test_agreement_at_chance_stays_there():
    fit = logistic_depth(np.full((1, 4), 0.5), DEPTHS, 0.5, 1.0)
    assert abs(fit.full[0] - 0.5) < 0.01
    low = logistic_depth(np.array([[0.5, 0.48, 0.49, 0.47]]), DEPTHS, 0.5, 1.0)
    assert abs(low.full[0] - 0.5) < 0.02


def measured(seed, scale, t=60, g=150):
    """Retrieval, overlap and correlation of disjoint parts of eight shards, and of replicates at full depth."""
    rng = np.random.default_rng(seed)
    truth = scale * rng.standard_normal((t, g)) * rng.lognormal(0, 0.6, (t, 1))
    shards = truth + np.sqrt(8) * rng.standard_normal((8, t, g))
    again = truth + rng.standard_normal((2, t, g))
    pairs = [[((i,), (i + 1,)) for i in (0, 2, 4, 6)], [((0, 1), (2, 3)), ((4, 5), (6, 7))]]
    pairs += [
        [((0, 1, 2), (3, 4, 5)), ((2, 6, 7), (3, 1, 0))],
        [((0, 1, 2, 3), (4, 5, 6, 7)), ((0, 2, 4, 6), (1, 3, 5, 7))],
    ]

    def values(a, b):
        top = [np.abs(x) >= np.sort(np.abs(x), axis=1)[:, -20][:, None] for x in (a, b)]
        overlap = np.mean((top[0] & top[1]).sum(axis=1) / 20)
        pds = discrimination(cosine_distances(a, b)).mean()
        return np.array([pds, overlap, pearson(a, b, np.ones(g, bool)).mean()])

    parts = [
        np.mean([values(shards[list(a)].mean(0), shards[list(b)].mean(0)) for a, b in level], axis=0) for level in pairs
    ]
    return np.array(parts).T, np.mean([values(x, shards.mean(0)) for x in again], axis=0)


def test_near_a_real_replicate_at_full_depth():
    """No bias beyond .02 (within two standard errors over screens), where half depth is off by up to .12."""
    for scale in (0.25, 0.7):
        curves, real = zip(*(measured(seed, scale) for seed in range(8)), strict=True)
        curves, real = np.array(curves), np.array(real)
        for i, chance in enumerate((0.5, 20 / 150, 0.0)):
            gap = logistic_depth(curves[:, i], DEPTHS, chance, 1.0).full - real[:, i]
            half = curves[:, i, -1] - real[:, i]
            assert abs(gap.mean()) < 0.02 + 2 * gap.std() / np.sqrt(len(gap)), (scale, i)
            if half.mean() < -0.04:
                assert abs(gap.mean()) < abs(half.mean()) / 2, (scale, i)
