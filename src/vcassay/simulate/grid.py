"""The grid of conditions: every treatment in every context."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from vcassay.core import Conditions
from vcassay.simulate.perturbagens import CRISPRI, DRUG, Perturbagens
from vcassay.simulate.plan import SimulationPlan

MAX_PARTS = 2


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Conditions, and the rows of the perturbagens and contexts that they come from.

    Attributes
    ----------
    conditions
        (n,) the table.
    part
        (n, 2) index of each part's perturbagen; the second is -1 for a single perturbation.
    context
        (n,) index of the context.
    """

    conditions: Conditions
    part: NDArray[np.int64]
    context: NDArray[np.int64]


def make_grid(plan: SimulationPlan, perturbagens: Perturbagens, contexts: tuple[str, ...], rng: Generator) -> Grid:
    """List every guide, drug at every dose, and drawn pair of guides, in every context at every time."""
    guides, drugs = np.flatnonzero(perturbagens.modality == CRISPRI), np.flatnonzero(perturbagens.modality == DRUG)
    treatments: list[tuple[tuple[int, ...], float]] = [((int(i),), np.nan) for i in guides]
    treatments += [((int(i),), dose) for i in drugs for dose in plan.doses]
    first, second = np.triu_indices(len(guides), 1)
    for at in np.sort(rng.permutation(len(first))[: plan.n_combinations]):
        treatments.append(((int(guides[first[at]]), int(guides[second[at]])), np.nan))

    rows = [
        (c, who, dose, time)
        for c in range(len(contexts))
        for who, dose in treatments
        for time in (plan.times or (np.nan,))
    ]
    parts = [perturbagens.names[list(who)].tolist() for _, who, _, _ in rows]
    conditions = Conditions.make(
        [contexts[c] for c, _, _, _ in rows],
        parts,
        [dose for _, _, dose, _ in rows],
        [time for _, _, _, time in rows],
        [str(perturbagens.modality[who[0]]) for _, who, _, _ in rows],
        {
            "target": ["+".join(perturbagens.target[list(who)]) for _, who, _, _ in rows],
            "moa": [str(perturbagens.moa[who[0]]) for _, who, _, _ in rows],
            "smiles": [str(perturbagens.smiles[who[0]]) for _, who, _, _ in rows],
        },
    )
    perturbagen = {str(name): i for i, name in enumerate(perturbagens.names)}
    place = {name: i for i, name in enumerate(contexts)}
    part = np.full((len(conditions), MAX_PARTS), -1, dtype=np.int64)
    for i, names in enumerate(conditions.parts):
        part[i, : len(names)] = [perturbagen[name] for name in names]
    return Grid(conditions, part, np.asarray([place[str(c)] for c in conditions.context], dtype=np.int64))
