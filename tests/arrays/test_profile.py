"""Profiles and split halves against plain loops and planted effects."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from vcassay.arrays.agreement import pearson
from vcassay.arrays.profile import SplitHalves, matched_control, rate, split_halves, to_profile
from vcassay.arrays.shards import balanced_splits

SPLITS = balanced_splits(tuple(range(8)), 7)


def test_rate_is_sum_over_size() -> None:
    rng = np.random.default_rng(0)
    sums = rng.normal(size=(3, 8, 5))
    sizes = rng.integers(0, 3, size=(3, 8, 1)).astype(float)
    sizes[2, [1, 4]] = 0.0
    got = rate(sums, sizes, (1, 4))
    for i in range(2):
        total = sizes[i, 1, 0] + sizes[i, 4, 0]
        want = (sums[i, 1] + sums[i, 4]) / total if total else np.full(5, np.nan)
        np.testing.assert_allclose(got[i], want)
    assert np.isnan(got[2]).all()


def test_rate_counts_each_feature_where_some_are_missing() -> None:
    sums, sizes = np.array([[[6.0, 1.0], [2.0, 0.0]]]), np.array([[[3.0, 1.0], [1.0, 0.0]]])
    np.testing.assert_allclose(rate(sums, sizes, (0, 1)), [[2.0, 1.0]])
    np.testing.assert_allclose(rate(sums, sizes, (1,)), [[2.0, np.nan]])


def test_profile() -> None:
    value = np.array([0.0, 1e-4, 0.5])
    np.testing.assert_allclose(to_profile(value, 1e4), np.log([1.0, 2.0, 5001.0]))
    assert to_profile(value, None) is value


def test_matched_control_is_weighted_by_the_rows_of_each_batch() -> None:
    rng = np.random.default_rng(1)
    weight = [rng.integers(0, 4, size=(4, 3)).astype(float) for _ in range(8)]
    for w in weight:
        w[1] = [0.0, 2.0, 0.0]  # measured in one batch only
        w[3] = 0.0  # not measured
    control = rng.random((3, 6))
    got = matched_control(tuple(sp.csr_matrix(w) for w in weight), (0, 3, 5), control, 4)
    for i in range(3):
        rows = weight[0][i] + weight[3][i] + weight[5][i]
        want = sum(rows[b] * control[b] for b in range(3)) / rows.sum()
        np.testing.assert_allclose(got[i], want)
    np.testing.assert_allclose(got[1], control[1])
    assert np.isnan(got[3]).all()


def test_matched_control_of_an_empty_group_is_undefined_only_where_needed() -> None:
    link = sp.csr_matrix(np.array([[1.0, 1.0], [0.0, 2.0]]))
    got = matched_control((link,), (0,), np.array([[np.nan, np.nan], [0.3, 0.4]]), 2)
    assert np.isnan(got[0]).all()
    np.testing.assert_allclose(got[1], [0.3, 0.4])


def test_ready_made_effects_have_no_controls() -> None:
    got = matched_control((sp.csr_matrix((2, 0)),), (0,), np.empty((0, 3)), 2)
    assert got.tolist() == [[0.0] * 3] * 2


def measured(
    truth: np.ndarray, rows: int, rng: np.random.Generator, noise: float = 1.0, shared: bool = False
) -> tuple[SplitHalves, np.ndarray]:
    """Split halves and full-depth effects of a screen whose rows are the truth plus noise.

    The controls of either half are disjoint, unless they are to be ``shared``.
    """
    n, genes = truth.shape
    cells = truth[:, None, None, :] + noise * rng.normal(size=(n, 8, rows, genes))
    pool = noise * rng.normal(size=(n, 8, rows, genes)).mean(axis=2)
    sums, sizes = cells.sum(axis=2), np.full((n, 8, 1), float(rows))
    whole = pool.mean(axis=1)
    controls = [
        (whole, whole) if shared else (pool[:, list(a)].mean(axis=1), pool[:, list(b)].mean(axis=1)) for a, b in SPLITS
    ]
    halves = split_halves(sums, sizes, controls, SPLITS, np.ones(genes, dtype=bool), None)
    return halves, rate(sums, sizes, tuple(range(8))) - whole


def test_split_halves_equal_plain_loops() -> None:
    rng = np.random.default_rng(2)
    n, genes, target = 3, 6, 100.0
    sums = rng.poisson(20, size=(n, 8, genes)).astype(float)
    sizes = sums.sum(axis=2, keepdims=True)
    controls = [(rng.random((n, genes)), rng.random((n, genes))) for _ in SPLITS]
    mask = np.array([True] * 5 + [False])
    got = split_halves(sums, sizes, controls, SPLITS, mask, target)
    for i in range(n):
        a: list[np.ndarray] = []
        b: list[np.ndarray] = []
        for (left, right), (control_a, control_b) in zip(SPLITS, controls, strict=True):
            for side, control, out in ((left, control_a, a), (right, control_b, b)):
                share = sum(sums[i, s] for s in side) / sum(sizes[i, s, 0] for s in side)
                out.append(np.log(1 + target * share) - np.log(1 + target * control[i]))
        one, two = np.array(a), np.array(b)
        np.testing.assert_allclose(got.half_mean[i], ((one + two) / 2).mean(axis=0))
        np.testing.assert_allclose(got.cross[i], (one * two).mean(axis=0))
        np.testing.assert_allclose(got.se[i], np.sqrt((((one - two) / 2) ** 2).mean(axis=0)))
        np.testing.assert_allclose(got.half_a[i], one[0])
        np.testing.assert_allclose(got.half_b[i], two[0])
        each = [np.corrcoef(x[mask], y[mask])[0, 1] for x, y in zip(one, two, strict=True)]
        assert got.reliability[i] == pytest.approx(np.mean(each))
        assert got.size[i] == pytest.approx((one * two)[:, mask].mean())


def test_size_is_unbiased_and_the_standard_error_right() -> None:
    bias, ratio = [], []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        truth = 0.3 * rng.normal(size=(20, 60))
        halves, effect = measured(truth, 3, rng)
        bias.append(float((halves.size - (truth**2).mean(axis=1)).mean()))
        ratio.append(float((halves.se**2).mean() / ((effect - truth) ** 2).mean()))
    assert abs(np.mean(bias)) < 4 * np.std(bias, ddof=1) / np.sqrt(20)
    assert np.mean(ratio) == pytest.approx(1.0, abs=0.05)


def test_disjoint_controls_keep_the_reliability_of_a_null_screen_at_0() -> None:
    rng = np.random.default_rng(3)
    null = np.zeros((60, 200))
    apart, _ = measured(null, 2, rng)
    shared, _ = measured(null, 2, rng, shared=True)
    assert abs(apart.reliability.mean()) < 4 * apart.reliability.std() / np.sqrt(60)
    assert abs(apart.size.mean()) < 4 * apart.size.std() / np.sqrt(60)
    # A common control of the same depth: variance 1 of 1 + 2 (half the rows) is shared by the halves.
    assert shared.reliability.mean() == pytest.approx(1 / 3, abs=0.03)


def test_reliability_of_known_signal_and_noise() -> None:
    rng = np.random.default_rng(4)
    halves, _ = measured(rng.normal(size=(40, 400)), 1, rng, noise=np.sqrt(2.0))
    # A half's noise variance is 2 x (1/4 + 1/4) = 1, as large as the signal's.
    assert halves.reliability.mean() == pytest.approx(0.5, abs=0.02)
    np.testing.assert_allclose(pearson(halves.half_a, halves.half_b, np.ones(400, dtype=bool)).mean(), 0.5, atol=0.03)


def test_splits_with_an_empty_half_are_left_out() -> None:
    rng = np.random.default_rng(5)
    sums, sizes = rng.normal(size=(3, 8, 20)), np.ones((3, 8, 1))
    sums[1, 1:], sizes[1, 1:] = 0.0, 0.0  # one row: no split has both halves
    first = SPLITS[0][0]
    sums[2, list(first)], sizes[2, list(first)] = 0.0, 0.0  # the first split alone has an empty half
    zero = np.zeros((3, 20))
    got = split_halves(sums, sizes, [(zero, zero)] * len(SPLITS), SPLITS, np.ones(20, dtype=bool), None)
    for field in got:
        assert np.isfinite(field[[0, 2]]).all()
        assert np.isnan(field[1]).all()
    rest = split_halves(sums[2:], sizes[2:], [(zero[2:], zero[2:])] * 6, SPLITS[1:], np.ones(20, dtype=bool), None)
    for field, again in zip(got, rest, strict=True):
        np.testing.assert_allclose(field[2:], again)
