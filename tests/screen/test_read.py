from __future__ import annotations

import hashlib
import warnings

import anndata as ad
import h5py
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from tests.screen.builders import GENES, build, check_sentence, frame, normalised, poisson, write
from vcassay.core import InputError
from vcassay.screen import CONTROL, Design, Readout, Rows, make_screen, read_screen, walk

DESIGN = Design("perturbation", context="cell_line", batch="batch")


def whole(screen, rows=7):
    """The matrix, put together from blocks, each checked."""
    blocks = []
    for start, block in screen.chunks(rows):
        assert start == sum(len(b) for b in blocks)
        assert block.shape[0] <= rows
        if sp.issparse(block):
            assert block.format == "csr"
            block = block.toarray()
        assert type(block) is np.ndarray
        blocks.append(block)
    return np.concatenate(blocks)


@pytest.mark.parametrize("kind", ["dense", "csr"])
@pytest.mark.parametrize("layer", [None, "counts"])
def test_in_memory_on_disk_and_zarr_are_one(two_contexts, tmp_path, kind, layer):
    X = two_contexts.X if kind == "dense" else sp.csr_matrix(two_contexts.X)
    adata = build(two_contexts.obs, X, layers={"counts": X * 2})
    h5ad, zarr = write(adata, tmp_path / "a.h5ad"), write(adata, tmp_path / "a.zarr")
    design = Design("perturbation", context="cell_line", batch="batch", layer=layer)
    expected = two_contexts.X * (1 if layer is None else 2)
    reference = make_screen(adata, design)
    for path in (h5ad, zarr):
        for backed in (False, True):
            with read_screen(path, design, backed=backed) as screen:
                np.testing.assert_array_equal(whole(screen), expected)
                np.testing.assert_array_equal(screen.table.condition, reference.table.condition)
                np.testing.assert_array_equal(screen.table.batch, reference.table.batch)
                assert screen.conditions.sha256() == reference.conditions.sha256()
                assert screen.genes.tolist() == GENES
                assert screen.notes == reference.notes
                assert screen.name == "a"
                assert screen.path == path
                assert screen.n_rows == 64


def test_a_screen_on_disk_leaves_the_matrix_there(two_contexts, tmp_path):
    path = write(build(two_contexts.obs, sp.csr_matrix(two_contexts.X)), tmp_path / "a.h5ad")
    screen = read_screen(path, DESIGN, backed=True)
    assert not isinstance(screen.matrix, (np.ndarray, sp.spmatrix, sp.sparray))
    assert screen.handle is not None
    screen.close()
    assert not screen.handle
    with pytest.raises(InputError) as caught:
        whole(screen)
    check_sentence(caught.value, "a.h5ad", "the file was closed")


@pytest.mark.parametrize(
    "make", [np.asarray, sp.csr_matrix, sp.csc_matrix, sp.csr_array, sp.csc_array, lambda x: x.astype(int)]
)
def test_any_matrix_in_memory(two_contexts, make):
    screen = make_screen(build(two_contexts.obs, make(two_contexts.X)), DESIGN)
    np.testing.assert_array_equal(whole(screen), two_contexts.X)


def test_numpy_matrix_and_views(two_contexts):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # numpy on its own matrix class
        X = np.matrix(two_contexts.X)
        blocks = list(walk(X, 10))
    np.testing.assert_array_equal(np.concatenate([b for _, b in blocks]), two_contexts.X)
    assert all(type(b) is np.ndarray for _, b in blocks)
    part = two_contexts[two_contexts.obs["cell_line"] == "K562"]
    np.testing.assert_array_equal(whole(make_screen(part, DESIGN)), part.X)


def test_a_matrix_stored_by_columns_is_turned_once(two_contexts, monkeypatch):
    calls = []
    tocsr = sp.csc_matrix.tocsr
    monkeypatch.setattr(sp.csc_matrix, "tocsr", lambda self, *a, **k: calls.append(1) or tocsr(self, *a, **k))
    list(walk(sp.csc_matrix(two_contexts.X), 3))
    assert len(calls) == 1


def test_the_users_object_is_not_changed(two_contexts):
    two_contexts.obs["dose"] = "10 uM"
    before = two_contexts.copy()
    X = two_contexts.X
    make_screen(two_contexts, Design("perturbation", context="cell_line", dose="dose"), drop_contexts=["K562"])
    assert two_contexts.X is X
    pd.testing.assert_frame_equal(two_contexts.obs, before.obs)
    np.testing.assert_array_equal(two_contexts.X, before.X)


