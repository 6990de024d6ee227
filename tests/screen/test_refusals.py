"""Broken files, each refused in one sentence that names the file, the column and the mend."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import anndata as ad
import h5py
import numpy as np
import pytest
import scipy.sparse as sp

from tests.screen.builders import GENES, build, check_sentence, frame, normalised, poisson, write
from vcassay.core import InputError
from vcassay.screen import Design, Readout, Rows, make_screen, read_screen

DESIGN = Design("perturbation", context="cell_line", batch="batch")
LOGNORM = replace(DESIGN, readout=Readout.LOGNORM)
CONTINUOUS = replace(DESIGN, readout=Readout.CONTINUOUS)


def edited(adata: ad.AnnData, change: Callable[[ad.AnnData], object]) -> ad.AnnData:
    change(adata)
    return adata


def with_obs(column: str, rows: slice, value: object) -> Callable[[ad.AnnData], None]:
    def change(adata: ad.AnnData) -> None:
        values = adata.obs[column].astype(object).to_numpy()
        values[rows] = value
        adata.obs[column] = values

    return change


def with_values(value: float, readout_X: Callable[[int], np.ndarray] = poisson) -> Callable[[ad.AnnData], None]:
    def change(adata: ad.AnnData) -> None:
        X = readout_X(adata.n_obs)
        X[17, 3] = value
        adata.X = X

    return change


def only(mask: Callable[[ad.AnnData], object]) -> Callable[[ad.AnnData], ad.AnnData]:
    return lambda adata: adata[mask(adata)].copy()


BROKEN = {
    "missing column": (
        lambda a: a,
        replace(DESIGN, context="cell_lin"),
        ("obs column 'cell_lin'", "context", "did you mean 'cell_line'"),
    ),
    "missing column without a neighbour": (
        lambda a: a,
        replace(DESIGN, dose="zzz"),
        ("obs column 'zzz'", "dose", "known: batch, cell_line, perturbation"),
    ),
    "missing layer": (lambda a: a, replace(DESIGN, layer="counts"), ("layer 'counts'", "there is none")),
    "no X": (
        lambda a: ad.AnnData(obs=a.obs, var=a.var, layers={"raw": a.X}),
        DESIGN,
        ("no X", "known: raw"),
    ),
    "no controls": (
        lambda a: a,
        replace(DESIGN, control=("vehicle",)),
        ("obs column 'perturbation'", "'vehicle'", "'control' is there"),
    ),
    "no controls at all": (
        only(lambda a: a.obs["perturbation"] != "control"),
        DESIGN,
        ("obs column 'perturbation'", "'control'", "labels: KLF1, MYC, TP53", "rows = 'effects'"),
    ),
    "no controls in a context": (
        only(lambda a: (a.obs["perturbation"] != "control") | (a.obs["cell_line"] == "A549")),
        DESIGN,
        ("obs column 'cell_line'", "in 1 of 2 contexts (K562)", "--drop-context 'K562'"),
    ),
    "controls alone": (
        only(lambda a: a.obs["perturbation"] == "control"),
        DESIGN,
        ("obs column 'perturbation'", "is a control"),
    ),
    "missing labels": (
        lambda a: edited(a, with_obs("perturbation", slice(0, 5), np.nan)),
        DESIGN,
        ("obs column 'perturbation'", "5 of 64 rows (7.8%)"),
    ),
    "missing contexts": (
        lambda a: edited(a, with_obs("cell_line", slice(0, 5), "nan")),
        DESIGN,
        ("obs column 'cell_line'", "5 of 64 rows"),
    ),
    "missing batches": (
        lambda a: edited(a, with_obs("batch", slice(0, 5), "")),
        DESIGN,
        ("obs column 'batch'", "5 of 64 rows"),
    ),
    "doses in words": (
        lambda a: edited(a, lambda x: x.obs.insert(0, "dose", "high")),
        replace(DESIGN, dose="dose"),
        ("obs column 'dose'", "'high'"),
    ),
    "NaN among counts": (lambda a: edited(a, with_values(np.nan)), DESIGN, ("NaN", "row 17", "counts")),
    "NaN among log-normalised": (
        lambda a: edited(a, with_values(np.nan, normalised)),
        LOGNORM,
        ("NaN values (1 of 768", "row 17", "lognorm"),
    ),
    "infinite": (lambda a: edited(a, with_values(np.inf)), CONTINUOUS, ("infinite values (1 of 768", "row 17")),
    "minus infinite": (lambda a: edited(a, with_values(-np.inf)), CONTINUOUS, ("infinite", "row 17")),
    "negative counts": (lambda a: edited(a, with_values(-2)), DESIGN, ("negative", "-2", "row 17")),
    "negative log-normalised": (
        lambda a: edited(a, with_values(-0.5, normalised)),
        LOGNORM,
        ("negative", "-0.5", "row 17", "layer"),
    ),
    "duplicate genes": (
        lambda a: edited(a, lambda x: setattr(x, "var_names", ["TP53", "TP53", *GENES[2:]])),
        DESIGN,
        ("var_names repeats 1", "TP53"),
    ),
    "log-normalised as counts": (
        lambda a: edited(a, lambda x: setattr(x, "X", normalised(64))),
        DESIGN,
        ("declared as raw counts", "10000", "readout = 'lognorm'"),
    ),
    "log-normalised as counts beside a layer": (
        lambda a: build(a.obs, normalised(64), layers={"counts": poisson(64)}),
        DESIGN,
        ("declared as raw counts", "layers: counts"),
    ),
    "counts as log-normalised": (lambda a: a, LOGNORM, ("whole numbers", "readout = 'counts'")),
    "no logarithm": (
        lambda a: edited(a, lambda x: setattr(x, "X", poisson(64) * 99.5)),
        LOGNORM,
        ("no logarithm", "log1p"),
    ),
    "scalar of many columns": (lambda a: a, replace(DESIGN, readout=Readout.SCALAR), ("12 columns",)),
    "no rows": (lambda a: a[:0].copy(), DESIGN, ("no rows",)),
    "no genes": (lambda a: a[:, :0].copy(), DESIGN, ("no genes",)),
}


@pytest.mark.parametrize("backed", [False, True])
@pytest.mark.parametrize("case", BROKEN)
def test_broken_screens(two_contexts, tmp_path, case, backed):
    change, design, said = BROKEN[case]
    with np.errstate(all="ignore"):
        path = write(change(two_contexts), tmp_path / "study.h5ad")
    with pytest.raises(InputError) as caught:
        read_screen(path, design, backed=backed)
    check_sentence(caught.value, "study.h5ad", *said)


@pytest.mark.parametrize("make", [sp.csr_matrix, sp.csc_matrix])
@pytest.mark.parametrize(("value", "design"), [(np.nan, DESIGN), (-2.0, DESIGN), (np.inf, CONTINUOUS)])
def test_the_row_is_named_in_a_sparse_matrix_too(two_contexts, make, value, design):
    X = poisson(64)
    X[17, 3] = value
    with pytest.raises(InputError) as caught:
        make_screen(build(two_contexts.obs, make(X)), design, name="mine")
    check_sentence(caught.value, "mine", "row 17")


def test_a_context_without_controls_can_be_dropped(two_contexts):
    part = two_contexts[(two_contexts.obs["perturbation"] != "control") | (two_contexts.obs["cell_line"] == "A549")]
    screen = make_screen(part, DESIGN, drop_contexts=["K562"])
    assert set(screen.conditions.context) == {"A549"}


def test_a_context_to_drop_must_be_there(two_contexts):
    with pytest.raises(InputError) as caught:
        make_screen(two_contexts, DESIGN, drop_contexts=["K526"])
    check_sentence(caught.value, "obs column 'cell_line'", "'K526'", "did you mean 'K562'")
    with pytest.raises(InputError) as caught:
        make_screen(two_contexts, DESIGN, drop_contexts=["A549", "K562"])
    check_sentence(caught.value, "no row takes part")


def test_a_text_matrix_is_refused(two_contexts):
    adata = build(two_contexts.obs)
    adata.layers["text"] = np.full((64, 12), "x", dtype=object)
    with pytest.raises(InputError) as caught:
        make_screen(adata, replace(DESIGN, layer="text"))
    check_sentence(caught.value, "not numbers")


def test_effects_of_controls_alone_are_refused():
    adata = build(frame(perturbation=["control", "control"]))
    with pytest.raises(InputError) as caught:
        make_screen(adata, Design("perturbation", rows=Rows.EFFECTS, readout=Readout.CONTINUOUS))
    check_sentence(caught.value, "obs column 'perturbation'")


def _empty(path: Path, whole: bytes) -> None:
    path.write_bytes(b"")


def _text(path: Path, whole: bytes) -> None:
    path.write_text("gene,cell\nTP53,1\n" * 50)


def _truncated(path: Path, whole: bytes) -> None:
    path.write_bytes(whole[: len(whole) // 2])


def _damaged(path: Path, whole: bytes) -> None:
    third = len(whole) // 3
    path.write_bytes(whole[:third] + b"\xff" * third + whole[2 * third :])


def _plain_hdf5(path: Path, whole: bytes) -> None:
    with h5py.File(path, "w") as file:
        file["data"] = np.ones(3)


def _no_var(path: Path, whole: bytes) -> None:
    path.write_bytes(whole)
    with h5py.File(path, "r+") as file:
        del file["var"]


def _unknown_encoding(path: Path, whole: bytes) -> None:
    path.write_bytes(whole)
    with h5py.File(path, "r+") as file:
        file["obs"].attrs["encoding-type"] = "from-the-future"


def _folder(path: Path, whole: bytes) -> None:
    path.mkdir()
    (path / "notes.txt").write_text("no data here")


@pytest.mark.parametrize("backed", [False, True])
@pytest.mark.parametrize(
    ("make", "said"),
    [
        (_empty, "is empty"),
        (_text, "no HDF5 file"),
        (_truncated, "truncated"),
        (_damaged, "could not be"),
        (_plain_hdf5, "no AnnData"),
        (_no_var, "no var"),
        (_unknown_encoding, "could not be read as AnnData"),
        (_folder, "no zarr group"),
    ],
)
def test_files_that_are_no_screen(two_contexts, tmp_path, make, said, backed):
    whole = write(two_contexts, tmp_path / "whole.h5ad").read_bytes()
    path = tmp_path / "study.h5ad"
    make(path, whole)
    with pytest.raises(InputError) as caught:
        read_screen(path, DESIGN, backed=backed)
    check_sentence(caught.value, str(path), said)


@pytest.mark.parametrize("backed", [False, True])
def test_zarr_that_is_no_screen(tmp_path, backed):
    import zarr

    path = tmp_path / "study.zarr"
    zarr.open_group(path, mode="w")["data"] = np.ones(3)
    with pytest.raises(InputError) as caught:
        read_screen(path, DESIGN, backed=backed)
    check_sentence(caught.value, str(path), "no AnnData")


def test_a_missing_file(tmp_path):
    with pytest.raises(InputError) as caught:
        read_screen(tmp_path / "absent.h5ad", DESIGN)
    check_sentence(caught.value, "absent.h5ad", "no such file")


def test_a_file_where_nothing_looks_like_a_perturbation(tmp_path):
    path = write(build(frame(colour=["red", "blue"])), tmp_path / "study.h5ad")
    with pytest.raises(InputError) as caught:
        read_screen(path)
    check_sentence(caught.value, "study.h5ad", "perturbation", "colour")
