from __future__ import annotations

import numpy as np
import pytest

from vcassay.arrays.series_products import BLOCK, series_products


@pytest.mark.parametrize("series", [0, 1, 3, 2 * BLOCK + 5])
def test_products_within_series_equal_those_of_one_at_a_time(series: int) -> None:
    rng = np.random.default_rng(series)
    left, right = rng.normal(size=(2, 40, 30))
    rows = rng.integers(40, size=(series, 3))
    got = series_products(left, right, rows)
    assert got.shape == (series, 3, 3)
    for products, at in zip(got, rows, strict=True):
        np.testing.assert_allclose(products, left[at] @ right[at].T)


def test_undefined_rows_stay_undefined() -> None:
    left = np.ones((3, 4))
    left[1, 2] = np.nan
    got = series_products(left, np.ones((3, 4)), np.array([[0, 1, 2]]))[0]
    assert np.isnan(got[1]).all()
    assert got[[0, 2]] == pytest.approx(np.full((2, 3), 4.0))
