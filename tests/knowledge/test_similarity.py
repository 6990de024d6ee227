from __future__ import annotations

import numpy as np
import pytest

from vcassay.knowledge import similarity
from vcassay.knowledge.similarity import similar_pairs, tanimoto


def fingerprints(seed: int, n: int = 90) -> np.ndarray:
    rng = np.random.default_rng(seed)
    bits = rng.random((n, 64)) < rng.uniform(0.05, 0.6, (n, 1))
    bits[n // 2 :] = bits[: n - n // 2] ^ (rng.random((n - n // 2, 64)) < 0.03)  # near copies
    bits[5] = False
    return bits


def by_sets(a: np.ndarray, b: np.ndarray) -> float:
    x, y = set(np.flatnonzero(a).tolist()), set(np.flatnonzero(b).tolist())
    return len(x & y) / len(x | y) if x and y else float("nan")


def test_tanimoto_agrees_with_sets():
    bits = fingerprints(0)
    expected = [[by_sets(a, b) for b in bits[:40]] for a in bits]
    np.testing.assert_allclose(tanimoto(bits, bits[:40]), expected, rtol=0, atol=0)


def test_a_fingerprint_without_bits_is_unknown_not_dissimilar():
    bits = fingerprints(1)
    assert np.isnan(tanimoto(bits, bits)[5]).all()
    assert not (np.asarray(similar_pairs(bits, 0.01)[:2]) == 5).any()


@pytest.mark.parametrize("threshold", [0.01, 0.5, 2 / 3, 0.8, 1.0])
@pytest.mark.parametrize("block", [7, 1024])
def test_pairs_are_those_of_the_whole_matrix(monkeypatch, threshold, block):
    monkeypatch.setattr(similarity, "BLOCK", block)
    bits = fingerprints(2)
    bits[10] = bits[60]
    full = tanimoto(bits, bits)
    left, right, value = similar_pairs(bits, threshold)
    with np.errstate(invalid="ignore"):
        expected = np.argwhere(np.triu(full >= threshold, k=1))
    np.testing.assert_array_equal(np.column_stack([left, right]), expected)
    np.testing.assert_array_equal(value, full[left, right])
    assert len(expected) > 0


def test_no_pairs_and_no_compounds():
    assert all(len(x) == 0 for x in similar_pairs(np.eye(4, dtype=bool), 0.5))
    assert all(len(x) == 0 for x in similar_pairs(np.zeros((0, 8), dtype=bool), 0.5))
    with pytest.raises(ValueError, match="above 0"):
        similar_pairs(np.eye(4, dtype=bool), 0.0)
