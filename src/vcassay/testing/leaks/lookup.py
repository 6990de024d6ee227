"""A model that knows no more than its nearest neighbour in training (L25)."""

from __future__ import annotations

from functools import lru_cache, partial

import numpy as np

from vcassay.core import Finding
from vcassay.evidence.baselines import BASELINES, climb, make_task
from vcassay.evidence.leakage.answers.lookup import Lookup
from vcassay.prediction import Answer
from vcassay.simulate.answers import honest
from vcassay.testing.leaks.shortcut import answered
from vcassay.testing.leaks.study import simulated
from vcassay.testing.power import Case

RUNG = "nearest_context"
JITTER = 0.2
"""Noise on top of the copy, relative to it."""


@lru_cache(maxsize=64)
def _lookup(seed: int) -> Answer:
    study = simulated(seed)
    rung = climb(make_task(study.effects, study.claim), study.claim, BASELINES[RUNG])
    assert rung.answer is not None
    return rung.answer


def _judged(seed: int, *, copies: bool) -> Finding:
    study, copied = simulated(seed), _lookup(seed)
    rng = np.random.default_rng(seed)
    values = honest(study.simulation, study.wanted, rng).values
    if copies:
        size = JITTER * np.sqrt(np.mean(copied.values**2, axis=1, keepdims=True))
        values = copied.values + size * rng.standard_normal(copied.values.shape)
    lookups = [Lookup(RUNG, BASELINES[RUNG].meta["title"], "context", copied)]
    return study.run("L25", answer=answered(study, values, {}), lookups=lookups)


CASES = (
    Case(
        "L25",
        "a model that answers with the effect in the nearest training context",
        "with 20 % noise",
        partial(_judged, copies=True),
        partial(_judged, copies=False),
        lambda found, seed: found.evidence[0]["by"] == "context",
    ),
)
