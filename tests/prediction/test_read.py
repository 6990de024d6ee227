from __future__ import annotations

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from tests.prediction.conftest import frame, write
from vcassay.core import InputError
from vcassay.prediction import Disclosure, PredictionFormat, Space, declare, match_prediction, read_prediction
from vcassay.screen import Design

KINDS = ("h5ad", "parquet", "csv", "tsv", "npz")
PLAIN = Design("perturbation")


def asked(simulation, test_set):
    truth = simulation.truth
    at = truth.conditions.locate(simulation.screen.conditions.take(test_set))
    return truth.conditions.take(at), truth.delta[np.sort(at)], truth.genes


@pytest.mark.parametrize("kind", KINDS)
def test_every_format_gives_the_same(kind, simulation, effects, test_set, tmp_path):
    conditions, values, genes = asked(simulation, test_set)
    path = write(tmp_path, kind, conditions, values, genes)
    prediction = read_prediction(path, simulation.screen.design)
    assert prediction.conditions.keys == conditions.keys
    np.testing.assert_allclose(prediction.values, values, atol=1e-12)
    assert prediction.genes.tolist() == genes.tolist()
    assert prediction.space is Space.DELTA
    assert prediction.name == "prediction"
    assert prediction.path == path
    answer = match_prediction(prediction, effects, test_set)
    assert set(answer.state.tolist()) == {"ok"}
    np.testing.assert_allclose(answer.values, values, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("error", [1e-9, "float32"])
def test_doses_meet_those_of_the_screen_to_six_digits(kind, error, simulation, effects, test_set, tmp_path):
    conditions, values, genes = asked(simulation, test_set)
    dose = conditions.dose.astype(np.float32).astype(float) if error == "float32" else conditions.dose * (1 + error)
    assert np.any(dose[np.isfinite(dose)] != conditions.dose[np.isfinite(dose)])
    moved = type(conditions)(conditions.context, conditions.parts, dose, conditions.time, conditions.modality)
    prediction = read_prediction(write(tmp_path, kind, moved, values, genes), simulation.screen.design)
    answer = match_prediction(prediction, effects, test_set)
    assert set(answer.state.tolist()) == {"ok"}
    np.testing.assert_allclose(answer.values, values, atol=1e-12)


def test_times_meet_those_of_the_screen(tmp_path):
    table = pd.DataFrame({"perturbation": ["A", "A"], "time": np.float32([0.1, 24.0]), "G1": [-1.0, 2.0]})
    table.to_parquet(tmp_path / "p.parquet")
    prediction = read_prediction(tmp_path / "p.parquet", Design("perturbation", time="time"))
    assert prediction.conditions.time.tolist() == [0.1, 24.0]


@pytest.mark.parametrize("kind", ["parquet", "csv", "npz"])
def test_a_dose_with_its_unit_is_converted(kind, tmp_path):
    table = pd.DataFrame({"perturbation": ["A", "B"], "dose": ["50 nM", "5 uM"], "G1": [-1.0, 2.0]})
    path = tmp_path / f"p.{kind}"
    if kind == "npz":
        texts = np.array(
            [f"perturbation={p}|dose={d}" for p, d in zip(table["perturbation"], table["dose"], strict=True)]
        )
        np.savez(path, genes=np.array(["G1"]), conditions=texts, m=table[["G1"]].to_numpy())
    else:
        table.to_parquet(path) if kind == "parquet" else table.to_csv(path, index=False)
    prediction = read_prediction(path, Design("perturbation", dose="dose", dose_unit="uM"))
    assert prediction.conditions.dose.tolist() == [0.05, 5.0]
    assert any("turned from nM into uM" in note for note in prediction.notes)


class TestNumbersThatAreLabels:
    """Columns of numbers are genes, unless the screen or the study names them."""

    TABLE = pd.DataFrame(
        {
            "drug": [11, 12, 11],
            "donor": [1, 1, 1],
            "conc": [0.5, 0.5, 5.0],
            "G1": [-1.0, 2.0, 3.0],
            "G2": [1.0, 0.0, 4.0],
        }
    )

    @pytest.mark.parametrize("kind", ["parquet", "csv"])
    def test_named_by_the_screen(self, kind, tmp_path):
        path = tmp_path / f"p.{kind}"
        self.TABLE.to_parquet(path) if kind == "parquet" else self.TABLE.to_csv(path, index=False)
        prediction = read_prediction(path, Design("drug", context="donor", dose="conc"))
        assert prediction.conditions.keys == [
            ("1", ("11",), 0.5, -1.0),
            ("1", ("11",), 5.0, -1.0),
            ("1", ("12",), 0.5, -1.0),
        ]
        assert prediction.genes.tolist() == ["G1", "G2"]
        np.testing.assert_array_equal(prediction.values[:, 0], [-1.0, 3.0, 2.0])

    def test_named_by_the_study(self, tmp_path):
        path = tmp_path / "p.csv"
        self.TABLE.to_csv(path, index=False)
        layout = PredictionFormat(columns={"perturbation": "drug", "context": "donor", "dose": "conc"})
        prediction = read_prediction(path, PLAIN, layout=layout)
        assert len(prediction.conditions) == 3
        assert prediction.genes.tolist() == ["G1", "G2"]


class TestSpace:
    @pytest.mark.parametrize(
        ("values", "space"),
        [
            ([[-0.5, 0.2], [0.0, 1.0]], Space.DELTA),
            ([[0.0, 0.0], [0.0, 0.0]], Space.DELTA),
            ([[0.5, 0.2], [0.0, 1.0]], Space.EXPRESSION),
            ([[5, 2], [0, 1]], Space.COUNTS),
            ([[np.nan, np.nan], [-1.0, 1.0]], Space.DELTA),
        ],
    )
    @pytest.mark.parametrize("sparse", [False, True])
    def test_is_guessed_from_the_values(self, values, space, sparse, tmp_path):
        X = np.array(values, dtype=float)
        obs = pd.DataFrame({"perturbation": ["A", "B"]}, index=["a", "b"])
        adata = ad.AnnData(sp.csr_matrix(X) if sparse else X, obs=obs, var=pd.DataFrame(index=["G1", "G2"]))
        adata.write_h5ad(tmp_path / "p.h5ad")
        prediction = read_prediction(tmp_path / "p.h5ad", PLAIN)
        expected = Space.EXPRESSION if space is Space.COUNTS else space
        assert prediction.space is expected
        assert f"space was not stated and taken for '{space}' from the values" in prediction.notes

    def test_is_taken_as_stated(self, tmp_path):
        pd.DataFrame({"perturbation": ["A"], "G1": [0.3], "G2": [0.1]}).to_csv(tmp_path / "p.csv", index=False)
        prediction = read_prediction(tmp_path / "p.csv", PLAIN, layout=PredictionFormat(space=Space.DELTA))
        assert prediction.space is Space.DELTA
        assert not any("space" in note for note in prediction.notes)


class TestCells:
    LABELS = ("A", "A", "control", "B", "A", "B+ctrl")

    def adata(self, X) -> ad.AnnData:
        obs = pd.DataFrame({"perturbation": self.LABELS}, index=[f"c{i}" for i in range(len(self.LABELS))])
        return ad.AnnData(X, obs=obs, var=pd.DataFrame(index=["G1", "G2", "G3"]))

    @pytest.mark.parametrize("sparse", [False, True])
    def test_are_averaged(self, sparse, tmp_path):
        X = np.random.default_rng(0).normal(size=(6, 3))
        self.adata(sp.csr_matrix(X) if sparse else X).write_h5ad(tmp_path / "p.h5ad")
        prediction = read_prediction(tmp_path / "p.h5ad", PLAIN)
        assert prediction.conditions.perturbation.tolist() == ["A", "B"]
        np.testing.assert_allclose(prediction.values, [X[[0, 1, 4]].mean(axis=0), X[[3, 5]].mean(axis=0)], atol=1e-12)
        assert "5 rows became 2 conditions by their mean" in prediction.notes
        assert any("1 control rows were left out" in note for note in prediction.notes)

    @pytest.mark.parametrize("sparse", [False, True])
    @pytest.mark.parametrize("target_sum", [1e4, 1e6])
    def test_counts_are_pooled(self, sparse, target_sum, tmp_path):
        X = np.random.default_rng(0).poisson(4.0, (6, 3)).astype(float)
        self.adata(sp.csr_matrix(X) if sparse else X).write_h5ad(tmp_path / "p.h5ad")
        prediction = read_prediction(tmp_path / "p.h5ad", PLAIN, target_sum=target_sum)
        total = X[[0, 1, 4]].sum(axis=0)
        np.testing.assert_allclose(prediction.values[0], np.log1p(target_sum * total / total.sum()), atol=1e-12)
        assert prediction.space is Space.EXPRESSION
        assert "5 rows became 2 conditions by their pseudobulk" in prediction.notes

    def test_the_order_of_rows_does_not_matter(self, tmp_path):
        X = np.random.default_rng(0).normal(size=(6, 3))
        a = self.adata(X)
        a.write_h5ad(tmp_path / "a.h5ad")
        a[[5, 3, 1, 4, 0, 2]].copy().write_h5ad(tmp_path / "b.h5ad")
        one, other = (read_prediction(tmp_path / f"{name}.h5ad", PLAIN) for name in "ab")
        np.testing.assert_allclose(one.values, other.values, atol=1e-10)

    def test_a_cell_of_nan_makes_the_condition_an_abstention(self, tmp_path):
        X = np.random.default_rng(0).normal(size=(6, 3))
        X[1] = np.nan
        self.adata(X).write_h5ad(tmp_path / "p.h5ad")
        prediction = read_prediction(tmp_path / "p.h5ad", PLAIN)
        np.testing.assert_array_equal(np.isnan(prediction.values).all(axis=1), [True, False])

    def test_a_condition_without_any_count_is_an_abstention(self, tmp_path):
        X = np.full((6, 3), 2.0)
        X[[3, 5]] = 0.0
        self.adata(X).write_h5ad(tmp_path / "p.h5ad")
        prediction = read_prediction(tmp_path / "p.h5ad", PLAIN)
        np.testing.assert_array_equal(np.isnan(prediction.values).all(axis=1), [False, True])

    def test_rows_without_a_label_are_left_out_and_counted(self, tmp_path):
        adata = self.adata(np.random.default_rng(0).normal(size=(6, 3)))
        adata.obs["perturbation"] = ["A", "", "control", "B", "nan", "B"]
        adata.write_h5ad(tmp_path / "p.h5ad")
        prediction = read_prediction(tmp_path / "p.h5ad", PLAIN)
        assert any("2 rows without a label were left out" in note for note in prediction.notes)
        assert len(prediction.conditions) == 2

    def test_so_are_rows_without_a_context(self, tmp_path):
        table = pd.DataFrame({"perturbation": ["A", "B", "control"], "line": ["K", None, "K"], "G1": [-1.0, 2.0, 3.0]})
        table.to_parquet(tmp_path / "p.parquet")
        prediction = read_prediction(tmp_path / "p.parquet", Design("perturbation", context="line"))
        assert prediction.conditions.ids == ["K | A"]
        assert "1 rows without a label in 'line' were left out" in prediction.notes
        assert "1 control rows were left out: controls come from the screen" in prediction.notes


class TestColumns:
    def test_our_own_names_are_understood(self, simulation, test_set, tmp_path):
        conditions, values, genes = asked(simulation, test_set)
        path = write(tmp_path, "parquet", conditions, values, genes, dose_uM="dose")
        assert read_prediction(path, simulation.screen.design).conditions.keys == conditions.keys

    def test_what_was_read_is_said(self, simulation, test_set, tmp_path):
        path = write(tmp_path, "csv", *asked(simulation, test_set))
        notes = read_prediction(path, simulation.screen.design).notes
        assert notes[0] == "read perturbation from 'perturbation', context from 'context', dose from 'dose_uM'"

    def test_a_context_can_be_stated_for_all_rows(self, simulation, test_set, tmp_path):
        conditions, values, genes = asked(simulation, test_set)
        path = write(tmp_path, "csv", conditions, values, genes, context=None)
        layout = PredictionFormat(context=str(conditions.context[0]))
        assert read_prediction(path, simulation.screen.design, layout=layout).conditions.keys == conditions.keys

    def test_tuple_labels_carry_their_dose(self, tmp_path):
        label = "[('Trametinib', 0.05, 'uM')]"
        pd.DataFrame({"drugname_drugconc": [label], "G1": [-1.0]}).to_parquet(tmp_path / "p.parquet")
        design = Design("drugname_drugconc", control=("DMSO_TF",), delimiter=None)
        prediction = read_prediction(tmp_path / "p.parquet", design)
        assert prediction.conditions.ids == ["all | Trametinib | 0.05"]

    def test_an_equals_sign_in_a_name_of_an_npz(self, tmp_path):
        names = np.array(["CC(=O)Oc1ccccc1C(=O)O", "perturbation=CC(=O)O", "plain"])
        np.savez(tmp_path / "p.npz", genes=np.array(["G1"]), conditions=names, m=np.array([[-1.0], [1.0], [2.0]]))
        prediction = read_prediction(tmp_path / "p.npz", Design("perturbation", delimiter=None))
        assert set(prediction.conditions.perturbation.tolist()) == {"CC(=O)Oc1ccccc1C(=O)O", "CC(=O)O", "plain"}

    def test_a_layer_is_read_by_its_name_and_never_passed_over(self, tmp_path):
        design = Design("perturbation", context="context")
        obs = pd.DataFrame({"perturbation": ["A", "B"], "context": ["x", "x"]}, index=["0", "1"])
        var = pd.DataFrame(index=["a", "b", "c"])
        truth, answer = np.ones((2, 3)), np.arange(6.0).reshape(2, 3)
        ad.AnnData(truth, obs, var, layers={"ours": answer}).write_h5ad(tmp_path / "p.h5ad")

        def read(array):
            return read_prediction(
                tmp_path / "p.h5ad", design, layout=PredictionFormat(Space.DELTA, array=array)
            ).values

        np.testing.assert_array_equal(read("ours"), answer)
        np.testing.assert_array_equal(read("X"), truth)
        np.testing.assert_array_equal(read(None), truth)
        with pytest.raises(InputError, match=r"has no layer 'our'; did you mean 'ours'"):
            read("our")
        obs.assign(a=1.0).to_csv(tmp_path / "p.csv", index=False)
        with pytest.raises(InputError, match=r"is a table and has no array 'ours'"):
            read_prediction(tmp_path / "p.csv", design, layout=PredictionFormat(array="ours"))

    def test_an_array_of_several_is_named(self, tmp_path):
        one, two = np.full((2, 3), -1.0), np.full((2, 3), -2.0)
        labels = np.array(["perturbation=A|cell_type=B", "perturbation=C|cell_type=B"])
        np.savez(tmp_path / "p.npz", genes=np.array(["a", "b", "c"]), strata=labels, pred__x=one, pred__y=two)
        design = Design("perturbation", context="cell_type")
        read = read_prediction(tmp_path / "p.npz", design, layout=PredictionFormat(array="pred__y"))
        np.testing.assert_array_equal(read.values, two)
        assert read.conditions.ids == ["B | A", "B | C"]
        with pytest.raises(InputError, match=r"has 2 matrices; state which as 'array'.*pred__x, pred__y"):
            read_prediction(tmp_path / "p.npz", design)
        with pytest.raises(InputError, match=r"did you mean 'pred__y'"):
            read_prediction(tmp_path / "p.npz", design, layout=PredictionFormat(array="pred_y"))


class TestRefusals:
    @staticmethod
    def check(error: pytest.ExceptionInfo[InputError], *parts: str) -> None:
        text = str(error.value)
        assert "\n" not in text
        assert text.endswith(".")
        for part in parts:
            assert part in text

    def refuse(self, path, *parts, design=PLAIN, layout=None):
        with pytest.raises(InputError) as error:
            read_prediction(path, design, layout=layout)
        self.check(error, str(path), *parts)

    def test_a_missing_file(self, tmp_path):
        self.refuse(tmp_path / "no.csv", "is missing")

    def test_another_kind_of_file(self, tmp_path):
        path = tmp_path / "p.pkl"
        path.write_bytes(b"x")
        self.refuse(path, "'.pkl', which is not read", ".parquet")

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("content", [b"", b"\x00\x01\x02nonsense"])
    def test_nonsense(self, kind, content, tmp_path):
        path = tmp_path / f"p.{kind}"
        path.write_bytes(content)
        self.refuse(path)

    @pytest.mark.parametrize("kind", ["h5ad", "parquet", "npz"])
    def test_a_truncated_file(self, kind, simulation, test_set, tmp_path):
        path = write(tmp_path, kind, *asked(simulation, test_set))
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        self.refuse(path)

    def test_pickled_objects_are_never_loaded(self, tmp_path):
        path = tmp_path / "p.npz"
        np.savez(path, genes=np.array(["a"], dtype=object), conditions=np.array(["A"]), m=np.ones((1, 1)))
        self.refuse(path, "without pickled objects")

    def test_an_npz_without_labels(self, tmp_path):
        np.savez(tmp_path / "p.npz", genes=np.array(["a"]), m=np.ones((1, 1)))
        self.refuse(tmp_path / "p.npz", "has the arrays genes, m", "'conditions'")

    def test_no_perturbation_column(self, tmp_path):
        pd.DataFrame({"name": ["A"], "G1": [1.0]}).to_csv(tmp_path / "p.csv", index=False)
        self.refuse(tmp_path / "p.csv", "no column of perturbation labels", "its columns are name")

    def test_a_stated_column_that_is_not_there(self, tmp_path):
        pd.DataFrame({"name": ["A"], "G1": [1.0]}).to_csv(tmp_path / "p.csv", index=False)
        layout = PredictionFormat(columns={"perturbation": "label"})
        self.refuse(tmp_path / "p.csv", "has no column 'label'", layout=layout)

    def test_nothing_but_controls(self, tmp_path):
        pd.DataFrame({"perturbation": ["control"], "G1": [1.0]}).to_csv(tmp_path / "p.csv", index=False)
        self.refuse(tmp_path / "p.csv", "predicts nothing but controls")

    def test_no_numbers(self, tmp_path):
        pd.DataFrame({"perturbation": ["A"]}).to_csv(tmp_path / "p.csv", index=False)
        self.refuse(tmp_path / "p.csv", "has no rows of numbers")

    @pytest.mark.parametrize("kind", ["parquet", "h5ad", "npz"])
    def test_infinite_values(self, kind, simulation, test_set, tmp_path):
        conditions, values, genes = asked(simulation, test_set)
        values = values.copy()
        values[0, 0] = np.inf
        path = write(tmp_path, kind, conditions, values, genes)
        self.refuse(path, "has infinite values", "NaN for an abstention", design=simulation.screen.design)

    def test_a_dose_that_is_no_number(self, tmp_path):
        pd.DataFrame({"perturbation": ["A"], "dose": ["high"], "G1": [1.0]}).to_csv(tmp_path / "p.csv", index=False)
        self.refuse(tmp_path / "p.csv", "'high' is no number", design=Design("perturbation", dose="dose"))


def test_what_is_declared_is_kept(simulation, test_set, tmp_path):
    path = write(tmp_path, "csv", *asked(simulation, test_set))
    disclosure = declare(inputs=("smiles",), pretraining=(), controls="training", selection="test", looks=3)
    design = simulation.screen.design
    inner = read_prediction(path, design, name="zeroed")
    read = read_prediction(path, design, name="model", disclosure=disclosure, ablations={"zeroed": inner})
    assert read.disclosure == disclosure
    assert read.ablations["zeroed"] is inner
    assert read_prediction(path, design).disclosure == Disclosure()
    assert Disclosure().pretraining is None


def test_a_table_keeps_what_is_text_as_labels(simulation, test_set, tmp_path):
    conditions, values, genes = asked(simulation, test_set)
    table = frame(conditions, values, genes).assign(note="free text", flag=True)
    table.to_parquet(tmp_path / "p.parquet")
    prediction = read_prediction(tmp_path / "p.parquet", simulation.screen.design)
    assert prediction.genes.tolist() == genes.tolist()
