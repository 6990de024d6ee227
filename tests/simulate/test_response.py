from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcassay.simulate.response import hill, onset

positive = st.floats(1e-3, 1e3)


@given(positive, positive, positive, st.floats(0.5, 4))
def test_hill_rises_with_dose_between_0_and_1(a, b, ec50, slope):
    low, high = hill(sorted((a, b)), ec50, slope)
    assert 0 <= low <= high <= 1


@given(positive, st.floats(0.5, 4))
def test_hill_is_half_at_ec50(ec50, slope):
    assert hill(ec50, ec50, slope) == pytest.approx(0.5)


def test_guides_have_no_dose():
    assert hill(np.nan, np.nan, np.nan) == 1


def test_onset_rises_with_time_and_is_full_without():
    values = onset([0.0, 6.0, 24.0, np.nan])
    assert values[0] == 0
    assert 0 < values[1] < values[2] < 1
    assert values[3] == 1
