from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.screen.builders import check_sentence, frame
from vcassay.core import InputError
from vcassay.screen import CONTROL, LEFT_OUT, Design, Rows, make_table
from vcassay.screen.coding import text_codes


def random_obs(n: int, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return frame(
        line=rng.choice(["A549", "K562", "MCF7"], n),
        label=rng.choice(["ctrl", "A+ctrl", "B", "A+B", "B+A", "(+)-JQ1"], n),
        dose=rng.choice([0.1, 1.0, 10.0], n),
        time=rng.choice(["6 h", "24 h"], n),
        plate=rng.choice(["p1", "p2"], n),
        kind=rng.choice(["x", "y"], n),
    )


DESIGN = Design("label", control=("ctrl",), context="line", batch="plate", dose="dose", time="time", dose_unit="uM")
MEANING = {"A+ctrl": "A", "B": "B", "A+B": "A+B", "B+A": "A+B", "(+)-JQ1": "(+)-JQ1"}


def test_every_row_gets_the_condition_a_loop_would_give_it():
    obs = random_obs(400)
    table = make_table(obs, DESIGN).table
    ids = table.conditions.ids
    for i, row in enumerate(obs.itertuples()):
        hours = row.time.split()[0]
        assert table.pools[table.pool[i]] == f"{row.line} | {hours} h"
        assert table.pool_context[table.pool[i]] == row.line
        assert table.batches[table.batch[i]] == row.plate
        if row.label == "ctrl":
            assert table.condition[i] == CONTROL
        else:
            assert ids[table.condition[i]] == f"{row.line} | {MEANING[row.label]} | {row.dose:g} | {hours} h"
            assert table.condition_pool[table.condition[i]] == table.pool[i]
    assert sorted(set(table.condition[table.condition >= 0])) == list(range(len(ids)))


def test_the_order_of_rows_changes_nothing_but_the_order_of_codes():
    obs = random_obs(300)
    order = np.random.default_rng(3).permutation(len(obs))
    a, b = make_table(obs, DESIGN), make_table(obs.iloc[order].astype("category"), DESIGN)
    assert a.table.conditions.sha256() == b.table.conditions.sha256()
    np.testing.assert_array_equal(a.table.condition[order], b.table.condition)
    np.testing.assert_array_equal(a.table.pool[order], b.table.pool)
    assert a.table.pools == b.table.pools
    assert a.notes == b.notes


def test_missing_labels_are_left_out_and_counted():
    obs = random_obs(50)
    obs.loc["cell0", "label"] = np.nan
    obs.loc["cell1", "label"] = "nan"
    obs.loc["cell2", "line"] = ""
    obs.loc["cell3", "plate"] = None
    labelled = make_table(obs, DESIGN)
    assert (labelled.table.condition[:4] == LEFT_OUT).all()
    assert (labelled.table.pool[:4] == -1).all()
    assert (labelled.table.batch[:4] == -1).all()
    assert labelled.missing == {"label": 2, "line": 1, "plate": 1}


def test_a_control_may_be_called_none():
    labelled = make_table(frame(label=["None", "A"]), Design("label", control=("None",)))
    assert labelled.table.condition.tolist() == [CONTROL, 0]


def test_a_gap_in_the_dose_is_missing_only_where_the_drug_has_doses():
    obs = frame(label=["drug", "drug", "KO", "control"], dose=[1.0, np.nan, np.nan, np.nan])
    labelled = make_table(obs, Design("label", dose="dose", dose_unit="uM"))
    assert labelled.missing == {"dose": 1}
    assert labelled.table.condition.tolist() == [1, LEFT_OUT, 0, CONTROL]
    np.testing.assert_array_equal(labelled.table.conditions.dose, [np.nan, 1.0])


def test_tahoe_labels_need_no_dose_column():
    labels = ["[('A', 0.05, 'uM')]", "[('A', 5.0, 'uM')]", "[('DMSO_TF', 0.0, 'uM')]"]
    labelled = make_table(frame(drug=labels), Design("drug", control=("DMSO_TF",)))
    assert labelled.table.conditions.ids == ["all | A | 0.05", "all | A | 5"]
    assert labelled.design.dose_unit == "uM"
    assert labelled.design.control == ("[('DMSO_TF', 0.0, 'uM')]",)


def test_a_dose_column_wins_over_doses_in_labels():
    labels = ["[('A', 0.05, 'uM')]", "[('A', 5.0, 'uM')]", "[('DMSO_TF', 0.0, 'uM')]"]
    design = Design("drug", control=("DMSO_TF",), dose="dose", dose_unit="uM")
    labelled = make_table(frame(drug=labels, dose=[1.0, 1.0, 0.0]), design)
    assert labelled.table.conditions.ids == ["all | A | 1"]
    assert any("the labels state doses too" in reason for _, reason in labelled.notes)


def test_controls_have_no_dose_and_a_perturbed_row_at_dose_0_is_said():
    obs = frame(label=["control", "A", "A"], dose=[0.0, 0.0, 1.0])
    labelled = make_table(obs, Design("label", dose="dose"))
    assert labelled.table.conditions.dose.tolist() == [0.0, 1.0]
    assert any("dose 0" in sentence for sentence, _ in labelled.notes)


def test_dropped_contexts_take_no_part():
    obs = random_obs(200)
    labelled = make_table(obs, DESIGN, drop_contexts=["K562"])
    assert "K562" not in labelled.table.pool_context
    assert (labelled.table.condition[(obs.line == "K562").to_numpy()] == LEFT_OUT).all()


def test_modality_and_annotation_belong_to_conditions():
    obs = frame(
        label=["A", "A", "A", "B", "control"],
        kind=["CRISPRi", "CRISPRi", "CRISPRi", "drug", ""],
        smiles=["CC", "CCC", "CC", None, "C"],
    )
    labelled = make_table(obs, Design("label", modality="kind", annotation={"smiles": "smiles"}))
    assert labelled.table.conditions.modality.tolist() == ["CRISPRi", "drug"]
    assert labelled.table.conditions.annotation["smiles"].tolist() == ["CC", ""]
    assert any("smiles" in sentence for sentence, _ in labelled.notes)


def test_two_modalities_in_one_condition_are_refused():
    obs = frame(label=["A", "A", "control"], kind=["CRISPRi", "CRISPRa", ""])
    with pytest.raises(InputError) as caught:
        make_table(obs, Design("label", modality="kind"), where="x.h5ad")
    check_sentence(caught.value, "x.h5ad", "'kind'", "CRISPRa", "CRISPRi")


def test_effects_without_controls_are_a_table_too():
    labelled = make_table(frame(label=["A", "B", "A"]), Design("label", control=(), rows=Rows.EFFECTS))
    assert labelled.table.condition.tolist() == [0, 1, 0]
    assert labelled.table.pools == ("all",)


def test_text_codes_strip_sort_and_leave_out():
    codes, texts = text_codes(pd.Series([" b", "a", None, "b", "nan", "a "]))
    assert texts == ["a", "b"]
    assert codes.tolist() == [1, 0, -1, 1, -1, 0]
    codes, texts = text_codes(pd.Series(pd.Categorical(["b", "a", None], categories=["z", "b", "a"])))
    assert texts == ["a", "b"]
    assert codes.tolist() == [1, 0, -1]


@pytest.mark.slow
def test_a_million_rows_take_seconds():
    import time

    rng = np.random.default_rng(0)
    n = 1_000_000
    drugs = np.asarray([f"[('d{i}', {d}, 'uM')]" for i in range(379) for d in (0.05, 0.5, 5.0)], dtype=object)
    obs = frame(drug=drugs[rng.integers(0, len(drugs), n)], line=rng.integers(0, 50, n).astype(str))
    obs.iloc[:1000, 0] = "[('DMSO_TF', 0.0, 'uM')]"
    start = time.perf_counter()
    labelled = make_table(obs, Design("drug", control=("DMSO_TF",), context="line"))
    assert time.perf_counter() - start < 10
    assert len(labelled.table.conditions) == 379 * 3 * 50
