"""Read an assessment directory."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from vcassay.core import InputError
from vcassay.record.assessment import AssessmentRecord
from vcassay.record.codec import load_json

if TYPE_CHECKING:
    import pandas as pd


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


def read_table(folder: Path, name: str) -> pd.DataFrame:
    """Read ``conditions`` or ``scores`` of an assessment directory.

    Raises
    ------
    InputError
        If the table is missing.
    """
    import pandas as pd

    path = folder / f"{name}.parquet"
    if not path.is_file():
        raise InputError("is missing", where=str(path), mend="run `vcassay assess` again: it resumes")
    return pd.read_parquet(path)
