"""Sums by group: sparse, dense and numpy agree to the bit; row hashes see content, not order."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from vcassay.arrays.accumulate import add_dense, add_sparse, row_hashes
from vcassay.arrays.shards import hash_names

SLOTS = 5


@st.composite
def blocks(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, int]:
    rows, genes, seed = draw(st.integers(0, 30)), draw(st.integers(1, 12)), draw(st.integers(0, 9999))
    rng = np.random.default_rng(seed)
    dense = rng.normal(size=(rows, genes)) * (rng.random((rows, genes)) < 0.4)
    return dense, rng.integers(-1, SLOTS, size=rows), seed


def sparse_sums(matrix: sp.csr_matrix, slot: np.ndarray, chunk: int | None = None) -> np.ndarray:
    sums = np.zeros((SLOTS, matrix.shape[1]))
    step = chunk or max(matrix.shape[0], 1)
    for start in range(0, matrix.shape[0], step):
        part = matrix[start : start + step]
        add_sparse(part.data, part.indices, part.indptr, slot[start : start + step], sums)
    return sums


def dense_sums(matrix: np.ndarray, slot: np.ndarray, chunk: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    sums, valid = np.zeros((2, SLOTS, matrix.shape[1]))
    step = chunk or max(len(matrix), 1)
    for start in range(0, len(matrix), step):
        add_dense(matrix[start : start + step], slot[start : start + step], sums, valid)
    return sums, valid


@given(blocks())
def test_sparse_dense_and_numpy_agree_to_the_bit(block: tuple[np.ndarray, np.ndarray, int]) -> None:
    dense, slot, _ = block
    want = np.zeros((SLOTS, dense.shape[1]))
    np.add.at(want, slot[slot >= 0], dense[slot >= 0])
    np.testing.assert_array_equal(sparse_sums(sp.csr_matrix(dense), slot), want)
    sums, valid = dense_sums(dense, slot)
    np.testing.assert_array_equal(sums, want)
    counts = np.bincount(slot[slot >= 0], minlength=SLOTS)
    np.testing.assert_array_equal(valid, np.tile(counts[:, None], dense.shape[1]))


@given(blocks(), st.integers(1, 31))
def test_chunk_size_does_not_change_a_bit(block: tuple[np.ndarray, np.ndarray, int], chunk: int) -> None:
    dense, slot, _ = block
    matrix = sp.csr_matrix(dense)
    np.testing.assert_array_equal(sparse_sums(matrix, slot, chunk), sparse_sums(matrix, slot))
    np.testing.assert_array_equal(dense_sums(dense, slot, chunk)[0], dense_sums(dense, slot)[0])


def test_missing_features_are_counted_out() -> None:
    rng = np.random.default_rng(0)
    dense = rng.normal(size=(40, 6))
    dense[rng.random(dense.shape) < 0.3] = np.nan
    slot = rng.integers(-1, SLOTS, size=40)
    sums, valid = dense_sums(dense, slot)
    for s in range(SLOTS):
        np.testing.assert_allclose(sums[s], np.nansum(dense[slot == s], axis=0), atol=1e-12)
        np.testing.assert_array_equal(valid[s], np.isfinite(dense[slot == s]).sum(axis=0))


@pytest.mark.parametrize("dtype", [np.float32, np.int64])
def test_single_precision_and_whole_numbers_are_summed_in_double(dtype: type) -> None:
    n = 3000
    matrix: sp.csr_matrix = sp.csr_matrix(np.full((n, 1), 16_777_217 if dtype is np.int64 else 0.1).astype(dtype))
    slot = np.zeros(n, dtype=np.int64)
    exact = n * float(matrix.data[0])
    assert sparse_sums(matrix, slot)[0, 0] == pytest.approx(exact, rel=1e-13)
    assert dense_sums(matrix.toarray(), slot)[0][0, 0] == pytest.approx(exact, rel=1e-13)


def gene_hashes(n: int) -> np.ndarray:
    return hash_names(np.array([f"GENE{i}" for i in range(n)]), 0)


def hashes(dense: np.ndarray, gene_hash: np.ndarray) -> np.ndarray:
    matrix = sp.csr_matrix(dense)
    out, count = row_hashes(matrix.data, matrix.indices, matrix.indptr, gene_hash)
    np.testing.assert_array_equal(count, (dense != 0).sum(axis=1))
    return out


@given(blocks())
def test_hashes_do_not_depend_on_the_order_of_genes(block: tuple[np.ndarray, np.ndarray, int]) -> None:
    dense, _, seed = block
    genes = gene_hashes(dense.shape[1])
    order = np.random.default_rng(seed).permutation(dense.shape[1])
    np.testing.assert_array_equal(hashes(dense[:, order], genes[order]), hashes(dense, genes))


@given(blocks())
def test_hashes_differ_where_rows_differ(block: tuple[np.ndarray, np.ndarray, int]) -> None:
    dense, _, _ = block
    got = hashes(dense, gene_hashes(dense.shape[1]))
    for i in range(len(dense)):
        for j in range(i):
            assert (got[i] == got[j]) == np.array_equal(dense[i], dense[j])


@pytest.mark.parametrize("scale", [1.0, 1e-6, -1e-9, 1e12])
def test_hashes_see_every_value_at_every_scale(scale: float) -> None:
    rng = np.random.default_rng(1)
    row = scale * rng.integers(1, 200, size=(1, 50)).astype(np.float64)
    genes = gene_hashes(50)
    seen = {int(hashes(row, genes)[0])}
    for g in range(50):
        other = row.copy()
        other[0, g] *= 1.001
        seen.add(int(hashes(other, genes)[0]))
    swapped = row.copy()
    swapped[0, [0, 1]] = row[0, [1, 0]] if row[0, 0] != row[0, 1] else row[0, [0, 1]] * 2
    seen.add(int(hashes(swapped, genes)[0]))
    assert len(seen) == 52


def test_hashes_of_a_file_and_its_single_precision_copy() -> None:
    dense = np.log1p(np.random.default_rng(2).poisson(2.0, size=(200, 30)) * 1.7)
    genes = gene_hashes(30)
    np.testing.assert_array_equal(hashes(dense.astype(np.float32), genes), hashes(dense, genes))


def test_no_chance_collision_among_many_rows() -> None:
    counts = np.random.default_rng(3).poisson(0.7, size=(20_000, 40)).astype(np.float64)
    assert len(np.unique(hashes(counts, gene_hashes(40)))) == len(np.unique(counts, axis=0))


def test_stored_zeros_and_long_indices() -> None:
    data, indices, indptr = np.array([0.0, 3.0, 0.0, 3.0]), np.array([0, 2, 1, 2]), np.array([0, 2, 4])
    out, count = row_hashes(data, indices, indptr, gene_hashes(3))
    assert out[0] == out[1]
    assert count.tolist() == [1, 1]
    sums = np.zeros((1, 3))
    add_sparse(data, indices, indptr, np.zeros(2, dtype=np.int64), sums)
    assert sums.tolist() == [[0.0, 0.0, 6.0]]
