"""Predictions measured as the truth is."""

from __future__ import annotations

import numpy as np
import pytest

from vcassay.core import Conditions
from vcassay.evidence.biology.attribution.noise import measured_twice
from vcassay.testing.planted import plant


def test_predictions_get_the_noise_of_halves():
    rng = np.random.default_rng(0)
    names = [f"d{i}" for i in range(40)]
    table = Conditions.make(["c"] * 40, names, modality=["drug"] * 40)
    study = plant(table, rng.standard_normal((40, 60)), np.ones(40, dtype=bool), rng)
    bench = study.bench(study.answer(study.delta))
    rows = np.arange(40)
    spread = {}
    for arm in (bench.truth, *bench.submissions):
        left, right = measured_twice(bench, arm, np.random.default_rng(1), rows)
        # a condition's rows alone: what controls have in common is the same in all of them
        apart = (left - right) - (left - right).mean(axis=0)
        spread[arm.role] = float(np.sqrt((apart**2).mean()))
        assert not np.array_equal(left, right)
    assert spread["submission"] == pytest.approx(spread["truth"], rel=0.25)
    mean = np.mean(
        [np.add(*measured_twice(bench, bench.submissions[0], np.random.default_rng(s), rows)) / 2 for s in range(40)],
        axis=0,
    )
    np.testing.assert_allclose(mean, bench.submissions[0].values, atol=0.5)
