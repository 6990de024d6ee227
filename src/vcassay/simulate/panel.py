"""Genes, pathways and the response programmes that effects are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from vcassay.simulate.plan import SimulationPlan

Floats = NDArray[np.float64]
STRESS = "STRESS_RESPONSE"
"""Name of the gene set, and of the programme, that every perturbation induces."""
SECOND_PATHWAY_SHARE = 0.15
DOWNSTREAM_SHARE = 0.15
STRESS_GENES_SHARE = 0.08
OTHERS_PER_PATHWAY = 2
BACKGROUND = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """What is measured and how it can respond.

    Attributes
    ----------
    genes
        (g,) names.
    pathway
        (g,) index of each gene's own pathway.
    gene_sets
        Members of each pathway, and of the stress response, by name.
    programmes
        (r, g) log rate change of each programme, root mean square 1 over genes. The first
        ``n_pathways`` lower the members of one pathway and move genes downstream of it; the last is
        the stress response, which raises its members; those between belong to no pathway.
    programme_names
        r names.
    log_expression
        (g,) mean log rate over contexts.
    """

    genes: NDArray[np.str_]
    pathway: NDArray[np.int64]
    gene_sets: Mapping[str, tuple[str, ...]]
    programmes: Floats
    programme_names: tuple[str, ...]
    log_expression: Floats


def make_panel(plan: SimulationPlan, rng: Generator) -> Panel:
    """Draw genes, pathways and programmes."""
    g, k = plan.n_genes, plan.n_pathways
    genes = np.asarray([f"G{i + 1:0{max(4, len(str(g)))}d}" for i in range(g)])
    pathway = rng.permutation(np.arange(g) % k)
    member = pathway[None, :] == np.arange(k)[:, None]
    second = np.flatnonzero(rng.random(g) < SECOND_PATHWAY_SHARE)
    member[rng.integers(k, size=len(second)), second] = True

    names = [f"PATHWAY_{i + 1:02d}" for i in range(k)]
    stressed = np.zeros(g, dtype=bool)
    stressed[rng.permutation(g)[: max(3, round(STRESS_GENES_SHARE * g))]] = True
    programmes = np.vstack([_programmes(member, -1, rng), _diffuse(OTHERS_PER_PATHWAY * k, g, rng)])
    programmes = np.vstack([programmes, _programmes(stressed[None, :], 1, rng)])
    programmes /= np.sqrt(np.mean(programmes**2, axis=1, keepdims=True))
    sets = {name: tuple(genes[row].tolist()) for name, row in zip(names, member, strict=True)}
    others = [f"PROGRAMME_{i + 1:02d}" for i in range(OTHERS_PER_PATHWAY * k)]
    return Panel(
        genes=genes,
        pathway=pathway,
        gene_sets=sets | {STRESS: tuple(genes[stressed].tolist())},
        programmes=programmes,
        programme_names=(*names, *others, STRESS),
        log_expression=plan.expression_sd * rng.standard_normal(g),
    )


def _diffuse(n: int, g: int, rng: Generator) -> Floats:
    """(n, g) programmes that move a few genes either way and the rest hardly."""
    moved = rng.random((n, g)) < DOWNSTREAM_SHARE
    return rng.standard_normal((n, g)) * np.where(moved, 1.0, BACKGROUND)


def _programmes(member: NDArray[np.bool_], sign: int, rng: Generator) -> Floats:
    """(n, g) programmes that move their members one way, and genes downstream either way."""
    n, g = member.shape
    towards = sign * np.abs(1 + 0.3 * rng.standard_normal((n, g)))
    return np.where(member, 1.5 * towards, _diffuse(n, g, rng))