@pytest.mark.parametrize("backed", [False, True])
def test_the_file_is_not_changed(two_contexts, tmp_path, backed):
    path = write(two_contexts, tmp_path / "a.h5ad")
    path.chmod(0o444)
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    read_screen(path, DESIGN, backed=backed).close()
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before


def test_the_total_of_normalisation_is_kept(two_contexts):
    screen = make_screen(
        build(two_contexts.obs, normalised(64)), Design("perturbation", context="cell_line", readout=Readout.LOGNORM)
    )
    assert screen.target_sum == 1e4
    assert make_screen(two_contexts, DESIGN).target_sum is None


def test_gaps_in_a_continuous_readout_are_missing_features(two_contexts):
    X = np.random.default_rng(0).normal(size=(64, 12))
    X[0, 0] = X[5, 0] = np.nan
    X[:, 3] = np.nan
    design = Design("perturbation", context="cell_line", readout=Readout.CONTINUOUS, rows=Rows.REPLICATES)
    notes = [sentence for sentence, _ in make_screen(build(two_contexts.obs, X), design).notes]
    assert any("66 of 768" in sentence for sentence in notes)
    assert any("1 features" in sentence for sentence in notes)
    both = sp.csr_matrix(np.nan_to_num(X, nan=0.0))
    both.data[:2] = np.nan
    assert any("2 of 768" in s for s, _ in make_screen(build(two_contexts.obs, both), design).notes)


def test_effects_need_no_controls():
    adata = build(frame(perturbation=["A", "B"]), np.asarray([[1.0, -2.0], [0.5, 3.0]]))
    screen = make_screen(adata, Design("perturbation", control=(), rows=Rows.EFFECTS, readout=Readout.CONTINUOUS))
    assert screen.conditions.ids == ["all | A", "all | B"]
    assert not (screen.table.condition == CONTROL).any()


def test_a_scalar_phenotype():
    adata = build(frame(perturbation=["A", "control"] * 3), np.linspace(0.1, 0.9, 6)[:, None])
    screen = make_screen(adata, Design("perturbation", rows=Rows.REPLICATES, readout=Readout.SCALAR))
    assert len(screen.genes) == 1


def test_few_missing_labels_are_left_out_and_noted(two_contexts):
    obs = pd.concat([two_contexts.obs.astype(str)] * 4).reset_index(drop=True)
    obs.index = obs.index.astype(str)
    obs.loc["5", "perturbation"] = np.nan
    screen = make_screen(build(obs), DESIGN)
    assert screen.table.condition[5] == -2
    assert ("1 of 256 rows were left out.", "no label in obs column 'perturbation'") in screen.notes


def test_rows_without_counts_are_noted(two_contexts):
    X = poisson(64)
    X[[3, 9]] = 0
    assert any("2 rows have no counts" in s for s, _ in make_screen(build(two_contexts.obs, X), DESIGN).notes)


def test_corrected_counts_are_taken_and_noted(two_contexts):
    screen = make_screen(build(two_contexts.obs, poisson(64) * 12.5 + 0.25), DESIGN)
    assert any("not whole numbers" in s for s, _ in screen.notes)


def test_without_a_design_it_is_guessed_and_the_questions_kept(two_contexts, tmp_path):
    two_contexts.obs["dose_value"] = np.tile([1.0, 2.0], 32)
    screen = read_screen(write(two_contexts, tmp_path / "a.h5ad"))
    assert screen.design.context == "cell_line"
    assert any("In which unit" in sentence for sentence, _ in screen.notes)


def test_an_older_file_is_read(two_contexts, tmp_path):
    path = write(two_contexts, tmp_path / "a.h5ad")
    with h5py.File(path, "r+") as file:
        for name in ("uns", "obsm", "layers"):
            file[name].attrs.clear()
        file["X"].attrs.clear()
    for backed in (False, True):
        with read_screen(path, DESIGN, backed=backed) as screen:
            np.testing.assert_array_equal(whole(screen), two_contexts.X)


def test_row_names_may_repeat(two_contexts, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        two_contexts.obs_names = ["same"] * 64
        path = write(two_contexts, tmp_path / "a.h5ad")
    for backed in (False, True):
        with read_screen(path, DESIGN, backed=backed) as screen:
            assert screen.n_rows == 64


def test_a_view_of_a_written_file_needs_no_suffix(two_contexts, tmp_path):
    path = write(two_contexts, tmp_path / "a.h5ad").rename(tmp_path / "a.data")
    assert read_screen(path, DESIGN, name="mine").name == "mine"
    assert isinstance(read_screen(str(path), DESIGN).adata, ad.AnnData)
