"""Groups of conditions beyond what the screen annotates."""

from __future__ import annotations

import pytest

from tests.claim.builders import Row, grid, table
from vcassay.claim import find_novelty, find_related, make_split
from vcassay.claim.columns import COLUMNS, group_values
from vcassay.core import Conditions, InputError, Regime
from vcassay.knowledge import GeneSets, Knowledge, Relations, Resource

FILE = Resource("a file", "a.tsv", "", None, "", 3)
GENES = table([*grid("K", "ABCDEF"), Row("K", "A+B")])
SETS = Knowledge(gene_sets=(GeneSets(FILE, {"one": ("A", "B"), "two": ("C", "D"), "three": ("E", "F")}, {}),))
NOTHING = Knowledge()


def test_pathways_go_together_and_combinations_with_them():
    values = group_values(GENES, "set", None, SETS, None)
    assert values == [("one",), ("one",), ("one",), ("two",), ("two",), ("three",), ("three",)]
    for seed in range(6):
        made = make_split(GENES, "group", column="set", fraction=0.34, seed=seed, values=values)
        held = {v for i in made.test for v in values[i]}
        assert len(held) == 1
        assert set(find_novelty(made).regime.tolist()) <= {Regime.GEX, Regime.COMBINATION}


def test_families_of_genes():
    pairs = Relations.make(FILE, "paralog", ["A", "C"], ["B", "D"])
    known = Knowledge(relations=(pairs,))
    values = group_values(GENES, "family", find_related(GENES, known), known, None)
    assert values[:3] == [("A",), ("A",), ("A",)]
    assert values[3:] == [("C",), ("C",), ("E",), ("F",)]


def test_families_of_contexts():
    conditions = table(grid("KLM", "AB"))
    known = Knowledge(siblings=(("K", "M"),))
    values = group_values(conditions, "context-family", find_related(conditions, known), known, None)
    assert [v[0] for v in values] == ["K", "K", "L", "L", "K", "K"]


def test_what_the_screen_annotates_goes_first():
    conditions = Conditions.make(["K", "K"], ["a", "b"], [1.0, 1.0], annotation={"moa": ["x", "y"]})
    assert group_values(conditions, "moa", None, NOTHING, None) is None
    assert group_values(conditions, "donor", None, NOTHING, None) is None  # the maker refuses it by name


def test_scaffolds_need_structures():
    pytest.importorskip("rdkit")
    smiles = ["c1ccccc1CC", "c1ccccc1CCO", "C1CCNCC1"]
    conditions = Conditions.make(["K"] * 3, list("abc"), [1.0] * 3, annotation={"smiles": smiles})
    a, b, c = group_values(conditions, "scaffold", None, NOTHING, None)
    assert a == b != c


@pytest.mark.parametrize(("column", "mend"), [("batch", "batch column"), ("family", "relations"), ("set", "gene_sets")])
def test_what_was_not_handed_in_is_asked_for(column, mend):
    with pytest.raises(InputError, match=mend):
        group_values(GENES, column, find_related(GENES), NOTHING, None)
    with pytest.raises(InputError, match="cell_lines or siblings"):
        group_values(GENES, "context-family", find_related(GENES), NOTHING, None)


def test_every_column_is_explained():
    assert all(COLUMNS.values())
