from __future__ import annotations

import numpy as np
import pytest

from vcassay.core import Regime
from vcassay.core.errors import InputError
from vcassay.simulate import demo, simulate_screen
from vcassay.simulate.contexts import context_names
from vcassay.simulate.observed import observed_effects


@pytest.fixture(scope="module")
def demonstration():
    return simulate_screen(demo.demo_plan(), seed=demo.DEMO_SEED)


def test_the_demonstration_has_its_size(demonstration):
    conditions = demonstration.screen.conditions
    assert len(conditions) == 1020
    assert 400 <= len(demonstration.screen.genes) <= 600
    assert 0.2 < demonstration.truth.is_null.mean() < 0.3
    assert demonstration.screen.n_rows < 48_000


def test_the_split_holds_out_contexts_without_siblings_in_training(demonstration):
    split = demo.demo_split(demonstration.screen.conditions)
    test, train = (set(split.conditions.context[at]) for at in (split.test, split.train))
    assert len(test) >= 5
    assert not test & train
    for a, b in context_names(demo.demo_plan())[1]:
        assert (a in test) == (b in test)
    assert split.declared == Regime.CEX


def test_the_small_one_holds_out_contexts_alike():
    plan = demo.demo_plan(small=True)
    conditions = simulate_screen(plan, seed=demo.DEMO_SEED).screen.conditions
    split = demo.demo_split(conditions, small=True)
    test, train = (set(split.conditions.context[at]) for at in (split.test, split.train))
    assert (len(conditions), len(test), len(train)) == (240, 5, 5)
    assert not test & {name for pair in context_names(plan)[1] for name in pair}


def test_other_screens_are_refused(simulation):
    with pytest.raises(InputError, match="demonstration"):
        demo.demo_split(simulation.screen.conditions)


def test_reliability_spans_from_none_to_nearly_full(demonstration):
    truth, screen = demonstration.truth, demonstration.screen
    half = np.random.default_rng(0).random(screen.n_rows) < 0.5
    scored = ~np.isin(truth.genes, truth.conditions.annotation["target"])
    a, b = (observed_effects(screen, rows)[:, scored] for rows in (half, ~half))
    r = np.asarray([np.corrcoef(x, y)[0, 1] for x, y in zip(a, b, strict=True)])
    assert abs(r[truth.is_null].mean()) < 0.03
    low, median, high = np.quantile(r[~truth.is_null], [0.1, 0.5, 0.95])
    assert low < 0.1
    assert 0.15 < median < 0.5
    assert high > 0.8
