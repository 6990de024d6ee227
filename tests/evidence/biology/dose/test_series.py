from __future__ import annotations

import numpy as np

from vcassay.core import Conditions
from vcassay.evidence.biology.dose.series import find_series


def test_series_are_found_in_order_of_dose():
    table = Conditions.make(
        ["A"] * 7 + ["B"] * 3,
        ["x", "x", "x", "y", "y", "y", "g", "x", "x", "x"],
        [10.0, 0.5, 2.0, 0.0, 1.0, 2.0, np.nan, 1.0, 2.0, 3.0],
    )
    found = find_series(table)
    assert [(s.context, s.perturbation, s.dose.tolist()) for s in found] == [
        ("A", "x", [0.5, 2.0, 10.0]),
        ("B", "x", [1.0, 2.0, 3.0]),
    ]
    assert [table.dose[s.rows].tolist() for s in found] == [s.dose.tolist() for s in found]


def test_times_are_series_of_their_own():
    table = Conditions.make(["A"] * 6, ["x"] * 6, [1.0, 2.0, 3.0] * 2, [6.0] * 3 + [24.0] * 3)
    assert [s.perturbation for s in find_series(table)] == ["x (6 h)", "x (24 h)"]
