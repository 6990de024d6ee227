"""An assessment is the same whenever and however it is made, and says when it is not whole."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tomllib
import warnings
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import pytest

from tests.run.builders import simulated, study_text, write_small
from vcassay.cli.assess import exit_status
from vcassay.core import InputError
from vcassay.evidence.baselines import BASELINES
from vcassay.evidence.leakage import CHECKS
from vcassay.record import AssessmentRecord, read_assessment
from vcassay.record.reader import read_table
from vcassay.run.assess import assess
from vcassay.run.resolved import to_toml
from vcassay.run.study import read_study

TABLES = ("assessment.json", "conditions.parquet", "scores.parquet", "genes.parquet")


def digests(folder: Path) -> list[str]:
    return [hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in TABLES]


def levels(record: AssessmentRecord) -> dict[str, tuple[str, str]]:
    return {m.name: (m.verdict.level, m.verdict.rule) for m in record.models}


def statuses(record: AssessmentRecord) -> list[tuple[str, str | None, str]]:
    return [(f.check, f.model, f.status) for f in record.findings]


def numbers(record: AssessmentRecord) -> dict[tuple[str, ...], float]:
    """Every number of the record that is not a resampled bound."""
    scores = {("score", s.model, s.metric, s.stratum, str(s.context)): s.value for s in record.scores}
    gains = {("gain", c.model, c.baseline, c.metric): c.difference for c in record.comparisons}
    ceilings = {("ceiling", c.metric, c.stratum): c.value for c in record.ceilings}
    return {k: v for k, v in (scores | gains | ceilings).items() if v is not None}


def assert_alike(a: AssessmentRecord, b: AssessmentRecord) -> None:
    assert levels(a) == levels(b)
    assert statuses(a) == statuses(b)
    first, second = numbers(a), numbers(b)
    assert first.keys() == second.keys()
    for key, value in first.items():
        assert second[key] == pytest.approx(value, rel=1e-10, abs=1e-10), key


def test_the_two_models_end_differently(assessed):
    record, _ = assessed
    assert levels(record) == {
        "mine": ("supported", "d. supported"),
        "mean": ("not supported", "b. not better than a legal baseline"),
    }
    assert record.complete
    assert exit_status(record) == 0
    mean = next(m for m in record.models if m.name == "mean")
    assert mean.source == "perturbation_mean"
    assert not [c for c in record.comparisons if (c.model, c.baseline) == ("mean", "perturbation_mean")]


def test_two_runs_write_the_same_bytes_whatever_is_done_on_threads(study, tmp_path, assessed, monkeypatch):
    monkeypatch.setattr("vcassay.arrays.threads.PATIENCE", 0.0)  # all kernels on two threads, however short
    monkeypatch.setattr("vcassay.arrays.threads.threads", lambda: 2)
    assess(study, tmp_path / "b")
    assert digests(assessed[1]) == digests(tmp_path / "b")


def test_a_repeated_run_takes_the_long_steps_from_the_cache(study, tmp_path, monkeypatch, assessed):
    first, folder = assessed
    shutil.copytree(folder, tmp_path / "a")
    wanted = digests(tmp_path / "a")

    def never(*_: object, **__: object) -> None:
        raise AssertionError("computed again")

    monkeypatch.setattr("vcassay.run.moments.accumulate", never)
    monkeypatch.setattr("vcassay.run.ladder.climb", never)
    again = assess(study, tmp_path / "a")
    assert again == first
    assert digests(tmp_path / "a") == wanted


def test_what_changes_a_step_is_not_taken_from_the_cache(study, tmp_path, assessed):
    first, folder = assessed
    shutil.copytree(folder / "cache", tmp_path / "a" / "cache")
    study.write_text(study.read_text().replace('control = ["control"]', 'control = ["control"]\nkeep_targets = true'))
    other = assess(study, tmp_path / "a")
    assert other.screen.n_scored_genes > first.screen.n_scored_genes
    assert other == assess(study, tmp_path / "b", cached=False)


def test_the_order_of_cells_and_genes_changes_nothing(study, tmp_path, assessed):
    adata = ad.read_h5ad(study.parent / "screen.h5ad")
    rng = np.random.default_rng(0)
    shuffled = adata[rng.permutation(adata.n_obs), rng.permutation(adata.n_vars)].copy()
    shuffled.write_h5ad(study.parent / "screen.h5ad")
    assert_alike(assessed[0], assess(study, tmp_path / "b"))


@pytest.mark.parametrize("kind", ["dense", "csc", "zarr"])
def test_how_the_matrix_is_stored_changes_nothing(kind, study, tmp_path, assessed):
    adata = ad.read_h5ad(study.parent / "screen.h5ad")
    if kind == "zarr":
        pytest.importorskip("zarr")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of formats to come
            adata.write_zarr(study.parent / "screen.zarr")
        study.write_text(study.read_text().replace("screen.h5ad", "screen.zarr"))
    else:
        adata.X = adata.X.toarray() if kind == "dense" else adata.X.tocsc()
        adata.write_h5ad(study.parent / "screen.h5ad")
    assert_alike(assessed[0], assess(study, tmp_path / "b"))


def test_from_disk_or_from_memory(study, tmp_path, assessed):
    study.write_text(study_text(data="backed = true\n"))
    assess(study, tmp_path / "b")
    assert digests(assessed[1]) == digests(tmp_path / "b")


@pytest.mark.slow
def test_hash_seeds_and_processes_change_nothing(study, tmp_path, assessed):
    code = "import sys; from vcassay.run.assess import assess; assess(sys.argv[1], sys.argv[2])"
    for seed in ("1", "4242"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "OMP_NUM_THREADS": seed[:1], "NUMBA_NUM_THREADS": "1"}
        subprocess.run([sys.executable, "-c", code, str(study), str(tmp_path / seed)], check=True, env=environment)
        assert digests(assessed[1]) == digests(tmp_path / seed)


def test_quick_leaves_out_the_slow_rungs_and_says_so(study, tmp_path, monkeypatch):
    slow = BASELINES["coexpression_knn"]
    monkeypatch.setitem(slow.meta, "quick", False)
    record = assess(study, tmp_path / "a", quick=True)
    assert record.quick
    left_out = [b.name for b in record.baselines if b.why == "left out by --quick"]
    assert {"coexpression_knn", "shuffled_perturbations"} <= set(left_out)
    assert not any(BASELINES[name].meta["quick"] for name in left_out)


def test_a_crashing_check_leaves_the_assessment_incomplete(study, ahead, monkeypatch):
    def broken(effects: object) -> None:
        raise ZeroDivisionError("no such luck")

    entry = CHECKS["L20"]
    crashing = type(entry)("L20", entry.summary, entry.source, broken, ("effects",), entry.meta)
    monkeypatch.setitem(CHECKS._entries, "L20", crashing)
    record = assess(study, ahead)
    found = [f for f in record.findings if f.status == "ERROR"]
    assert [f.check for f in found] == ["L20"]
    assert found[0].sentence == "L20 failed with ZeroDivisionError: no such luck"
    assert not record.complete
    assert exit_status(record) == 3
    assert {level for level, _ in levels(record).values()} == {"cannot tell"}
    assert all(any("L20" in reason for reason in m.verdict.reasons) for m in record.models)


def test_a_crashing_baseline_leaves_the_assessment_incomplete(study, tmp_path, monkeypatch):
    class Broken:
        """Cannot be fitted."""

        def fit(self, task: object) -> None:
            raise IndexError("out of reach")

    entry = BASELINES["gene_loading"]
    crashing = type(entry)(entry.name, entry.summary, entry.source, Broken, (), entry.meta)
    monkeypatch.setitem(BASELINES._entries, "gene_loading", crashing)
    record = assess(study, tmp_path / "a")
    found = [f for f in record.findings if f.status == "ERROR"]
    assert [(f.check, f.family) for f in found] == [("gene_loading", "baselines")]
    rung = next(b for b in record.baselines if b.name == "gene_loading")
    assert not rung.ran
    assert "IndexError: out of reach" in rung.why
    assert exit_status(record) == 3
    assert {level for level, _ in levels(record).values()} == {"cannot tell"}
    monkeypatch.undo()
    assert assess(study, tmp_path / "a").complete  # nothing of the crash was kept


@pytest.mark.parametrize(("level", "status"), [("supported", 1), ("not supported", 0), ("cannot tell", 0)])
def test_a_required_level_decides_the_exit_status(level, status, study, assessed):
    study.write_text(study_text(extra=f'[require]\nlevel = "{level}"\n'))
    asked = read_study(study)[0].require.level.value
    assert asked == level
    assert exit_status(assessed[0].model_copy(update={"require": {"level": asked}})) == status


def test_the_required_level_and_the_stated_difference_are_stored(study, ahead):
    text = study_text(extra='[require]\nlevel = "supported"\n')
    study.write_text(text.replace("[evidence]\n", "[evidence]\ndifference = 0.3\n"))
    record = assess(study, ahead)
    assert record.require == {"difference": 0.3, "level": "supported"}
    assert exit_status(record) == 1


def test_without_models_the_ladder_is_run_all_the_same(study, tmp_path):
    study.write_text(study_text().split("[[model]]")[0])
    record = assess(study, tmp_path / "a")
    assert record.models == ()
    assert record.score("perturbation_mean", "pearson_delta").value > 0.1
    assert exit_status(record) == 0


def test_the_resolved_study_repeats_the_assessment(study, tmp_path, monkeypatch):
    text = study.read_text()
    for line in ('rows = "cells"', 'readout = "counts"', 'batch = "batch"', 'dose_unit = "uM"'):
        text = text.replace(line + "\n", "")  # guessed again, and written out
    study.write_text(text)
    first = assess(study, tmp_path / "a")
    monkeypatch.chdir(tmp_path)
    again = assess(tmp_path / "a" / "study.toml", tmp_path / "b")
    assert first.model_copy(update={"screen": None}) == again.model_copy(update={"screen": None})
    guessed = {"Rows were taken for cells."}
    assert {n.sentence for n in first.screen.notes} - {n.sentence for n in again.screen.notes} == guessed
    assert read_study(tmp_path / "a" / "study.toml")[0].data.batch == "batch"


def test_a_study_in_the_directory_is_left_as_the_user_wrote_it(study):
    before = study.read_bytes()
    assess(study, study.parent)
    assert study.read_bytes() == before


def test_a_study_object_needs_no_file(study, tmp_path, assessed):
    parsed, folder = read_study(study)
    assert assess(parsed, tmp_path / "a", folder=folder) == assessed[0]


def test_the_tables_agree_with_the_record(assessed):
    record, folder = assessed
    scores = read_table(folder, "scores")
    row = scores.query("level == 'aggregate' and model == 'mine' and metric == 'pearson_delta' and stratum == 'all'")
    assert row[row.context == ""]["value"].item() == record.score("mine", "pearson_delta").value
    nothing = scores[scores["value"].isna()]
    assert len(nothing)
    assert (nothing["reason"] != "").all()
    assert (nothing["status"] == "undefined").all()
    conditions = read_table(folder, "conditions")
    assert len(conditions) == record.screen.n_conditions
    assert (conditions.role == "test").sum() == record.claim.n_test
    assert read_assessment(folder) == record


def test_progress_names_the_steps_in_order(watched):
    seen = list(dict.fromkeys(s.split(":")[0] for s in watched[2]))
    first = ["reading the screen", "reading predictions", "measuring effects", "measuring across batches"]
    assert seen[:5] == [*first, "running the ladder"]
    assert seen[-1] == "writing"


def test_a_screen_without_a_scored_gene(study, tmp_path):
    simulation, _ = simulated()
    adata = simulation.screen.adata.copy()
    adata.X = adata.X * 0
    write_small(study.parent, adata=adata)
    with pytest.raises(InputError, match=r"screen\.h5ad: no gene can be scored"):
        assess(study, tmp_path / "a")


def test_a_file_where_the_directory_should_be(study, tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(InputError, match="taken: cannot be made a directory"):
        assess(study, tmp_path / "taken")


def test_errors_of_a_section_name_the_study(study, tmp_path):
    study.write_text(study.read_text().replace('file = "split.json"', 'make = "cex"\ncontexts = ["Mars"]'))
    with pytest.raises(InputError, match=r"study\.toml, \[split\] contexts: the contexts Mars"):
        assess(study, tmp_path / "a")


def test_toml_is_written_as_it_is_read(tmp_path):
    data = {
        "schema": "s",
        "n": 3,
        "data": {"x": 0.5, "yes": True, "list": ["a", 'q"u\\o\x7fte', "naïve β"], "inline": {"a b": "c", "d": {}}},
        "model": [{"name": "new\nline"}, {"name": "tab\t", "columns": {"perturbation": "p"}}],
        "none": [],
    }
    assert tomllib.loads(to_toml(data)) == data


def test_a_study_of_several_files_is_assessed_and_repeated(study, tmp_path, assessed):
    adata = ad.read_h5ad(study.parent / "screen.h5ad")
    half = (np.arange(adata.n_obs) % 5 < 2).nonzero()[0]
    rest = np.setdiff1d(np.arange(adata.n_obs), half)
    for name, rows in (("one", half), ("two", rest)):
        adata[rows].copy().write_h5ad(study.parent / f"{name}.h5ad", compression="gzip")
    text = study.read_text(encoding="utf-8")
    study.write_text(text.replace('"screen.h5ad"', '["one.h5ad", "two.h5ad"]'), encoding="utf-8")
    record = assess(study, tmp_path / "several")
    manifest = json.loads((tmp_path / "several" / "manifest.json").read_text())
    assert {Path(name).name for name in manifest["inputs"]} >= {"one.h5ad", "two.h5ad", "study.toml"}
    whole, _ = assessed
    assert_alike(record, whole)
    assert_alike(assess(tmp_path / "several" / "study.toml", tmp_path / "again"), record)


@pytest.fixture(scope="module")
def seeded(tmp_path_factory, small, assessed):
    """The small study with two more seeds of its model, and a margin of its own."""
    folder = tmp_path_factory.mktemp("seeded")
    shutil.copytree(small, folder, dirs_exist_ok=True)
    shutil.copytree(assessed[1] / "cache", folder / "a" / "cache")
    first = pd.read_parquet(folder / "mine.parquet")
    genes = [c for c in first.columns if c not in ("perturbation", "context", "dose_uM")]
    rng = np.random.default_rng(0)
    for i in (2, 3):
        noise = 0.3 * i * first[genes].to_numpy().std() * rng.normal(size=(len(first), len(genes)))
        first.assign(**(first[genes] + noise)).to_parquet(folder / f"seed{i}.parquet", index=False)
    text = (folder / "study.toml").read_text()
    text = text.replace('space = "delta"', 'space = "delta"\nseeds = ["seed2.parquet", "seed3.parquet"]')
    (folder / "study.toml").write_text(text.replace("draws = 200", "draws = 200\nequivalence = 0.05"))
    return assess(folder / "study.toml", folder / "a"), folder / "a"


def test_seeds_of_a_model_are_scored_as_one(seeded, assessed):
    record, folder = seeded
    assert [(m.name, m.n_seeds) for m in record.models] == [("mine", 3), ("mean", 1)]
    assert {r.model for r in record.seeds} == {"mine"}
    for row in record.seeds:
        assert row.low <= row.mean <= row.high
        own = record.score("mine", row.metric, row.stratum)
        assert own.value == pytest.approx(row.mean)
    spread = next(r for r in record.seeds if (r.metric, r.stratum) == ("pearson_delta", "all"))
    assert spread.sd > 0
    assert spread.high == pytest.approx(assessed[0].score("mine", "pearson_delta").value)  # the seed without noise
    assert not [s for s in record.scores if "seed" in s.model]
    assert "seed" not in " ".join(set(read_table(folder, "scores").model))
    assert {Path(name).name for name in json.loads((folder / "manifest.json").read_text())["inputs"]} >= {
        "seed2.parquet",
        "seed3.parquet",
    }
    resolved = tomllib.loads((folder / "study.toml").read_text())
    assert [Path(f).name for f in resolved["model"][0]["seeds"]] == ["seed2.parquet", "seed3.parquet"]


def test_the_margin_of_equivalence_is_the_studys(seeded, assessed):
    assert {c.margin for c in seeded[0].comparisons} == {0.05}
    assert {c.margin for c in assessed[0].comparisons} == {0.02}


def test_all_answers_are_ranked(assessed):
    record, _ = assessed
    legal = {b.name for b in record.baselines if b.legal and b.ran}
    ranking = next(r for r in record.ranks if r.metric == "pearson_delta")
    assert {r.name for r in ranking.ranks} == {"mine", "mean"} | (legal - {"perturbation_mean"})
    assert sum(r.first for r in ranking.ranks) == pytest.approx(1.0)
    assert ranking.ranks[0].name == "mine"
    (pair,) = ranking.pairs
    assert (pair.model, pair.other) == ("mine", "mean")
    assert pair.better > 0.9
    assert record.resampled
