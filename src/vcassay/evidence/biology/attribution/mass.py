"""Mass: how much of effects or attributions lies on genes that tell quality, sex or upkeep."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.bands import even_bands
from vcassay.arrays.matched_sets import draw_sets
from vcassay.core import Threshold
from vcassay.evidence.biology.bench import Bench
from vcassay.evidence.biology.tested import Tested, tested
from vcassay.knowledge.programmes import NUISANCE, programmes

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

FOLD = Threshold("attribution_nuisance_fold", 2.0, "times the truth's mass, and that of matched genes (proposal)")
LEAST_GENES = 3
"""A programme with fewer genes that count is not weighed."""
LEVELS = 10
"""Quantiles of expression within which genes are exchanged."""
SETS = 999
"""Random sets of genes beside each programme."""


class Weighed(NamedTuple):
    """A programme: the columns of its genes, and (draws, k) columns of random genes of like expression."""

    name: str
    columns: Codes
    matched: Codes

    def weigh(self, mass: Array) -> Tested:
        """Mass of a (g,) distribution on the programme, beside that on the matched genes."""
        return tested(float(mass[self.columns].sum()), mass[self.matched].sum(axis=1), len(self.columns))


def nuisances(bench: Bench, rng: np.random.Generator) -> tuple[list[Weighed], list[str]]:
    """Programmes of nuisance genes that can be weighed, and those that cannot, with why."""
    genes, known = bench.genes.tolist(), bench.knowledge
    counted = np.asarray(bench.mask.any(axis=0))
    column = {gene: i for i, gene in enumerate(genes)}
    found, missing, taken = [], [], counted.copy()
    for programme in programmes(NUISANCE):
        members, _ = programme.members(genes, known.gene_sets, known.genes)
        at = np.array([column[m] for m in members if counted[column[m]]], dtype=np.int64)
        taken[at] = False
        if len(at) < LEAST_GENES:
            missing.append(f"{programme.name} ({len(at)} genes measured)")
        else:
            found.append((programme.name, at))
    level = bench.effects.control[bench.split.test]
    bins = even_bands(np.nan_to_num(level.mean(axis=0)) if len(level) else np.zeros(len(genes)), LEVELS)
    order = np.argsort(bench.genes)  # the sets are the same whatever the order of the genes
    place = np.argsort(order)
    weighed = [
        Weighed(name, at, order[draw_sets(np.sort(place[at]), taken[order], bins[order], SETS, rng)])
        for name, at in found
    ]
    return [w for w in weighed if w.matched.shape[1] == len(w.columns)], missing
