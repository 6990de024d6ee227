from __future__ import annotations

import numpy as np
import pytest
from tests.evidence.biology.benches import GENES, small_study, table

from vcassay.core import Conditions
from vcassay.evidence.biology.agents import find_agents
from vcassay.knowledge import Knowledge, read_genes


@pytest.fixture(scope="module")
def agents():
    return find_agents(table(), np.asarray(GENES), Knowledge())


def test_compounds_and_genes_are_told_apart(agents):
    assert agents.names[:2] == ("EGFR", "HDAC1")
    assert agents.drug.tolist() == [False, False, *[True] * 6]
    assert agents.gene == ("EGFR", "HDAC1", *[""] * 6)
    assert agents.targets[agents.row["drug1", 0]] == ("EGFR",)
    assert agents.targets[agents.row["drug0", 0]] == ("HDAC1", "CDK9")
    assert agents.mechanisms[agents.row["drug0", 0]] == ("HDAC inhibitor",)
    assert agents.measured == {"EGFR": 1, "HDAC1": 2}


def test_targets_take_the_screens_names_of_genes(tmp_path):
    path = tmp_path / "genes.tsv"
    path.write_text("symbol\talias_symbol\nERBB1\tEGFR\nHDAC1\tRPD3\n", encoding="utf-8")
    genes = np.asarray(["ERBB1", "RPD3", "ACTB"])
    found = find_agents(table(), genes, Knowledge(genes=read_genes(path)))
    assert found.targets[found.row["drug1", 0]] == ("ERBB1",)
    assert found.gene[:2] == ("ERBB1", "RPD3")
    assert found.measured == {"ERBB1": 0, "RPD3": 1}


@pytest.mark.parametrize(
    ("modality", "moa", "direction"),
    [
        ("CRISPRi", "", -1),
        ("CRISPR KO", "", -1),
        ("shRNA", "", -1),
        ("CRISPRa", "", 1),
        ("ORF overexpression", "", 1),
        ("CRISPR inactivation", "", -1),
        ("CRISPR knock-in", "", 0),
        ("drug", "beta-lactamase inactivator", -1),
        ("drug", "potassium channel activator", 1),
        ("drug", "HDAC inhibitor", -1),
        ("drug", "estrogen receptor antagonist", -1),
        ("drug", "glucocorticoid receptor agonist", 1),
        ("drug", "inverse agonist of RORC", -1),
        ("drug", "dopamine receptor agonist|dopamine receptor antagonist", 0),
        ("drug", "", 0),
        ("", "", 0),
    ],
)
def test_directions(modality, moa, direction):
    one = Conditions.make(["a"], [["THING"]], modality=[modality], annotation={"moa": [moa]})
    assert find_agents(one, np.asarray(["THING"]), Knowledge()).direction.tolist() == [direction]


def test_combinations_are_no_single_agent(agents):
    two = Conditions.make(["A549", "A549"], [["drug0"], ["drug0", "drug1"]])
    assert agents.of(two).tolist() == [agents.row["drug0", 0], -1]


def test_agents_do_not_depend_on_the_order_of_genes():
    study = small_study()
    turned = find_agents(study.effects.conditions, study.effects.genes[::-1], Knowledge())
    found = study.bench().agents
    assert turned.targets == found.targets
    assert {g: study.effects.genes[::-1][i] for g, i in turned.measured.items()} == {
        g: study.effects.genes[i] for g, i in found.measured.items()
    }


def test_a_gene_that_is_silenced_here_and_activated_there_is_two_agents():
    kinds = ["CRISPRi", "CRISPRa", "CRISPRi", "", "drug"]
    names = [["MYC"], ["MYC"], ["TP53"], ["TP53"], ["MYC", "TP53"]]
    two = Conditions.make(["a", "b", "a", "b", "a"], names, modality=kinds)
    found = find_agents(two, np.asarray(["MYC", "TP53"]), Knowledge())
    of = dict(zip(zip(two.perturbation, two.context, strict=True), found.of(two), strict=True))
    assert [found.names[of[p, c]] for p, c in (("MYC", "a"), ("MYC", "b"))] == ["MYC", "MYC"]
    assert found.direction[[of["MYC", "a"], of["MYC", "b"]]].tolist() == [-1, 1]
    assert of["TP53", "a"] == of["TP53", "b"]  # a modality that is not stated is no other one
    assert sorted(found.of(two).tolist()) == [-1, *sorted({of["MYC", "a"], of["MYC", "b"]}), *[of["TP53", "a"]] * 2]
