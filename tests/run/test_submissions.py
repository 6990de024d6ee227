"""Models are called by names of their own, and a submitted rung must be able to run."""

from __future__ import annotations

import pytest

from tests.run.builders import study_text
from vcassay.core import InputError
from vcassay.run.assess import assess
from vcassay.run.study import parse_study
from vcassay.run.submissions import check_names


def study_of(**model):
    return parse_study({"data": {"screen": "x"}, "model": [model]}, "here")


@pytest.mark.parametrize("name", ["ridge", "no_change", "replicate"])
def test_a_model_named_like_a_baseline(name):
    with pytest.raises(InputError, match=f"the name '{name}' is that of a baseline"):
        check_names(study_of(name=name, predictions="p.h5ad"))


def test_a_baseline_that_is_not_there():
    with pytest.raises(InputError, match=r"\[\[model\]\] 'm': no baseline is called 'rigde'; did you mean 'ridge'\?"):
        check_names(study_of(name="m", baseline="rigde"))


def test_names_are_checked_before_anything_is_read(study, tmp_path):
    (study.parent / "screen.h5ad").unlink()
    study.write_text(study.read_text().replace('name = "mean"', 'name = "ridge"'))
    with pytest.raises(InputError, match=r"study\.toml, \[\[model\]\] 'ridge'"):
        assess(study, tmp_path / "a")


def test_a_baseline_that_the_claim_does_not_allow(study, tmp_path):
    study.write_text(study_text().replace('baseline = "perturbation_mean"', 'baseline = "context_mean"'))
    with pytest.raises(InputError) as error:
        assess(study, tmp_path / "a")
    sentence = str(error.value)
    assert "the baseline 'context_mean' cannot run here (" in sentence
    assert "[[model]] 'mean'" in sentence


def test_a_submitted_baseline_is_recorded_as_such(assessed):
    record, _ = assessed
    mean = next(m for m in record.models if m.name == "mean")
    assert mean.source == "perturbation_mean"
    assert mean.n_predicted == mean.n_wanted == record.claim.n_test
    assert mean.disclosure["controls"] == "training"
    assert mean.disclosure["pretraining"] == []
    mine = next(m for m in record.models if m.name == "mine")
    assert mine.source == "mine.parquet"
    assert mine.disclosure["pretraining"] is None
