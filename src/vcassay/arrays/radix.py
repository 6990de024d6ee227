"""Stable radix sort of one gene's values, each with the slot of its cell.

A value and its slot are packed in one 64-bit word: 32 bits of key above 32 bits of slot. The key of a
single-precision value is its bits, turned so that unsigned order is numeric order. Double-precision
values, whose keys fill the word, are sorted with their slots beside them and then packed by rank.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]

DIGIT = 11
"""Most bits of a digit: the histogram stays in the first-level cache."""
FEW = 48
"""Lengths below which insertion is faster than counting."""

_32 = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)
_POSITIVE = np.uint64(0x80000000)
"""Keys from here on belong to positive values; zeros are never sorted."""
_LARGEST, _SMALLEST = np.uint64(0xFF800000), np.uint64(0x007FFFFF)
"""Keys of plus and minus infinity: what lies outside is NaN."""
_LARGEST_WIDE, _SMALLEST_WIDE = np.uint64(0xFFF0000000000000), np.uint64(0x000FFFFFFFFFFFFF)
_SIGN_WIDE = np.uint64(0x8000000000000000)
_ONE, _NIL = np.uint64(1), np.uint64(0)


@numba.njit(nogil=True, cache=True)
def key_of(value: np.float32) -> np.uint64:
    """Key of a single-precision value in the low half of a word."""
    bits = np.uint64(np.float32(value).view(np.uint32))
    return (bits ^ _LOW) if bits >= _POSITIVE else (bits | _POSITIVE)


@numba.njit(nogil=True, cache=True)
def wide_key_of(value: np.float64) -> np.uint64:
    """Key of a double-precision value."""
    bits = np.float64(value).view(np.uint64)
    return ~bits if bits >= _SIGN_WIDE else (bits | _SIGN_WIDE)


@numba.njit(nogil=True, cache=True)
def _digits(span: np.uint64, n: int) -> tuple[int, int]:
    """Passes over the keys, and bits of the digit of a pass."""
    bits = 0
    while span:
        span >>= _ONE
        bits += 1
    width = DIGIT if n > 3000 else 8
    passes = max((bits + width - 1) // width, 1)
    return passes, (bits + passes - 1) // passes


@numba.njit(nogil=True, cache=True)
def sort_packed(words: Words, spare: Words, histogram: NDArray[np.int64]) -> bool:
    """Sort packed words by key, and by slot within a key.

    Parameters
    ----------
    words
        (n,) words whose slots ascend; changed.
    spare
        (n,) working space.
    histogram
        (2 ** `DIGIT`,) working space.

    Returns
    -------
    Whether the sorted words are in ``spare`` rather than in ``words``.
    """
    n = len(words)
    if n < FEW:
        for i in range(1, n):
            word, j = words[i], i
            while j > 0 and words[j - 1] > word:
                words[j] = words[j - 1]
                j -= 1
            words[j] = word
        return False
    low = high = words[0]
    for i in range(n):
        low, high = min(low, words[i]), max(high, words[i])
    low = (low >> _32) << _32
    passes, width = _digits((high - low) >> _32, n)
    mask = np.uint64((1 << width) - 1)
    source, target = words, spare
    for p in range(passes):
        shift = np.uint64(32 + p * width)
        _count(source, low, shift, mask, histogram)
        for i in range(n):
            word = source[i]
            digit = ((word - low) >> shift) & mask
            target[histogram[digit]] = word
            histogram[digit] += 1
        source, target = target, source
    return passes % 2 == 1


@numba.njit(nogil=True, cache=True)
def _count(keys: Words, low: np.uint64, shift: np.uint64, mask: np.uint64, histogram: NDArray[np.int64]) -> None:
    """Put into the histogram where the keys of each digit begin."""
    histogram[: np.int64(mask) + 1] = 0
    for i in range(len(keys)):
        histogram[((keys[i] - low) >> shift) & mask] += 1
    total = 0
    for i in range(np.int64(mask) + 1):
        here = histogram[i]
        histogram[i] = total
        total += here


@numba.njit(nogil=True, cache=True)
def rank_wide(
    keys: Words, slots: Words, spare_keys: Words, spare_slots: Words, histogram: NDArray[np.int64], words: Words
) -> bool:
    """Sort double-precision keys with their slots, and pack them by rank among distinct values.

    Parameters
    ----------
    keys, slots, spare_keys, spare_slots
        (n,) keys, ascending slots and working space; changed.
    words
        (n,) filled with sorted words; those of positive values have keys from 2 ** 31.

    Returns
    -------
    Whether all values are numbers; where one is NaN, ``words`` is not filled.
    """
    n = len(keys)
    if n == 0:
        return True
    low = high = keys[0]
    for i in range(n):
        low, high = min(low, keys[i]), max(high, keys[i])
    if low < _SMALLEST_WIDE or high > _LARGEST_WIDE:
        return False
    passes, width = _digits(high - low, n)
    mask = np.uint64((1 << width) - 1)
    for p in range(passes):
        shift = np.uint64(p * width)
        _count(keys, low, shift, mask, histogram)
        for i in range(n):
            digit = ((keys[i] - low) >> shift) & mask
            k = histogram[digit]
            spare_keys[k], spare_slots[k] = keys[i], slots[i]
            histogram[digit] = k + 1
        keys, spare_keys = spare_keys, keys
        slots, spare_slots = spare_slots, slots
    rank, before = _NIL, keys[0]
    for i in range(n):
        if keys[i] != before:
            rank, before = rank + _ONE, keys[i]
        words[i] = ((rank | (_POSITIVE if before >= _SIGN_WIDE else _NIL)) << _32) | slots[i]
    return True


@numba.njit(nogil=True, cache=True)
def is_number(word: np.uint64) -> bool:
    """Whether the value of a packed word is not NaN."""
    key = word >> _32
    return bool(_SMALLEST <= key <= _LARGEST)


@numba.njit(nogil=True, cache=True)
def first_positive(words: Words) -> int:
    """Position of the first positive value among sorted words."""
    low, high = 0, len(words)
    while low < high:
        middle = (low + high) // 2
        if words[middle] >> _32 < _POSITIVE:
            low = middle + 1
        else:
            high = middle
    return low
