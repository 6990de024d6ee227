import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vcassay.arrays.tail_percentiles import tail_percentiles

NUMBERS = st.sampled_from([0.0, -0.0, 1.0]) | st.floats(-1e6, 1e6, width=32)
DRAWS = arrays(float, st.tuples(st.integers(1, 4), st.integers(1, 60)), elements=NUMBERS)


@given(DRAWS, st.sampled_from([0.0, 0.005, 0.025, 0.05, 0.25, 0.4, 0.5]))
def test_the_bits_of_numpy(draws, tail):
    before = draws.copy()
    low, high = tail_percentiles(draws, tail)
    wanted = np.quantile(draws, [tail, 1 - tail], axis=-1)
    assert (low == wanted[0]).all()  # which of 0 and -0 comes first is left open by numpy's partition, too
    assert (high == wanted[1]).all()
    for i, row in enumerate(draws):
        assert [float(end) for end in tail_percentiles(row, tail)] == [low[i], high[i]]
    assert (draws == before).all()


@pytest.mark.parametrize("n", [2, 39, 40, 41, 200, 2000])
def test_the_bits_of_numpy_at_sizes_that_are_asked_for(n):
    draws = np.random.default_rng(n).normal(size=(3, n))
    low, high = tail_percentiles(draws, 0.025)
    assert (np.array([low, high]) == np.quantile(draws, [0.025, 0.975], axis=1)).all()
