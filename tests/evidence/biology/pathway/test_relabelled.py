"""What a statistic would be if another agent stood for one."""

from __future__ import annotations

import numpy as np
import pytest

from vcassay.evidence.biology.pathway.relabelled import stand_ins
from vcassay.evidence.biology.pathway.swapped import differences, permuted_contexts


def test_stand_ins_average_over_the_contexts_asked():
    rng = np.random.default_rng(1)
    values = rng.random((5, 4))
    values[2, 1] = np.nan
    plus = np.array([[True, True, False, False], [False, False, True, False]])
    minus = np.array([[False, False, False, True], [False, False, False, False]])
    found = stand_ins(values, plus, minus)
    for b in range(5):
        own = [values[b, 0], values[b, 1], 1 - values[b, 3]]
        assert found[0, b] == pytest.approx(np.nanmean(own))
        assert found[1, b] == pytest.approx(values[b, 2])
    values[4] = np.nan
    assert np.isnan(stand_ins(values, plus, minus)[:, 4]).all()


def test_differences_are_of_means_over_contexts_of_either_kind():
    values = np.array([[1.0, 2, 3, np.nan], [np.nan, np.nan, 1, 2]])
    kind = np.array([[1.0, 1, 0, 0], [0, 1, np.nan, 1]])
    found = differences(values, kind)
    assert found[0] == pytest.approx([-1.5, 1.0])
    assert np.isnan(found[1, 0])
    assert np.isnan(found[1, 1])


def test_kinds_are_permuted_among_known_contexts_and_together():
    kind = np.array([1.0, np.nan, 0, 0, 1])
    keys = np.random.default_rng(2).random((300, 5))
    drawn = permuted_contexts(kind, keys)
    assert np.isnan(drawn[:, 1]).all()
    known = drawn[:, [0, 2, 3, 4]]
    assert (known.sum(axis=1) == 2).all()
    assert known.mean(axis=0) == pytest.approx(0.5, abs=0.1)
    assert (permuted_contexts(1 - kind, keys)[:, 0] == 1 - drawn[:, 0]).all()
