"""The template: numbers of rows, depths and batches, counted again row by row."""

from __future__ import annotations

import numpy as np
import pytest

from vcassay.claim import make_claim, make_split
from vcassay.effects import measure
from vcassay.evidence.baselines import make_task, make_template
from vcassay.evidence.baselines.template import blank
from vcassay.screen import CONTROL


def counted(screen, key, rows):
    """Numbers of rows, mean total count and share of each batch of some rows of a condition."""
    table = screen.table
    at = np.flatnonzero((table.condition == table.conditions.keys.index(key)) & rows)
    total = np.asarray(screen.adata.X[at].sum(axis=1)).ravel()
    share = np.bincount(table.batch[at], minlength=len(table.batches)) / len(at)
    return len(at), total.mean(), share


@pytest.mark.parametrize("make", ["gex", "cex"])
def test_counted_again(study, make):
    world = study(make)
    screen = world.simulation.screen
    template = make_template(screen, world.effects, world.split, world.task)
    every = screen.table.condition != CONTROL
    assert template.batches == screen.table.batches
    for table, rows, depth, share in (
        (world.task.train, template.rows_train, template.depth_train, template.share_train),
        (world.task.wanted, template.rows, template.depth, template.share),
    ):
        for i, key in enumerate(table.keys):
            n, mean, parts = counted(screen, key, every)
            assert rows[i] == n
            np.testing.assert_allclose(depth[i], mean)
            np.testing.assert_allclose(share[i], parts)


def test_random_cells_are_counted_on_their_own_side(study):
    world = study("gex")
    screen = world.simulation.screen
    split = make_split(screen.conditions, "random-cells", seed=0)
    effects = measure(screen, train=split.train, test_shards=split.test_shards)
    task = make_task(effects, make_claim(split, effects=effects), world.knowledge, 0)
    template = make_template(screen, effects, split, task)
    test = np.isin(effects.moments.slots.shard, split.test_shards)
    for i, key in enumerate(task.train.keys[:5]):
        for rows, depth, share, side in (
            (template.rows_train, template.depth_train, template.share_train, ~test),
            (template.rows, template.depth, template.share, test),
        ):
            n, mean, parts = counted(screen, key, side)
            assert rows[i] == n
            np.testing.assert_allclose(depth[i], mean)
            np.testing.assert_allclose(share[i], parts)


def test_a_blank_template_knows_nothing(study):
    task = study("gex").task
    made = blank(task)
    assert (len(made.rows_train), len(made.rows)) == (len(task.train), len(task.wanted))
    assert np.isnan(made.rows).all()
    assert made.batches == ()
