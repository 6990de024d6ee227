"""Sums by group: sparse, dense and numpy agree to the bit; row hashes see content, not order."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from vcassay.arrays.accumulate import (
    add_column_powers,
    add_columns,
    add_dense,
    add_powers,
    add_sparse,
    add_totals,
    row_hashes,
    take_gaps,
    within,
)
from vcassay.arrays.shards import hash_names

SLOTS = 5


@st.composite
def blocks(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, int]:
    rows, genes, seed = draw(st.integers(0, 30)), draw(st.integers(1, 12)), draw(st.integers(0, 9999))
    rng = np.random.default_rng(seed)
    dense = rng.normal(size=(rows, genes)) * (rng.random((rows, genes)) < 0.4)
    return dense, rng.integers(-1, SLOTS, size=rows), seed


def chunks(n: int, chunk: int | None) -> list[slice]:
    step = chunk or max(n, 1)
    return [slice(start, min(start + step, n)) for start in range(0, n, step)]


def order_of(slot: np.ndarray, seed: int | None) -> np.ndarray:
    """Any order that keeps the rows of each slot in theirs."""
    if seed is None:
        return np.arange(len(slot))
    rank = np.random.default_rng(seed).permutation(SLOTS + 1)
    return np.argsort(rank[slot], kind="stable")


def sparse_sums(
    matrix: sp.csr_matrix, slot: np.ndarray, chunk: int | None = None, two: np.ndarray | None = None, seed=None
) -> tuple[np.ndarray, np.ndarray]:
    sums, total = np.zeros((SLOTS, matrix.shape[1])), np.zeros(matrix.shape[0])
    two = np.full(len(slot), -1) if two is None else two
    for at in chunks(matrix.shape[0], chunk):
        part, order = matrix[at], order_of(slot[at], seed)
        add_sparse(part.data, part.indices, part.indptr, order, slot[at], two[at], sums, total[at])
    return sums, total


def dense_sums(matrix: np.ndarray, slot: np.ndarray, chunk: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    sums, total = np.zeros((SLOTS, matrix.shape[1])), np.zeros(len(matrix))
    for at in chunks(len(matrix), chunk):
        n = len(slot[at])
        add_dense(matrix[at], np.arange(n), slot[at], np.full(n, -1), sums, total[at])
    return sums, total


@given(blocks(), st.none() | st.integers(0, 99))
def test_sparse_dense_columns_and_numpy_agree_to_the_bit(
    block: tuple[np.ndarray, np.ndarray, int], order: int | None
) -> None:
    dense, slot, _ = block
    want = np.zeros((SLOTS, dense.shape[1]))
    np.add.at(want, slot[slot >= 0], dense[slot >= 0])
    sums, total = sparse_sums(sp.csr_matrix(dense), slot, seed=order)
    np.testing.assert_array_equal(sums, want)
    np.testing.assert_allclose(total, dense.sum(axis=1), atol=1e-12)
    sums, total = dense_sums(dense, slot)
    np.testing.assert_array_equal(sums, want)
    np.testing.assert_allclose(total, dense.sum(axis=1), atol=1e-12)
    columns, by_column, total = sp.csc_matrix(dense), np.zeros(want.T.shape), np.zeros(len(dense))
    nowhere = np.full(len(slot), -1)
    middle = dense.shape[1] // 2
    for genes in ((middle, dense.shape[1]), (0, middle)):
        add_columns(columns.data, columns.indices, columns.indptr, slot, nowhere, genes, by_column)
    add_totals(columns.data, columns.indices, total)
    np.testing.assert_array_equal(by_column.T, want)
    np.testing.assert_allclose(total, dense.sum(axis=1), atol=1e-12)


@given(blocks(), st.integers(1, 31))
def test_chunk_size_does_not_change_a_bit(block: tuple[np.ndarray, np.ndarray, int], chunk: int) -> None:
    dense, slot, _ = block
    matrix = sp.csr_matrix(dense)
    for whole, cut in (
        (sparse_sums(matrix, slot), sparse_sums(matrix, slot, chunk)),
        (dense_sums(dense, slot), dense_sums(dense, slot, chunk)),
    ):
        np.testing.assert_array_equal(whole[0], cut[0])
        np.testing.assert_array_equal(whole[1], cut[1])


@given(blocks())
def test_a_row_may_have_two_slots(block: tuple[np.ndarray, np.ndarray, int]) -> None:
    dense, slot, seed = block
    other = np.random.default_rng(seed).integers(-1, SLOTS, size=len(slot))
    want = np.zeros((SLOTS, dense.shape[1]))
    for row, a, b in zip(dense, slot, other, strict=True):
        if a >= 0:
            want[a] += row
            if b >= 0:
                want[b] += row
    np.testing.assert_array_equal(sparse_sums(sp.csr_matrix(dense), slot, two=other)[0], want)
    columns, by_column = sp.csc_matrix(dense), np.zeros(want.T.shape)
    add_columns(columns.data, columns.indices, columns.indptr, slot, other, (0, dense.shape[1]), by_column)
    np.testing.assert_array_equal(by_column.T, want)


@given(blocks())
def test_squares_and_nonzeros(block: tuple[np.ndarray, np.ndarray, int]) -> None:
    dense, slot, _ = block
    want, counts = np.zeros((2, SLOTS, dense.shape[1]))
    np.add.at(want, slot[slot >= 0], dense[slot >= 0] ** 2)
    np.add.at(counts, slot[slot >= 0], dense[slot >= 0] != 0)
    rows, columns, order = sp.csr_matrix(dense), sp.csc_matrix(dense), np.arange(len(slot))
    squares, nonzeros = np.zeros(want.shape), np.zeros(want.shape, dtype=np.uint32)
    add_powers(rows.data, rows.indices, rows.indptr, order, slot, squares, nonzeros)
    np.testing.assert_array_equal(squares, want)
    np.testing.assert_array_equal(nonzeros, counts)
    squares, nonzeros = np.zeros(want.T.shape), np.zeros((dense.shape[1], 0), dtype=np.uint32)
    add_column_powers(columns.data, columns.indices, columns.indptr, slot, squares, nonzeros)
    np.testing.assert_array_equal(squares.T, want)


def test_missing_features_are_taken_out_and_counted() -> None:
    rng = np.random.default_rng(0)
    dense = rng.normal(size=(40, 6))
    gone = rng.random(dense.shape) < 0.3
    matrix = sp.csr_matrix(np.where(gone, np.nan, dense))
    slot, gaps = rng.integers(-1, SLOTS, size=40), np.zeros((SLOTS, 6))
    take_gaps(matrix.data, matrix.indices, matrix.indptr, slot, np.full(40, -1), gaps)
    np.testing.assert_array_equal(matrix.toarray(), np.where(gone, 0.0, dense))
    for s in range(SLOTS):
        np.testing.assert_array_equal(gaps[s], gone[slot == s].sum(axis=0))


@pytest.mark.parametrize("dtype", [np.float32, np.int64])
def test_single_precision_and_whole_numbers_are_summed_in_double(dtype: type) -> None:
    n = 3000
    matrix: sp.csr_matrix = sp.csr_matrix(np.full((n, 1), 16_777_217 if dtype is np.int64 else 0.1).astype(dtype))
    slot = np.zeros(n, dtype=np.int64)
    exact = n * float(matrix.data[0])
    assert sparse_sums(matrix, slot)[0][0, 0] == pytest.approx(exact, rel=1e-13)
    assert dense_sums(matrix.toarray(), slot)[0][0, 0] == pytest.approx(exact, rel=1e-13)


@pytest.mark.parametrize(
    ("indices", "inside"), [([], True), ([0, 4], True), ([0, 5], False), ([-1, 2], False), ([2**31], False)]
)
def test_indices_beyond_the_matrix_are_seen(indices: list[int], inside: bool) -> None:
    assert within(np.asarray(indices, dtype=np.int64), 5) is inside


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
    slot = np.zeros(2, dtype=np.int64)
    add_sparse(data, indices, indptr, np.arange(2), slot, slot - 1, sums, np.zeros(2))
    assert sums.tolist() == [[0.0, 0.0, 6.0]]
