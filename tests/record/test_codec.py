"""JSON with a schema: what is written is read again, older forms are upgraded, newer ones refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from vcassay.core import InputError
from vcassay.record import AssessmentRecord, ComparisonRecord, ThresholdRecord, codec, dump_json, load_json
from vcassay.record.assessment import SCHEMA, ManifestRecord


def manifest() -> ManifestRecord:
    return ManifestRecord(
        command="vcassay assess", created="2026", seed=0, versions={}, inputs={}, outputs={}, seconds={"read": 0.5}
    )


def written(path: Path, change: dict[str, Any]) -> Path:
    """A manifest file with some keys changed; ``...`` takes a key out."""
    data = json.loads(dump_json(manifest())) | change
    path.write_text(json.dumps({k: v for k, v in data.items() if v is not ...}), encoding="utf-8")
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file.json"


def test_round_trip(assessment: AssessmentRecord, path: Path) -> None:
    text = dump_json(assessment)
    path.write_text(text, encoding="utf-8")
    again = load_json(path, AssessmentRecord)
    assert again == assessment
    assert dump_json(again) == text


def test_the_schema_comes_first_and_text_stays_readable(assessment: AssessmentRecord) -> None:
    text = dump_json(assessment)
    assert text.startswith('{\n "schema": "vcassay.assessment/1",')
    assert "µ is fine." in text
    assert text.endswith("}\n")
    assert "schema_" not in text


def test_a_record_without_a_schema_has_none() -> None:
    assert "schema" not in json.loads(dump_json(ThresholdRecord(name="a", value=1.0, source="")))


def test_nan_in_a_file_is_read_as_null(assessment: AssessmentRecord, path: Path) -> None:
    path.write_text(dump_json(assessment).replace('"net": 0.5', '"net": NaN'), encoding="utf-8")
    assert load_json(path, AssessmentRecord).domain_share["net"] is None


def test_nan_that_slipped_past_validation_is_not_written() -> None:
    broken = ThresholdRecord(name="a", value=1.0, source="").model_copy(update={"value": float("nan")})
    with pytest.raises(ValueError, match="not JSON compliant"):
        dump_json(broken)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"colour": "red"}, "'colour': Extra inputs are not permitted"),
        ({"seed": ...}, "'seed': Field required"),
        ({"seed": "many"}, "'seed': Input should be a valid integer"),
        ({"seconds": {"read": "long"}}, "'seconds.read': Input should be a valid number"),
        ({"schema": ...}, "has no key 'schema'"),
        ({"schema": ["a"]}, "'schema' that is not text"),
        ({"schema": "vcassay.manifest/2"}, "has schema 'vcassay.manifest/2'; this version reads 'vcassay.manifest/1'"),
        ({"schema": SCHEMA}, "has schema 'vcassay.assessment/1'"),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(path: Path, change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        load_json(written(path, change), ManifestRecord)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert sentence in message
    assert "\n" not in message


def test_a_newer_schema_names_the_mend(path: Path) -> None:
    with pytest.raises(InputError) as caught:
        load_json(written(path, {"schema": "vcassay.manifest/2"}), ManifestRecord)
    assert "upgrade vcassay" in caught.value.mend


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe{}", b"[]", b"3", None])
def test_files_that_are_no_record(path: Path, content: bytes | None) -> None:
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match="hand in a file that vcassay wrote"):
        load_json(path, ManifestRecord)


def test_older_schemas_are_upgraded_step_by_step(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def from_first(data: dict[str, Any]) -> dict[str, Any]:
        return {**data, "schema": "vcassay.manifest/0.9", "random_seed": data["rng"] + 1}

    def from_second(data: dict[str, Any]) -> dict[str, Any]:
        kept = {k: v for k, v in data.items() if k not in ("rng", "random_seed")}
        return {**kept, "schema": "vcassay.manifest/1", "seed": data["random_seed"] * 10}

    monkeypatch.setitem(codec.UPGRADES, "vcassay.manifest/0.8", from_first)
    monkeypatch.setitem(codec.UPGRADES, "vcassay.manifest/0.9", from_second)
    old = written(path, {"schema": "vcassay.manifest/0.8", "seed": ..., "rng": 3})
    assert load_json(old, ManifestRecord) == manifest().model_copy(update={"seed": 40})


def test_an_older_schema_without_an_upgrade_is_refused(path: Path) -> None:
    with pytest.raises(InputError, match=r"has schema 'vcassay\.manifest/0\.1'"):
        load_json(written(path, {"schema": "vcassay.manifest/0.1"}), ManifestRecord)


def test_a_record_of_before_ranks_and_equivalence_is_still_read(assessment: AssessmentRecord, path: Path) -> None:
    data = json.loads(dump_json(assessment))
    for key in ("ranks", "seeds", "resampled"):
        del data[key]
    added = [k for k, field in ComparisonRecord.model_fields.items() if not field.is_required()]
    assert "equivalent" in added
    for row in data["comparisons"]:
        for key in added:
            del row[key]
    for row in data["models"]:
        del row["n_seeds"]
    path.write_text(json.dumps(data), encoding="utf-8")
    old = load_json(path, AssessmentRecord)
    assert old == assessment
    assert (old.ranks, old.seeds, old.models[0].n_seeds) == ((), (), 1)
    assert (old.comparisons[0].equivalent, old.comparisons[0].sign_p) == (False, None)


def test_many_records_are_a_line_each_without_their_defaults(assessment: AssessmentRecord, path: Path) -> None:
    row = assessment.scores[0]
    many = assessment.model_copy(update={"scores": tuple(row.model_copy(update={"n": i}) for i in range(200))})
    text = dump_json(many)
    lines = [line for line in text.splitlines() if line.startswith('{"metric"')]
    assert len(lines) == 200
    assert "attenuation_corrected" not in lines[0]
    assert json.loads(text)["scores"][7]["n"] == 7
    path.write_text(text, encoding="utf-8")
    assert load_json(path, AssessmentRecord) == many
    few = dump_json(assessment)
    assert '"attenuation_corrected": null' in few


def test_a_long_list_with_every_field_written_is_read(assessment: AssessmentRecord, path: Path) -> None:
    many = assessment.model_copy(update={"scores": assessment.scores[:1] * 80})
    data = many.model_dump(mode="json")
    data["schema"] = data.pop("schema_")
    path.write_text(json.dumps(data), encoding="utf-8")
    assert load_json(path, AssessmentRecord) == many
