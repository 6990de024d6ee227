from __future__ import annotations

import pytest

from vcassay.simulate.chemistry import SCAFFOLDS, SUBSTITUENTS, make_compounds, structure

EVERY = [(k, member) for k in range(len(SCAFFOLDS)) for member in range(len(SUBSTITUENTS) ** 2)]


def test_structures_are_distinct_and_closed():
    smiles = [structure(k, member) for k, member in EVERY]
    assert len(set(smiles)) == len(EVERY)
    for text in smiles:
        assert text.count("(") == text.count(")")
        assert all(text.count(str(ring)) % 2 == 0 for ring in range(1, 5))


def test_structures_are_valid_and_keep_their_scaffold():
    chem = pytest.importorskip("rdkit.Chem")
    murcko = pytest.importorskip("rdkit.Chem.Scaffolds.MurckoScaffold")
    scaffolds = {k: set() for k in range(len(SCAFFOLDS))}
    for k, member in EVERY:
        molecule = chem.MolFromSmiles(structure(k, member))
        assert molecule is not None
        scaffolds[k].add(murcko.MurckoScaffoldSmiles(mol=molecule))
    assert all(len(found) == 1 for found in scaffolds.values())
    assert len(set.union(*scaffolds.values())) == len(SCAFFOLDS)


def test_mechanism_and_structure_agree_only_in_part():
    drugs = make_compounds(("A", "A", "A", "B", "B", "B"))
    pairs = [(a, b) for i, a in enumerate(drugs) for b in drugs[:i]]
    assert any(a.moa == b.moa and a.scaffold != b.scaffold for a, b in pairs)
    assert any(a.moa != b.moa and a.scaffold == b.scaffold for a, b in pairs)
    assert any(a.moa == b.moa and a.scaffold == b.scaffold for a, b in pairs)
    assert len({d.smiles for d in drugs}) == len(drugs)


def test_salts_carry_their_parent():
    *drugs, salt = make_compounds(("A", "B"), n_salts=1)
    assert salt.parent == drugs[0].name
    assert salt.smiles == drugs[0].smiles + ".Cl"
    assert salt.name not in {d.name for d in drugs}
