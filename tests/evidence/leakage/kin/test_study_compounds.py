from __future__ import annotations

import numpy as np

from vcassay.claim import make_claim
from vcassay.core import Regime
from vcassay.evidence.leakage.kin.study_compounds import claims_unseen, not_compared, study_compounds
from vcassay.testing.leaks.compounds import Listed, listed

ROWS = [
    Listed("a", "test"),
    Listed("a+b", "test"),
    Listed("b", "train"),
    Listed("c", "val"),
    Listed("d", "excluded"),
    Listed("DMSO_TF", "train"),
    Listed("vehicle ", "test"),
    Listed("TP53", "test", modality="CRISPRi"),
]


def test_compounds_by_role_without_vehicles_and_genes():
    drugs = study_compounds(listed(ROWS))
    assert drugs.names == ("a", "b", "c", "d")
    assert drugs.tested.tolist() == [True, True, False, False]
    assert drugs.taught.tolist() == [False, True, False, False]
    assert drugs.tuned.tolist() == [False, False, True, False]
    assert drugs.fresh.tolist() == [True, False, False, False]
    assert [drugs.role(i) for i in (1, 2)] == ["train", "val"]


def test_degree_of_a_condition_is_that_of_its_new_compounds():
    split = listed(ROWS)
    drugs = study_compounds(split)
    degree = drugs.spread(np.array([0.3, 0.9, np.nan, np.nan]), split.test, seen=1.0, other=np.nan)
    by_name = dict(zip(split.conditions.perturbation[split.test].tolist(), degree.tolist(), strict=True))
    assert (by_name["a"], by_name["a+b"]) == (0.3, 0.3)
    assert np.isnan([by_name["TP53"], by_name["vehicle "]]).all()


def test_how_far_unseen_compounds_are_claimed():
    shown = [Listed(f"p{i}", "test", context="B") for i in range(5)] + [Listed(f"p{i}", "train") for i in range(5)]
    shown += [Listed("q", "train", context="B")]
    assert claims_unseen(make_claim(listed(shown, None))) == 0
    assert claims_unseen(make_claim(listed([*shown, Listed("new", "test")], None))) == 1
    assert claims_unseen(make_claim(listed(shown, Regime.AEX))) == 2
    assert claims_unseen(make_claim(listed([Listed("new", "test"), Listed("old", "train")], None))) == 2


def test_what_could_not_be_compared_is_named_and_counted():
    rows = not_compared([f"x{i}" for i in range(9)], range(9), {"x0": "no structure"})
    assert rows[0] == {"not compared": "x0", "reason": "no structure"}
    assert rows[-1] == {"not compared": "3 more"}
    assert len(rows) == 7
