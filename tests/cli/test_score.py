"""vcassay score: two tables, what was guessed, and mistakes in one sentence."""

from __future__ import annotations

import json
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

GOLDEN = Path(__file__).parents[1] / "parity" / "golden"
CASE = GOLDEN / "cell-eval-case1_dense"
REAL, PRED = CASE / "real.h5ad", CASE / "pred.h5ad"
NAMED = ("--profile", "cell-eval", "--perturbation", "target_gene", "--control", "non-targeting")


def test_two_tables(vcassay, tmp_path):
    ended = vcassay("score", PRED, REAL, *NAMED, "-o", tmp_path / "out")
    assert ended.status == 0
    scores, summary = (pd.read_csv(tmp_path / "out" / f"{name}.csv") for name in ("scores", "summary"))
    assert list(scores) == ["profile", "metric", "context", "perturbation", "value", "status"]
    assert list(summary) == ["metric", "value", "n", "n_undefined"]
    assert len(scores) == 28 * 6
    assert (summary["n"] + summary["n_undefined"] == 6).all()
    assert not list((tmp_path / "out").glob(".*"))
    assert "pearson_delta" in ended.out


def test_columns_are_guessed_and_said(vcassay, tmp_path):
    named = json.loads(vcassay("score", PRED, REAL, *NAMED, "-o", tmp_path / "a", "--json").out)
    guessed = json.loads(vcassay("score", PRED, REAL, "--profile", "cell-eval", "-o", tmp_path / "b", "--json").out)
    assert guessed["columns"] == named["columns"] == {"perturbation": "target_gene", "control": "non-targeting"}
    assert guessed["summary"] == named["summary"]
    assert any("target_gene" in note for note in guessed["notes"])
    assert not named["notes"]


def test_contexts_are_scored_apart_and_weigh_alike(vcassay, tmp_path):
    files = {}
    for name in ("real", "pred"):
        a = ad.read_h5ad(CASE / f"{name}.h5ad")
        other = a[a.obs["target_gene"] != "G00"].copy()
        both = ad.concat({"A": a, "B": other}, label="line", index_unique="-")
        files[name] = tmp_path / f"{name}.h5ad"
        both.write_h5ad(files[name])
    vcassay("score", files["pred"], files["real"], *NAMED, "--context", "line", "-o", tmp_path)
    scores = pd.read_csv(tmp_path / "scores.csv").set_index(["metric", "context", "perturbation"])["value"]
    vcassay("score", PRED, REAL, *NAMED, "-o", tmp_path / "one")
    alone = pd.read_csv(tmp_path / "one" / "scores.csv").set_index(["metric", "perturbation"])["value"]
    pd.testing.assert_series_equal(scores.xs("A", level="context"), alone)
    assert "G00" not in scores.xs("B", level="context").index.get_level_values("perturbation")
    summary = pd.read_csv(tmp_path / "summary.csv").set_index("metric")["value"]
    means = scores["mae"].groupby("context").mean()
    np.testing.assert_allclose(summary["mae"], means.mean())


def test_genes_are_matched_by_name(vcassay, tmp_path):
    pred = ad.read_h5ad(PRED)
    pred[:, np.random.default_rng(0).permutation(pred.n_vars)].copy().write_h5ad(tmp_path / "p.h5ad")
    a = json.loads(vcassay("score", tmp_path / "p.h5ad", REAL, *NAMED, "-o", tmp_path / "a", "--json").out)
    b = json.loads(vcassay("score", PRED, REAL, *NAMED, "-o", tmp_path / "b", "--json").out)
    assert a["notes"] == ["the predicted genes were put into the order of the measured ones"]
    assert [row["metric"] for row in a["summary"]] == [row["metric"] for row in b["summary"]]
    for mine, theirs in zip(a["summary"], b["summary"], strict=True):  # another order of genes is another order of sums
        known = theirs["value"] is not None
        assert mine["value"] == (pytest.approx(theirs["value"], rel=1e-10) if known else None)
        assert (mine["n"], mine["n_undefined"]) == (theirs["n"], theirs["n_undefined"])
    pred[:, :30].copy().write_h5ad(tmp_path / "p.h5ad")
    assert "30 genes are in both" in vcassay("score", tmp_path / "p.h5ad", REAL, *NAMED, "-o", tmp_path / "a").out
    pred[:, :9].copy().write_h5ad(tmp_path / "p.h5ad")
    ended = vcassay("score", tmp_path / "p.h5ad", REAL, *NAMED, "-o", tmp_path / "a")
    assert ended.status == 2
    assert "only 9 of the 40 measured genes" in ended.said


