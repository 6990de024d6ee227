"""Stored rows read back as they were aggregated: what stood at chance, what was not defined, what was missing."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from vcassay.run.compare import Contest, _families
from vcassay.run.restored import codes, filled_of, keys_of, take

STORED = pd.DataFrame(
    {
        "value": [0.5, np.nan, np.nan, np.nan],
        "counted": [np.nan, 0.0, np.nan, np.nan],
        "denominator": np.nan,
        "reason": ["", "prediction missing: at chance", "not defined by the truth", "the metric failed"],
    }
)


def test_what_was_counted_wins_over_what_was_measured():
    found = filled_of(STORED, "")
    assert np.array_equal(found.values, [0.5, 0.0, np.nan, np.nan], equal_nan=True)
    assert found.defined.tolist() == [True, True, False, True]
    assert found.at_chance.tolist() == [False, True, False, False]
    assert found.denominator is None
    assert found.impossible == "undefined for some conditions"
    assert filled_of(STORED, "it failed").impossible == "it failed"
    assert filled_of(STORED.iloc[:3], "it failed").impossible == ""
    below = filled_of(STORED.assign(denominator=[2.0, 1.0, np.nan, 1.0]), "").denominator
    assert np.array_equal(below, [2.0, 1.0, np.nan, 1.0], equal_nan=True)


def test_a_part_is_impossible_where_what_lacks_is_in_it():
    whole = {("a", "m"): filled_of(STORED, "it failed")}
    assert take(whole, np.array([0, 3]))["a", "m"].impossible == "it failed"
    part = take(whole, np.array([2, 0]))["a", "m"]
    assert part.impossible == ""
    assert part.defined.tolist() == [False, True]
    assert np.array_equal(part.values, [np.nan, 0.5], equal_nan=True)


def test_identities_are_equal_where_dose_and_time_are_missing():
    frame = pd.DataFrame({"context": ["c"], "perturbation": ["p"], "dose": [np.nan], "time": [24.0]})
    assert keys_of(frame) == keys_of(frame.copy()) == [("c", "p", -1.0, 24.0)]


def test_codes_are_places_among_the_sorted_names():
    assert codes(np.array(["b", "a", "b"])).tolist() == [1, 0, 1]


@pytest.mark.parametrize(
    ("one", "two", "joined"),
    [
        ([0, 0, 1, 2], [5, 5, 3, 4], [1, 1, 2, 3]),  # the same groups under other numbers
        ([0, 0, 1, 2], [0, 1, 1, 2], [1, 1, 1, 2]),  # what either draws together, and what follows from both
        ([0, 1, 2, 3], [0, 1, 2, 0], [1, 2, 3, 1]),
    ],
)
def test_what_any_assessment_draws_together_is_drawn_together(one, two, joined):
    shared = [("c", str(i), -1.0, -1.0) for i in range(4)]
    order = [2, 0, 3, 1]  # the second tests them in another order
    both = [
        SimpleNamespace(keys=lambda role: shared, family=np.array(one)),
        SimpleNamespace(keys=lambda role: [shared[i] for i in order], family=np.array(two)[order]),
    ]
    found = _families(Contest(both, {}, shared))
    assert np.array_equal(found[:, None] == found, np.array(joined)[:, None] == joined)
