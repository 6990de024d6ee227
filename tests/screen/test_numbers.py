from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.screen.builders import check_sentence
from vcassay.core import InputError
from vcassay.screen.numbers import read_numbers


def read(values, unit="", perturbed=None, what="dose"):
    column = pd.Series(values, name="dose")
    mask = np.ones(len(column), dtype=bool) if perturbed is None else np.asarray(perturbed)
    return read_numbers(column, unit, mask, where="x.h5ad", what=what)


@pytest.mark.parametrize("dtype", [float, "float32", str, "category", object])
def test_numbers_however_stored(dtype):
    column = pd.Series([0.1, 10.0, 0.1]).astype(str if dtype in (str, "category") else dtype)
    values, unit, notes = read(column.astype(dtype), "uM")
    assert values.tolist() == [0.1, 10.0, 0.1]
    assert unit == "uM"
    assert notes == []


def test_units_are_read_and_converted():
    values, unit, notes = read(["10 uM", "500 nM", "1 µM"], "uM")
    np.testing.assert_allclose(values, [10, 0.5, 1])
    assert unit == "uM"
    assert "nM" in notes[0][0]
    assert read(["2 d", "24h", "6"], "h", what="time")[0].tolist() == [48, 24, 6]
    assert read(["10 nM", "20 nM"])[1] == "nM"


def test_text_on_control_rows_is_no_dose():
    values, _, _ = read(["vehicle", "10", None, "nan"], perturbed=[False, True, False, True])
    np.testing.assert_array_equal(values, [np.nan, 10, np.nan, np.nan])


def test_partner_counts_are_no_doses():
    values, _, notes = read(["1", "1+1", "1"])
    assert np.isnan(values).all()
    assert "not read" in notes[0][0]


@pytest.mark.parametrize(
    ("values", "said"),
    [(["high", "low"], "'high'"), ([-6.0, 1.0], "-6"), ([np.inf, 1.0], "inf"), (["1 ng/ml", "2 uM"], "ng/ml")],
)
def test_what_is_no_dose_is_refused(values, said):
    with pytest.raises(InputError) as caught:
        read(values, "uM")
    check_sentence(caught.value, "x.h5ad", "obs column 'dose'", said)
