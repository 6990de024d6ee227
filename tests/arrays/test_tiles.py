"""Products of tiles against plain ones, dense and by non-zeros, on any number of threads."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from vcassay.arrays import tiles
from vcassay.arrays.tiles import Rows, one_blas_thread


def cells(share: float, kind: type = np.float64, n: int = 700, g: int = 60) -> np.ndarray:
    rng = np.random.default_rng(3)
    return np.where(rng.random((n, g)) < share, rng.gamma(2.0, 1.0, (n, g)), 0.0).astype(kind)


@pytest.mark.parametrize("share", [0.05, 0.6])
@pytest.mark.parametrize("layout", [np.asarray, sp.csr_matrix])
def test_products_are_those_of_numpy(share, layout):
    x, rng = cells(share), np.random.default_rng(0)
    rows, right = rng.permutation(700)[:600], rng.normal(size=(60, 7))
    found = Rows(layout(x))
    np.testing.assert_array_equal(found.dense(rows), x[rows])
    np.testing.assert_array_equal(found.columns(rows, np.array([5, 3, 40])), x[np.ix_(rows, [5, 3, 40])])
    np.testing.assert_allclose(found.squares(), (x * x).sum(axis=1), rtol=1e-13)
    np.testing.assert_allclose(found.times(right), x @ right, rtol=1e-10, atol=1e-12)
    mean = x[rows].mean(axis=0)
    left = (x[rows] - mean) @ right
    gram, back = found.there_and_back(rows, mean, right)
    np.testing.assert_allclose(gram, left.T @ left, rtol=1e-10)
    np.testing.assert_allclose(back, (x[rows] - mean).T @ left, rtol=1e-9, atol=1e-9)


def test_which_rows_have_many_values():
    assert Rows(sp.csr_matrix(cells(0.6))).many
    assert not Rows(sp.csr_matrix(cells(0.05))).many
    assert Rows(cells(0.05)).many


def test_single_precision_is_multiplied_so_and_added_up_in_double():
    x, right = cells(0.6, np.float32), np.random.default_rng(1).normal(size=(60, 7))
    exact = x.astype(np.float64)
    mean, rows = exact.mean(axis=0), np.arange(700)
    left = (exact - mean) @ right
    gram, back = Rows(sp.csr_matrix(x)).there_and_back(rows, mean, right)
    assert gram.dtype == back.dtype == np.float64
    np.testing.assert_allclose(gram, left.T @ left, rtol=1e-4, atol=1e-5 * np.abs(gram).max())
    np.testing.assert_allclose(back, (exact - mean).T @ left, rtol=1e-4, atol=1e-5 * np.abs(back).max())


@pytest.mark.parametrize("share", [0.05, 0.6])
def test_threads_do_not_change_a_bit(share, monkeypatch):
    x, right = Rows(sp.csr_matrix(cells(share, np.float32))), np.random.default_rng(1).normal(size=(60, 7))
    mean, rows, found = np.full(60, 0.3), np.arange(700), []
    for threads in (1, 2, 5):
        monkeypatch.setattr(tiles, "threads", lambda threads=threads: threads)
        with one_blas_thread():
            found.append([x.squares(), x.times(right), *x.there_and_back(rows, mean, right)])
    for other in found[1:]:
        for a, b in zip(found[0], other, strict=True):
            np.testing.assert_array_equal(a, b)


def test_a_product_has_the_same_bits_on_any_number_of_threads(monkeypatch):
    rng, found = np.random.default_rng(0), []
    a, b = rng.normal(size=(600, 331)), rng.normal(size=(331, 97))
    for threads in (1, 2, 5):
        monkeypatch.setattr(tiles, "threads", lambda threads=threads: threads)
        found.append(tiles.product(a, b))
    np.testing.assert_allclose(found[0], a @ b, rtol=1e-12, atol=1e-12)
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[0], found[2])
    np.testing.assert_array_equal(tiles.product(a[:3], b), a[:3] @ b)
