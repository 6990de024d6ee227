from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.screen.builders import build, frame, normalised, poisson
from vcassay.screen import Readout, Rows, guess_design, make_screen
from vcassay.screen.suggest import control_labels, delimiter, unit_in_name

RNG = np.random.default_rng(0)
N = 480


def cells(labels, **columns):
    """obs of N rows; every label in every combination of the columns' values, which are given as lists."""
    table = {"label": labels, **columns}
    cyclic, repeat = {}, 1
    for name, values in table.items():
        cyclic[name] = np.resize(np.repeat(np.asarray(values, dtype=object), repeat), N)
        repeat *= len(values)
    return frame(**cyclic)


def renamed(obs, name):
    return obs.rename(columns={"label": name})


def test_scperturb():
    obs = renamed(cells(["control", "AHR", "KLF1", "AHR_KLF1"], celltype=["A549", "K562"]), "perturbation")
    obs["nperts"], obs["ncounts"], obs["perturbation_type"] = 1, 5.0, "CRISPR"
    obs["dose_value"] = np.resize([1.0, 10.0], N)
    guess = guess_design(build(obs))
    assert guess.preset == "scPerturb"
    assert guess.design.control == ("control",)
    assert guess.design.delimiter == "_"
    assert guess.matched == {
        "perturbation": "perturbation",
        "context": "celltype",
        "dose": "dose_value",
        "modality": "perturbation_type",
    }
    assert guess.asked == ("In which unit is obs column 'dose_value' (dose_unit, such as 'uM')?",)
    assert guess.unmatched == ("nperts", "ncounts")


def test_a_unit_column_answers_the_question():
    obs = renamed(cells(["control", "drugA"], celltype=["A549"], dose_value=[1.0, 10.0]), "perturbation")
    obs["nperts"], obs["dose_unit"] = 1, "nM"
    guess = guess_design(build(obs))
    assert guess.design.dose_unit == "nM"
    assert guess.asked == ()


def test_virtual_cell_challenge():
    obs = renamed(cells(["non-targeting", "TP53", "MYC"], batch=["Flex_1", "Flex_2"]), "target_gene")
    obs["guide_id"] = "g1"
    guess = guess_design(build(obs))
    assert guess.preset == "Virtual Cell Challenge"
    assert guess.design.control == ("non-targeting",)
    assert guess.design.batch == "batch"
    assert guess.design.rows is Rows.CELLS
    assert guess.design.readout is Readout.COUNTS


@pytest.mark.parametrize("dmso", ["[('DMSO_TF', 0.0, 'uM')]", "[('DMSO_TF', 0, 'uM')]"])
def test_tahoe(dmso):
    labels = [dmso, "[('A', 0.05, 'uM')]", "[('(+)-JQ1', 5.0, 'uM')]"]
    obs = renamed(cells(labels, cell_line_id=["CVCL_0023", "CVCL_0031"], plate=["p1", "p2"]), "drugname_drugconc")
    guess = guess_design(build(obs))
    assert guess.preset == "Tahoe-100M"
    assert guess.design.control == (dmso,)
    assert guess.matched == {"perturbation": "drugname_drugconc", "context": "cell_line_id", "batch": "plate"}
    screen = make_screen(build(obs), guess.design)
    assert screen.design.dose_unit == "uM"
    assert screen.conditions.parts[0] == ("(+)-JQ1",)


def test_op3():
    obs = renamed(
        cells(["Dimethyl Sulfoxide", "Idelalisib"], cell_type=["B", "NK"], plate_name=["p0", "p1"]), "sm_name"
    )
    obs["dose_uM"], obs["timepoint_hr"], obs["SMILES"] = 1.0, 24.0, "CC"
    guess = guess_design(build(obs, normalised(N)))
    assert guess.preset == "OP3"
    assert guess.design.control == ("Dimethyl Sulfoxide",)
    assert guess.design.batch == "plate_name"
    assert guess.design.readout is Readout.LOGNORM
    assert guess.design.annotation == {"smiles": "SMILES"}
    assert guess.design.dose is None
    assert any("it is 1 uM in every perturbed row" in reason for _, reason in guess.notes)
    assert any("it is 24 h in every perturbed row" in reason for _, reason in guess.notes)


