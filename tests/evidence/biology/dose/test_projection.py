from __future__ import annotations

import numpy as np
import pytest
from tests.evidence.biology.dose.planted import series_of

from vcassay.evidence.biology.dose.projection import measure_series


def test_projections_use_one_part_for_direction_and_another_for_response():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 3, 20))
    got = measure_series([(a, b)], series_of(1), (3, 20))
    unit = a / np.linalg.norm(a, axis=1, keepdims=True)
    assert got.response[0] == pytest.approx(unit @ b.T)
    assert got.spread[0] == pytest.approx((unit @ b.T)[-1:])
    assert got.direction == pytest.approx(unit)


def test_series_without_a_defined_part_are_left_out():
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(2, 6, 20))
    a[4] = np.nan
    got = measure_series([(a, b), (b, a)], series_of(2), (6, 20))
    assert [s.context for s in got.series] == ["c00"]
    assert len(got.response) == len(got.spread) == 1
    a[4] = 0.0  # no effect has no direction
    assert [s.context for s in measure_series([(a, b)], series_of(2), (6, 20)).series] == ["c00"]
