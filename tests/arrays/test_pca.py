"""Components against numpy's singular values; centred without densifying; the same bits on any threads."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from vcassay.arrays import pca, threads
from vcassay.arrays.pca import fit_components, project


def planted(seed: int, n: int = 150, g: int = 80, rank: int = 6) -> np.ndarray:
    """Cells with ``rank`` strong factors, about 60 % zeros, means far from 0."""
    rng = np.random.default_rng(seed)
    signal = rng.normal(size=(n, rank)) * np.linspace(5, 2, rank) @ rng.normal(size=(rank, g))
    return (signal + 0.05 * rng.normal(size=(n, g)) + 4) * (rng.random(g) < 0.4)


def fit(cells: object, k: int = 6, seed: int = 1) -> pca.Components:
    return fit_components(cells, k, np.random.default_rng(seed))  # type: ignore[arg-type]


@pytest.mark.parametrize("shape", [(150, 80), (40, 80), (150, 20)])
def test_equal_to_a_singular_value_decomposition(shape: tuple[int, int]) -> None:
    cells = planted(0, *shape)
    found, centred = fit(cells), cells - cells.mean(axis=0)
    _, s, v = np.linalg.svd(centred, full_matrices=False)
    np.testing.assert_allclose(found.mean, cells.mean(axis=0), atol=1e-13)
    np.testing.assert_allclose(found.variance, s[:6] ** 2 / (len(cells) - 1), rtol=1e-9)
    np.testing.assert_allclose(abs((found.loadings * v[:6].T).sum(axis=0)), 1.0, atol=1e-9)
    np.testing.assert_allclose(found.loadings.T @ found.loadings, np.eye(6), atol=1e-12)
    assert found.share == pytest.approx((s[:6] ** 2).sum() / (s**2).sum())
    strongest = abs(found.loadings).argmax(axis=0)
    assert (found.loadings[strongest, np.arange(6)] > 0).all()
    scores = project(cells, found)
    np.testing.assert_allclose(scores, centred @ found.loadings, atol=1e-11)
    np.testing.assert_allclose(scores.mean(axis=0), 0, atol=1e-12)


def test_noise_components_hold_nearly_all_that_exact_ones_do() -> None:
    cells = np.random.default_rng(2).normal(size=(400, 200))
    s = np.linalg.svd(cells - cells.mean(axis=0), compute_uv=False)
    assert fit(cells, 50).variance.sum() > 0.98 * (s[:50] ** 2).sum() / 399


def test_sparse_dense_blocks_and_threads_do_not_change_a_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    cells = planted(3)
    found = fit(cells, 20)
    for other in (sp.csr_matrix(cells), sp.csc_matrix(cells), np.asfortranarray(cells)):
        for want, got in zip(found, fit(other, 20), strict=True):
            np.testing.assert_array_equal(got, want)
    monkeypatch.setattr(threads, "threads", lambda: 5)
    for want, got in zip(found, fit(cells, 20), strict=True):
        np.testing.assert_array_equal(got, want)
    scores = project(cells, found)
    monkeypatch.setattr(threads, "threads", lambda: 1)
    np.testing.assert_array_equal(project(cells, found), scores)
    np.testing.assert_array_equal(project(cells[7:9], found), scores[7:9])


def test_order_of_cells_and_genes_changes_rounding_alone() -> None:
    cells = planted(4)
    rng = np.random.default_rng(0)
    rows, genes = rng.permutation(150), rng.permutation(80)
    found, moved = fit(cells, 30), fit(cells[rows][:, genes], 30)
    np.testing.assert_allclose(moved.variance, found.variance, rtol=1e-10)
    gaps = [project(c, f) for c, f in ((cells, found), (cells[:, genes], moved))]
    distance = [np.square(scores[:, None] - scores).sum(axis=2) for scores in gaps]
    np.testing.assert_allclose(distance[1], distance[0], atol=1e-9)


def test_lower_rank_gives_fewer_components() -> None:
    rng = np.random.default_rng(5)
    assert fit(rng.normal(size=(60, 3)) @ rng.normal(size=(3, 40)) + 7, 10).loadings.shape == (40, 3)
    assert fit(rng.normal(size=(5, 40)), 10).loadings.shape == (40, 4)
    flat = fit(np.full((9, 4), 3.0))
    assert flat.loadings.shape == (4, 0)
    assert project(np.ones((2, 4)), flat).shape == (2, 0)


def test_undefined() -> None:
    with pytest.raises(ValueError, match="two cells"):
        fit(np.ones((1, 5)))
    cells = planted(6)
    found = fit(cells)
    broken = cells.copy()
    broken[3, 2] = np.nan
    with pytest.raises(ValueError, match="finite"):
        fit(broken)
    assert np.isnan(project(broken, found)).all(axis=1).tolist() == [i == 3 for i in range(150)]
