from __future__ import annotations

import numpy as np

from vcassay.arrays.most_wrong import BLOCK, most_wrong


def test_the_furthest_columns_come_first_whatever_the_block():
    rng = np.random.default_rng(5)
    n, g, k = BLOCK + 3, 12, 4
    predicted, measured, mask = rng.normal(size=(n, g)), rng.normal(size=(n, g)), rng.random((n, g)) < 0.8
    found = most_wrong(predicted, measured, mask, k)
    for i in range(n):
        inside = [j for j in range(g) if mask[i, j]]
        wanted = sorted(inside, key=lambda j: (-abs(predicted[i, j] - measured[i, j]), j))[:k]
        assert found[i, : len(wanted)].tolist() == wanted
        assert (found[i, len(wanted) :] == -1).all()


def test_what_is_not_finite_or_not_scored_is_left_out():
    predicted = np.array([[1.0, np.nan, 9.0, 0.0]])
    found = most_wrong(predicted, np.zeros((1, 4)), np.array([True, True, False, True]), 5)
    assert found.tolist() == [[0, 3, -1, -1, -1]]
