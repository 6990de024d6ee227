"""Graphs whose nodes or edges were chosen knowing the benchmark's perturbations (L32)."""

from __future__ import annotations

import numpy as np

from vcassay.claim import Role, Split
from vcassay.core import Conditions, Finding
from vcassay.knowledge import Relations, Resource
from vcassay.prediction import Materials, declare
from vcassay.testing.leaks.study import run_tables
from vcassay.testing.power import Case

GENES, PERTURBED, NEIGHBOURS = 2000, 120, 10
GRAPH = "the network"


def gene_split(rng: np.random.Generator) -> Split:
    """Random genes in two contexts, a quarter of them unseen in training."""
    genes = [f"GENE{i}" for i in rng.choice(GENES, PERTURBED, replace=False).tolist()]
    held_out = set(genes[: PERTURBED // 4])
    conditions = Conditions.make(np.repeat(["A", "B"], PERTURBED), [(g,) for g in genes * 2])
    roles = [Role.TEST.value if p[0] in held_out else Role.TRAIN.value for p in conditions.parts]
    return Split(conditions, np.array(roles, dtype="<U8"))


def edges(rng: np.random.Generator, split: Split, *, benchmark: bool = False, more: float = 1.0) -> Relations:
    """A graph with heavy-tailed degrees.

    Parameters
    ----------
    benchmark
        Whether the nodes are the benchmark's perturbations alone.
    more
        How many times the neighbours of others tested genes have.
    """
    own = sorted({p for parts in split.conditions.parts for p in parts})
    nodes = np.array(own if benchmark else [f"GENE{i}" for i in range(GENES)])
    tested = {p for i in split.test.tolist() for p in split.conditions.parts[i]}
    weight = rng.lognormal(0.0, 0.7, size=len(nodes)) * np.where(np.isin(nodes, sorted(tested)), more, 1.0)
    ends = rng.choice(nodes, size=(2, len(nodes) * NEIGHBOURS // 2), p=weight / weight.sum())
    return Relations.make(Resource(GRAPH, "", "", None, "", 0), "network neighbour", ends[0].tolist(), ends[1].tolist())


def _run(seed: int, *, benchmark: bool = False, more: float = 1.0) -> Finding:
    rng = np.random.default_rng(seed)
    split = gene_split(rng)
    made = edges(rng, split, benchmark=benchmark, more=more)
    disclosure = declare(graphs=[{"name": GRAPH, "built_from": "all genes", "file": "edges.csv"}])
    return run_tables("L32", split, disclosure=disclosure, materials=Materials(edges={GRAPH: made}))


CASES = (
    Case(
        "L32",
        "a graph over the benchmark's perturbations, declared to be of all genes",
        "no other node",
        lambda seed: _run(seed, benchmark=True),
        _run,
        lambda found, seed: found.evidence[0]["graph"] == GRAPH,
    ),
    Case(
        "L32",
        "a graph in which perturbations that are only tested have more neighbours",
        "three times as many",
        lambda seed: _run(seed, more=3.0),
        _run,
        lambda found, seed: found.evidence[0]["graph"] == GRAPH and bool(found.evidence[0]["only tested"]),
    ),
)
