"""Cell numbers that follow the effect (L20), and rows that are copied (L12)."""

from __future__ import annotations

from typing import Any

import numpy as np

from vcassay.core import Finding
from vcassay.simulate.leaks import cell_counts_follow_effect, copied_cells
from vcassay.testing.leaks.study import assemble, simulated
from vcassay.testing.power import Case

MANY: dict[str, Any] = {"n_crispri": 40, "cells_per_condition": 60}


def _numbers(seed: int, amount: float) -> Finding:
    study = simulated(seed, **MANY)
    if amount:
        made = cell_counts_follow_effect(study.simulation, np.random.default_rng(seed), amount=amount)
        study = assemble(made, seed, study.split)
    return study.run("L20")


def _copies(seed: int, amount: float) -> Finding:
    study = simulated(seed, depth=4000.0)
    if amount:
        made = copied_cells(study.simulation, study.split, np.random.default_rng(seed), amount=amount)
        study = assemble(made, seed, study.split)
    return study.run("L12")


CASES = (
    Case(
        "L20",
        "the strongest perturbations lose cells, as toxic ones do",
        "the strongest keeps 40 % of its cells",
        lambda seed: _numbers(seed, 0.6),
        lambda seed: _numbers(seed, 0.0),
    ),
    Case(
        "L12",
        "test cells copied into training under new barcodes",
        "2 % of the test cells",
        lambda seed: _copies(seed, 0.02),
        lambda seed: _copies(seed, 0.0),
        lambda found, seed: all(row["row"] != row["equals row"] for row in found.evidence) and bool(found.evidence),
    ),
)
