"""vcassay audit, as a user meets it."""

from __future__ import annotations

import json

import pytest

from tests.run.builders import write_small

TABLE = """context,perturbation,dose,role
A549,imiquimod (maleate),5,test
A549,vorinostat,0.5,train
A549,vorinostat,5,test
K562,imiquimod (hydrochloride),5,train
MCF7,vorinostat,5,test
A549,DMSO_TF,0,test
"""


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "roles.csv"
    path.write_text(TABLE)
    return path


def test_a_table_is_audited(table, vcassay):
    ended = vcassay("audit", "--table", table, "--expect", "dex", "--json")
    data = json.loads(ended.out)
    assert (ended.status, data["schema"], data["study"]) == (0, "vcassay.audit/1", "roles.csv")
    status = {f["check"]: f["status"] for f in data["findings"]}
    assert (status["L01"], status["L02"], status["L04"]) == ("PASS", "WARN", "FAIL")
    assert {row["check"] for row in data["later"]} >= {"L12", "L24", "L27"}


def test_it_says_first_whether_anything_is_wrong(table, vcassay):
    lines = vcassay("audit", "--table", table, "--expect", "dex").out.splitlines()
    assert lines[0].startswith("roles.csv: leaks were found (")
    text = "\n".join(lines)
    assert text.index("FAIL: L04") < text.index("WARN: L02") < text.index("Passed") < text.index("Not asked here")
    assert "nan" not in text.casefold()


def test_strict_is_an_exit_status(table, vcassay):
    assert vcassay("audit", "--table", table, "--expect", "dex", "--strict").status == 1
    assert vcassay("audit", "--table", table, "--expect", "dex").status == 0


def test_a_study_is_audited_down_to_its_effects(tmp_path, vcassay):
    data = json.loads(vcassay("audit", write_small(tmp_path), "--json").out)
    assert "effects" in data["looked_at"]
    assert {"L12", "L20"} <= {f["check"] for f in data["findings"]}


def test_a_disclosure_is_audited_beside_a_table(tmp_path, table, vcassay):
    form = tmp_path / "cell-oracle.toml"
    form.write_text('schema = "vcassay.disclosure/1"\nselection = "test"\nlooks = 12\n')
    data = json.loads(vcassay("audit", "--table", table, "--disclosure", form, "--json").out)
    assert data["models"] == ["cell-oracle"]
    reused = [f for f in data["findings"] if f["check"] == "L29"]
    assert [(f["model"], f["status"]) for f in reused] == [("cell-oracle", "FAIL")]


def test_two_disclosures_of_one_name_are_refused(tmp_path, table, vcassay):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "model.toml").write_text("looks = 1\n")
    words = [w for folder in ("a", "b") for w in ("--disclosure", tmp_path / folder / "model.toml")]
    ended = vcassay("audit", "--table", table, *words)
    assert ended.status == 2
    assert "is the second disclosure of 'model'; rename one of the two files." in ended.said


@pytest.mark.parametrize("words", [(), ("study.toml", "--table", "x.csv")])
def test_one_source_is_asked_for(words, vcassay):
    ended = vcassay("audit", *words)
    assert ended.status == 2
    assert ended.said == (
        "vcassay: vcassay audit: wants one thing to work on; give a study.toml, or --table FILE, or --split FILE."
    )
