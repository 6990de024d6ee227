"""DE tables: against naive loops in each tool's formulas, contexts and batches, files, refusals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from scipy import stats

import vcassay as va
from tests.effects.builders import biology, count_cells, vectors
from vcassay.arrays.multiple import benjamini_hochberg, benjamini_hochberg_rows
from vcassay.core import InputError
from vcassay.effects.de import de
from vcassay.screen import Design, Readout, Rows, make_screen, read_screen

GENES = 30
VALUES = ["statistic", "z", "pvalue", "padj", "log2fc", "mean_target", "mean_reference"]


def cells(seed: int = 0, n: int = 240, *, kind: str = "lognorm", contexts: int = 1) -> ad.AnnData:
    rng = np.random.default_rng(seed)
    rate = rng.gamma(0.5, 2.0, GENES)
    rate[:2] = 0.0  # never expressed
    obs = pd.DataFrame(
        {
            "perturbation": rng.choice(["control", "A", "B", "C+D"], n),
            "line": [f"line{i}" for i in rng.integers(0, contexts, n)],
            "batch": [f"b{i}" for i in rng.integers(0, 2, n)],
        },
        index=[f"cell{i}" for i in range(n)],
    )
    rates = rate * rng.lognormal(0, 0.4, (n, 1))
    rates[obs["perturbation"] == "A", 3:6] *= 6.0
    rates[obs["perturbation"] == "control", 6] = 0.0
    counts = rng.poisson(rates).astype(np.float32)
    counts[:, -1] += 1
    X = counts if kind == "counts" else np.log1p(counts * (1e4 / counts.sum(axis=1, keepdims=True)), dtype=np.float32)
    return ad.AnnData(sp.csr_matrix(X), obs=obs, var=pd.DataFrame(index=[f"G{i}" for i in range(GENES)]))


def test_the_table() -> None:
    table = va.de(cells(), perturbation="perturbation", control="control")
    assert list(table.columns) == ["perturbation", "gene", *VALUES, "n_target", "n_reference"]
    assert table["perturbation"].cat.categories.tolist() == ["A", "B", "C+D"]
    assert table["perturbation"].tolist() == np.repeat(["A", "B", "C+D"], GENES).tolist()
    assert table["gene"].tolist() == [f"G{i}" for i in range(GENES)] * 3
    silent = table[table["gene"].isin(["G0", "G1"])]
    assert (silent[["z", "log2fc"]] == 0).all(axis=None)
    assert (silent[["pvalue", "padj"]] == 1).all(axis=None)
    planted = table[(table["perturbation"] == "A") & table["gene"].isin(["G3", "G4", "G5"])]
    assert (planted["padj"] < 0.01).all()
    assert (planted["log2fc"] > 0).all()


def split(adata: ad.AnnData, name: str, context: str | None = None) -> tuple[np.ndarray, np.ndarray]:
    label = adata.obs["perturbation"].to_numpy()
    here = np.ones(len(label), dtype=bool) if context is None else (adata.obs["line"] == context).to_numpy()
    X = np.asarray(adata.X.toarray(), dtype=np.float64)
    return X[(label == name) & here], X[(label == "control") & here]


def ratio(a: np.ndarray, b: np.ndarray, epsilon: float) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        fold = np.log2((a + epsilon) / (b + epsilon))
    return np.where(np.isnan(fold), 0.0, fold)


FOLDS: dict[str, Any] = {
    "vcassay": lambda x, y: (x.mean(0) - y.mean(0)) / np.log(2),
    "scanpy": lambda x, y: ratio(np.expm1(x.mean(0)), np.expm1(y.mean(0)), 1e-9),
    "cell-eval": lambda x, y: ratio(np.expm1(x.mean(0)), np.expm1(y.mean(0)), 0.0),
    "cell-eval2": lambda x, y: ratio(np.expm1(x).mean(0), np.expm1(y).mean(0), 1e-9),
}


@pytest.mark.parametrize("convention", sorted(FOLDS))
def test_conventions_on_log_normalised_values(convention: str) -> None:
    adata = cells(1)
    table = de(adata, "perturbation", "control", convention=convention)
    for name, own in table.groupby("perturbation", observed=True):
        x, y = split(adata, str(name))
        np.testing.assert_allclose(own["log2fc"], FOLDS[convention](x, y), rtol=1e-10, atol=1e-12)
        continuity = convention in ("vcassay", "cell-eval")
        p = stats.mannwhitneyu(x, y, method="asymptotic", use_continuity=continuity).pvalue
        p = np.where(np.isnan(p), 1.0, p)
        np.testing.assert_allclose(own["pvalue"], p, rtol=1e-12)
        keep = np.ones(GENES, dtype=bool)
        if convention == "cell-eval2":
            keep = np.expm1(y).mean(0) * 100 > 5.0  # to a total of 1e6
            assert 0 < keep.sum() < GENES
        want = np.full(GENES, np.nan)
        want[keep] = stats.false_discovery_control(p[keep])
        np.testing.assert_allclose(own["padj"], want, rtol=1e-12)
        assert (own["n_target"].iloc[0], own["n_reference"].iloc[0]) == (len(x), len(y))


@pytest.mark.parametrize("convention", sorted(FOLDS))
def test_conventions_on_counts(convention: str) -> None:
    adata = cells(2, kind="counts")
    total = np.asarray(adata.X.sum(axis=1)).ravel()
    table = de(adata, "perturbation", "control", convention=convention)
    depth = 1e6 if convention == "cell-eval2" else 1e4
    label = adata.obs["perturbation"].to_numpy()
    X = adata.X.toarray().astype(np.float64)
    scaled = X * depth / total[:, None]
    for name, own in table.groupby("perturbation", observed=True):
        x, y = (scaled[label == k] for k in (name, "control"))
        if convention == "vcassay":
            pooled = [np.log1p(1e4 * X[label == k].sum(0) / total[label == k].sum()) for k in (name, "control")]
            want = (pooled[0] - pooled[1]) / np.log(2)
        else:
            want = FOLDS[convention](np.log1p(x), np.log1p(y))
        np.testing.assert_allclose(own["log2fc"], want, rtol=1e-10, atol=1e-10)
        p = stats.mannwhitneyu(
            x.astype(np.float32).astype(float),
            y.astype(np.float32).astype(float),
            method="asymptotic",
            use_continuity=convention in ("vcassay", "cell-eval"),
        ).pvalue
        np.testing.assert_allclose(own["pvalue"], np.where(np.isnan(p), 1.0, p), rtol=1e-12)
    told = de(adata, "perturbation", "control", convention=convention, target_sum=depth, readout="counts")
    pd.testing.assert_frame_equal(told, table)


def test_the_fold_change_is_the_effect_of_the_screen() -> None:
    unit, base = biology(3, 4, 20)
    screen = count_cells(3, 0.3 * unit, base).screen
    table = de(screen)
    from vcassay.arrays.shards import N_SHARDS

    every = tuple(range(N_SHARDS))
    moments = va.measure(screen).moments
    want = moments.effects(every, every) / np.log(2)
    np.testing.assert_allclose(table["log2fc"].to_numpy().reshape(want.shape), want, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("test", ["t", "t_overestim_var"])
@pytest.mark.parametrize("kind", ["counts", "lognorm"])
def test_t_tests_are_scanpys(test: str, kind: str) -> None:
    adata = cells(4, kind=kind)
    table = de(adata, "perturbation", "control", test, convention="scanpy")
    if kind == "counts":
        X = adata.X.toarray().astype(np.float64)
        adata.X = sp.csr_matrix(np.log1p(1e4 * X / X.sum(axis=1, keepdims=True)))
    for name, own in table.groupby("perturbation", observed=True):
        x, y = split(adata, str(name))
        n2 = len(y) if test == "t" else len(x)
        with np.errstate(invalid="ignore", divide="ignore"):
            t, p = stats.ttest_ind_from_stats(
                x.mean(0), x.std(0, ddof=1), len(x), y.mean(0), y.std(0, ddof=1), n2, equal_var=False
            )
        t, p = np.where(np.isnan(t), 0.0, t), np.where(np.isnan(p), 1.0, p)
        np.testing.assert_allclose(own["statistic"], t, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(own["pvalue"], p, rtol=1e-8)
        np.testing.assert_allclose(2 * stats.norm.sf(np.abs(own["z"])), p, rtol=1e-8)
        np.testing.assert_allclose(own["log2fc"], FOLDS["scanpy"](x, y), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("test", ["wilcoxon", "t"])
def test_contexts_are_tested_apart(test: str) -> None:
    adata = cells(5, 500, contexts=3)
    table = de(adata, "perturbation", "control", test, context="line")
    assert list(table.columns[:2]) == ["perturbation", "context"]
    for line in ("line0", "line1", "line2"):
        alone = de(adata[adata.obs["line"] == line].copy(), "perturbation", "control", test)
        own = table[table["context"] == line].reset_index(drop=True)
        np.testing.assert_array_equal(own[VALUES], alone[VALUES])
        assert own["perturbation"].tolist() == alone["perturbation"].tolist()


@pytest.mark.parametrize("test", ["wilcoxon", "t"])
def test_batches_match_their_own_controls(test: str) -> None:
    rng = np.random.default_rng(6)
    n, genes = 600, 400
    batch = rng.integers(0, 2, n)
    label = np.where(rng.random(n) < np.where(batch == 0, 0.8, 0.2), "A", "control")
    X = rng.normal(10.0, 1.0, (n, genes)) + 2.0 * batch[:, None]
    obs = pd.DataFrame({"p": label, "plate": batch.astype(str)}, index=[f"c{i}" for i in range(n)])
    adata = ad.AnnData(X, obs=obs)
    options: dict[str, Any] = {"perturbation": "p", "control": "control", "readout": "continuous", "test": test}
    assert (de(adata, **options)["pvalue"] < 0.05).mean() > 0.9
    matched = de(adata, batch="plate", **options)
    assert stats.kstest(matched["pvalue"], "uniform").pvalue > 1e-3
    assert abs(matched["log2fc"]).mean() < 0.2
    alone = adata[~((batch == 1) & (label == "control"))].copy()
    lonely = de(alone, batch="plate", **options)
    assert lonely["n_target"].iloc[0] == ((batch == 0) & (label == "A")).sum()


def test_a_screen_names_its_columns() -> None:
    adata = cells(7, 400, contexts=2)
    screen = make_screen(adata, Design("perturbation", context="line", readout=Readout.LOGNORM))
    pd.testing.assert_frame_equal(
        de(screen).drop(columns="perturbation"),
        de(adata, "perturbation", "control", context="line").drop(columns="perturbation"),
    )


@pytest.mark.parametrize("store", ["csr", "csc", "dense"])
@pytest.mark.parametrize("test", ["wilcoxon", "t"])
def test_files_and_slabs(tmp_path: Path, store: str, test: str, monkeypatch: pytest.MonkeyPatch) -> None:
    adata = cells(8, kind="counts")
    wanted = de(adata, "perturbation", "control", test)
    adata.X = {"csr": adata.X, "csc": adata.X.tocsc(), "dense": adata.X.toarray()}[store]
    adata.layers["again"] = adata.X
    path = tmp_path / "cells.h5ad"
    adata.write_h5ad(path)
    pd.testing.assert_frame_equal(de(adata, "perturbation", "control", test, layer="again"), wanted)
    for limit in (2**31, 8000):
        monkeypatch.setattr("vcassay.effects.slabs.SLAB_BYTES", limit)
        monkeypatch.setattr("vcassay.effects.slabs.PIECE_BYTES", limit)
        backed = ad.read_h5ad(path, backed="r")
        pd.testing.assert_frame_equal(de(backed, "perturbation", "control", test), wanted)
        subset = de(backed, "perturbation", "control", test, genes=["G20", "G3", "G7"])
        assert subset["gene"].tolist()[:3] == ["G20", "G3", "G7"]
        pd.testing.assert_frame_equal(subset, de(adata, "perturbation", "control", test, genes=["G20", "G3", "G7"]))
        backed.file.close()
        with read_screen(path, Design("perturbation", readout=Readout.COUNTS), backed=True) as screen:
            np.testing.assert_array_equal(de(screen, test=test)[VALUES], wanted[VALUES])


def test_threads_blocks_and_order() -> None:
    adata = cells(9, kind="counts")
    wanted = de(adata, "perturbation", "control", threads=1)
    pd.testing.assert_frame_equal(de(adata, "perturbation", "control", threads=3, block=7), wanted)
    rng = np.random.default_rng(0)
    other = adata[rng.permutation(adata.n_obs)][:, rng.permutation(GENES)].copy()
    moved = de(other, "perturbation", "control").sort_values(["perturbation", "gene"], key=lambda c: c.astype(str))
    sorted_wanted = wanted.sort_values(["perturbation", "gene"], key=lambda c: c.astype(str))
    np.testing.assert_allclose(moved[VALUES], sorted_wanted[VALUES], rtol=1e-10, atol=1e-12)
    np.testing.assert_array_equal(moved["pvalue"], sorted_wanted["pvalue"])


def test_chosen_genes_are_a_family_of_their_own() -> None:
    adata = cells(10)
    every = de(adata, "perturbation", "control").set_index(["perturbation", "gene"])
    mask = np.arange(GENES) % 3 == 0
    some = de(adata, "perturbation", "control", genes=mask)
    assert some["gene"].nunique() == mask.sum()
    for name, own in some.groupby("perturbation", observed=True):
        before = every.loc[name].loc[own["gene"].astype(str)]
        np.testing.assert_array_equal(own["pvalue"], before["pvalue"])
        np.testing.assert_allclose(own["padj"], stats.false_discovery_control(own["pvalue"]), rtol=1e-12)
    assert len(de(adata, "perturbation", "control", genes=[])) == 0


def test_controls_are_found_or_asked_for() -> None:
    adata = cells(11)
    pd.testing.assert_frame_equal(de(adata, "perturbation"), de(adata, "perturbation", "control"))
    two = de(adata, "perturbation", ["control", "B"])
    assert two["perturbation"].unique().tolist() == ["A", "C+D"]
    missing = adata.copy()
    missing.obs.iloc[:20, 0] = np.nan
    assert de(missing, "perturbation", "control")["n_target"].sum() < 240 * GENES


def test_without_continuity() -> None:
    adata = cells(12)
    plain = de(adata, "perturbation", "control", corr="none")
    assert (plain["pvalue"] <= de(adata, "perturbation", "control", corr="continuity")["pvalue"]).all()
    np.testing.assert_array_equal(plain["pvalue"], de(adata, "perturbation", convention="scanpy")["pvalue"])


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"perturbation": None}, "perturbation="),
    ({"perturbation": "perturbatio"}, "did you mean 'perturbation'"),
    ({"control": "ctrl"}, "no control labelled ctrl"),
    ({"context": "cell"}, "no column 'cell'"),
    ({"batch": "plate"}, "no column 'plate'"),
    ({"layer": "raw"}, "no layer 'raw'"),
    ({"genes": ["G1", "H1"]}, "no such gene: H1"),
    ({"genes": ["G1", "G1"]}, "listed twice"),
    ({"genes": np.ones(3, dtype=bool)}, "3 genes"),
    ({"test": "wilcoxn"}, "did you mean 'wilcoxon'"),
    ({"convention": "scampy"}, "did you mean 'scanpy'"),
    ({"corr": "bonferroni"}, "continuity or none"),
    ({"readout": "countz"}, "did you mean 'counts'"),
]


@pytest.mark.parametrize(("given", "said"), REFUSED)
def test_mistakes_are_named(given: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        de(cells(0, 60), **({"perturbation": "perturbation", "control": "control"} | given))


def test_nan_and_ready_made_effects_are_refused() -> None:
    screen = vectors(0, np.zeros((3, 5)), missing=0.2).screen
    with pytest.raises(InputError, match="NaN"):
        de(screen)
    with pytest.raises(InputError, match="ready-made"):
        de(vectors(0, np.zeros((3, 5)), rows=Rows.EFFECTS).screen)


def test_rows_are_adjusted_each_on_its_own() -> None:
    rng = np.random.default_rng(1)
    p = rng.choice([0.001, 0.01, 0.02, 0.5, 1.0, np.nan], (40, 25))
    p[3] = np.nan
    want = np.stack([benjamini_hochberg(row) for row in p])
    np.testing.assert_allclose(benjamini_hochberg_rows(p), want, rtol=1e-14)
    assert benjamini_hochberg_rows(np.empty((2, 0))).shape == (2, 0)
    assert benjamini_hochberg_rows(np.empty((0, 3))).shape == (0, 3)
