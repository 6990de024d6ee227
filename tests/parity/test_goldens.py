"""Profiles answer what the peers answered: every value of every golden case, NaN meeting NaN."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from vcassay.run.score import Scored, score_files

HERE = Path(__file__).parent / "golden"
FOLDERS = [HERE, *(Path(p) for p in os.environ.get("VCASSAY_GOLDENS", "").split(os.pathsep) if p)]
CASES = sorted((p.parent for folder in FOLDERS for p in folder.glob("*/case.json")), key=str)
TOLERANCE = {"cell-eval": 1e-6, "vcc2026": 1e-6, "scperteval": 1e-4}


def tolerance(profile: str, metric: str) -> float:
    return 1e-3 if metric.startswith(("unbiased_mmd", "energy_distance")) else TOLERANCE[profile]


@pytest.fixture(scope="module", params=CASES, ids=lambda p: p.name)
def case(request: pytest.FixtureRequest) -> tuple[Scored, pd.DataFrame]:
    folder: Path = request.param
    facts = json.loads((folder / "case.json").read_text())
    scored = score_files(
        folder / "pred.h5ad",
        folder / "real.h5ad",
        facts["profile"],
        facts["perturbation"],
        [facts["control"]],
        facts.get("context"),
    )
    expected = pd.read_csv(folder / "expected.csv", keep_default_na=False, na_values={"value": [""]})
    return scored, expected


def test_every_value(case):
    scored, expected = case
    ours = scored.scores.set_index(["perturbation", "metric"])["value"]
    total = scored.summary.set_index("metric")["value"]
    wrong = []
    for row in expected.itertuples():
        value = total[row.metric] if row.perturbation == "" else ours[row.perturbation, row.metric]
        near = np.isclose(value, row.value, rtol=tolerance(row.profile, row.metric), atol=1e-12, equal_nan=True)
        if not near:
            wrong.append((row.perturbation, row.metric, value, row.value))
    assert not wrong


def test_every_metric_of_the_peer(case):
    scored, expected = case
    assert set(expected["metric"]) == set(scored.summary["metric"])
    assert set(expected["perturbation"]) - {""} == set(scored.scores["perturbation"]) - {""}


def test_every_undefined_value_has_its_reason(case):
    scored, _ = case
    undefined = scored.scores["value"].isna()
    assert scored.scores["status"][undefined].str.match(r"undefined: .{10,}").all()
    assert scored.scores["status"][~undefined].eq("ok").all()
