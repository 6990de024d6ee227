from __future__ import annotations

import numpy as np
import pytest

from vcassay.claim import Role
from vcassay.core import InputError
from vcassay.simulate.leaks import analogue_in_training, salt_in_training, siblings_in_training
from vcassay.testing.leaks.compounds import Listed, held_out, listed


def added(before, after):
    """Rows that were added, as (context, name, dose, SMILES, role), and whether the others are as they were."""
    new = np.flatnonzero(before.conditions.locate(after.conditions) < 0)
    old = after.conditions.locate(before.conditions)
    assert (after.roles[old] == before.roles).all()
    table = after.conditions
    columns = (table.context, table.perturbation, table.dose, table.annotation["smiles"], after.roles)
    return [tuple(x[i].item() for x in columns) for i in new]


@pytest.mark.parametrize("seed", range(3))
def test_a_salt_is_added_in_every_context_and_dose(seed):
    split = held_out(seed)
    planted, (test, name) = salt_in_training(split, np.random.default_rng(seed))
    rows = added(split, planted)
    smiles = split.conditions.annotation["smiles"][split.conditions.perturbation == test][0]
    assert {r[:3] for r in rows} == {(c, name, d) for c in ("CL01", "CL02") for d in (0.5, 5.0)}
    assert {r[3:] for r in rows} == {(f"{smiles}.Cl", "train")}
    assert test in split.conditions.perturbation[split.test]


def test_a_salt_by_name_has_no_structure_and_another_spelling():
    planted, (test, name) = salt_in_training(held_out(0), np.random.default_rng(0), by="name", role=Role.TEST)
    assert name == f"{test.capitalize()}  Hydrochloride"
    assert {r[3:] for r in added(held_out(0), planted)} == {("", "test")}


@pytest.mark.parametrize("seed", range(3))
def test_an_analogue_is_longer_by_one_carbon(seed):
    structures = pytest.importorskip("vcassay.knowledge").structures
    pytest.importorskip("rdkit")
    split = held_out(seed)
    planted, (test, _) = analogue_in_training(split, np.random.default_rng(seed))
    smiles = split.conditions.annotation["smiles"][split.conditions.perturbation == test][0]
    (longer,) = {r[3] for r in added(split, planted)}
    pair = structures(["a", "b"], [smiles, longer])
    assert not pair.unparsed
    assert 0.7 < pair.similarity([0], [1])[0, 0] < 0.85
    assert len(longer) == len(smiles) + 1


def test_one_compound_of_each_mechanism_moves():
    split = held_out(0, "moa")
    planted, mechanisms = siblings_in_training(split, np.random.default_rng(0))
    moa, names = split.conditions.annotation["moa"], split.conditions.perturbation
    assert sorted(mechanisms) == sorted(set(moa[split.test].tolist()))
    for m in mechanisms:
        assert len(set(names[planted.test[moa[planted.test] == m]].tolist())) == 2
    assert siblings_in_training(split, np.random.default_rng(0), amount=0.0)[1] == ()


def test_a_split_without_structures_is_refused():
    split = listed([Listed("a", "test"), Listed("b", "train")])
    with pytest.raises(InputError, match="tests no compound with a structure"):
        salt_in_training(split, np.random.default_rng(0))
