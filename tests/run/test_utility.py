"""From a signature and gene sets on disk to the card: read, matched, ranked, stored, and derived again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.run.builders import simulated, study_text, write_small
from vcassay.core import InputError
from vcassay.record import read_assessment
from vcassay.run.assess import assess
from vcassay.run.study import read_study
from vcassay.run.verify import verify
from vcassay.verdict import judge

SECTIONS = """
[claim]
use = "target-id"

[knowledge]
gene_sets = ["sets.gmt"]

[utility]
signature = "wanted.csv"
k = 4
"""


def write_files(folder: Path) -> Path:
    """The small study with a signature (what one perturbation does, on average) and sets of genes that move alike."""
    simulation, _ = simulated()
    truth = simulation.truth
    table = truth.conditions
    names = sorted(set(table.perturbation.tolist()))
    mean = {p: truth.delta[table.perturbation == p].mean(axis=0) for p in names}
    strongest = max(names, key=lambda p: float(np.abs(mean[p]).sum()))
    at = np.argsort(-np.abs(mean[strongest]))[:20]
    rows = [f"{truth.genes[i]},{mean[strongest][i]:.6f}" for i in at]
    (folder / "wanted.csv").write_text("\n".join(["gene,weight", *rows, "NOSUCH,1.0"]))
    sets = ["\t".join([f"{p}_UP", "na", *truth.genes[np.argsort(-mean[p])[:10]]]) for p in names]
    (folder / "sets.gmt").write_text("\n".join([*sets, "ONE\tna\tNOSUCH"]))
    study = write_small(folder)
    study.write_text(study_text(extra=SECTIONS), encoding="utf-8")
    return study


@pytest.fixture(scope="module")
def assessed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("utility")
    said = []
    record = assess(
        write_files(folder), folder / "a", cached=False, progress=lambda step, done, total: said.append(step)
    )
    return record, folder, said


def test_the_card_shows_the_figure_of_the_use_and_verify_holds(assessed):
    record, folder, _ = assessed
    shown = record.models[0].verdict.utility
    assert shown.name == "signature_hits"
    assert shown.value > shown.chance
    assert shown.sentence.startswith("Of the 4 perturbations of 16 with the largest shift towards 'wanted'")
    assert shown.baseline in {b.name for b in record.baselines if b.legal}
    assert verify(folder / "a") == []
    again = judge(read_assessment(folder / "a"))
    assert [m.verdict for m in again.models] == [m.verdict for m in record.models]


def test_coverage_is_said_and_stored(assessed):
    record, _, said = assessed
    words = " ".join(said)
    assert "matched 20 of 21 (95 %); unmatched: NOSUCH" in words
    assert "gene sets: 18 of 19 have 5 to 500 scored genes" in words
    assert "unmatched: NOSUCH" in record.models[0].verdict.utility.coverage


@pytest.mark.parametrize(
    ("use", "name"),
    [("selectivity", "selectivity_spearman"), ("moa", "pathway_agreement"), ("screening", "signature_hits")],
)
def test_other_uses_have_other_figures_of_the_same_record(assessed, use, name):
    record, _, _ = assessed
    other = judge(record.model_copy(update={"claim": record.claim.model_copy(update={"use": use})}))
    assert other.models[0].verdict.utility.name == name
    assert other.models[0].verdict.utility.value is not None


def test_where_a_use_has_no_figure_retrieval_stands_in(assessed):
    record, _, _ = assessed
    claim = record.claim.model_copy(update={"use": "dose-finding"})
    shown = judge(record.model_copy(update={"claim": claim})).models[0].verdict.utility
    assert shown.name == "picks the right perturbation"
    assert "fewer than 3 doses" in shown.reason


def test_models_and_legal_baselines_have_figures_each_with_a_reason_or_a_value(assessed):
    record, _, _ = assessed
    assert all((u.value is None) == bool(u.reason) for u in record.utilities)
    named = {u.model for u in record.utilities}
    assert {"mine", "mean", "additive", "no_change"} <= named
    by = {(u.model, u.name): u for u in record.utilities}
    assert by["no_change", "signature_hits"].value == pytest.approx(by["no_change", "signature_hits"].chance)
    assert by["mine", "pathway_agreement"].value > 0.2
    assert by["mine", "pathway_missed"].value < 1
    metrics = {s.metric for s in record.scores if s.model == "mine" and s.value is not None}
    assert {"pathway_pearson", "pathway_nmse", "pathway_shared"} <= metrics


def test_the_stored_study_names_the_signature_and_its_hash_is_kept(assessed):
    _, folder, _ = assessed
    study, _ = read_study(folder / "a" / "study.toml")
    assert study.utility.signature.path == str((folder / "wanted.csv").resolve())
    assert study.utility.k == 4
    assert str((folder / "wanted.csv").resolve()) in (folder / "a" / "manifest.json").read_text()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("gene,weight\nA,x\n", "wanted.csv: line 2 has the weight 'x'"),
        ("gene,weight\nNOSUCH,1\n", "wanted.csv: shares no gene with the screen"),
    ],
)
def test_a_wrong_signature_is_named(tmp_path, text, says):
    study = write_files(tmp_path)
    (tmp_path / "wanted.csv").write_text(text)
    with pytest.raises(InputError, match=says):
        assess(study, tmp_path / "a", cached=False)
