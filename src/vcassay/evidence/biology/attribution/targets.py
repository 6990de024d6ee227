"""Targets: the genes that an agent acts on, and their neighbours, among the measured genes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.evidence.biology.bench import Bench
from vcassay.knowledge import match

Mask = NDArray[np.bool_]

SMALLEST, LARGEST = 5, 200
"""Genes of a set that speaks of its members' neighbourhood: fewer are the target alone, more are half of the cell."""


def target_genes(bench: Bench) -> Mask:
    """(p, g) measured genes that each agent perturbs or targets, with the neighbours of these.

    Genes that are perturbed themselves are among them, though they are not scored: an answer may well rest on them.

    Neighbours are partners in the relations handed in; of a target without any, the members of its smallest gene set
    of 5 to 200 measured genes. Without either it is the target alone.
    """
    agents, genes = bench.agents, bench.genes.tolist()
    column = {gene: i for i, gene in enumerate(genes)}
    own = [{g for g in (gene, *targets) if g} for gene, targets in zip(agents.gene, agents.targets, strict=True)]
    wanted = sorted({gene for some in own for gene in some})
    near = neighbours(bench, wanted)
    out = np.zeros((len(own), len(genes)), dtype=bool)
    for i, some in enumerate(own):
        at = [column[g] for gene in some for g in (gene, *near.get(gene, ())) if g in column]
        out[i, at] = True
    return out


def neighbours(bench: Bench, wanted: list[str]) -> dict[str, tuple[str, ...]]:
    """Measured neighbours of some genes, under the screen's names."""
    known, genes = bench.knowledge, bench.genes.tolist()
    names = sorted({*genes, *wanted})
    found: dict[str, set[str]] = {}
    for relations in known.relations:
        local = relations.restrict(match(names, relations.names, genes=known.genes).found)
        ends = (
            (local.names[i], local.names[j]) for i, j in zip(local.left.tolist(), local.right.tolist(), strict=True)
        )
        for a, b in ends:
            for own, other in ((a, b), (b, a)):
                found.setdefault(own, set()).add(other)
    lacking = set(wanted) - found.keys()
    best: dict[str, tuple[int, str, tuple[str, ...]]] = {}
    for source in known.gene_sets if lacking else ():
        spelled = match(names, source.genes, genes=known.genes).found
        ours: dict[str, list[str]] = {}
        for mine, theirs in spelled.items():
            ours.setdefault(theirs, []).append(mine)
        for name, members in source.sets.items():
            local_members = tuple(sorted({mine for m in members for mine in ours.get(m, ())}))
            if SMALLEST <= len(local_members) <= LARGEST:
                for gene in lacking.intersection(local_members):
                    best[gene] = min(best.get(gene, (LARGEST + 1, "", ())), (len(local_members), name, local_members))
    wanted_names = set(wanted)
    near = {gene: tuple(sorted(own)) for gene, own in found.items() if gene in wanted_names}
    return near | {gene: members for gene, (_, _, members) in best.items()}
