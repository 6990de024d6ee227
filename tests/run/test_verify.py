"""Verify finds whatever was changed after the assessment was written."""

from __future__ import annotations

import json
import re
import shutil

import pytest

from vcassay.core import InputError
from vcassay.record.assessment import ManifestRecord
from vcassay.record.codec import load_json
from vcassay.run import assess
from vcassay.run.verify import verify


@pytest.fixture
def folder(assessed, tmp_path):
    """A copy of a finished assessment."""
    return shutil.copytree(assessed[1], tmp_path / "copy", ignore=shutil.ignore_patterns("cache"))


def test_an_untouched_assessment_holds(folder):
    assert verify(folder) == []


def test_the_manifest_names_inputs_outputs_versions_and_times(folder, assessed):
    manifest = load_json(folder / "manifest.json", ManifestRecord)
    assert set(manifest.outputs) == {
        "assessment.json",
        "conditions.parquet",
        "scores.parquet",
        "genes.parquet",
        "study.toml",
    }
    source = assessed[1].parent
    wanted = {str((source / n).resolve()) for n in ("study.toml", "screen.h5ad", "split.json", "mine.parquet")}
    assert set(manifest.inputs) == wanted
    assert {"vcassay", "python", "numpy"} <= set(manifest.versions)
    assert manifest.seconds["running the ladder"] > 0
    assert list(manifest.seconds)[-1] == "writing"


@pytest.mark.parametrize(
    "name", ["scores.parquet", "conditions.parquet", "genes.parquet", "study.toml", "assessment.json"]
)
def test_a_changed_file_is_found(name, folder):
    path = folder / name
    path.write_bytes(path.read_bytes() + b" \n")
    (problem,) = verify(folder)
    assert problem == f"{path} is not the file that was written: its hash differs from the manifest's."


def test_a_missing_file_is_found(folder):
    (folder / "scores.parquet").unlink()
    assert verify(folder) == [f"{folder / 'scores.parquet'} is missing."]


def test_a_changed_verdict_is_found_beside_its_file(folder):
    path = folder / "assessment.json"
    path.write_text(re.sub(r'"level": "not supported"', '"level": "supported"', path.read_text()))
    problems = verify(folder)
    assert len(problems) == 2
    assert problems[1].startswith("The verdict on 'mean' does not follow from the stored evidence")
    assert "'not supported'" in problems[1]


def test_a_changed_verdict_is_found_even_with_a_new_hash(folder):
    data = json.loads((folder / "assessment.json").read_text())
    mine = next(m for m in data["models"] if m["name"] == "mine")
    mine["verdict"]["sentence"] = "It is the best model of all."
    (folder / "assessment.json").write_text(json.dumps(data))
    manifest = json.loads((folder / "manifest.json").read_text())
    del manifest["outputs"]["assessment.json"]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (problem,) = verify(folder)
    assert "'mine'" in problem


def test_a_changed_input_is_found_and_a_missing_one_passed_over(study, tmp_path):
    assess(study, tmp_path / "a")
    assert verify(tmp_path / "a") == []
    (study.parent / "mine.parquet").unlink()
    assert verify(tmp_path / "a") == []
    split = study.parent / "split.json"
    split.write_text(split.read_text().replace('"test"', '"val"'))
    assert verify(tmp_path / "a") == [f"{split.resolve()} is not the file that was assessed: it has changed since."]


def test_an_assessment_that_was_not_written_to_its_end(folder):
    (folder / "manifest.json").unlink()
    with pytest.raises(InputError, match="not written to its end"):
        verify(folder)


def test_while_an_assessment_is_written_nothing_vouches_for_it(study, tmp_path, monkeypatch, assessed):
    shutil.copytree(assessed[1], tmp_path / "a")
    assert verify(tmp_path / "a") == []

    def killed(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("vcassay.record.AssessmentWriter.table", killed)
    with pytest.raises(KeyboardInterrupt):
        assess(study, tmp_path / "a")
    with pytest.raises(InputError, match="not written to its end"):
        verify(tmp_path / "a")
    assert not list((tmp_path / "a").rglob("*.part"))


def test_no_assessment_at_all(tmp_path):
    with pytest.raises(InputError, match=r"holds no assessment\.json"):
        verify(tmp_path)
