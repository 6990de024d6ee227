"""All checks together on clean studies: none accuses an honest author; docs/leakage.md has the figures over seeds."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from vcassay.core import Status
from vcassay.evidence.leakage import CHECKS
from vcassay.screen import CONTROL, Rows
from vcassay.simulate.bulk import pooled_wells
from vcassay.testing.leaks.clean import SHAPES, run_all
from vcassay.testing.leaks.study import simulated

SETTLED = ("L01", "L02", "L03", "L04", "L10", "L12", "L14", "L15", "L15m", "L16", "L17m", "L19m", "L20m", "L21", "L21b")
SETTLED += ("L23", "L23m", "L29", "L31", "L32")
"""Checks that a full disclosure settles, whatever the size of the study."""


@pytest.mark.parametrize("name", ["genes", "contexts", "few-shot"])
def test_a_clean_study_raises_no_alarm_and_a_disclosure_settles_what_it_can(name):
    found = run_all(SHAPES[name], 0)
    assert [f.sentence for f in found.false_alarms] == []
    assert {e.name for e in CHECKS} <= {f.check for f in found.findings}
    assert [f.sentence for f in found.unknown if f.check in SETTLED] == []
    accused = {f.check for f in found.alarms if f.model == "mean"}
    assert "L26" in accused or name == "few-shot"  # what is no more than a mean is told to be one


def test_wells_hold_the_cells_of_their_condition_and_batch():
    whole = simulated(0).simulation
    pooled = pooled_wells(whole, np.random.default_rng(0), wells=2, control_wells=4)
    screen = pooled.screen
    assert screen.design.rows is Rows.REPLICATES
    assert screen.conditions.ids == whole.screen.conditions.ids
    np.testing.assert_allclose(screen.adata.X.sum(axis=0), whole.screen.adata.X.sum(axis=0))
    table, cells = screen.table, whole.screen.table
    wells = Counter(zip(table.condition.tolist(), table.pool.tolist(), table.batch.tolist(), strict=True))
    groups = Counter(zip(cells.condition.tolist(), cells.pool.tolist(), cells.batch.tolist(), strict=True))
    assert wells == {key: min(n, 4 if key[0] == CONTROL else 2) for key, n in groups.items()}
    depth = np.asarray(screen.adata.X.sum(axis=1)).ravel()
    for key in list(groups)[:5]:
        same = [(t.condition == key[0]) & (t.pool == key[1]) & (t.batch == key[2]) for t in (table, cells)]
        assert depth[same[0]].sum() == pytest.approx(whole.screen.adata.X[np.flatnonzero(same[1])].sum())


@pytest.mark.slow
def test_few_clean_studies_of_any_shape_raise_an_alarm():
    studies = [run_all(shape, seed) for shape in SHAPES.values() for seed in range(10)]
    accused = [s for s in studies if s.false_alarms]
    sentences = [f"{s.shape.title}: {f.check} {f.sentence}" for s in accused for f in s.false_alarms]
    assert len(accused) <= 0.05 * len(studies), sentences
    checks = Counter(f.check for s in accused for f in {f.check: f for f in s.false_alarms}.values())
    assert max(checks.values(), default=0) <= 0.025 * len(studies), sentences
    assert not any(f.status is Status.ERROR for s in studies for f in s.findings)
