from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vcassay.claim import Split, make_split
from vcassay.claim.formats.cell_load import cell_load_alone
from vcassay.core import Conditions, Regime, Status
from vcassay.simulate.leaks import dose_siblings
from vcassay.testing.leaks.study import run_tables

DOSES, LINES = (0.05, 0.5, 5.0), [f"line{k}" for k in range(5)]


def split_of(rows, **more):
    """From rows (context, drug, dose, time, role)."""
    context, drug, dose, time, _ = zip(*rows, strict=True)
    table = Conditions.make(context, drug, dose, time, ["drug"] * len(rows))
    roles = {(c, (p,), d, t): r for c, p, d, t, r in rows}
    missing = [tuple(-1.0 if isinstance(x, float) and np.isnan(x) else x for x in key) for key in roles]
    at = dict(zip(missing, roles.values(), strict=True))
    return Split(table, np.array([at[key] for key in table.keys]), **more)


def tahoe(role):
    """379 drugs at 3 doses in 5 lines: 199 held out whole, 69 but for their top dose, 56 conditions validation."""
    rows = []
    for line in LINES:
        for j in range(379):
            for dose in DOSES:
                held = j < 199 or (j < 268 and dose < 5)
                val = 300 <= j < 318 or (j == 318 and dose < 5)
                rows.append((line, f"drug{j:03d}", dose, np.nan, "test" if held else "val" if val else role))
    rows += [("elsewhere", f"drug{j:03d}", dose, np.nan, role) for j in range(379) for dose in DOSES]
    return split_of(rows)


@pytest.fixture(scope="module")
def few_shot():
    return tahoe("train")


class TestStatesListOnTahoe:
    """Rebuilt with its structure: 735 test and 56 validation conditions a line."""

    def test_69_drugs_are_found(self, few_shot):
        assert len(few_shot.test) == 5 * 735
        assert np.sum(few_shot.roles == "val") == 5 * 56
        found = run_tables("L05", few_shot)
        assert found.status is Status.WARN
        assert found.sentence.startswith(
            "69 of 268 drugs, in 690 of 3,675 test conditions (19%), are trained at another"
        )
        assert found.sentence.endswith("of 199 drugs another dose is trained in other contexts only.")
        assert found.evidence[0] == {
            "drug": "drug199", "test conditions": 10, "contexts": 5, "tested doses": "0.05, 0.5", "trained doses": "5",
        }  # fmt: skip
        touched = few_shot.conditions.take(few_shot.test).perturbation[found.affected.touched]
        assert set(touched.tolist()) == {f"drug{j:03d}" for j in range(199, 268)}
        assert found.affected.clean.sum() == 3675 - 690

    def test_doses_shown_for_validation_are_told_apart(self, few_shot):
        table = few_shot.conditions
        both = np.flatnonzero((table.perturbation == "drug100") & (table.dose == 5) & (table.context != "elsewhere"))
        conflicts = tuple((table.ids[i], "val", "test") for i in both)
        found = run_tables("L05", replace(few_shot, also_train=both, conflicts=conflicts))
        assert found.sentence.startswith("69 of 268 drugs, in 690 of 3,675 test conditions (19%), are trained")
        assert "and 1 more (10 test conditions) shown for validation" in found.sentence
        assert found.affected.touched.sum() == 700
        alone = replace(few_shot, roles=np.where(few_shot.roles == "train", "val", few_shot.roles))
        assert "are shown for validation at another dose" in run_tables("L05", alone).sentence

    @pytest.mark.parametrize("declared", [Regime.DEX, Regime.AEX])
    def test_fails_where_unseen_compounds_are_claimed(self, few_shot, declared):
        found = run_tables("L05", few_shot, declared=declared)
        assert (found.status, found.blocks) == (Status.FAIL, False)
        assert found.sentence.startswith(f"{declared} is declared, but 69 of 268 drugs")

    def test_the_file_alone_tells_which_doses_it_leaves_unnamed(self, few_shot, tmp_path):
        table, lines = few_shot.conditions, ["[fewshot]"]
        for line in LINES:
            lines.append(f'[fewshot."tahoe.{line}"]')
            for role in ("val", "test"):
                at = np.flatnonzero((few_shot.roles == role) & (table.context == line))
                labels = ", ".join(f"\"[('{table.parts[i][0]}', {table.dose[i]}, 'uM')]\"" for i in at)
                lines.append(f"{role} = [{labels}]")
        path = tmp_path / "list.toml"
        path.write_text("\n".join(["[datasets]", 'tahoe = "x"', "[training]", 'tahoe = "train"', *lines]))
        found = run_tables("L05", cell_load_alone(path))
        assert (found.status, bool(found.question)) == (Status.UNKNOWN, True)
        assert "of 69 drugs (690 test conditions) the list leaves a dose" in found.sentence
        assert found.evidence[0]["drug"] == "drug199"
        assert found.affected.touched.sum() == 690


