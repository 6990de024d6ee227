"""Sampling variance against resampled cells, and a credit that no manipulated submission can earn."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from vcassay.arrays.agreement import cross_product_error
from vcassay.arrays.sampled import sampled_means, sampled_pseudobulks, sampling_credit

T, G, CELLS = 60, 300, 40


def test_variance_of_means_is_that_of_the_textbook() -> None:
    rng = np.random.default_rng(0)
    values, code = rng.normal(size=(90, 7)), np.arange(90) % 4
    found = sampled_means(values, code, 4)
    for c in range(4):
        rows = values[code == c]
        np.testing.assert_allclose(found.value[c], rows.mean(axis=0), rtol=1e-12)
        np.testing.assert_allclose(found.variance[c], rows.var(axis=0, ddof=1) / len(rows), rtol=1e-10)
    assert found.size.tolist() == [23, 23, 22, 22]


@pytest.mark.parametrize("kind", ["means", "pseudobulks"])
def test_dense_and_sparse_agree_in_any_order(kind: str) -> None:
    rng = np.random.default_rng(1)
    counts = rng.poisson(0.4, size=(5000, 6)).astype(float)
    code = rng.integers(0, 3, 5000)
    order = rng.permutation(5000)

    def run(values: object, codes: np.ndarray) -> tuple[np.ndarray, ...]:
        return sampled_means(values, codes, 3) if kind == "means" else sampled_pseudobulks(values, codes, 3, 1e4)

    dense = run(counts, code)
    for other in (run(sp.csr_matrix(counts), code), run(counts[order], code[order])):
        for a, b in zip(dense, other, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-10)


def test_delta_method_matches_redrawn_pseudobulks() -> None:
    rng = np.random.default_rng(2)
    rate = rng.gamma(2.0, 1.0, 12)
    draws, cells = 600, 80
    depth = rng.lognormal(0.0, 0.5, (draws * cells, 1))
    counts = rng.poisson(depth * rate * rng.gamma(3.0, 1 / 3, (draws * cells, 12))).astype(float)
    found = sampled_pseudobulks(counts, np.repeat(np.arange(draws), cells), draws, 100.0)
    actual = found.value.var(axis=0, ddof=1)
    np.testing.assert_allclose(found.variance.mean(axis=0), actual, rtol=0.25)  # 600 draws: 6 % standard error a gene
    assert abs(found.variance.mean() / actual.mean() - 1) < 0.06


def test_identical_and_single_rows_claim_nothing() -> None:
    cells = np.tile(np.random.default_rng(3).poisson(3.0, 9).astype(float), (20, 1))
    code = np.array([0] * 19 + [1])
    for found in (sampled_means(cells, code, 3), sampled_pseudobulks(cells, code, 3, 1e4)):
        assert not found.variance[:2].any()
        assert np.isnan(found.variance[2]).all()


class Planted:
    """Effects, split halves of a measurement of them, and cells of any model."""

    def __init__(self, seed: int = 0) -> None:
        self.rng = np.random.default_rng(seed)
        programmes = self.rng.normal(size=(4, G))
        self.effect = 0.3 * self.rng.normal(size=(T, 4)) @ programmes / 2
        self.spread = self.rng.uniform(0.5, 1.5, G)
        self.half_a, self.half_b = (self.effect + self.noise(CELLS // 2) for _ in range(2))
        self.mask = np.ones((T, G), dtype=bool)
        self.mask[:, :10] = False
        self.context = np.arange(T) % 2
        self.limit = (self.spread**2 / CELLS)[10:].sum() * np.ones(T)

    def noise(self, cells: int) -> np.ndarray:
        return self.rng.normal(size=(T, G)) * self.spread / np.sqrt(cells)

    def variance(self, cells: float) -> np.ndarray:
        return np.tile(self.spread**2 / cells, (T, 1))

    def scores(self, mean: np.ndarray, variance: np.ndarray) -> tuple[float, float]:
        """Corrected and uncorrected error over the squared true effect."""
        n, d = cross_product_error(mean, (self.half_a + self.half_b) / 2, self.half_a * self.half_b, self.mask)
        credit = sampling_credit(mean, variance, self.limit, self.mask, self.context)
        return float((n - credit).sum() / d.sum()), float(n.sum() / d.sum())


@pytest.mark.parametrize("quality", [1.0, 0.5, 0.0])
def test_sampled_cells_score_as_the_mean_they_are_drawn_from(quality: float) -> None:
    corrected, free = [], []
    for seed in range(12):
        p = Planted(seed)
        free.append(p.scores(quality * p.effect, p.variance(np.inf))[0])
        corrected.append(p.scores(quality * p.effect + p.noise(CELLS), p.variance(CELLS))[0])
    gap = np.subtract(corrected, free)
    noise = p.limit.sum() / (p.effect[p.mask] ** 2).sum()
    assert noise > 0.2  # what the correction takes off
    assert abs(gap.mean()) < 0.02 + 3 * gap.std(ddof=1) / np.sqrt(len(gap))


def test_fewer_cells_than_measured_are_not_excused_in_full() -> None:
    p = Planted()
    many = p.scores(p.effect + p.noise(CELLS), p.variance(CELLS))[0]
    few = p.scores(p.effect + p.noise(CELLS // 4), p.variance(CELLS // 4))[0]
    assert few > many + 2 * p.limit.sum() / (p.effect[p.mask] ** 2).sum()


@pytest.mark.parametrize("claimed", [CELLS / 16, CELLS, 16 * CELLS])
def test_cancelling_scatter_earns_nothing(claimed: float) -> None:
    """Cells around a mean that has no sampling noise: control paste, one mean for all, a few sparse effects."""
    p = Planted()
    common = np.tile(p.rng.normal(size=G), (T, 1))
    sparse = np.where(p.rng.random((T, G)) < 0.05, p.effect, 0.0)
    for mean in (np.zeros((T, G)), common, common + sparse):
        corrected, plain = p.scores(mean, p.variance(claimed))
        assert corrected >= plain - 0.01


@pytest.mark.parametrize("cells", [CELLS / 8, CELLS, 8 * CELLS])
def test_added_noise_does_not_beat_the_noise_free_submission(cells: float) -> None:
    gaps = []
    for seed in range(12):
        p = Planted(seed)
        mean = 0.5 * p.effect
        gaps.append(p.scores(mean + p.noise(int(cells)), p.variance(cells))[0] - p.scores(mean, 0 * mean)[0])
    assert np.mean(gaps) > -0.02 - 2 * np.std(gaps, ddof=1) / np.sqrt(len(gaps))


@given(st.integers(0, 2**32 - 1), st.floats(1e-3, 1e3))
def test_credit_keeps_its_caps(seed: int, scale: float) -> None:
    rng = np.random.default_rng(seed)
    pred, variance = rng.normal(size=(8, 5)), scale * rng.gamma(1.0, 1.0, (8, 5)) * (rng.random((8, 1)) < 0.8)
    limit = rng.gamma(1.0, 1.0, 8) * np.where(rng.random(8) < 0.2, np.nan, 1.0)
    mask, group = rng.random((8, 5)) < 0.8, rng.integers(0, 3, 8)
    credit = sampling_credit(pred, variance, limit, mask, group)
    assert (credit >= 0).all()
    assert not credit[np.isnan(limit)].any()
    assert (credit <= np.where(np.isnan(limit), 0, limit) + 1e-12).all()
    assert (credit <= np.where(mask, variance, 0).sum(axis=1) + 1e-9).all()
    for g in np.unique(group):
        at = group == g
        spread = (
            np.where(mask, pred - pred[at & (variance.sum(axis=1) > 0)].mean(axis=0), 0.0) if credit[at].any() else 0
        )
        assert credit[at].sum() <= 2 * np.sum(np.square(spread)) + 1e-9
    order = rng.permutation(8)
    again = sampling_credit(pred[order], variance[order], limit[order], mask[order], group[order])
    np.testing.assert_allclose(again, credit[order], rtol=1e-9, atol=1e-12)


def test_an_abstention_neither_earns_nor_moves_a_credit() -> None:
    p = Planted()
    mean, variance = p.effect + p.noise(CELLS), p.variance(CELLS)
    variance[0] = 0.0
    credit = sampling_credit(mean, variance, p.limit, p.mask, p.context)
    mean[0] = 1e6
    np.testing.assert_allclose(sampling_credit(mean, variance, p.limit, p.mask, p.context), credit)
    assert credit[0] == 0
    assert credit[1:].all()
