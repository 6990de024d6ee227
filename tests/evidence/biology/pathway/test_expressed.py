"""Which genes a control profile expresses."""

from __future__ import annotations

import numpy as np

from vcassay.evidence.biology.pathway.expressed import on_or_off


def test_above_the_median_is_on_and_below_the_first_quartile_off():
    profile = np.arange(100.0)
    level = on_or_off(np.stack([profile, profile[::-1]]))
    assert (level[0, :24] == 0).all()
    assert np.isnan(level[0, 26:49]).all()
    assert (level[0, 51:] == 1).all()
    assert (level[1, :49] == 1).all()


def test_genes_without_a_count_are_off_however_many():
    level = on_or_off(np.array([[0.0] * 7 + [1.0, 2.0, 3.0]]))
    assert level[0].tolist() == [0.0] * 7 + [1.0] * 3


def test_an_unknown_profile_tells_nothing():
    level = on_or_off(np.array([[np.nan, 1.0, 2.0], [0.0, 1.0, 2.0]]))
    assert np.isnan(level[0]).all()
    assert level[1].tolist()[0] == 0.0
    assert on_or_off(np.full((2, 3), np.nan)).shape == (2, 3)
    assert np.isnan(on_or_off(np.zeros((2, 3)))).all()
    assert on_or_off(np.zeros((2, 0))).shape == (2, 0)