def test_a_clean_dex_split_passes_and_one_dose_in_training_fails():
    table = Conditions.make(np.repeat(["A", "B"], 9), np.repeat(["x", "y", "z"], 3).tolist() * 2, DOSES * 6)
    split = make_split(table, "dex", fraction=0.34, seed=1)
    clean = run_tables("L05", split)
    assert (clean.status, clean.value, clean.affected) == (Status.PASS, 0.0, None)
    found = run_tables("L05", dose_siblings(split, np.random.default_rng(0), amount=0.5))
    assert found.status is Status.FAIL
    assert found.value == pytest.approx(2 / 5)


def test_other_doses_are_what_a_dose_split_claims():
    rows = [("A", "x", d, 24.0, "test" if d == 5 else "train") for d in DOSES]
    for more in ({"declared": Regime.DOSE}, {}):
        found = run_tables("L05", split_of(rows, **more))
        assert (found.status, found.value, found.affected.touched.all()) == (Status.PASS, 1.0, True)
        assert "unseen dose is" in found.sentence
    assert run_tables("L05", split_of(rows, declared=Regime.DEX)).status is Status.FAIL


def test_another_context_modality_or_partner_is_no_sibling():
    rows = [("A", "x", 5.0, 24.0, "test"), ("B", "x", 0.5, 24.0, "train"), ("A", "y", 0.5, 24.0, "train")]
    found = run_tables("L05", split_of(rows))
    assert found.status is Status.PASS
    assert "of 1 drug another dose is trained in other contexts only" in found.sentence
    table = Conditions.make(["A", "A"], ["x", ("x", "y")], [1.0, 2.0])
    assert run_tables("L05", Split(table, np.array(["test", "train"]))).status is Status.PASS


class TestTimes:
    def test_another_time_is_its_own_finding(self):
        rows = [("A", "x", 5.0, 6.0, "train"), ("A", "x", 5.0, 24.0, "test"), ("B", "x", 5.0, 24.0, "train")]
        split = split_of(rows)
        assert run_tables("L05", split).status is Status.PASS
        found = run_tables("L05t", split)
        assert (found.status, found.value) == (Status.WARN, 1.0)
        assert found.evidence[0]["trained times"] == "6"
        assert run_tables("L05t", split, declared=Regime.DEX).status is Status.FAIL
        assert run_tables("L05t", split, declared=Regime.TIME).status is Status.PASS

    def test_where_dose_and_time_differ_the_closer_kin_is_named(self):
        other = ("A", "x", 0.5, 6.0, "train")
        alone = split_of([other, ("A", "x", 5.0, 24.0, "test")])
        assert [run_tables(c, alone, declared=Regime.DEX).status for c in ("L05", "L05t")] == [Status.PASS, Status.FAIL]
        closer = split_of([other, ("A", "x", 0.5, 24.0, "train"), ("A", "x", 5.0, 24.0, "test")])
        assert [run_tables(c, closer, declared=Regime.DEX).status for c in ("L05", "L05t")] == [
            Status.FAIL,
            Status.PASS,
        ]

    def test_without_times_there_is_nothing_to_ask(self):
        rows = [("A", "x", 5.0, np.nan, "test"), ("A", "y", 5.0, np.nan, "train")]
        assert run_tables("L05t", split_of(rows)).status is Status.NA


class TestNotStated:
    def test_compounds_without_doses_are_asked_for_and_genes_are_not(self):
        table = Conditions.make(["A", "A"], ["x", "y"], modality=["drug", "drug"])
        found = run_tables("L05", Split(table, np.array(["test", "train"])))
        assert (found.status, found.question) == (Status.UNKNOWN, "At which dose was each compound measured?")
        genes = replace(table, modality=np.array(["CRISPRi", "CRISPRi"]))
        assert run_tables("L05", Split(genes, np.array(["test", "train"]))).status is Status.NA

    def test_a_trained_dose_that_is_not_stated_is_not_compared(self):
        rows = [("A", "x", 5.0, 24.0, "test"), ("A", "x", np.nan, 24.0, "train"), ("A", "y", 1.0, 24.0, "train")]
        found = run_tables("L05", split_of(rows))
        assert (found.status, found.evidence) == (Status.UNKNOWN, ({"not compared": "A | x | 5 | 24 h"},))
        rows += [("A", f"z{i}", 5.0, 24.0, "test") for i in range(9)]
        found = run_tables("L05", split_of(rows))
        assert found.status is Status.PASS
        assert "1 test condition without a stated dose not compared" in found.sentence

    def test_an_assumed_training_set_is_unknown(self):
        rows = [("A", "x", 5.0, 24.0, "test"), ("A", "x", 0.5, 24.0, "train")]
        found = run_tables("L05", split_of(rows, assumed="the rest is assumed to be the training set"))
        assert (found.status, found.value, found.affected.touched.tolist()) == (Status.UNKNOWN, 1.0, [True])
