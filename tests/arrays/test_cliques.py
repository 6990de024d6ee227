"""Maximal cliques against all subsets."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from vcassay.arrays.cliques import maximal_cliques


def by_subsets(alike: np.ndarray) -> list[tuple[int, ...]]:
    n = len(alike)
    all_alike = [
        set(s)
        for k in range(1, n + 1)
        for s in combinations(range(n), k)
        if all(alike[i, j] for i, j in combinations(s, 2))
    ]
    return sorted(tuple(sorted(s)) for s in all_alike if not any(s < t for t in all_alike))


@pytest.mark.parametrize("seed", range(8))
def test_groups_are_the_largest_in_which_all_are_alike(seed: int) -> None:
    rng = np.random.default_rng(seed)
    half = np.triu(rng.random((7, 7)) < 0.5, 1)
    alike = half | half.T
    assert maximal_cliques(alike) == by_subsets(alike)


def test_to_be_alike_is_not_transitive() -> None:
    alike = np.array([[1, 1, 0], [1, 1, 1], [0, 1, 1]], dtype=bool)
    assert maximal_cliques(alike) == [(0, 1), (1, 2)]
    assert maximal_cliques(np.zeros((2, 2), dtype=bool)) == [(0,), (1,)]
    assert maximal_cliques(np.zeros((0, 0), dtype=bool)) == []
