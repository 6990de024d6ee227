from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vcassay.simulate import SimulationPlan
from vcassay.simulate.panel import make_panel
from vcassay.simulate.perturbagens import CRISPRI, DRUG, Perturbagens, make_perturbagens


def draw(plan: SimulationPlan, seed: int = 0) -> Perturbagens:
    rng = np.random.default_rng(seed)
    return make_perturbagens(plan, make_panel(plan, rng), rng)[0]


@pytest.fixture
def perturbagens(plan: SimulationPlan) -> Perturbagens:
    return draw(replace(plan, n_crispri=40, n_drugs=12, n_salts=0))


def off_diagonal(similarity, same):
    keep = same & ~np.eye(len(same), dtype=bool)
    return similarity[keep].mean()


def test_guides_are_named_after_their_target(perturbagens):
    guide = perturbagens.modality == CRISPRI
    np.testing.assert_array_equal(perturbagens.names[guide], perturbagens.target[guide])
    assert len(np.unique(perturbagens.names)) == len(perturbagens)


def test_one_pathway_means_similar_effects(perturbagens):
    guide = np.flatnonzero(perturbagens.modality == CRISPRI)
    own = perturbagens.own[guide]
    same = perturbagens.pathway[guide][:, None] == perturbagens.pathway[guide]
    assert off_diagonal(own @ own.T, same) > 0.5
    assert abs(off_diagonal(own @ own.T, ~same)) < 0.1


def test_drugs_resemble_the_knockdown_of_their_target(perturbagens):
    drug, guide = np.flatnonzero(perturbagens.modality == DRUG), np.flatnonzero(perturbagens.modality == CRISPRI)
    similarity = perturbagens.own[drug] @ perturbagens.own[guide].T
    on_target = perturbagens.target[drug][:, None] == perturbagens.target[guide]
    assert on_target.sum() == len(drug)
    assert similarity[on_target].mean() > 0.75
    other_pathway = perturbagens.pathway[drug][:, None] != perturbagens.pathway[guide]
    assert abs(similarity[other_pathway].mean()) < 0.1
    assert not perturbagens.is_null[guide][on_target.any(axis=0)].any()


def test_mechanism_outweighs_structure(plan):
    rng = np.random.default_rng(0)
    many = replace(plan, n_drugs=36, n_salts=0)
    found, compounds = make_perturbagens(many, make_panel(many, rng), rng)
    drugs = found.take(np.arange(many.n_crispri, len(found)))
    assert drugs.names.tolist() == [c.name for c in compounds]
    similarity = drugs.own @ drugs.own.T
    same_moa = drugs.moa[:, None] == drugs.moa
    scaffold = np.asarray([c.scaffold for c in compounds])
    same_scaffold = scaffold[:, None] == scaffold
    other_pathway = drugs.pathway[:, None] != drugs.pathway
    neither = off_diagonal(similarity, other_pathway & ~same_scaffold)
    assert off_diagonal(similarity, same_moa & ~same_scaffold) > neither + 0.4
    structure_only = off_diagonal(similarity, other_pathway & same_scaffold)
    assert neither + 0.05 < structure_only < neither + 0.35


def test_salts_do_what_their_parents_do(plan):
    perturbagens = draw(plan)
    parent, salt = plan.n_crispri, len(perturbagens) - 1
    assert perturbagens.names[salt].startswith(str(perturbagens.names[parent]))
    assert perturbagens.smiles[salt] != perturbagens.smiles[parent]
    np.testing.assert_array_equal(perturbagens.own[salt], perturbagens.own[parent])
    assert (perturbagens.size[salt], perturbagens.ec50[salt]) == (perturbagens.size[parent], perturbagens.ec50[parent])


@pytest.mark.parametrize(("share", "n"), [(0.0, 0), (0.25, 13), (1.0, 52)])
def test_null_share(plan, share, n):
    perturbagens = draw(replace(plan, n_crispri=40, n_drugs=12, n_salts=0, null_share=share))
    assert perturbagens.is_null.sum() == n
    np.testing.assert_array_equal(perturbagens.size == 0, perturbagens.is_null)
    assert not perturbagens.knockdown[perturbagens.is_null].any()
