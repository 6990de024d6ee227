from __future__ import annotations

import numpy as np

from vcassay.core import Conditions
from vcassay.evidence.biology.dose.series import by_length, find_series, strata


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


def test_series_of_one_length_are_worked_on_together():
    table = Conditions.make(["A"] * 10, ["x"] * 3 + ["y"] * 4 + ["z"] * 3, [1, 2, 3, 1, 2, 3, 4, 1, 2, 3])
    found = find_series(table)
    groups = by_length(found)
    assert [(at.tolist(), rows.shape) for at, rows in groups] == [([0, 2], (2, 3)), ([1], (1, 4))]
    assert groups[0][1][1].tolist() == found[2].rows.tolist()
    assert by_length([]) == []


def test_drugs_of_other_doses_or_times_are_not_compared():
    table = Conditions.make(
        ["A"] * 12 + ["B"] * 3,
        ["x"] * 6 + ["y"] * 3 + ["z"] * 3 + ["x"] * 3,
        [1, 2, 3, 1, 2, 3, 1.001, 2, 3, 10, 20, 30, 1, 2, 3],
        [6, 6, 6, 24, 24, 24, 6, 6, 6, 6, 6, 6, 6, 6, 6],
    )
    found = find_series(table)
    got = strata(found)
    at = {(s.context, s.perturbation): i for i, s in enumerate(found)}
    drug = {key: int(got.drug[i]) for key, i in at.items()}
    stratum = {key: int(got.stratum[i]) for key, i in at.items()}
    assert stratum["A", "x (6 h)"] == stratum["A", "y (6 h)"] != stratum["A", "x (24 h)"]
    assert stratum["A", "z (6 h)"] != stratum["A", "y (6 h)"]
    assert stratum["B", "x (6 h)"] != stratum["A", "x (6 h)"]
    assert drug["A", "x (6 h)"] == drug["B", "x (6 h)"] != drug["A", "x (24 h)"]
