"""Embeddings and attributions reach the conditions that they are about, and say how many."""

from __future__ import annotations

from dataclasses import replace

import anndata as ad
import numpy as np
import pandas as pd
import pytest

from vcassay.core import InputError
from vcassay.prediction import Prediction, Sheet, match_prediction, read_sheet
from vcassay.prediction.sheet import attribute, place


@pytest.fixture(scope="module")
def design(simulation):
    return simulation.screen.design


@pytest.fixture(scope="module")
def conditions(effects):
    return effects.conditions


@pytest.fixture(scope="module")
def numbers(conditions) -> np.ndarray:
    return np.random.default_rng(0).standard_normal((len(conditions), 3))


def labels(conditions) -> dict[str, object]:
    return {
        "perturbation": conditions.perturbation,
        "context": conditions.context,
        "dose_uM": conditions.dose,
    }


def write(path, kind, given, values, names=("a", "b", "c")):
    frame = pd.DataFrame(given)
    file = path / f"sheet.{kind}"
    whole = pd.concat([frame, pd.DataFrame(values, columns=list(names))], axis=1)
    match kind:
        case "csv":
            whole.to_csv(file, index=False)
        case "tsv":
            whole.to_csv(file, index=False, sep="\t")
        case "parquet":
            whole.to_parquet(file, index=False)
        case "h5ad":
            obs = frame.set_axis([f"r{i}" for i in range(len(frame))])
            ad.AnnData(np.asarray(values), obs=obs, var=pd.DataFrame(index=list(names))).write_h5ad(file)
        case "npz":
            rows = ["|".join(f"{k}={v}" for k, v in row.items() if v == v) for row in frame.to_dict("records")]
            np.savez(file, conditions=np.array(rows), columns=np.array(names), vectors=values)
    return file


@pytest.mark.parametrize("kind", ["csv", "tsv", "parquet", "h5ad", "npz"])
def test_a_row_a_condition(kind, tmp_path, conditions, numbers, design):
    sheet = read_sheet(write(tmp_path, kind, labels(conditions), numbers), design)
    found, notes = place(sheet, conditions)
    np.testing.assert_allclose(found, numbers)
    assert f"{len(conditions):,} of {len(conditions):,} conditions have them" in notes[-1]


def test_the_embedding_of_an_anndata_is_in_obsm(tmp_path, conditions, numbers, design):
    obs = pd.DataFrame(labels(conditions)).set_axis([f"r{i}" for i in range(len(conditions))])
    adata = ad.AnnData(np.zeros((len(conditions), 1)), obs=obs, obsm={"X_model": numbers})
    adata.write_h5ad(tmp_path / "one.h5ad")
    np.testing.assert_allclose(place(read_sheet(tmp_path / "one.h5ad", design), conditions)[0], numbers)
    adata.obsm["X_umap"] = numbers[:, :2]
    adata.write_h5ad(tmp_path / "two.h5ad")
    with pytest.raises(InputError, match=r"two\.h5ad: has 2 arrays in obsm \(X_model, X_umap\); leave the one"):
        read_sheet(tmp_path / "two.h5ad", design)


def test_an_index_of_readable_names(tmp_path, conditions, numbers, design):
    adata = ad.AnnData(numbers, obs=pd.DataFrame(index=conditions.ids))
    adata.write_h5ad(tmp_path / "named.h5ad")
    np.testing.assert_allclose(place(read_sheet(tmp_path / "named.h5ad", design), conditions)[0], numbers)


@pytest.mark.parametrize("column", ["perturbation", "condition", "anything"])
def test_a_row_a_perturbation_goes_to_all_its_conditions(column, tmp_path, conditions, design):
    own = sorted(set(conditions.perturbation.tolist()))
    values = np.arange(3.0 * len(own)).reshape(-1, 3)
    sheet = read_sheet(write(tmp_path, "csv", {column: own}, values), design)
    found, notes = place(sheet, conditions)
    np.testing.assert_array_equal(found, values[[own.index(p) for p in conditions.perturbation]])
    assert f"{len(conditions):,} of" in notes[-1]


def test_the_order_of_partners_does_not_matter(tmp_path, conditions, design):
    pair = next(p for p in conditions.perturbation.tolist() if "+" in p)
    turned = "+".join(reversed(pair.split("+")))
    for column in ("perturbation", "condition"):
        sheet = read_sheet(write(tmp_path, "csv", {column: [turned]}, np.ones((1, 3))), design)
        found, notes = place(sheet, conditions)
        np.testing.assert_array_equal(np.isfinite(found).all(axis=1), conditions.perturbation == pair)
        assert "none for" in notes[-1]


def test_readable_names_in_an_npz(tmp_path, conditions, numbers, design):
    np.savez(tmp_path / "ids.npz", conditions=np.array(conditions.ids), embedding=numbers)
    np.testing.assert_allclose(place(read_sheet(tmp_path / "ids.npz", design), conditions)[0], numbers)
    own = np.unique(conditions.perturbation)
    np.savez(tmp_path / "own.npz", perturbation=own, embedding=np.ones((len(own), 2)))
    assert np.isfinite(place(read_sheet(tmp_path / "own.npz", design), conditions)[0]).all()


def test_rows_with_the_same_labels_are_averaged(tmp_path, conditions, numbers, design):
    twice = {k: np.tile(v, 2) for k, v in labels(conditions).items()}
    values = np.vstack([numbers + 1, numbers - 1])
    found, notes = place(read_sheet(write(tmp_path, "csv", twice, values), design), conditions)
    np.testing.assert_allclose(found, numbers)
    assert any(f"{2 * len(conditions):,} rows became {len(conditions):,} by their mean" in n for n in notes)
    names = np.repeat(conditions.ids, 2)
    texts = read_sheet(write(tmp_path, "csv", {"condition": names}, np.repeat(numbers, 2, axis=0)), design)
    np.testing.assert_allclose(place(texts, conditions)[0], numbers)


