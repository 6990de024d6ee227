"""Noise-corrected error: unbiased on simulated halves with known truth (methods 3)."""

from __future__ import annotations

import numpy as np
import pytest

from vcassay.arrays.agreement import Ratio, cross_product_error, squared_error

N, GENES, SPLITS, NOISE = 60, 80, 4, 1.5


def halves(truth: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """(splits, n, g) effects of either half: one set of cells, cut anew for each split."""
    cells = truth[:, None, :] + NOISE * rng.normal(size=(len(truth), 8, truth.shape[1]))
    orders = [rng.permutation(8) for _ in range(SPLITS)]
    a = np.stack([cells[:, order[:4]].mean(axis=1) for order in orders])
    b = np.stack([cells[:, order[4:]].mean(axis=1) for order in orders])
    return a, b


def score(pred: np.ndarray, a: np.ndarray, b: np.ndarray, mask: np.ndarray) -> Ratio:
    return cross_product_error(pred, ((a + b) / 2).mean(axis=0), (a * b).mean(axis=0), mask)


def ratio_of_sums(ratio: Ratio) -> float:
    return float(ratio.numerator.sum() / ratio.denominator.sum())


def mean_and_se(values: list[float]) -> tuple[float, float]:
    array = np.asarray(values)
    return float(array.mean()), float(array.std(ddof=1) / np.sqrt(len(array)))


def test_equals_the_mean_of_explicit_cross_products() -> None:
    rng = np.random.default_rng(0)
    truth = rng.normal(size=(5, 12))
    a, b = halves(truth, rng)
    pred = rng.normal(size=truth.shape)
    mask = rng.random(truth.shape) < 0.6
    got = score(pred, a, b, mask)
    for i in range(5):
        genes = np.flatnonzero(mask[i])
        error = [sum((pred[i, g] - a[s, i, g]) * (pred[i, g] - b[s, i, g]) for g in genes) for s in range(SPLITS)]
        size = [sum(a[s, i, g] * b[s, i, g] for g in genes) for s in range(SPLITS)]
        assert got.numerator[i] == pytest.approx(np.mean(error))
        assert got.denominator[i] == pytest.approx(np.mean(size))


@pytest.mark.parametrize("tau", [0.2, 1.0])
def test_perfect_is_0_and_no_change_is_1(tau: float) -> None:
    mask = np.ones(GENES, dtype=bool)
    perfect, plain = [], []
    for seed in range(30):
        rng = np.random.default_rng(seed)
        truth = tau * rng.normal(size=(N, GENES))
        a, b = halves(truth, rng)
        perfect.append(ratio_of_sums(score(truth, a, b, mask)))
        plain.append(ratio_of_sums(squared_error((a[0] + b[0]) / 2, truth, mask)))
        assert ratio_of_sums(score(np.zeros_like(truth), a, b, mask)) == 1.0
    mean, se = mean_and_se(perfect)
    assert abs(mean) < 4 * se
    # The plain error of a perfect model is the noise: sigma^2 / 8 cells over itself plus tau^2.
    noise = NOISE**2 / 8
    assert np.mean(plain) == pytest.approx(noise / (noise + tau**2), rel=0.05)


def test_numerator_is_unbiased_for_a_known_error() -> None:
    mask = np.ones(GENES, dtype=bool)
    excess = []
    for seed in range(30):
        rng = np.random.default_rng(100 + seed)
        truth, error = rng.normal(size=(2, N, GENES)) * np.array([0.5, 0.3])[:, None, None]
        a, b = halves(truth, rng)
        ratio = score(truth + error, a, b, mask)
        excess.append(float(ratio.numerator.sum() - (error**2).sum()))
        assert abs(ratio.denominator.sum() / (truth**2).sum() - 1) < 0.2
    mean, se = mean_and_se(excess)
    assert abs(mean) < 4 * se


def test_null_effects_have_debiased_size_0() -> None:
    mask = np.ones(GENES, dtype=bool)
    debiased, plain = [], []
    for seed in range(30):
        rng = np.random.default_rng(200 + seed)
        a, b = halves(np.zeros((N, GENES)), rng)
        debiased.append(float(score(np.zeros((N, GENES)), a, b, mask).denominator.mean() / GENES))
        plain.append(float(squared_error((a[0] + b[0]) / 2, a[0], mask).denominator.mean() / GENES))
    mean, se = mean_and_se(debiased)
    assert abs(mean) < 4 * se
    assert min(debiased) < 0 < max(debiased)
    assert np.mean(plain) == pytest.approx(NOISE**2 / 8, rel=0.05)


def test_a_copy_of_the_scored_cells_comes_out_better_than_perfect() -> None:
    rng = np.random.default_rng(5)
    truth = 0.5 * rng.normal(size=(N, GENES))
    a, b = halves(truth, rng)
    assert ratio_of_sums(score((a[0] + b[0]) / 2, a, b, np.ones(GENES, dtype=bool))) < -0.1


def test_nan_on_the_mask_only() -> None:
    rng = np.random.default_rng(6)
    pred, mean, cross = rng.normal(size=(3, 3, 10))
    mask = np.ones((3, 10), dtype=bool)
    mean[0, 2] = np.nan
    pred[1, 3] = np.nan
    mask[1, 3] = False
    ratio = cross_product_error(pred, mean, cross, mask)
    assert np.isnan(ratio.numerator).tolist() == [True, False, False]
    assert np.isfinite(ratio.denominator).all()
