"""Measured screens that several tests read; none of them changes one."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest

from tests.effects.builders import biology, count_cells
from vcassay.effects import Effects, measure

SEEDS = 20
SCALES = np.repeat([0.0, 0.03, 0.06, 0.12, 0.3], 6)
"""Size of each condition's effect, as the standard deviation of its change of log rate."""


class Drawn(NamedTuple):
    """One truth, measured on cells drawn again and again."""

    truth: np.ndarray
    effects: tuple[Effects, ...]


@pytest.fixture(scope="session")
def nulls() -> tuple[Effects, ...]:
    """Twenty screens in which nothing happens: 24 conditions of 40 cells, 160 controls, two batches."""
    measured = []
    for seed in range(SEEDS):
        effect, base = biology(seed, 24, 40, n_batches=2)
        planted = count_cells(1000 + seed, 0 * effect, base, cells=(20,), controls=(80,), depth=(1000.0,))
        measured.append(measure(planted.screen, seed=seed))
    return tuple(measured)


@pytest.fixture(scope="session")
def drawn() -> Drawn:
    """Thirty conditions with effects of five sizes, their cells drawn twenty times; two batches."""
    unit, base = biology(5, len(SCALES), 40, n_batches=2)
    planted = [
        count_cells(2000 + seed, SCALES[:, None] * unit, base, cells=(20,), controls=(80,)) for seed in range(SEEDS)
    ]
    return Drawn(planted[0].truth, tuple(measure(p.screen, seed=i) for i, p in enumerate(planted)))
