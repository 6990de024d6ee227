"""A check that touches test conditions: stored beside its finding, with the conditions, and read from older files."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from vcassay.core import Finding, Status
from vcassay.core.affected import Affected, affected_where
from vcassay.evidence.leakage import CHECKS, finding
from vcassay.evidence.leakage.check import room_of
from vcassay.record import dump_json, read_assessment, read_table
from vcassay.record.rooms import BIOLOGY_ROOMS
from vcassay.run.assess import assess
from vcassay.run.checks import stored
from vcassay.run.clean import degrees


def touch_some(split) -> Finding:
    """No test condition is touched."""
    names = np.unique(split.conditions.perturbation[split.test])
    touched = np.isin(split.conditions.perturbation[split.test], names[::6])
    known = ~np.isin(split.conditions.perturbation[split.test], names[1:3])
    affected = affected_where("of every sixth name", touched, known)
    return finding("L04", Status.WARN, "Some of the test conditions are touched.", affected=affected)


@pytest.fixture(scope="module")
def assessed(small, tmp_path_factory):
    out = tmp_path_factory.mktemp("touched") / "out"
    with pytest.MonkeyPatch.context() as patch:
        entry = CHECKS["L04"]
        patch.setattr(
            CHECKS, "_entries", CHECKS._entries | {"L04": replace(entry, obj=touch_some, arguments=("split",))}
        )
        return assess(small / "study.toml", out, quick=True), out


def test_every_model_and_metric_is_scored_again(assessed):
    record, _ = assessed
    rows = [r for r in record.clean if r.check == "L04"]
    primary = [m.name for m in record.metrics if m.primary]
    assert {(r.model, r.metric) for r in rows} == {(m.name, x) for m in record.models for x in primary}
    for r in rows:
        assert r.status == "WARN"
        assert r.n_affected + r.n_clean + r.n_unknown == r.n
        assert r.n_unknown > 0
        skill = next(s for s in record.skills if (s.model, s.metric) == (r.model, r.metric))
        assert r.reason == ""
        assert r.own.score == pytest.approx(skill.score, abs=1e-12)
        assert r.baseline.name == skill.baseline
        assert r.baseline.name != next(m.source for m in record.models if m.name == r.model)
        assert r.excess == pytest.approx(r.lead - r.clean_lead, abs=1e-12)


def test_conditions_tell_which_are_touched(assessed):
    out = assessed[1]
    table = read_table(out, "conditions")
    assert str(table["L04"].dtype) == "boolean"
    test = table["role"] == "test"
    assert table.loc[~test, "L04"].isna().all()
    names = np.unique(table.loc[test, "perturbation"])
    expected = table["perturbation"].isin(names[::6])
    known = test & ~table["perturbation"].isin(names[1:3])
    assert (table.loc[known, "L04"] == expected[known]).all()
    assert table.loc[test & ~known, "L04"].isna().all()


def test_an_older_record_is_read(assessed, tmp_path):
    record, _ = assessed
    data = json.loads(dump_json(record))
    assert data.pop("clean")
    for row in data["findings"]:
        row.pop("room", None)
    (tmp_path / "assessment.json").write_text(json.dumps(data), encoding="utf-8")
    older = read_assessment(tmp_path)
    assert older.clean == ()
    assert {f.room for f in older.findings} == {""}
    assert older.skills == record.skills


def test_findings_know_their_room(assessed):
    record, _ = assessed
    room = {f.check: f.room for f in record.findings}
    assert (room["L01"], room["L12"], room["L26"]) == ("roles", "cells", "answers")
    assert room["better_than_perfect"] == "answers"
    assert {f.room for f in record.findings if f.family == "biology"} == set(BIOLOGY_ROOMS)
    assert {f.room for f in record.findings if f.family not in ("leakage", "biology")} == {""}
    assert room_of("mine") == ""
    assert stored(Finding("mine", "", Status.PASS, "")).room == ""


def test_degrees_of_several_findings():
    one = Finding("L05", "", Status.WARN, "", affected=Affected("x", np.array([0.2, 0.9, np.nan, np.nan])))
    two = Finding("L05", "", Status.WARN, "", affected=Affected("y", np.array([0.5, 0.1, 0.3, np.nan])))
    own = Finding("L28", "", Status.FAIL, "", model="net", affected=affected_where("z", np.ones(4, dtype=bool)))
    found = degrees([one, Finding("L01", "", Status.PASS, ""), two, own])
    assert list(found) == ["L05", "L28 (net)"]
    np.testing.assert_array_equal(found["L05"], [0.5, 0.9, 0.3, np.nan])
