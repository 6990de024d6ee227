import numpy as np
import pytest
import scipy.sparse as sp

from vcassay.arrays.group_sums import add_rows


def added(matrix: np.ndarray, group: np.ndarray, counted: bool, chunk: int) -> np.ndarray:
    sums = np.zeros((3, matrix.shape[1], 6))
    for start in range(0, len(matrix), chunk):
        csr = sp.csr_matrix(matrix[start : start + chunk])
        add_rows(csr.data, csr.indices, csr.indptr, group[start : start + chunk], 1e4, counted, sums)
    return sums


@pytest.mark.parametrize("kind", [np.float32, np.float64, np.int32])
def test_sums_are_those_of_dense_arrays(kind):
    rng = np.random.default_rng(0)
    counts = rng.poisson(0.7, size=(60, 9)).astype(kind)
    counts[7] = 0
    group = rng.integers(-1, 3, size=60)
    sums = added(counts, group, True, 60)
    x = counts.astype(float)
    scaled = x * 1e4 / np.maximum(x.sum(axis=1, keepdims=True), 1e-12)
    for k in range(3):
        for at, values in ((0, scaled), (2, np.log1p(scaled)), (4, x)):
            own = values[group == k]
            np.testing.assert_allclose(sums[k, :, at], own.sum(axis=0), rtol=1e-12)
            np.testing.assert_allclose(sums[k, :, at + 1], (own**2).sum(axis=0), rtol=1e-12)


def test_logged_values_are_taken_back():
    rng = np.random.default_rng(1)
    logged = np.log1p(rng.poisson(0.7, size=(40, 5)).astype(float))
    sums = added(logged, np.zeros(40, dtype=np.int64), False, 40)
    np.testing.assert_allclose(sums[0, :, 0], np.expm1(logged).sum(axis=0), rtol=1e-12)
    np.testing.assert_allclose(sums[0, :, 3], (logged**2).sum(axis=0), rtol=1e-12)
    assert not sums[..., 4:].any()


def test_chunks_do_not_change_a_bit():
    rng = np.random.default_rng(2)
    counts, group = rng.poisson(2.0, size=(100, 7)).astype(np.float32), rng.integers(-1, 3, size=100)
    whole = added(counts, group, True, 100)
    for chunk in (1, 7, 33):
        assert added(counts, group, True, chunk).tobytes() == whole.tobytes()
