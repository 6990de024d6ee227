from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from tests.evidence.biology.dose.planted import repeated, series_of


def test_a_view_projects_two_quarters_on_the_direction_of_the_others():
    rng = np.random.default_rng(0)
    quarters, model = rng.normal(size=(4, 9, 20)), rng.normal(size=(9, 20))
    got = repeated(quarters, series_of(3), model=model)
    for view, (a, b) in zip(got.views(), combinations(range(4), 2), strict=True):
        c, d = (q for q in range(4) if q not in (a, b))
        for i in range(3):
            top = (quarters[a] + quarters[b])[3 * i + 2]
            unit = top / np.linalg.norm(top)
            rows = slice(3 * i, 3 * i + 3)
            assert view.first[i] == pytest.approx(quarters[c][rows] @ unit)
            assert view.second[i] == pytest.approx(quarters[d][rows] @ unit)
            assert view.model["model"][i] == pytest.approx(model[rows] @ unit)
    means = np.mean([v for view in got.views() for v in (view.first, view.second)], axis=0)
    assert got.truth() == pytest.approx(means)


def test_three_quarters_are_enough_and_two_are_not():
    rng = np.random.default_rng(1)
    quarters = rng.normal(size=(4, 9, 20))
    quarters[3, :3], quarters[2:, 3:6] = np.nan, np.nan
    got = repeated(quarters, series_of(3))
    assert [s.context for s in got.series] == ["c00", "c02"]
    view = got.views()[2]
    unit = quarters[0][2] / np.linalg.norm(quarters[0][2])
    assert view.first[0] == pytest.approx(quarters[1][:3] @ unit)
    assert view.second[0] == pytest.approx(quarters[2][:3] @ unit)
    assert np.isnan(got.views()[0].second[0]).all()
    assert np.isfinite(got.truth()).all()


def test_series_of_other_lengths_are_padded():
    rng = np.random.default_rng(2)
    table = series_of(1, 5)[0]
    short = series_of(1, 3)[0]._replace(rows=np.arange(5, 8))
    got = repeated(rng.normal(size=(4, 8, 10)), [table, short])
    assert got.length.tolist() == [5, 3]
    assert np.isnan(got.truth()[1, 3:]).all()
    assert np.isfinite(got.truth()[1, :3]).all()