def test_gears():
    obs = renamed(cells(["ctrl", "AHR+ctrl", "KLF1+ctrl", "AHR+KLF1"], cell_type=["K562"]), "condition")
    obs["dose_val"], obs["condition_name"] = "1+1", "x"
    guess = guess_design(build(obs, normalised(N)))
    assert guess.preset == "GEARS"
    assert guess.design.control == ("ctrl",)
    assert guess.design.dose is None
    screen = make_screen(build(obs, normalised(N)), guess.design)
    assert screen.conditions.ids == ["K562 | AHR", "K562 | AHR+KLF1", "K562 | KLF1"]


def test_state():
    obs = renamed(cells(["non-targeting", "TP53"], gem_group=[1, 2, 3], cell_line=["rpe1", "k562"]), "gene")
    guess = guess_design(build(obs))
    assert guess.preset == "State / cell-eval"
    assert guess.matched == {"perturbation": "gene", "context": "cell_line", "batch": "gem_group"}


def test_cellxgene():
    obs = renamed(cells(["control", "A", "B", "A || B"], donor_id=["d1", "d2"]), "genetic_perturbation_id")
    obs["cell_type"] = "T cell"
    guess = guess_design(build(obs))
    assert guess.preset == "CELLxGENE"
    assert guess.design.delimiter == " || "
    assert guess.design.context == "cell_type"
    assert guess.design.batch == "donor_id"


def test_a_flag_names_the_controls():
    obs = cells(["NTC_1", "NTC_2", "TP53"], cell_line=["A"])
    obs["is_control"] = obs["label"].str.startswith("NTC")
    guess = guess_design(build(renamed(obs, "perturbation")))
    assert guess.design.control == ("NTC_1", "NTC_2")
    assert guess.asked == ()
    assert "is_control" in guess.unmatched


def test_likely_controls_are_asked_for():
    guess = guess_design(build(renamed(cells(["NTC_1", "NTC_2", "TP53"]), "perturbation")))
    assert guess.design.control == ("NTC_1", "NTC_2")
    assert len(guess.asked) == 1
    assert "NTC_1, NTC_2" in guess.asked[0]


def test_no_control_is_asked_for():
    guess = guess_design(build(renamed(cells(["A", "B"]), "perturbation")))
    assert guess.asked == ("Which label of obs column 'perturbation' marks the controls?",)


def test_signed_values_without_controls_are_effects():
    obs = renamed(cells(["A", "B", "C"], cell_line=["x", "y"]), "perturbation")
    guess = guess_design(build(obs, RNG.normal(size=(N, 12))))
    assert guess.design.rows is Rows.EFFECTS
    assert guess.design.readout is Readout.CONTINUOUS
    assert guess.design.control == ()
    assert guess.asked == ()


def test_few_rows_a_condition_are_replicates():
    obs = frame(perturbation=["control"] * 6 + ["A"] * 3 + ["B"] * 3)
    dense = guess_design(build(obs, normalised(12)))
    assert dense.design.rows is Rows.REPLICATES
    sparse = poisson(12) * (RNG.random((12, 12)) < 0.2)
    assert guess_design(build(obs, sparse)).design.rows is Rows.CELLS


def test_a_batch_without_controls_is_not_proposed():
    obs = renamed(cells(["control", "A"], cell_line=["x", "y"]), "perturbation")
    obs["batch"] = np.where(obs["perturbation"] == "control", "b0", "b1")
    obs["replicate"] = np.resize(np.repeat(["r1", "r2"], 4), N)
    guess = guess_design(build(obs))
    assert guess.design.batch == "replicate"
    assert any("'batch' (2 values) was not taken as batch" in sentence for sentence, _ in guess.notes)