def test_missing_and_extra_perturbations(vcassay, tmp_path):
    pred = ad.read_h5ad(PRED)
    pred.obs["target_gene"] = pred.obs["target_gene"].astype(str).replace({"G03": "ELSE"})
    pred.write_h5ad(tmp_path / "p.h5ad")
    ended = vcassay("score", tmp_path / "p.h5ad", REAL, *NAMED, "-o", tmp_path)
    assert ended.status == 0
    assert "1 predicted perturbations were not measured and are left out: ELSE" in ended.out
    scores = pd.read_csv(tmp_path / "scores.csv")
    lacking = scores[scores["perturbation"] == "G03"]
    assert lacking["value"].isna().all()
    assert set(lacking["status"]) == {"undefined: the prediction lacks this perturbation"}


def test_stored_zeros_and_columns_first_change_nothing(vcassay, tmp_path):
    case = GOLDEN / "cell-eval-case2_sparse"
    pred = ad.read_h5ad(case / "pred.h5ad")
    x, at = pred.X.tocoo(), np.flatnonzero(pred.X.toarray()[0] == 0)[:3]
    place = (np.r_[x.row, np.zeros(3, int)], np.r_[x.col, at])
    pred.X = sp.csc_matrix((np.r_[x.data, np.zeros(3, x.dtype)], place), shape=x.shape)
    assert pred.X.nnz == x.nnz + 3
    pred.write_h5ad(tmp_path / "p.h5ad")
    out = [
        json.loads(vcassay("score", p, case / "real.h5ad", *NAMED, "-o", tmp_path / "o", "--json").out)["summary"]
        for p in (case / "pred.h5ad", tmp_path / "p.h5ad")
    ]
    assert out[0] == out[1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--profile", "cell-evil"), "did you mean 'cell-eval'?"),
        ((), "no profile is named"),
        (("--profile", "cell-eval", "--perturbation", "target"), "obs has no column 'target'; did you mean"),
        (("--profile", "cell-eval", "--perturbation", "target_gene", "--control", "ctrl"), "no control labelled ctrl"),
        ((*NAMED, "--context", "line"), "obs has no column 'line'"),
        (("--profile", "vcc2026", *NAMED[2:]), "look log-normalised, and the profile vcc2026 wants counts"),
    ],
)
def test_mistakes_are_one_sentence(vcassay, tmp_path, words, said):
    ended = vcassay("score", PRED, REAL, *words, "-o", tmp_path / "out")
    assert ended.status == 2
    assert said in ended.said
    assert not (tmp_path / "out").exists()


def test_values_that_are_no_numbers(vcassay, tmp_path):
    pred = ad.read_h5ad(PRED)
    pred.X[3, 4] = np.nan
    pred.write_h5ad(tmp_path / "p.h5ad")
    ended = vcassay("score", tmp_path / "p.h5ad", REAL, *NAMED, "-o", tmp_path / "out")
    assert ended.status == 2
    assert "X holds NaN or infinite values" in ended.said
    assert vcassay("score", tmp_path / "no.h5ad", REAL, *NAMED).status == 2


def test_nothing_in_common(vcassay, tmp_path):
    pred = ad.read_h5ad(PRED)
    pred.obs["target_gene"] = "else"
    pred.write_h5ad(tmp_path / "p.h5ad")
    ended = vcassay("score", tmp_path / "p.h5ad", REAL, *NAMED, "-o", tmp_path / "out")
    assert ended.status == 2
    assert "no perturbation of the measured file is in 'target_gene'" in ended.said


def test_profiles_are_listed_and_explained(vcassay):
    assert "cell-eval:overlap_at_N" in vcassay("list", "profiles").out
    ended = vcassay("explain", "cell-eval:overlap_at_N")
    for word in ("optimum: 1", "fooled by:", "ties go by the order of the genes", "source: cell-eval 0.8.2"):
        assert word in ended.out
    assert vcassay("explain", "overlap_at_N").out == ended.out
    assert json.loads(vcassay("explain", "vcc2026:pds_cosine", "--json").out)["kind"] == "profiles"
