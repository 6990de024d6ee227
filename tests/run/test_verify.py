"""Verify finds whatever was changed after the assessment was written."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from vcassay.core import InputError
from vcassay.core.provenance import file_sha256
from vcassay.record.assessment import ManifestRecord
from vcassay.record.codec import load_json
from vcassay.report import write_report
from vcassay.report.leaderboard.page import write_leaderboard
from vcassay.run.assess import assess
from vcassay.run.compare import compare_assessments
from vcassay.run.verify import verify, verify_assessment, verify_comparison


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


def tampered(folder, change):
    """Edit assessment.json and give the manifest the new hash, as somebody who knows how would."""
    path, manifest = folder / "assessment.json", folder / "manifest.json"
    data = json.loads(path.read_text())
    change(data)
    path.write_text(json.dumps(data))
    told = json.loads(manifest.read_text())
    told["outputs"]["assessment.json"] = file_sha256(path)
    manifest.write_text(json.dumps(told))


def _a_score(data):
    next(s for s in data["scores"] if s.get("value") is not None and s["metric"] == "mae")["value"] += 1e-6


def _a_primary_interval(data):
    row = next(s for s in data["scores"] if s.get("low") is not None and s["metric"] == "pearson_delta")
    row["low"] += 1e-6


def _a_status(data):
    next(f for f in data["findings"] if f["status"] == "WARN")["status"] = "PASS"


def _a_contest(data):
    row = next(f for f in data["findings"] if f.get("family") == "baselines" and f["status"] == "PASS")
    row["sentence"] = "All is well."


def _a_threshold(data):
    next(t for t in data["thresholds"] if t["name"] == "better_level")["value"] = 0.2


def _a_word(data):
    data["models"][0]["verdict"]["level"] = "split-limited"


def _a_comparison(data):
    data["comparisons"][0]["difference"] += 1e-6


def _a_skill(data):
    row = next(s for s in data["skills"] if s.get("score") is not None)
    row["score"] += 1e-6


def _a_rank(data):
    data["ranks"][0]["ranks"][0]["rank"] += 1


def _a_crash(data):
    data["complete"] = not data["complete"]


EDITS = [
    (_a_score, "Scores do not follow from the stored tables: mae of"),
    (_a_primary_interval, "Intervals do not follow from the stored tables: pearson_delta of"),
    (_a_status, "stands out of the order of severity"),
    (_a_contest, "Findings on probes and sabotage do not follow from the stored tables"),
    (_a_threshold, "better_level is 0.2, and 0.025 in the rules"),
    (_a_word, "does not follow from the stored evidence"),
    (_a_comparison, "Paired comparisons do not follow from the stored tables"),
    (_a_skill, "Skills do not follow from the stored tables"),
    (_a_rank, "Ranks do not follow from the stored tables: the ranking by"),
    (_a_crash, "whether something ended in an error"),
]


def test_edits_are_found_even_with_a_new_hash(folder):
    tampered(folder, lambda data: [change(data) for change, _ in EDITS])
    problems = verify(folder)
    for _, told in EDITS:
        assert any(told in problem for problem in problems), told


@pytest.mark.slow
@pytest.mark.parametrize(("change", "told"), EDITS, ids=lambda x: x.__name__ if callable(x) else "")
def test_one_edit_is_found_even_with_a_new_hash(change, told, folder):
    tampered(folder, change)
    assert any(told in problem for problem in verify(folder))


def test_all_kinds_are_derived_again(folder):
    found = verify_assessment(folder)
    assert found.problems == ()
    for kind in ("scores (", "intervals (", "paired comparisons (", "skills (", "ranks (", "probes and sabotage ("):
        assert kind in found.derived


def test_a_page_that_was_edited_is_found(folder):
    write_report(folder)
    assert verify(folder) == []
    for name, old in (("report.md", "not supported"), ("card.yml", "not supported")):
        path = folder / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, "supported"))
        assert verify(folder) == [
            f"{path} is not what is rendered from the stored evidence: run `vcassay report {folder}`."
        ]
        path.write_text(text)


def test_a_comparison_is_held_to_its_assessments(folder, monkeypatch):
    monkeypatch.chdir(folder.parent)
    path = write_leaderboard(folder.parent / "board.json", compare_assessments(["copy"]))
    assert verify_comparison(path).problems == ()
    text = path.read_text()
    data = json.loads(text)
    data["boards"][0]["rows"][0]["score"] += 1e-6
    path.write_text(json.dumps(data))
    (problem,) = verify_comparison(path).problems
    assert "does not follow from the assessments it names: the board of pearson_delta differ" in problem
    path.write_text(text)
    (folder / "assessment.json").write_text((folder / "assessment.json").read_text() + "\n")
    (problem,) = verify_comparison(path).problems
    assert problem == f"{Path('copy') / 'assessment.json'} is not the file that was compared: its hash differs."
    shutil.rmtree(folder)
    with pytest.raises(InputError, match="was made of copy, which is not here"):
        verify_comparison(path)


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
