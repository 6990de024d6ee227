"""Scalar screens from file to verdict, as GDSC and DepMap have them."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from tests.phenotypes import grid, replicates, table
from vcassay.record import AssessmentRecord
from vcassay.record.reader import read_table
from vcassay.report.terminal import print_summary
from vcassay.run.assess import assess

MADE = grid(20, 24, seed=3)
RESIDUAL = "phenotype_pearson_residual"


def run(folder: Path, adata, split: str, data: str = 'rows = "effects"\n') -> AssessmentRecord:
    adata.write_h5ad(folder / "screen.h5ad")
    rng = np.random.default_rng(1)
    table(MADE, MADE.truth + rng.normal(0, 0.1, MADE.truth.shape)).write_h5ad(folder / "knows.h5ad")
    (folder / "study.toml").write_text(
        f'schema = "vcassay.study/1"\nname = "small"\n[data]\nscreen = "screen.h5ad"\nperturbation = "drug"\n'
        f'context = "cell_line"\n{data}[split]\n{split}\n[evidence]\ndraws = 300\n'
        '[[model]]\nname = "knows"\npredictions = "knows.h5ad"\nspace = "delta"\n'
        '[[model]]\nname = "means"\nbaseline = "additive"\n'
    )
    return assess(folder / "study.toml", folder / "out", cached=False)


def printed(record: AssessmentRecord) -> str:
    text = io.StringIO()
    print_summary(record, Console(file=text, width=100, no_color=True))
    return " ".join(text.getvalue().split())


def value(record: AssessmentRecord, model: str, metric: str) -> float | None:
    row = record.score(model, metric, "all")
    return None if row is None else row.value


FEW_SHOT = 'make = "few-shot"\nfraction = 0.6\nshots = 0.5'


@pytest.fixture(scope="module")
def replicated(tmp_path_factory):
    folder = tmp_path_factory.mktemp("replicated")
    return run(folder, replicates(MADE, 8, noise=0.5), FEW_SHOT), folder


def test_replicated_values_give_a_verdict_beyond_the_means(replicated):
    record, _ = replicated
    assert {m.name: m.verdict.level for m in record.models} == {"knows": "supported", "means": "not supported"}
    assert value(record, "means", "phenotype_pearson") > 0.85
    assert value(record, "means", RESIDUAL) == pytest.approx(0.0, abs=0.05)
    assert value(record, "knows", RESIDUAL) > 0.8
    assert value(record, "knows", "phenotype_error") < 0.1
    skills = {s.metric: s for s in record.skills if s.model == "knows"}
    assert {s.family for s in skills.values()} == {"error", "correlation", "ranking"}
    assert not skills[RESIDUAL].refused
    assert not skills["phenotype_error"].refused
    assert "within 2 standard errors" in skills["phenotype_sensitive"].refused  # the rung nearly reaches the ceiling
    assert skills[RESIDUAL].baseline == "similar_responses"


def test_no_metric_of_genes_is_shown_and_its_primary_ones_are_marked(replicated):
    record, _ = replicated
    assert all(m.name.startswith("phenotype_") or m.family != "correlation" for m in record.metrics)
    assert not {"pearson_delta", "nmse", "pds_cosine"} & {m.name for m in record.metrics}
    primary = {m.name for m in record.metrics if m.primary}
    assert primary == {RESIDUAL, "phenotype_error", "phenotype_sensitive"}


def test_rungs_that_compare_features_say_why_they_did_not_run(replicated):
    record, _ = replicated
    rungs = {b.name: b for b in record.baselines}
    for name in ("gene_loading", "coexpression_knn", "nearest_context"):
        assert not rungs[name].ran
        assert rungs[name].why == "compares features, of which this readout has one"
    assert rungs["similar_responses"].ran
    assert rungs["additive"].ran


def test_the_tables_hold_no_row_that_pretends_to_be_defined(replicated):
    _, folder = replicated
    scores = read_table(folder / "out", "scores")
    assert not scores[(scores["status"] == "ok") & scores["value"].isna()].shape[0]
    assert (scores.loc[scores["status"] != "ok", "reason"] != "").all()


def test_the_summary_speaks_of_values_not_of_genes_or_cells(replicated):
    text = printed(replicated[0])
    assert "Ladder in Pearson beyond the bias model, all conditions" in text
    assert "contexts that responded alike" in text
    for word in ("Pearson delta", "control cells alone", "sequencing"):
        assert word not in text


@pytest.mark.parametrize("split", ['make = "cex"\nfraction = 0.3', pytest.param(FEW_SHOT, marks=pytest.mark.slow)])
def test_one_row_a_condition_scores_but_does_not_judge(tmp_path, split):
    rng = np.random.default_rng(0)
    values = MADE.truth + rng.normal(0, 0.3, MADE.truth.shape)
    keep = rng.random(values.shape) < 0.95
    record = run(tmp_path, table(MADE, values, keep), split)
    assert {m.verdict.level for m in record.models} == {"cannot tell"}
    assert value(record, "knows", RESIDUAL) > 0.7
    assert value(record, "knows", "phenotype_error") is None
    assert value(record, "knows", "phenotype_error_raw") < 0.5
    assert value(record, "means", "phenotype_error_raw") == pytest.approx(1.0, abs=0.15)
    text = printed(record)
    assert "noise included" in text
    assert "several replicates a condition" in text
    if "cex" in split:
        assert "unseen contexts." in text
        assert "control cells" not in text


@pytest.mark.slow
def test_viability_with_controls_decides_on_all_conditions(tmp_path):
    data = 'rows = "replicates"\ncontrol = "DMSO"\n'
    record = run(tmp_path, replicates(MADE, 8, noise=0.5, controls=24), FEW_SHOT, data)
    rows = [c for c in record.comparisons if c.metric == RESIDUAL and c.model == "knows"]
    assert {c.n for c in rows} == {record.claim.n_test}
    assert value(record, "means", RESIDUAL) == pytest.approx(0.0, abs=0.05)
    assert value(record, "knows", RESIDUAL) > 0.7
