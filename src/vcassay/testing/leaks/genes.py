"""Kin of test genes in training, and a gene under two names (L09)."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from vcassay.claim import Role, Split
from vcassay.core import Finding, Regime
from vcassay.knowledge import Genes, Knowledge, Relations, Resource
from vcassay.knowledge.genes import KINDS
from vcassay.simulate import Simulation, SimulationPlan, simulate_screen
from vcassay.simulate.leaks import gene_renamed, relatives_trained
from vcassay.testing.leaks.study import SMALL, run_tables
from vcassay.testing.power import Case

FEW_CELLS: dict[str, Any] = {"cells_per_condition": 2, "controls_per_batch": 4, "n_drugs": 0}
PATHWAYS: dict[str, Any] = {"n_pathways": 8, "n_crispri": 40, "n_contexts": 2}
HELD_OUT = 3
"""Pathways of which every gene is tested."""
OLD = "OLD1"


@lru_cache(maxsize=64)
def tables(seed: int, **settings: Any) -> Simulation:
    """A simulation whose tables alone are of use: nothing is measured."""
    return simulate_screen(SimulationPlan(**{**SMALL, **FEW_CELLS, **settings}), seed=seed)


def resource(name: str) -> Resource:
    """A resource made in memory."""
    return Resource(name, "", "", None, "", 0)


def pathways_held_out(seed: int) -> tuple[Split, Knowledge, tuple[tuple[str, str], ...]]:
    """A split by gene that keeps pathways together, what is known of the genes, and their related pairs."""
    simulation = tables(seed, **PATHWAYS)
    pairs, conditions = simulation.knowledge.gene_relations, simulation.screen.conditions
    a, b = ([pair[k] for pair in pairs] for k in (0, 1))
    known = Knowledge(relations=(Relations.make(resource("pathways"), "same pathway", a, b),))
    sets = simulation.knowledge.gene_sets
    tested = {g for name in sorted(sets)[:HELD_OUT] for g in sets[name]}
    family = {g for pair in pairs if tested.intersection(pair) for g in pair}
    roles = [Role.TEST.value if parts[0] in family else Role.TRAIN.value for parts in conditions.parts]
    return Split(conditions, np.asarray(roles), declared=Regime.GEX), known, pairs


def _kin(seed: int, amount: float) -> Finding:
    split, known, pairs = pathways_held_out(seed)
    return run_tables("L09", relatives_trained(split, pairs, np.random.default_rng(seed), amount=amount), known)


def _names_kin(found: Finding, seed: int) -> bool:
    _, _, pairs = pathways_held_out(seed)
    rows = [row for row in found.evidence if "gene" in row]
    return bool(rows) and all(tuple(sorted((row["gene"], row["in training"]))) in pairs for row in rows)


def _target(split: Split) -> str:
    return split.conditions.parts[int(split.train[0])][0]


def _alias(seed: int, *, planted: bool) -> Finding:
    split, known, _ = pathways_held_out(seed)
    gene = _target(split)
    symbols = tuple(sorted({p for parts in split.conditions.parts for p in parts}))
    names: dict[str, dict[str, tuple[int, ...]]] = {kind: {} for kind in KINDS}
    names["symbol"] = {s.casefold(): (i,) for i, s in enumerate(symbols)}
    names["previous symbol"] = {OLD.casefold(): (symbols.index(gene),)}
    if planted:
        split = gene_renamed(split, gene, OLD, str(split.conditions.context[-1]))
    return run_tables("L09", split, replace(known, genes=Genes(resource("genes"), symbols, names)))


def _names_alias(found: Finding, seed: int) -> bool:
    gene = _target(pathways_held_out(seed)[0])
    return found.evidence[0] == {"gene": OLD, "in training": gene, "relation": "same gene"}


CASES = (
    Case(
        "L09",
        "genes of held-out pathways in training",
        "most held-out pathways lose one gene to training",
        lambda seed: _kin(seed, 0.8),
        lambda seed: _kin(seed, 0.0),
        _names_kin,
    ),
    Case(
        "L09",
        "a trained gene tested under its previous symbol",
        "1 gene in 1 context",
        lambda seed: _alias(seed, planted=True),
        lambda seed: _alias(seed, planted=False),
        _names_alias,
    ),
)
