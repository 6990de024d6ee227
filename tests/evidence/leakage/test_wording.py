from __future__ import annotations

import numpy as np

from vcassay.arrays.resample import Estimate
from vcassay.claim import Split
from vcassay.core import Conditions
from vcassay.core.wording import capital, plural
from vcassay.evidence.leakage.wording import assuming, bounds, p_text


def test_numbers_and_their_nouns():
    assert (plural(1, "row"), plural(2000, "row")) == ("1 row", "2,000 rows")
    assert (plural(1, "batch", "batches"), plural(0, "batch", "batches")) == ("1 batch", "0 batches")


def test_p_values_and_intervals():
    assert (p_text(0.0004), p_text(0.034)) == ("p < 0.001", "p = 0.034")
    assert bounds(Estimate(0.2, 0.1, 0.3, 0.05)) == "95 % 0.100 to 0.300"
    assert bounds(Estimate(0.2, -0.1, 0.3, 0.05), "+") == "95 % -0.100 to +0.300"
    assert bounds(Estimate(0.2, np.nan, np.nan, np.nan)) == "without an interval"


def test_what_is_assumed_begins_the_sentence():
    table = Conditions.make(["a"], [("x",)])
    split = Split(table, np.array(["test"]), assumed="the rest is assumed to be training")
    expected = "The rest is assumed to be training; then none of 3 is trained."
    assert assuming(split, "None of 3 is trained") == assuming(split, "none of 3 is trained.") == expected
    assert capital("") == ""