def test_a_context_without_controls_is_not_proposed_if_another_has_them():
    obs = renamed(cells(["control", "A"], cell_line=["x"]), "perturbation")
    obs["context"] = np.where(obs["perturbation"] == "control", "c0", "c1")
    guess = guess_design(build(obs))
    assert guess.design.context == "cell_line"


def test_scaled_expression_gives_way_to_counts():
    obs = renamed(cells(["control", "A"]), "perturbation")
    adata = build(obs, RNG.normal(size=(N, 12)), layers={"counts": poisson(N)})
    guess = guess_design(adata)
    assert guess.design.layer == "counts"
    assert guess.design.readout is Readout.COUNTS
    kept = guess_design(build(obs, normalised(N), layers={"counts": poisson(N)}))
    assert kept.design.layer is None
    assert any("layer 'counts' holds counts" in sentence for sentence, _ in kept.notes)


def test_a_column_full_of_gaps_is_passed_over():
    obs = renamed(cells(["control", "A"]), "perturbation")
    obs["condition"] = obs["perturbation"]
    obs.loc[obs.index[:30], "perturbation"] = np.nan
    assert guess_design(build(obs)).design.perturbation == "condition"


def test_one_column_of_values_is_a_scalar():
    obs = frame(perturbation=["control", "A"] * 8)
    assert guess_design(build(obs, RNG.random((16, 1)))).design.readout is Readout.SCALAR


def test_times_with_units_and_controls_at_each():
    obs = renamed(cells(["DMSO", "A"], time_h=[6, 24], cell_line=["x"]), "drug")
    guess = guess_design(build(obs))
    assert guess.design.time == "time_h"
    assert guess.design.time_unit == "h"
    assert guess.asked == ()
    assert make_screen(build(obs), guess.design).table.pools == ("x | 6 h", "x | 24 h")
    unnamed = guess_design(build(obs.rename(columns={"time_h": "timepoint"})))
    assert unnamed.design.time == "timepoint"
    assert "time_unit" in unnamed.asked[0]


def test_a_dose_in_words_is_passed_over():
    obs = renamed(cells(["DMSO", "A"], dose=["low", "high"]), "drug")
    guess = guess_design(build(obs))
    assert guess.design.dose is None
    assert any("'dose' was not read as dose" in sentence for sentence, _ in guess.notes)


@pytest.mark.parametrize(
    ("column", "what", "unit"),
    [
        ("dose_uM", "dose", "uM"),
        ("dose_um", "dose", "uM"),
        ("dose (nM)", "dose", "nM"),
        ("conc_M", "dose", "M"),
        ("dose_value", "dose", ""),
        ("dose", "dose", ""),
        ("time_h", "time", "h"),
        ("timepoint_hr", "time", "h"),
        ("hours", "time", "h"),
        ("time_days", "time", "d"),
        ("time", "time", ""),
        ("timepoint", "time", ""),
    ],
)
def test_units_in_names(column, what, unit):
    assert unit_in_name(column, what) == unit


@pytest.mark.parametrize(
    ("labels", "found"),
    [
        (["A", "B", "A+B"], ("+", None)),
        (["A", "B", "A_B", "C_1"], ("_", None)),
        (["901|1", "HN|6", "901|1,HN|6"], (",", None)),
        (["A", "B"], ("+", None)),
        (["BRD_1", "BRD_2"], ("+", None)),
        (["Na+ ionophore", "B"], (None, "Na+ ionophore")),
        (["(+)-JQ1", "B"], ("+", None)),
    ],
)
def test_delimiters_need_parts_that_occur_alone(labels, found):
    assert delimiter(labels, ("control",), None) == found


def test_a_flag_that_contradicts_the_labels_is_not_believed():
    codes = np.asarray([0, 0, 1])
    flag = np.asarray([True, False, False])
    assert control_labels(codes, ["A", "control"], flag, None) == (("control",), True)


def test_the_users_object_is_not_changed():
    obs = renamed(cells(["control", "A"], cell_line=["x", "y"]), "perturbation")
    adata = build(obs)
    before = adata.obs.copy()
    guess_design(adata)
    pd.testing.assert_frame_equal(adata.obs, before)
