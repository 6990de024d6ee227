"""Average precision among drugs: what counts as a hit, and what is neither hit nor miss."""

from __future__ import annotations

import numpy as np
import pytest

from vcassay.evidence.biology.mechanism.drugs import Drugs
from vcassay.evidence.biology.mechanism.precise import precise

N = 8
IDENTITY = np.arange(N)[None]


def made(tanimoto):
    """Eight drugs of two mechanisms, four of each."""
    mechanisms = tuple(("a",) if i < 4 else ("b",) for i in range(N))
    same = np.equal.outer(np.arange(N) < 4, np.arange(N) < 4) & ~np.eye(N, dtype=bool)
    return Drugs(
        agent=np.arange(N),
        names=tuple(f"d{i}" for i in range(N)),
        mechanisms=mechanisms,
        same=same,
        pairs=~np.eye(N, dtype=bool),
        tanimoto=tanimoto,
        plate=np.ones((N, N)),
        stratum=np.zeros(N, dtype=np.int64),
        by_structure=True,
        size=np.full(N, 30.0),
        scaffold=np.zeros((N, N), dtype=bool),
        left_out=(),
    )


def symmetric(values):
    out = np.zeros((N, N))
    for (i, j), value in values.items():
        out[i, j] = out[j, i] = value
    return out


def test_partners_of_like_structure_are_neither_hits_nor_misses():
    # 0 and 1 are of one mechanism and one structure, and most alike; 2 and 3 of the mechanism are the least alike
    tanimoto = symmetric({(0, 1): 0.9})
    score = symmetric({(i, j): -i - j for i in range(N) for j in range(i)})
    score[0] = score[:, 0] = [0.0, 9.0, -9.0, -8.0, 4.0, 3.0, 2.0, 1.0]
    found = precise(score, made(tanimoto), IDENTITY)
    # ranking of drug 0 without drug 1: 4, 5, 6, 7, 3, 2
    assert found.precision[0] == pytest.approx((1 / 5 + 2 / 6) / 2)
    assert (found.positives[0], found.total[0]) == (2, 6)
    every = precise(score, made(np.zeros((N, N))), IDENTITY)
    # with it: 1, 4, 5, 6, 7, 3, 2
    assert every.precision[0] == pytest.approx((1 + 2 / 6 + 3 / 7) / 3)
    assert (every.positives[0], every.total[0]) == (3, 7)


def test_a_drug_whose_partners_are_all_of_like_structure_has_no_precision():
    tanimoto = symmetric({(i, j): 0.6 for i in range(4) for j in range(i)})
    found = precise(np.random.default_rng(0).standard_normal((N, N)), made(tanimoto), IDENTITY)
    assert np.isnan(found.precision[:4]).all()
    assert np.isfinite(found.precision[4:]).all()
    assert found.tested.n == 4
