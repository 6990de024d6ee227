"""Planted screens of known perturbations, measured once."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from vcassay.testing.biology.expectations import like, measured, world


@pytest.fixture(scope="session")
def planted():
    """Seed to a world with everything planted, its study, and a model that has it."""

    @cache
    def make(seed: int = 0):
        own = world(seed, expected=True, genotype=True)
        study = measured(seed, own)
        return own, study, like(own.delta[study.test], np.random.default_rng(seed))

    return make
