"""T4 is in every record, with a reason where it cannot be had."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np

from vcassay.core import Score, ScoreStatus
from vcassay.run.references import REFERENCES, reference_records


def panel(**changed):
    inputs = {n: np.ones((2, 3)) for n in ("statistic", "mask", "half_a", "half_b", "reference")} | changed
    return SimpleNamespace(
        scalar=False, inputs=inputs, missing={"statistic": "no calls"}, half_a=inputs["half_a"], half_b=inputs["half_b"]
    )


def test_one_record_each_never_legal():
    score = Score("pearson_delta", "replicate", "all", None, 0.5, ScoreStatus.OK, 9)
    rows = [replace(score, model=r.name) for r in REFERENCES]
    records = reference_records(rows, panel())
    assert [r.name for r in records] == ["replicate", "full_depth", "interpolated_duplicate"]
    assert all((r.kind, r.tier, r.legal, r.ran) == ("reference", "T4", False, True) for r in records)
    assert all(r.summary and r.source for r in records)


def test_what_is_not_measurable_says_why():
    records = {r.name: r for r in reference_records([], panel(statistic=None))}
    assert not any(r.ran for r in records.values())
    assert records["interpolated_duplicate"].why == "not measurable: no calls"
    assert records["replicate"].why == "not measurable: split halves do not exist here"
