"""The demonstration's screen and split."""

from __future__ import annotations

import numpy as np

from vcassay.claim import Role, Split
from vcassay.core import Conditions, InputError, Regime
from vcassay.simulate.plan import SimulationPlan

DEMO_SEED = 2026
TEST_CONTEXTS = tuple(f"CL{k:02d}" for k in range(6, 16))
"""Held-out contexts of the demonstration; both sibling pairs are among the others."""
SMALL_TEST_CONTEXTS = tuple(f"CL{k:02d}" for k in range(4, 9))
"""Held-out contexts of the small one."""


def demo_plan(*, small: bool = False) -> SimulationPlan:
    """Settings of the demonstration.

    17 contexts (2 sibling pairs), 24 guides and 12 drugs at 3 doses: 1,020 conditions of about 40
    cells, 500 genes, a quarter of the perturbations without any effect. The small one has 10
    contexts (1 pair), 12 guides and 4 drugs: 240 conditions of about 25 cells, 200 genes.
    """
    if small:
        return SimulationPlan(
            n_genes=200,
            n_pathways=8,
            n_contexts=10,
            n_siblings=1,
            n_crispri=12,
            n_drugs=4,
            n_batches=2,
            cells_per_condition=25,
            cells_spread=0.2,
            controls_per_batch=60,
        )
    return SimulationPlan(
        n_genes=500,
        n_pathways=12,
        n_contexts=17,
        n_siblings=2,
        n_crispri=24,
        n_drugs=12,
        n_batches=3,
        cells_per_condition=40,
        cells_spread=0.2,
        controls_per_batch=80,
    )


def demo_split(conditions: Conditions, *, small: bool = False) -> Split:
    """CEX: ten contexts (five of the small one), none a sibling of a training context, are held out whole.

    Raises
    ------
    InputError
        If the conditions are not the demonstration's.
    """
    contexts = SMALL_TEST_CONTEXTS if small else TEST_CONTEXTS
    if not np.isin(contexts, conditions.context).all():
        raise InputError("these are not the demonstration's contexts", where="demo_split", mend="use demo_plan()")
    return hold_out(conditions, contexts)


def hold_out(conditions: Conditions, contexts: tuple[str, ...]) -> Split:
    """CEX: every condition of some contexts is test, every other one training."""
    test = np.isin(conditions.context, contexts)
    roles = np.where(test, Role.TEST.value, Role.TRAIN.value).astype(str)
    return Split(conditions, roles, declared=Regime.CEX, seed=DEMO_SEED, group="context")