def test_the_file_s_own_column_names(tmp_path, conditions, numbers, design):
    given = dict(zip(("what", "where", "dose_uM"), labels(conditions).values(), strict=True))
    columns = {"perturbation": "what", "context": "where", "time": "absent"}
    sheet = read_sheet(write(tmp_path, "csv", given, numbers), design, columns=columns)
    np.testing.assert_allclose(place(sheet, conditions)[0], numbers)


class TestAttributions:
    def test_they_are_brought_to_the_screen_s_genes(self, tmp_path, effects, test_set, design):
        wanted = effects.conditions.take(test_set)
        order = np.random.default_rng(1).permutation(len(effects.genes))[:-3]
        names = [g.lower() for g in effects.genes[order]]
        values = np.random.default_rng(2).random((len(wanted), len(order)))
        found, notes = attribute(
            read_sheet(write(tmp_path, "csv", labels(wanted), values, names), design), wanted, effects
        )
        np.testing.assert_allclose(found[:, order], values)
        assert np.isnan(np.delete(found, order, axis=1)).all()
        assert any("whatever their case" in n for n in notes)
        scored = effects.mask.any(axis=0)
        assert any(f"{scored[order].sum()} of {scored.sum()} scored genes" in n for n in notes)

    def test_one_row_for_all(self, tmp_path, effects, test_set, design):
        wanted = effects.conditions.take(test_set)
        values = np.arange(len(effects.genes), dtype=float)[None]
        pd.DataFrame(values, columns=effects.genes).to_csv(tmp_path / "all.csv", index=False)
        found, notes = attribute(read_sheet(tmp_path / "all.csv", design), wanted, effects)
        np.testing.assert_array_equal(found, np.tile(values, (len(wanted), 1)))
        assert "one row for all" in notes[-1]

    def test_unknown_genes(self, tmp_path, effects, test_set, design, conditions, numbers):
        sheet = read_sheet(write(tmp_path, "csv", labels(conditions), numbers, ("x1", "x2", "x3")), design)
        with pytest.raises(InputError, match=r"sheet\.csv: attributions: none of their genes \(x1, x2, x3\) is in the"):
            attribute(sheet, effects.conditions.take(test_set), effects)


def test_labels_that_the_screen_does_not_have(tmp_path, conditions, design):
    with pytest.raises(InputError, match=r"sheet\.csv: embeddings of none of the .* \(has: nobody; wanted: ") as error:
        place(read_sheet(write(tmp_path, "csv", {"perturbation": ["nobody"]}, np.ones((1, 3))), design), conditions)
    assert "a column 'perturbation'" in str(error.value)
    with pytest.raises(InputError, match=r"\(has: nobody; wanted: "):
        place(read_sheet(write(tmp_path, "csv", {"name": ["nobody"]}, np.ones((1, 3))), design), conditions)


def test_what_cannot_be_read(tmp_path, conditions, numbers, design):
    with pytest.raises(InputError, match="is missing"):
        read_sheet(tmp_path / "none.csv", design)
    pd.DataFrame(numbers, columns=["a", "b", "c"]).to_csv(tmp_path / "bare.csv", index=False)
    with pytest.raises(InputError, match=r"no column that says of what .*; add a column 'perturbation'"):
        read_sheet(tmp_path / "bare.csv", design)
    with pytest.raises(InputError, match="infinite"):
        read_sheet(write(tmp_path, "csv", labels(conditions), np.where(numbers > 1, np.inf, numbers)), design)
    np.savez(tmp_path / "many.npz", conditions=np.array(conditions.ids), a=numbers, b=numbers)
    with pytest.raises(InputError, match=r"has the arrays a, b, conditions; an npz needs"):
        read_sheet(tmp_path / "many.npz", design)
    np.savez(tmp_path / "names.npz", conditions=np.array(conditions.ids), a=numbers, genes=np.array(["x"]))
    with pytest.raises(InputError, match=r"has 3 columns in 'a' and 1 names"):
        read_sheet(tmp_path / "names.npz", design)
    (tmp_path / "broken.npz").write_bytes(b"PK\x03\x04")
    with pytest.raises(InputError, match="cannot be read"):
        read_sheet(tmp_path / "broken.npz", design)


def test_an_answer_carries_both(effects, test_set, numbers):
    wanted = effects.conditions.take(test_set)
    embeddings = Sheet(np.array(["1", "2", "3"]), numbers[5:], effects.conditions.take(np.arange(5, len(numbers))))
    importance = np.random.default_rng(3).random((1, len(effects.genes)))
    attributions = Sheet(effects.genes, importance, None)
    prediction = Prediction("model", wanted, effects.genes, effects.delta[test_set].copy())
    bare = match_prediction(prediction, effects, test_set)
    assert bare.embedding is None
    assert bare.attribution is None
    answer = match_prediction(replace(prediction, embeddings=embeddings, attributions=attributions), effects, test_set)
    assert np.isnan(answer.embedding[:5]).all()
    np.testing.assert_array_equal(answer.embedding[5:], numbers[5:])
    np.testing.assert_array_equal(answer.attribution, np.tile(importance, (len(test_set), 1)))
    assert sum("conditions have them" in n for n in answer.notes) == 2
