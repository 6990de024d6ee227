"""Reliability classes on planted effects: nothing, the common response, and effects of their own."""

from __future__ import annotations

import numpy as np

from tests.effects.builders import biology, count_cells
from vcassay.effects import measure
from vcassay.effects.classes import BINS, CLASSES, reliability_classes

KINDS = np.repeat(["unreliable", "shared", "specific"], 12)


def planted(seed):
    rng = np.random.default_rng(seed)
    own, base = biology(seed, len(KINDS), 150)
    common = rng.standard_normal(150)
    size = np.select([KINDS == "unreliable", KINDS == "shared"], [0.0, 0.25], 0.3)[:, None]
    part = np.select([KINDS == "shared"], [0.9], 0.1)[:, None]
    effect = size * (np.sqrt(part) * common + np.sqrt(1 - part) * own)
    return measure(count_cells(seed, effect, base, cells=(60,), controls=(400,)).screen, seed=seed)


def test_planted_classes_are_found():
    right, shared = [], []
    for seed in range(3):
        effects = planted(seed)
        # the common response is learnt from the shared conditions and half of the others
        train = np.flatnonzero(np.arange(len(KINDS)) % 2 == 0)
        found = reliability_classes(effects, train)
        right.append(found.name == KINDS)
        shared.append(found.shared[KINDS == "shared"])
        assert set(found.strata()) <= {*CLASSES, *BINS}
        null = KINDS == "unreliable"
        assert np.isnan(found.ceiling[null & ~effects.detectable]).all()
        np.testing.assert_allclose(found.ceiling[~null] ** 2, found.replicate[~null])
    assert np.mean(right) > 0.9
    # the mean response is itself part specific: the cosine with it is below the planted share
    assert 0.6 < np.mean(shared) < 1.0


def test_cells_needed_reach_the_wanted_reliability():
    effects = planted(0)
    found = reliability_classes(effects, np.arange(len(KINDS)))
    known = np.isfinite(found.cells_needed)
    assert known[KINDS != "unreliable"].all()
    rho = found.reliability[known]
    for cells, enough in ((found.cells_needed[known], True), (found.cells_needed[known] - 1, False)):
        factor = cells / effects.n_rows[known]
        reached = factor * rho / (1 + (factor - 1) * rho)
        np.testing.assert_array_equal(reached >= 0.5 - 1e-9, enough)
    assert list(found.columns().columns)[:4] == ["reliability_full", "shared_part", "reliability_class", "cells_needed"]


def test_without_reliable_training_conditions_there_is_no_shared_class():
    effects = planted(1)
    found = reliability_classes(effects, np.array([], dtype=np.int64))
    assert np.isnan(found.shared).all()
    assert set(found.name.tolist()) == {"unreliable", ""}
