"""Broken files through the command line: one sentence with file, column and mend, status 2, nothing left behind."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from tests.run.builders import study_text
from vcassay.report import write_report
from vcassay.run.assess import assess

Change = Callable[[Path], object]


def rewritten(change: Callable[[ad.AnnData], Any]) -> Change:
    def apply(folder: Path) -> None:
        adata = ad.read_h5ad(folder / "screen.h5ad")
        other = change(adata)
        (adata if other is None else other).write_h5ad(folder / "screen.h5ad")

    return apply


def bytes_of(name: str, change: Callable[[bytes], bytes]) -> Change:
    return lambda folder: (folder / name).write_bytes(change((folder / name).read_bytes()))


def predicted(change: Callable[[pd.DataFrame], pd.DataFrame]) -> Change:
    def apply(folder: Path) -> None:
        change(pd.read_parquet(folder / "mine.parquet")).to_parquet(folder / "mine.parquet")

    return apply


def said(**text: Any) -> Change:
    return lambda folder: (folder / "study.toml").write_text(study_text(**text))


def replaced(old: str, new: str) -> Change:
    def apply(folder: Path) -> None:
        text = (folder / "study.toml").read_text()
        assert old in text
        (folder / "study.toml").write_text(text.replace(old, new))

    return apply


def manifest(change: Callable[[dict[str, Any]], object]) -> Change:
    def apply(folder: Path) -> None:
        data = json.loads((folder / "split.json").read_text())
        change(data)
        (folder / "split.json").write_text(json.dumps(data))

    return apply


def poked(value: float) -> Callable[[ad.AnnData], None]:
    def change(adata: ad.AnnData) -> None:
        adata.X = adata.X.toarray()
        adata.X[5, 7] = value

    return change


def lognormed(adata: ad.AnnData) -> None:
    totals = np.asarray(adata.X.sum(axis=1)).ravel()
    adata.X = (sp.diags(1e4 / totals) @ adata.X).tocsr()
    adata.X.data = np.log1p(adata.X.data)


def without_labels(adata: ad.AnnData) -> None:
    labels = adata.obs["perturbation"].astype(object)
    labels.iloc[:60] = np.nan
    adata.obs["perturbation"] = pd.Categorical(labels)


def twice_named(adata: ad.AnnData) -> None:
    adata.var_names = [adata.var_names[0], *adata.var_names[:-1]]


def features(text: str) -> Change:
    def apply(folder: Path) -> None:
        (folder / "features.csv").write_text(text)
        (folder / "study.toml").write_text(study_text(extra='[knowledge]\nfeatures = ["features.csv"]\n'))

    return apply


def siblings(text: str) -> Change:
    def apply(folder: Path) -> None:
        (folder / "siblings.csv").write_text(text)
        (folder / "study.toml").write_text(study_text(extra='[knowledge]\nsiblings = "siblings.csv"\n'))

    return apply


def scaled(factor: float) -> Callable[[pd.DataFrame], pd.DataFrame]:
    return lambda t: t.assign(**{c: t[c] * factor for c in t.columns[3:]})


MODEL_TWICE = '[[model]]\nname = "mine"\npredictions = "mine.parquet"\n'

CASES: dict[str, tuple[Change, tuple[str, ...]]] = {
    "empty screen": (bytes_of("screen.h5ad", lambda b: b""), ("screen.h5ad", "the file is empty")),
    "truncated screen": (bytes_of("screen.h5ad", lambda b: b[:20000]), ("screen.h5ad", "truncated")),
    "text named h5ad": (bytes_of("screen.h5ad", lambda b: b"a,b\n"), ("screen.h5ad", "no HDF5 file")),
    "no screen": (lambda f: (f / "screen.h5ad").unlink(), ("screen.h5ad", "no such file")),
    "no such column": (
        replaced('context = "context"', 'context = "contxt"'),
        ("screen.h5ad", "no obs column 'contxt' to read the context from", "did you mean 'context'"),
    ),
    "unknown key": (said(data='contxt = "x"\n'), ("study.toml, [data]", "'contxt'", "did you mean 'context'?")),
    "wrong type": (said(data="backed = 3.5\n"), ("study.toml, [data]", "true or false")),
    "unknown use": (said(extra='[claim]\nuse = "target"\n'), ("[claim] use", "did you mean 'target-id'?")),
    "unknown split": (replaced('file = "split.json"', 'make = "cexx"'), ("[split] make", "did you mean 'cex'?")),
    "unknown baseline": (replaced('"perturbation_mean"', '"perturbation_men"'), ("did you mean 'perturbation_mean'?",)),
    "models of one name": (said(extra=MODEL_TWICE), ("names two models alike", "give each its own name")),
    "model like a baseline": (replaced('"mean"', '"ridge"'), ("study.toml, [[model]] 'ridge'", "another name")),
    "no controls": (
        rewritten(lambda a: a[a.obs.perturbation != "control"].copy()),
        ("obs column 'perturbation'", "no row is labelled 'control'"),
    ),
    "no controls in a context": (
        rewritten(lambda a: a[~((a.obs.perturbation == "control") & (a.obs.context == "CL04"))].copy()),
        ("obs column 'context'", "no control rows in 1 of 5 contexts (CL04)", "[data] drop_contexts"),
    ),
    "labels missing": (rewritten(without_labels), ("obs column 'perturbation'", "60 of 2,800 rows (2.1%)")),
    "NaN": (rewritten(poked(np.nan)), ("screen.h5ad", "NaN values (1 of", "row 5", "readout = 'continuous'")),
    "infinite": (rewritten(poked(np.inf)), ("screen.h5ad", "infinite values")),
    "negative": (rewritten(poked(-2)), ("screen.h5ad", "negative values", "down to -2")),
    "genes twice": (rewritten(twice_named), ("screen.h5ad", "var_names repeats 1")),
    "counts declared lognorm": (
        replaced('readout = "counts"', 'readout = "lognorm"'),
        ("look like raw counts", "declare readout = 'counts'"),
    ),
    "lognorm declared counts": (rewritten(lognormed), ("not whole numbers", "declare readout = 'lognorm'")),
    "split of another screen": (
        rewritten(lambda a: a[a.obs.context != "CL04"].copy()),
        ("split.json", "names 20 conditions that were not measured", "CL04 | "),
    ),
    "split of no kind": (
        bytes_of("split.json", lambda b: b"[]"),
        ("split.json: is not a list of perturbations by role",),
    ),
    "split role": (manifest(lambda d: d["rows"][0].update(role="tset")), ("has the role 'tset'", "train, val, test")),
    "split shards": (manifest(lambda d: d.update(test_shards=[9])), ("split.json: has the shards [9]",)),
    "one context for CEX": (
        lambda f: (
            rewritten(lambda a: a[a.obs.context == "CL04"].copy())(f),
            replaced('file = "split.json"', 'make = "cex"')(f),
        ),
        ("study.toml, [split]", "there is one context", "gex or dex"),
    ),
    "one perturbation for GEX": (
        lambda f: (
            rewritten(lambda a: a[a.obs.perturbation.isin(["control", "G0007"])].copy())(f),
            replaced('file = "split.json"', 'make = "gex"')(f),
        ),
        ("study.toml, [split] make = 'gex'", "leaves no condition to train on"),
    ),
    "all counts zero": (rewritten(lambda a: setattr(a, "X", a.X * 0)), ("screen.h5ad", "no gene can be scored")),
    "doses of text": (
        rewritten(lambda a: a.obs.__setitem__("dose_uM", "low")),
        ("obs column 'dose_uM'", "dose 'low' is no number"),
    ),
    "no predictions": (lambda f: (f / "mine.parquet").unlink(), ("mine.parquet: is missing",)),
    "empty predictions": (bytes_of("mine.parquet", lambda b: b""), ("mine.parquet: cannot be read",)),
    "truncated predictions": (bytes_of("mine.parquet", lambda b: b[:900]), ("mine.parquet: cannot be read",)),
    "other genes": (
        predicted(lambda t: t.rename(columns={c: f"X{c}" for c in t.columns[3:]})),
        ("mine.parquet, gene names: misses", "use the screen's gene names"),
    ),
    "other conditions": (
        predicted(lambda t: t.assign(perturbation="sg" + t.perturbation)),
        ("mine.parquet: predicts none of the 40 test conditions", "sg"),
    ),
    "no labels": (
        predicted(lambda t: t.drop(columns="perturbation")),
        ("mine.parquet: has no column of perturbation labels", "its columns are"),
    ),
    "infinite predictions": (predicted(lambda t: t.assign(**{t.columns[4]: np.inf})), ("has infinite values",)),
    "huge predictions": (predicted(scaled(1e300)), ("mine.parquet: has values up to", "NaN for an abstention")),
    "negative counts": (
        replaced('space = "delta"', 'space = "counts"'),
        ("declared as counts but has negative values", "'delta'"),
    ),
    "a matrix that is not there": (
        lambda f: (
            np.savez(f / "p.npz", genes=np.array(["a"]), conditions=np.array(["b"]), one=np.eye(1), two=np.eye(1)),
            replaced('"mine.parquet"', '"p.npz"\narray = "tow"')(f),
        ),
        ("p.npz: has 2 matrices", "did you mean 'two'?"),
    ),
    "a missing ablation": (
        replaced('controls = "training"', 'ablations = { shuffled_context = "no.parquet" }'),
        ("no.parquet: is missing",),
    ),
    "features with NaN": (features("perturbation,a\nG0007,\n"), ("features.csv: has a missing", "'G0007'")),
    "features of text": (features("perturbation,a\nG0007,big\n"), ("features.csv: cannot be read",)),
    "siblings without columns": (siblings("x,y\nCL01,CL02\n"), ("siblings.csv: has the columns x, y", "'a' and 'b'")),
}


@pytest.mark.parametrize("name", CASES)
def test_refused(name, study, tmp_path, vcassay):
    change, words = CASES[name]
    change(study.parent)
    ended = vcassay("assess", study, "-o", tmp_path / "a")
    assert ended.status == 2, ended.out
    assert ended.said.startswith("vcassay: ")
    assert ended.said.endswith((".", "?"))
    for word in words:
        assert word in ended.said
    assert ended.out == ""
    assert not [p for p in tmp_path.rglob("*") if p.suffix in (".json", ".part") and p.name != "split.json"]


ODD = ["<script>alert(1)</script>", "(+)-JQ1", "日本語 β-catenin", "a|b", "x=y", 'q"uote', "back\\slash", "tab\there"]


def test_names_of_any_kind_are_carried_and_escaped(study, tmp_path, vcassay):
    frame = pd.read_parquet(study.parent / "mine.parquet")
    new = dict(zip(sorted(set(frame.perturbation)), ODD, strict=False))
    lines, genes = {"CL04": "<img src=x onerror=alert(2)>"}, ["<b>g</b>", "(+)-g", "ñ"]
    adata = ad.read_h5ad(study.parent / "screen.h5ad")
    for column, names in (("perturbation", new), ("context", lines)):
        for obs in (adata.obs, frame):
            obs[column] = obs[column].astype(str).replace(names)
    frame = frame.rename(columns=dict(zip(adata.var_names[:3], genes, strict=True)))
    adata.var_names = [*genes, *adata.var_names[3:]]
    adata.write_h5ad(study.parent / "screen.h5ad")
    frame.to_parquet(study.parent / "mine.parquet")
    text = study.read_text().replace('"mine"', '"<script>alert(3)</script>"').replace('"small"', '"<i>study</i>"')
    study.write_text(text.replace('file = "split.json"', "predicted = true"))
    assert vcassay("assess", study, "-o", tmp_path / "a").status == 0
    conditions = pd.read_parquet(tmp_path / "a" / "conditions.parquet")
    assert set(ODD) <= set(conditions.perturbation)
    assert lines["CL04"] in set(conditions.context)
    page = (tmp_path / "a" / "report.html").read_text()
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "<i>study" not in page
    assert "\\u003cscript\\u003ealert(3)" in page or "&lt;script&gt;alert(3)" in page
    assert vcassay("verify", tmp_path / "a").status == 0
    assert vcassay("report", tmp_path / "a").status == 0


def lower(t: pd.DataFrame) -> pd.DataFrame:
    return t.rename(columns={c: c.lower() for c in t.columns[3:]})


ANSWERS: dict[str, tuple[Callable[[pd.DataFrame], pd.DataFrame], str]] = {
    "zero": (scaled(0.0), "not supported"),
    "NaN throughout": (scaled(np.nan), "not supported"),
    "constant": (lambda t: t.assign(**dict.fromkeys(t.columns[3:], 0.5)), "not supported"),
    "rows twice": (lambda t: pd.concat([t, t]), "supported"),
    "another order": (lambda t: t.iloc[::-1, ::-1], "supported"),
    "lower case": (lower, "supported"),
    "genes missing": (lambda t: t.drop(columns=t.columns[-5:]), "supported"),
    "one gene without a value": (lambda t: t.assign(**{t.columns[4]: np.nan}), "supported"),
}
ORDER = ("rows twice", "another order", "lower case")
"""Cases that are settled on reading."""


@pytest.mark.parametrize("name", ANSWERS)
def test_answered_whatever_the_predictions_hold(name, study, ahead):
    change, level = ANSWERS[name]
    predicted(change)(study.parent)
    record = assess(study, ahead, quick=name in ORDER)
    assert record.complete
    assert record.models[0].verdict.level == level
    write_report(ahead)


def test_a_quarter_of_the_genes_missing_is_said_and_costs_power_alone(study, ahead):
    predicted(lambda t: t.drop(columns=t.columns[-20:]))(study.parent)
    record = assess(study, ahead)
    model = record.models[0]
    assert record.complete
    assert "17 of 64 scored genes are not predicted; scored on the rest" in model.notes
    assert model.verdict.level in ("supported", "cannot tell")
    assert not any(c.worse for c in record.comparisons if c.model == model.name)


@pytest.mark.parametrize("kind", ["some cells", "a condition", "one cell each", "one control each"])
def test_poor_screens_are_assessed_without_a_warning(kind, study, tmp_path):
    adata = ad.read_h5ad(study.parent / "screen.h5ad")
    obs, control = adata.obs, (adata.obs.perturbation == "control").to_numpy()
    if kind in ("some cells", "a condition"):
        dense = adata.X.toarray()
        dense[: 40 if kind == "some cells" else 0] = 0
        dense[((obs.context == "CL05") & (obs.perturbation == "G0007")).to_numpy()] *= kind == "some cells"
        adata.X = sp.csr_matrix(dense)
    else:
        first = ~obs.duplicated(["perturbation", "context", "dose_uM"]).to_numpy()
        adata = adata[first | (control if kind == "one cell each" else ~control)].copy()
    adata.write_h5ad(study.parent / "screen.h5ad")
    assert assess(study, tmp_path / "a").complete
    write_report(tmp_path / "a")
