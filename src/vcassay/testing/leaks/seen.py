"""Models that saw the cells they are scored on (L27)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from vcassay.arrays.shards import TRAINING
from vcassay.core import Finding
from vcassay.screen import CONTROL
from vcassay.simulate.answers import honest, memorised
from vcassay.testing.leaks.study import simulated
from vcassay.testing.power import Case


def saw(seed: int, share: float, weight: float = 1.0, **settings: int) -> Finding:
    """L27 of a model that measured a random share of the test cells, mixed with an honest one."""
    study = simulated(seed, **settings)
    table, rng = study.simulation.screen.table, np.random.default_rng(seed)
    rows = (table.condition >= 0) | np.isin(study.effects.moments.slots.shard, TRAINING)
    rows &= (table.condition >= 0) | (table.condition == CONTROL)
    answer = study.answer(honest(study.simulation, study.wanted, rng))
    if share:
        copy = study.answer(memorised(study.simulation, study.wanted, rows=rows, share=share, rng=rng))
        known = np.isfinite(copy.values)
        answer = replace(
            answer, values=np.where(known, weight * copy.values + (1 - weight) * answer.values, answer.values)
        )
    return study.run("L27", answer=answer)


CASES = (
    Case(
        "L27",
        "a model measured some of the test cells",
        "a random half of them",
        lambda seed: saw(seed, 0.5),
        lambda seed: saw(seed, 0.0),
    ),
    Case(
        "L27",
        "an honest model with a trace of the test cells",
        "a random 30 % of them, 30 % of its answer",
        lambda seed: saw(seed, 0.3, 0.3, n_crispri=40),
        lambda seed: saw(seed, 0.0, n_crispri=40),
    ),
)
