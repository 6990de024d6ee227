from __future__ import annotations

import numpy as np
import pytest

from vcassay.arrays.shards import RESERVED, TRAINING
from vcassay.effects import measure
from vcassay.effects.linear import LinearEffects, linear_sizes
from vcassay.effects.measure import ALL
from vcassay.screen import CONTROL, Readout


def linear(study, rows=None) -> LinearEffects:
    rows = study.split.test if rows is None else rows
    return LinearEffects(study.effects.moments, rows, study.effects.mask[rows])


def test_effects_equal_sums_over_the_rows_themselves(build_screen):
    rng = np.random.default_rng(0)
    matrix = rng.poisson(2.0, size=(64, 30)).astype(np.float32)
    labels = np.array(["control"] * 32 + ["p"] * 16 + ["q"] * 16)
    screen = build_screen(matrix, labels)
    effects = measure(screen, keep_targets=True)
    shard, code = effects.moments.slots.shard, screen.table.condition
    part = (0, 3, 5)

    def rate(rows):
        return matrix[rows].sum(axis=0, dtype=np.float64) / matrix[rows].sum(dtype=np.float64)

    control = code == CONTROL
    scale = rate(control & np.isin(shard, TRAINING)) + 1e-4
    reserved = rate(control & np.isin(shard, RESERVED))
    expected = [(rate((code == i) & np.isin(shard, part)) - reserved) / scale for i in range(2)]
    got = LinearEffects(effects.moments, np.arange(2), effects.mask)(part, RESERVED)
    assert got == pytest.approx(np.where(effects.mask, expected, 0.0), abs=1e-12)


def test_averaged_readouts_are_linear_already(build_screen):
    values = np.random.default_rng(1).normal(size=(48, 12))
    labels = np.array(["control"] * 24 + ["p"] * 12 + ["q"] * 12)
    effects = measure(build_screen(values, labels, readout=Readout.CONTINUOUS), keep_targets=True)
    got = LinearEffects(effects.moments, np.arange(2), effects.mask)
    assert got(ALL, RESERVED) == pytest.approx(effects.delta, abs=1e-12)
    assert linear_sizes(got) == pytest.approx(effects.size, abs=1e-12)


def test_sizes_are_unbiased_on_thin_null_screens(silent):
    sizes = np.concatenate([linear_sizes(linear(s)) for s in silent])
    sizes = sizes[np.isfinite(sizes)]  # a condition with fewer rows than shards has none
    assert len(sizes) > 300
    assert abs(sizes.mean()) < 3 * sizes.std() / np.sqrt(len(sizes))


def test_sizes_follow_the_true_effect(make_study):
    study = make_study(1)
    truth = study.simulation.truth.magnitude[study.simulation.truth.conditions.locate(study.wanted)]
    assert np.corrcoef(np.sqrt(np.maximum(linear_sizes(linear(study)), 0)), truth)[0, 1] > 0.75
