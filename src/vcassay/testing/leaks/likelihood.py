"""Test cells that a model has memorised, by its loss of single cells (L22)."""

from __future__ import annotations

from typing import Any

import numpy as np

from vcassay.core import Finding
from vcassay.prediction import Losses, Materials, declare
from vcassay.screen import CONTROL
from vcassay.simulate.leaks.rebuild import rows_of
from vcassay.testing.leaks.study import Study, simulated
from vcassay.testing.power import Case

WIDE: dict[str, Any] = {"n_contexts": 12, "n_crispri": 4, "n_drugs": 2, "n_genes": 80}
GAP = 0.5
"""How much lower the loss of a cell is that was seen, in standard deviations of losses."""


def losses(study: Study, rng: np.random.Generator, *, memorised: bool, uneven: float = 0.1) -> Losses:
    """Losses that fall with depth, differ between contexts and between what is perturbed, and are lower of seen cells.

    Unseen are all cells of the test contexts; those that are perturbed are seen, too, if they were memorised.
    """
    screen = study.simulation.screen
    table, n = screen.table, screen.n_rows
    depth = np.log(np.asarray(screen.matrix.sum(axis=1)).ravel())
    context = np.unique(table.pool_context, return_inverse=True)[1][table.pool]
    perturbed = table.condition != CONTROL
    tested = np.zeros(n, dtype=bool)
    tested[rows_of(study.simulation, study.split, study.split.test)] = True
    outside = np.isin(context, np.unique(context[tested]))
    unseen = outside & ~(tested if memorised else np.zeros(n, dtype=bool))
    values = rng.standard_normal(n) - depth + rng.normal(size=context.max() + 1)[context]
    values += GAP * unseen + perturbed * rng.normal(0.3, uneven, size=context.max() + 1)[context]
    values += np.where(perturbed, rng.normal(0, 0.2, size=len(table.conditions))[np.maximum(table.condition, 0)], 0.0)
    return Losses(np.asarray(screen.adata.obs_names, dtype=str), values)


def _run(seed: int, *, memorised: bool) -> Finding:
    study = simulated(seed, **WIDE)
    found = losses(study, np.random.default_rng(seed), memorised=memorised)
    return study.run("L22", disclosure=declare(controls="none"), materials=Materials(losses=found))


def _names_tested(found: Finding, seed: int) -> bool:
    return bool(found.evidence[0]["role"] == "test")


CASES = (
    Case(
        "L22",
        "perturbed cells of the test contexts in pretraining",
        "losses lower by half a standard deviation",
        lambda seed: _run(seed, memorised=True),
        lambda seed: _run(seed, memorised=False),
        _names_tested,
    ),
)
