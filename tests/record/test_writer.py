"""Files appear whole or not at all."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pandas as pd
import pytest

from vcassay.record import AssessmentRecord, AssessmentWriter, read_assessment, read_table


class Interrupted(KeyboardInterrupt):
    """Stands for a killed run."""


@pytest.fixture
def writer(tmp_path: Path) -> AssessmentWriter:
    return AssessmentWriter(tmp_path / "deep" / "out")


def test_writes_and_reads(writer: AssessmentWriter, assessment: AssessmentRecord) -> None:
    assert writer.json("assessment.json", assessment) == writer.folder / "assessment.json"
    assert read_assessment(writer.folder) == assessment
    frame = pd.DataFrame({"model": ["a", "b"], "value": [0.5, float("nan")]})
    writer.table("scores.parquet", frame)
    pd.testing.assert_frame_equal(read_table(writer.folder, "scores"), frame)
    assert writer.text("notes/µ.txt", "µ\n").read_text(encoding="utf-8") == "µ\n"
    writer.table("notes/more.parquet", frame)


def test_nothing_else_is_left_behind(writer: AssessmentWriter) -> None:
    writer.text("a.txt", "1")
    writer.text("a.txt", "2")
    assert [p.name for p in writer.folder.iterdir()] == ["a.txt"]
    assert (writer.folder / "a.txt").read_text() == "2"


@pytest.mark.parametrize("before", [None, "as it was"])
@pytest.mark.parametrize("error", [OSError("disk full"), Interrupted()])
def test_an_interrupted_text_leaves_what_was_there(
    writer: AssessmentWriter, monkeypatch: pytest.MonkeyPatch, before: str | None, error: BaseException
) -> None:
    path = writer.folder / "report.md"
    if before is not None:
        writer.text("report.md", before)
    whole = Path.write_text

    def half(self: Path, data: str, encoding: str | None = None) -> int:
        whole(self, data[: len(data) // 2], encoding=encoding)
        raise error

    monkeypatch.setattr(Path, "write_text", half)
    with pytest.raises(type(error)):
        writer.text("report.md", "a long new text")
    monkeypatch.undo()
    assert (path.read_text() if path.exists() else None) == before
    assert [p.name for p in writer.folder.iterdir()] == ([] if before is None else ["report.md"])


def test_an_interrupted_table_leaves_nothing(writer: AssessmentWriter, monkeypatch: pytest.MonkeyPatch) -> None:
    def half(_: pd.DataFrame, path: Path, **__: object) -> None:
        Path(path).write_bytes(b"PAR1")
        raise Interrupted

    monkeypatch.setattr(pd.DataFrame, "to_parquet", half)
    with pytest.raises(Interrupted):
        writer.table("scores.parquet", pd.DataFrame({"a": [1]}))
    assert list(writer.folder.iterdir()) == []


def test_a_failed_renaming_leaves_what_was_there(writer: AssessmentWriter, monkeypatch: pytest.MonkeyPatch) -> None:
    writer.text("a.txt", "old")

    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(PermissionError):
        writer.text("a.txt", "new")
    assert [p.name for p in writer.folder.iterdir()] == ["a.txt"]
    assert (writer.folder / "a.txt").read_text() == "old"


def test_hashes_of_what_is_stored(writer: AssessmentWriter) -> None:
    for name in ("assessment.json", "figures/a.vl.json", "report.html", "report.md", "manifest.json", "cache/x.bin"):
        writer.text(name, name)
    (writer.folder / ".assessment.json.1.part").write_text("half")
    assert dict(writer.hashes()) == {"assessment.json": hashlib.sha256(b"assessment.json").hexdigest()}


def test_hashes_change_with_content_alone(writer: AssessmentWriter, assessment: AssessmentRecord) -> None:
    writer.json("assessment.json", assessment)
    before = dict(writer.hashes())
    writer.json("assessment.json", assessment)
    assert dict(writer.hashes()) == before
    writer.json("assessment.json", assessment.model_copy(update={"study": "another"}))
    assert dict(writer.hashes()) != before
