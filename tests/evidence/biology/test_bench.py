from __future__ import annotations

import numpy as np
import pytest
from tests.evidence.biology.benches import small_study

from vcassay.evidence.biology.bench import make_bench


@pytest.fixture(scope="module")
def study():
    return small_study()


def test_arms_hold_what_counts_and_nothing_else(study):
    values = study.delta[study.test].copy()
    values[0] = np.nan
    bench = study.bench(study.answer(values, "m"), study.answer(values, "probe", role="probe"))
    (arm,) = bench.submissions
    assert [a.name for a in bench.arms] == ["truth", "m"]
    assert not arm.known[0]
    assert (arm.values[0] == 0).all()
    assert (arm.values[~bench.mask] == 0).all()
    assert np.array_equal(arm.values[1:][bench.mask[1:]], values[1:][bench.mask[1:]])
    assert np.array_equal(bench.truth.values[bench.mask], study.effects.delta[study.test][bench.mask])


def test_halves_share_neither_cells_nor_controls(study):
    bench = study.bench()
    pairs = list(bench.halves())
    assert len(pairs) == 3
    delta = study.delta[study.test]
    for a, b in pairs:
        error_a, error_b = (np.where(bench.mask, x - delta, 0.0).ravel() for x in (a, b))
        assert np.abs(np.corrcoef(error_a, error_b)[0, 1]) < 0.15
    assert len(bench.measurements(bench.truth)) == 3
    model = study.bench(study.answer(delta)).submissions[0]
    ((left, right),) = study.bench().measurements(model)
    assert left is right


def test_the_best_baseline_of_each_tier_is_an_arm(study):
    delta, rng = study.delta[study.test], np.random.default_rng(0)
    answers = {
        name: study.answer(delta + noise * rng.standard_normal(delta.shape), name, role="baseline")
        for name, noise in (("near", 0.5), ("far", 3.0), ("other", 2.0))
    }
    tiers = {"near": "T1", "far": "T1", "other": "T2"}
    bench = make_bench(study.effects, study.claim, study.knowledge, answers, tiers)
    assert [a.name for a in bench.baselines] == ["near", "other"]
    assert [a.name for a in make_bench(study.effects, study.claim, study.knowledge, answers).baselines] == ["near"]
    assert make_bench(study.effects, study.claim, study.knowledge, answers, {}).baselines == ()


def test_training_is_what_is_not_test(study):
    table, effects = study.bench().trained
    assert set(table.context.tolist()) == {"A549"}
    assert effects.shape == (len(table), len(study.effects.genes))
    assert np.isfinite(effects).all()


def test_halves_are_the_same_whether_they_are_kept_or_not(study, monkeypatch):
    bench = study.bench()
    kept = list(bench.halves())
    assert all(a is b for a, b in zip(kept[0], next(iter(bench.halves())), strict=True))
    with pytest.raises(ValueError, match="read-only"):
        kept[0][0][0, 0] = 1.0
    monkeypatch.setattr("vcassay.evidence.biology.bench.KEPT", 0)
    made = list(bench.halves(4))
    assert len(made) == 4
    assert all(
        np.array_equal(a, b) for mine, yours in zip(kept, made, strict=False) for a, b in zip(mine, yours, strict=True)
    )


def test_ways_of_halving_that_leave_a_side_empty_come_last():
    study = small_study(wells=4)
    bench = study.bench()
    undefined = [np.isnan(np.stack(pair)).any(axis=2).any(axis=0).mean() for pair in bench.halves(10)]
    assert undefined == sorted(undefined)
    assert undefined[0] < 0.5 < undefined[-1]
