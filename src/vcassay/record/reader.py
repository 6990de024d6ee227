"""Read an assessment directory."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vcassay.core import InputError
from vcassay.record.assessment import AssessmentRecord, ManifestRecord
from vcassay.record.codec import load_json

if TYPE_CHECKING:
    import pandas as pd


TABLES = {"conditions": "vcassay.conditions/2", "scores": "vcassay.scores/1", "genes": "vcassay.genes/1"}
"""Schema of each table, as its parquet metadata names it; one that names none is older than these names."""


def read_assessment(folder: str | Path) -> AssessmentRecord:
    """Read assessment.json of a directory that `vcassay assess` wrote.

    Raises
    ------
    InputError
        If the directory holds no assessment, or one of a newer version.
    """
    path = Path(folder) / "assessment.json"
    if not path.is_file():
        raise InputError(
            "holds no assessment.json", where=str(folder), mend="name a directory that `vcassay assess` wrote"
        )
    return load_json(path, AssessmentRecord)


def version(schema: str) -> int:
    """Version at the end of a schema's name; 0 where it has none."""
    digits = schema.rpartition("/")[2]
    return int(digits) if digits.isdecimal() else 0


def read_manifest(folder: str | Path) -> ManifestRecord:
    """Read manifest.json, which is written last.

    Raises
    ------
    InputError
        If it is missing: the assessment was not written to its end.
    """
    path = Path(folder) / "manifest.json"
    if not path.is_file():
        mend = "run `vcassay assess` again: it resumes"
        raise InputError("holds no manifest.json, so it was not written to its end", where=str(folder), mend=mend)
    return load_json(path, ManifestRecord)


def read_table(folder: Path, name: str, metrics: Sequence[str] | None = None) -> pd.DataFrame:
    """Read ``conditions``, ``scores`` or ``genes`` of an assessment directory, of scores some metrics alone if named.

    Raises
    ------
    InputError
        If the table is missing, or of a newer version.
    """
    import pandas as pd

    path = folder / f"{name}.parquet"
    if not path.is_file():
        raise InputError("is missing", where=str(path), mend="run `vcassay assess` again: it resumes")
    try:
        frame = pd.read_parquet(path, filters=None if metrics is None else [("metric", "in", list(metrics))])
    except (OSError, ValueError) as error:
        mend = "run `vcassay assess` again: it resumes"
        raise InputError(f"is no table ({error})", where=str(path), mend=mend) from error
    schema = str(frame.attrs.get("schema", TABLES[name]))
    if version(schema) > version(TABLES[name]):
        raise InputError(
            f"has schema '{schema}'", where=str(path), mend=f"this version reads '{TABLES[name]}': upgrade vcassay"
        )
    return frame
