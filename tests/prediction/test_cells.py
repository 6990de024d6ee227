"""Predicted cells: their sampling variance, and where they lie in their file."""

from __future__ import annotations

import warnings
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from vcassay.prediction import PredictionFormat, Space, match_prediction, read_prediction
from vcassay.screen import Design, Readout

PLAIN = Design(perturbation="perturbation", control=("control",))
LABELS = ["A", "B", "control", "A", "B", "A", "B", "A"]
GENES = ["G1", "G2", "G3"]


def write(folder: Path, x: np.ndarray, kind: str = "h5ad", labels: list[str] = LABELS) -> Path:
    path = folder / f"p.{kind}"
    if kind in ("h5ad", "zarr"):
        obs = pd.DataFrame({"perturbation": labels}, index=[f"c{i}" for i in range(len(labels))])
        adata = ad.AnnData(sp.csr_matrix(x), obs=obs, var=pd.DataFrame(index=GENES))
        if kind == "h5ad":
            adata.write_h5ad(path)
        else:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # of the version of the format
                adata.write_zarr(path)
    elif kind == "npz":
        np.savez(path, genes=np.array(GENES), conditions=np.array(labels), values=x)
    else:
        frame = pd.concat([pd.DataFrame({"perturbation": labels}), pd.DataFrame(x, columns=GENES)], axis=1)
        frame.to_parquet(path) if kind == "parquet" else frame.to_csv(path, index=False)
    return path


@pytest.fixture
def counts() -> np.ndarray:
    return np.random.default_rng(0).poisson(5.0, (len(LABELS), 3)).astype(float)


def test_variance_of_effects_is_that_of_their_mean(tmp_path: Path, counts: np.ndarray) -> None:
    x = counts - 5.5
    prediction = read_prediction(write(tmp_path, x), PLAIN)
    assert prediction.space is Space.DELTA
    rows = x[[0, 3, 5, 7]]
    assert prediction.noise is not None
    np.testing.assert_allclose(prediction.noise[0], rows.var(axis=0, ddof=1) / 4, rtol=1e-10)
    assert prediction.n_rows is not None
    assert prediction.n_rows.tolist() == [4, 3]
    assert prediction.sampled is None  # effects of cells are no cells


def test_variance_of_log_cells_of_a_count_screen_is_carried_through_the_logarithm(
    tmp_path: Path, counts: np.ndarray
) -> None:
    x = np.log1p(counts * 1.5)
    prediction = read_prediction(write(tmp_path, x), PLAIN)
    rows = 1.5 * counts[[0, 3, 5, 7]]
    assert prediction.noise is not None
    expected = rows.var(axis=0, ddof=1) / 4 / (1 + rows.mean(axis=0)) ** 2
    np.testing.assert_allclose(prediction.noise[0], expected, rtol=1e-10)
    lognorm = read_prediction(
        write(tmp_path, x), Design(perturbation="perturbation", control=("control",), readout=Readout.LOGNORM)
    )
    assert lognorm.noise is not None
    np.testing.assert_allclose(lognorm.noise[0], x[[0, 3, 5, 7]].var(axis=0, ddof=1) / 4, rtol=1e-10)


def test_single_rows_are_no_cells(tmp_path: Path, counts: np.ndarray) -> None:
    prediction = read_prediction(write(tmp_path, counts[:2], labels=["A", "B"]), PLAIN)
    assert prediction.noise is None
    assert prediction.sampled is None
    mixed = read_prediction(write(tmp_path, counts[:4], labels=["A", "B", "control", "A"]), PLAIN)
    assert mixed.noise is not None
    assert mixed.noise[0].all()
    assert not mixed.noise[1].any()


@pytest.mark.parametrize("kind", ["h5ad", "zarr", "csv", "parquet", "npz"])
def test_cells_are_read_again_from_any_file(tmp_path: Path, counts: np.ndarray, kind: str) -> None:
    prediction = read_prediction(write(tmp_path, counts, kind), PLAIN)
    sampled = prediction.sampled
    assert sampled is not None
    assert sampled.counts
    # B is wanted first, C is not predicted; genes in another order, one of them unknown
    wanted = sampled.wanted(np.array([1, -1, 0]), np.array([2, -1, 0]))
    assert wanted.condition.tolist() == [2, 0, 2, 0, 2, 0, 2]
    with wanted.open() as read:
        rows = np.array([6, 1, 0])
        got = read(rows).toarray()
        np.testing.assert_array_equal(got[:, 0], counts[[7, 1, 0], 2])
        np.testing.assert_array_equal(got[:, 1], 0.0)
        np.testing.assert_array_equal(got[:, 2], counts[[7, 1, 0], 0])
        assert read(rows[:0]).shape == (0, 3)
    only = sampled.wanted(np.array([1]), np.array([0, 1, 2]))
    assert only.condition.tolist() == [-1, 0, -1, 0, -1, 0, -1]


def test_cells_of_a_layer_are_read_again_from_it(tmp_path: Path, counts: np.ndarray) -> None:
    adata = ad.read_h5ad(write(tmp_path, counts + 1.0))
    adata.layers["ours"] = sp.csr_matrix(counts)
    adata.write_h5ad(tmp_path / "layer.h5ad")
    sampled = read_prediction(tmp_path / "layer.h5ad", PLAIN, layout=PredictionFormat(array="ours")).sampled
    assert sampled is not None
    with sampled.wanted(np.array([0, 1]), np.array([0, 1, 2])).open() as read:
        np.testing.assert_array_equal(read(np.arange(7)).toarray(), counts[[0, 1, 3, 4, 5, 6, 7]])


def test_an_answer_has_the_variance_of_its_conditions_and_genes(
    tmp_path: Path, simulation, effects, test_set: np.ndarray
) -> None:
    wanted = effects.conditions.take(test_set)
    genes = effects.genes[::-1][1:]
    rng = np.random.default_rng(0)
    keep = np.arange(len(wanted)) > 0
    at = np.repeat(np.flatnonzero(keep), 4)
    x = rng.normal(size=(len(at), len(genes)))
    obs = pd.DataFrame(
        {"perturbation": wanted.perturbation[at], "context": wanted.context[at], "dose_uM": wanted.dose[at]}
    )
    obs.index = pd.Index([f"c{i}" for i in range(len(obs))])
    ad.AnnData(x, obs=obs, var=pd.DataFrame(index=pd.Index(genes))).write_h5ad(tmp_path / "p.h5ad")
    answer = match_prediction(read_prediction(tmp_path / "p.h5ad", simulation.screen.design), effects, test_set)
    assert answer.noise is not None
    assert answer.noise.shape == answer.values.shape
    assert not answer.noise[0].any()
    assert not answer.noise[:, -1].any()  # the gene that is not predicted
    expected = x[:4].var(axis=0, ddof=1)[::-1] / 4
    np.testing.assert_allclose(answer.noise[1, :-1], expected, rtol=1e-10)
