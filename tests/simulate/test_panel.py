from __future__ import annotations

import numpy as np
import pytest

from vcassay.simulate import SimulationPlan
from vcassay.simulate.panel import STRESS, make_panel


@pytest.fixture
def panel(plan: SimulationPlan):
    return make_panel(plan, np.random.default_rng(0))


def test_every_gene_has_its_pathway(panel, plan):
    for gene, k in zip(panel.genes, panel.pathway, strict=True):
        assert gene in panel.gene_sets[panel.programme_names[k]]
    assert len(panel.gene_sets) == plan.n_pathways + 1


def test_programmes_move_their_members_one_way(panel):
    for row, name in enumerate(panel.programme_names):
        assert np.mean(panel.programmes[row] ** 2) == pytest.approx(1)
        if name in panel.gene_sets:
            inside = panel.programmes[row, np.isin(panel.genes, panel.gene_sets[name])]
            assert np.all(inside > 0 if name == STRESS else inside < 0)
