"""Packed bytes come back as they were, and damaged ones do no harm."""

from __future__ import annotations

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcassay.arrays.packed import map_columns, take_rows, unpack_lzf, unpack_tokens, unshuffle


def lzf(raw: bytes) -> tuple[bytes, int]:
    """Compress with h5py's own LZF, if it makes the bytes smaller (else the mask is 1)."""
    with h5py.File.in_memory() as file:
        data = file.create_dataset("x", data=np.frombuffer(raw, np.uint8), chunks=(len(raw),), compression="lzf")
        mask, packed = data.id.read_direct_chunk((0,))
        return packed, mask


@given(st.integers(0, 9999), st.integers(1, 5000), st.integers(1, 200))
def test_lzf_as_h5py_writes_it(seed: int, n: int, kinds: int) -> None:
    raw = np.random.default_rng(seed).integers(0, kinds, n).astype(np.uint8)
    packed, mask = lzf(raw.tobytes())
    if mask:
        return
    out = np.zeros(n, dtype=np.uint8)
    assert unpack_lzf(np.frombuffer(packed, np.uint8), out) == n
    np.testing.assert_array_equal(out, raw)
    assert unpack_lzf(np.frombuffer(packed, np.uint8), np.zeros(n - 1, dtype=np.uint8)) == -1


@given(st.binary(max_size=300), st.integers(0, 100))
def test_damaged_lzf_stays_within_its_room(packed: bytes, room: int) -> None:
    guard = np.full(room + 64, 7, dtype=np.uint8)
    assert -1 <= unpack_lzf(np.frombuffer(packed, np.uint8), guard[:room]) <= room
    np.testing.assert_array_equal(guard[room:], 7)


@pytest.mark.parametrize("dtype", ["i2", "f4", "f8"])
@pytest.mark.parametrize("n", [0, 1, 1000])
def test_shuffled_bytes(dtype: str, n: int) -> None:
    values = np.random.default_rng(0).normal(size=n).astype(dtype)
    width = values.itemsize
    shuffled = values.view(np.uint8).reshape(n, width).T.ravel().copy()
    out = np.empty(n * width, dtype=np.uint8)
    unshuffle(shuffled, width, out)
    np.testing.assert_array_equal(out.view(dtype), values)


def test_tokens_become_columns_and_the_special_one_goes() -> None:
    tokens, values = np.array([1, 5, 3, 1, 3, 9]), np.array([-2.0, 4, 1, -2, 2, 8], dtype=np.float32)
    ends = np.array([0, 3, 3, 6])
    place = np.array([-1, -1, -1, 0, -1, 1], dtype=np.int32)
    indptr, indices, data = np.empty(4, np.int64), np.empty(6, np.int32), np.empty(6, np.float32)
    assert unpack_tokens(tokens, values, ends, place, indptr, indices, data) == (3, 1)
    assert indptr.tolist() == [0, 2, 2, 3]
    assert indices[:3].tolist() == [1, 0, 0]
    assert data[:3].tolist() == [4, 1, 2]


def test_columns_are_moved_or_left_out() -> None:
    data, indices, indptr = np.arange(4.0), np.array([0, 2, 1, 2]), np.array([0, 2, 4])
    out = (np.empty(4), np.empty(4, np.int32), np.empty(3, np.int64))
    assert map_columns(data, indices, indptr, np.array([1, -1, 0], np.int32), *out) == 3
    assert out[0][:3].tolist() == [0, 1, 3]
    assert out[1][:3].tolist() == [1, 0, 0]
    assert out[2].tolist() == [0, 2, 3]
    assert map_columns(data, indices, indptr, np.array([1, 0], np.int32), *out) == -1


def test_a_window_of_rows_is_taken_from_columns() -> None:
    data, rows, indptr = np.array([1.0, 2.0, 3.0]), np.array([0, 3, 2]), np.array([0, 2, 3])
    free, out, at = np.array([0, 1]), np.empty(2), np.empty(2, np.int32)
    take_rows(data, rows, indptr, 7, 2, free, out, at)
    assert (out.tolist(), at.tolist(), free.tolist()) == ([3, 2], [8, 7], [1, 2])
