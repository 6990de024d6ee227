"""Genes that were chosen with the test set in view (L17, L17m)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.variable_genes import top
from vcassay.core import Finding
from vcassay.evidence.leakage.given.gene_lists import SETS, cell_groups, cell_moments
from vcassay.prediction import Materials, declare
from vcassay.testing.leaks.study import Study, simulated
from vcassay.testing.power import Case

RECIPES = ("dispersion (Seurat)", "standardised variance (Seurat v3)", "variance of log values")
LENGTH = 80
WIDE: dict[str, Any] = {"n_genes": 300, "n_contexts": 2, "n_drugs": 0}
STRAY = 8


def chosen(study: Study, origin: str, seed: int) -> NDArray[np.bool_]:
    """(g,) genes chosen from some cells by a recipe that follows the seed, a tenth of them exchanged at random."""
    screen = study.simulation.screen
    moments = cell_moments(screen, cell_groups(screen, study.split))
    genes = top(moments.scores(SETS[origin][0][1])[RECIPES[seed % len(RECIPES)]], LENGTH)
    rng = np.random.default_rng(seed)
    inside, outside = np.flatnonzero(genes), np.flatnonzero(~genes)
    genes[rng.choice(inside, STRAY, replace=False)] = False
    genes[rng.choice(outside, STRAY, replace=False)] = True
    return genes


def _listed(seed: int, origin: str) -> Finding:
    study = simulated(seed, **WIDE)
    genes = tuple(study.simulation.screen.genes[chosen(study, origin, seed)].tolist())
    return study.run("L17m", disclosure=declare(scaling="training"), materials=Materials(genes=genes))


def _marked(seed: int, origin: str) -> Finding:
    study = simulated(seed, **WIDE)
    screen = study.simulation.screen
    adata = screen.adata.copy()
    adata.var["highly_variable"] = chosen(study, origin, seed)
    return study.run("L17", screen=replace(screen, adata=adata))


def _names_genes(found: Finding, seed: int) -> bool:
    listed = set(simulated(seed, **WIDE).simulation.screen.genes.tolist())
    return bool(found.evidence) and str(found.evidence[0].get("gene")) in listed


CASES = (
    Case(
        "L17",
        "the file marks highly variable genes of all cells",
        "half of the cells are test cells",
        lambda seed: _marked(seed, "all"),
        lambda seed: _marked(seed, "training"),
        _names_genes,
    ),
    Case(
        "L17m",
        "highly variable genes chosen on all cells",
        "half of the cells are test cells",
        lambda seed: _listed(seed, "all"),
        lambda seed: _listed(seed, "training"),
        _names_genes,
    ),
    Case(
        "L17m",
        "highly variable genes chosen on test cells",
        "all of them",
        lambda seed: _listed(seed, "test"),
        lambda seed: _listed(seed, "training"),
        _names_genes,
    ),
)
