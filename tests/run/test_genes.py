"""Genes that a model gets most wrong, and what is new about a condition, are stored with the assessment."""

from __future__ import annotations

import numpy as np

from vcassay.record import read_table
from vcassay.record.reader import TABLES
from vcassay.run.genes import MOST_WRONG

KEY = ["context", "perturbation", "dose", "time"]


def test_every_answered_condition_has_its_genes_in_order(assessed):
    record, folder = assessed
    genes, tested = read_table(folder, "genes"), read_table(folder, "conditions").query("role == 'test'")
    assert genes.attrs == {"schema": TABLES["genes"]}
    assert set(genes["model"]) == {m.name for m in record.models}
    sizes = genes.groupby(["model", *KEY], dropna=False, sort=False).size()
    assert (sizes == MOST_WRONG).all()
    assert len(sizes) == sum(m.n_predicted for m in record.models)
    assert set(genes["perturbation"]) <= set(tested["perturbation"])
    gap = (genes["predicted"] - genes["measured"]).abs().to_numpy().reshape(-1, MOST_WRONG)
    assert (np.diff(gap, axis=1) <= 0).all()
    assert (genes["se"].dropna() > 0).all()


def test_a_test_condition_says_what_is_new_about_it(assessed):
    _, folder = assessed
    conditions = read_table(folder, "conditions")
    tested = conditions["role"] == "test"
    assert set(conditions.loc[tested, "novel_context"]) == {"unseen"}
    assert set(conditions.loc[tested, "novel_perturbation"]) <= {"seen", "unseen"}
    assert conditions.loc[tested, "shots"].eq(0).all()
    assert (conditions.loc[~tested, ["novel_perturbation", "novel_context", "kin"]] == "").all(axis=None)
    assert conditions.loc[~tested, "shots"].isna().all()
