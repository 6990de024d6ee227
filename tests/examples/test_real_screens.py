"""The studies of real screens run, reproduce what was published, and claim no more than the data carry."""

import csv
from pathlib import Path

import pytest

from vcassay.run.assess import assess
from vcassay.run.scaffold import scaffold

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def run(data_dir, tmp_path_factory):
    """Assess a study once, for all who ask."""
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VCASSAY_DATA", str(data_dir))

        def assessed(name):
            if name not in found:
                found[name] = assess(EXAMPLES / name / "study.toml", tmp_path_factory.mktemp(name))
            return found[name]

        yield assessed


def published(data_dir, file, split, dataset):
    with (data_dir / "ivcbench_predictions/published" / file).open() as handle:
        rows = [r for r in csv.DictReader(handle) if r["split"] == split and dataset in ("", r["dataset"])]
    return {r["baseline"]: float(r["pearson_delta"]) for r in rows}


@pytest.mark.parametrize(
    ("name", "file", "split", "dataset", "regime"),
    [
        ("ivcbench_tcell", "C3_results_raw.csv", "C3_true_lo_gene_50", "schmidt", "GEX"),
        pytest.param("ivcbench_op3", "C5_results_raw.csv", "C5_loct_NK", "", "CEX", marks=pytest.mark.slow),
    ],
)
def test_published_scores_come_out_and_the_verdict_is_withheld(name, file, split, dataset, regime, data_dir, run):
    record = run(name)
    assert record.claim.regime == regime
    wanted = published(data_dir, file, split, dataset)
    assert len(record.models) == len(wanted) >= 9
    for model in record.models:
        score = record.score(model.name, "pearson_delta")
        assert score is not None
        assert score.value == pytest.approx(wanted[model.name], abs=1e-6)
        assert model.verdict.level == "cannot tell"
        assert any("split halves" in reason for reason in model.verdict.reasons)
    assert record.screen.reliability is None


@pytest.mark.slow
def test_the_mean_over_lineages_is_ahead_of_every_published_model_on_unseen_nk_cells(run):
    record = run("ivcbench_op3")
    mean = record.score("perturbation_mean", "pearson_delta").value
    assert mean == pytest.approx(0.3947, abs=1e-3)
    assert all(record.score(m.name, "pearson_delta").value < mean for m in record.models)
    state = next(m for m in record.models if m.name == "STATE")
    assert any("worse than the baseline" in reason for reason in state.verdict.reasons)


def test_papalexi_has_too_few_detectable_test_genes(run):
    record = run("papalexi2021")
    assert record.claim.regime == "GEX"
    assert 8 <= record.screen.n_detectable <= 12
    assert {m.verdict.level for m in record.models} == {"cannot tell"}
    found = {f.check for f in record.findings if f.status == "FAIL" and f.model == "perturbed mean, submitted"}
    assert "L24" in found
    known = {f.name: f for f in record.features}
    assert (known["GO"].matched, known["GO"].wanted, known["GO"].unmatched) == (24, 25, ("IFNGR2",))
    assert (known["STRING"].matched, known["STRING"].ways) == (25, {"exact": 24, "previous symbol": 1})
    # two test genes are detectable: that prior features place them is a sign, no evidence
    informed, mean = (record.score(name, "pearson_delta", "detectable").value for name in ("pls", "perturbed_mean"))
    assert informed > mean + 0.1


def test_one_glioblastoma_line_of_three_carries_no_claim(run):
    record = run("perturbench_devel")
    assert record.claim.regime == "CEX"
    assert {m.verdict.level for m in record.models} == {"cannot tell"}
    assert any("one context" in s.sentence for s in record.claim.scope)


def test_methods_that_answer_every_gene_alike_are_found(run):
    record = run("ivcbench_tcell")
    failing = {f.model for f in record.findings if (f.check, f.status) == ("L24", "FAIL")}
    floors = {"cell-mean", "ctrl-pred", "donor-shift", "linear-PCA"}
    assert failing == floors | {"CINEMA-OT", "PertAdapt", "scFoundation"}


