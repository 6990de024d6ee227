from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu

from vcassay.arrays.matched_ranks import centred_ranks, matched_auroc


def by_pairs(score, member, stratum):
    """Count pairs one by one: a higher member counts 1, a tie and a missing score half."""
    won = total = 0.0
    for i in range(len(score)):
        for j in range(len(score)):
            if stratum[i] != stratum[j] or member[i] <= member[j]:
                continue
            gap = score[i] - score[j]
            weight = member[i] - member[j]
            won += weight * (0.5 if not abs(gap) > 1e-9 else float(gap > 0))
            total += weight
    return won / total if total else np.nan


@given(st.integers(0, 2**31), st.booleans(), st.booleans())
def test_area_is_that_of_pairs_counted_one_by_one(seed, signed, gaps):
    rng = np.random.default_rng(seed)
    score = rng.integers(6, size=(3, 14)).astype(float)
    if gaps:
        score[rng.random(score.shape) < 0.2] = np.nan
    stratum = rng.integers(3, size=14)
    member = rng.integers(-1 if signed else 0, 2, size=(4, 14)).astype(float)
    found = matched_auroc(centred_ranks(score, stratum), member, stratum)
    expected = [[by_pairs(s, m, stratum) for m in member] for s in score]
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_area_of_one_stratum_is_the_mann_whitney_statistic():
    rng = np.random.default_rng(0)
    score, member = rng.standard_normal((1, 30)), (rng.random((1, 30)) < 0.3).astype(float)
    inside = member[0] > 0
    u = mannwhitneyu(score[0, inside], score[0, ~inside]).statistic
    found = matched_auroc(centred_ranks(score, np.zeros(30)), member, np.zeros(30))
    assert found[0, 0] == pytest.approx(u / (inside.sum() * (~inside).sum()))


def test_a_difference_between_strata_does_not_count():
    stratum = np.repeat([0, 1], 10)
    score = np.concatenate([np.tile([0.0, 1.0], 5), np.tile([10.0, 11.0], 5)])[None]
    member = np.zeros((1, 20))
    member[0, [10, 11, 12, 13, 0, 1]] = 1.0
    assert matched_auroc(centred_ranks(score, stratum), member, stratum)[0, 0] == 0.5
    assert np.isnan(matched_auroc(centred_ranks(score, stratum), np.zeros((1, 20)), stratum)).all()
