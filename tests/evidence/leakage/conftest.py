"""Simulated studies with a held-out half of the contexts; no test changes one."""

from __future__ import annotations

from collections.abc import Callable

import anndata as ad
import numpy as np
import pandas as pd
import pytest

from vcassay.screen import Design, Screen, make_screen
from vcassay.testing.leaks.study import Study, assemble, simulated


@pytest.fixture(scope="session")
def make_study() -> Callable[..., Study]:
    return simulated


@pytest.fixture(scope="session")
def assemble_study() -> Callable[..., Study]:
    return assemble


@pytest.fixture(scope="session")
def clean(make_study) -> list[Study]:
    """Ten studies without any leak."""
    return [make_study(seed) for seed in range(10)]


@pytest.fixture(scope="session")
def silent(make_study) -> list[Study]:
    """Ten thin studies in which no perturbation does anything."""
    settings = {"null_share": 1.0, "cells_per_condition": 20, "cells_spread": 0.6, "depth": 500.0}
    return [make_study(seed, **settings) for seed in range(10)]


@pytest.fixture(scope="session")
def build_screen() -> Callable[..., Screen]:
    """A screen from a matrix and its labels."""

    def build(matrix, perturbation, context="A", names=None, **design) -> Screen:
        n = matrix.shape[0]
        obs = pd.DataFrame(
            {
                "perturbation": np.broadcast_to(np.asarray(perturbation, dtype=object), n),
                "context": np.broadcast_to(np.asarray(context, dtype=object), n),
            },
            index=pd.Index([f"cell_{i}" for i in range(n)] if names is None else names),
        )
        if "batch" in design:
            obs["batch"] = design.pop("batch")
            design = {"batch": "batch", **design}
        genes = pd.DataFrame(index=pd.Index([f"g{i}" for i in range(matrix.shape[1])]))
        return make_screen(
            ad.AnnData(X=matrix, obs=obs, var=genes), Design("perturbation", context="context", **design)
        )

    return build