@pytest.mark.parametrize(
    ("screen", "split", "dataset"),
    [
        ("tcell_crispr_schmidt", "C3_true_lo_gene_25", "schmidt"),
        ("tcell_crispr_shifrut", "C3_true_lo_gene_25", "shifrut"),
        ("tcell_crispr_shifrut", "C3_true_lo_gene_50", "shifrut"),
        pytest.param("op3_pbmc_pseudobulk_means", "C5_loct_B", "", marks=pytest.mark.slow),
    ],
)
def test_the_other_published_splits_come_out_from_a_drafted_study(screen, split, dataset, tmp_path, data_dir):
    folder = data_dir / "ivcbench_predictions"
    bundle = folder / "predictions" / (f"{split}__{dataset}.npz" if dataset else f"{split}.npz")
    scaffold(folder / "h5ad" / f"{screen}.h5ad", [bundle], tmp_path / "study.toml")
    text = (tmp_path / "study.toml").read_text()
    if not dataset:  # the bundle names no context
        (tmp_path / "study.toml").write_text(text.replace('# context = ""', f'context = "{split[-1]}"'))
    record = assess(tmp_path / "study.toml", tmp_path / "a")
    wanted = published(data_dir, f"{split[:2]}_results_raw.csv", split, dataset)
    assert {m.name for m in record.models} == set(wanted)
    for model in record.models:
        assert record.score(model.name, "pearson_delta").value == pytest.approx(wanted[model.name], abs=1e-6)


def biology(record, diagnostic):
    """The status of the truth, and of each model, in a diagnostic."""
    return {f.model: f.status for f in record.findings if f.check == diagnostic}


@pytest.mark.slow
def test_mechanisms_are_asked_of_drugs_in_one_well_a_dose(run):
    record = run("l1000_a375")
    assert record.claim.regime == "DEX"
    assert {m.verdict.level for m in record.models} == {"cannot tell"}
    own = next(f for f in record.findings if f.check == "moa_similarity" and f.model is None)
    assert own.status == "NA"  # half of the drugs: p is about .02
    assert own.value > own.null + 0.1
    found = biology(record, "moa_beyond_chemistry")
    assert found[None] == "PASS"
    assert {found["ridge, submitted"], found["feature neighbours, submitted"]} <= {"PASS", "WARN"}
    assert set(biology(record, "dose_agreement").values()) == {"NA"}  # one well a dose, and one line


def test_a_mean_over_lines_answers_wild_type_lines_as_if_they_were_mutated(run):
    record = run("l1000_multicell")
    assert record.claim.regime == "CEX"
    by_genotype = biology(record, "target_context")
    assert by_genotype == {None: "PASS", "perturbation mean, submitted": "FAIL", "nearest contexts, submitted": "FAIL"}
    assert biology(record, "target_pathway")["perturbation mean, submitted"] == "PASS"  # right genes, wrong lines
    own = next(f for f in record.findings if f.check == "dose_response" and f.model is None)
    assert (own.status, own.value > own.null) == ("NA", True)  # half of the lines: p is above .01


@pytest.mark.slow
def test_doses_of_skbr3_differ_and_the_mean_does_not_know_how(run):
    record = run("l1000_skbr3")
    assert record.claim.regime == "DEX"
    found = biology(record, "dose_agreement")
    assert (found[None], found["perturbed mean, submitted"]) == ("PASS", "FAIL")


@pytest.mark.slow
def test_published_methods_are_asked_for_biology(run):
    record = run("ivcbench_op3")
    alike, beyond = biology(record, "moa_similarity"), biology(record, "skill_beyond_stress")
    assert (alike[None], alike["FP-ridge"], alike["CINEMA-OT"]) == ("PASS", "PASS", "FAIL")
    assert beyond[None] == "PASS"
    assert {beyond[m] for m in ("CINEMA-OT", "donor-shift", "linear-PCA")} == {"FAIL"}


def test_one_published_method_knows_its_own_gene(run):
    own_gene = biology(run("ivcbench_tcell"), "self_knockdown")
    assert [model for model, status in own_gene.items() if status == "PASS"] == [None, "scGPT"]
