"""Reading an assessment directory, and what its records answer."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import vcassay.record
from vcassay.core import InputError
from vcassay.record import AssessmentRecord, read_assessment, read_table


@pytest.mark.parametrize("folder", ["nowhere", "."])
def test_no_assessment(tmp_path: Path, folder: str) -> None:
    with pytest.raises(InputError, match=r"holds no assessment\.json; name a directory that `vcassay assess` wrote"):
        read_assessment(tmp_path / folder)


def test_no_table(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"scores\.parquet: is missing; run `vcassay assess` again"):
        read_table(tmp_path, "scores")


def test_findings_of_a_model_and_of_the_study(assessment: AssessmentRecord) -> None:
    assert [f.check for f in assessment.findings_of("net")] == ["L01", "L02"]
    assert [f.check for f in assessment.findings_of("nobody")] == ["L01"]


def test_score_is_the_mean_over_contexts(assessment: AssessmentRecord) -> None:
    overall, weak, none = (
        assessment.score("net", "cosine"),
        assessment.score("net", "cosine", "weak"),
        assessment.score("mean", "cosine"),
    )
    assert overall is not None
    assert weak is not None
    assert none is not None
    assert (overall.value, weak.value, none.value) == (0.4, 0.5, None)
    assert assessment.score("net", "pds") is None
    assert assessment.score("nobody", "cosine") is None


def test_every_public_name_exists() -> None:
    assert sorted(vcassay.record.__all__) == vcassay.record.__all__
    assert all(hasattr(vcassay.record, name) for name in vcassay.record.__all__)


def test_a_table_of_a_newer_version_is_refused_in_one_sentence(tmp_path):
    frame = pd.DataFrame({"a": [1]})
    frame.attrs["schema"] = "vcassay.genes/10"
    frame.to_parquet(tmp_path / "genes.parquet")
    with pytest.raises(InputError, match=r"has schema 'vcassay\.genes/10'.*upgrade vcassay"):
        read_table(tmp_path, "genes")


def test_a_table_without_a_schema_is_an_older_one(tmp_path):
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "conditions.parquet")
    assert read_table(tmp_path, "conditions")["a"].tolist() == [1]
