"""Halves made of different batches, or guides, against effects that differ between them."""

from __future__ import annotations

import dataclasses

import anndata as ad
import numpy as np
import pytest

from tests.effects.builders import biology, count_cells
from vcassay.arrays.ceiling import spearman_brown
from vcassay.effects import accumulate, measure
from vcassay.effects.crossed import crossed_halves, crossed_slots, crossed_sums, deal_whole
from vcassay.screen import make_screen


def test_parts_stay_whole_and_hands_even():
    rng = np.random.default_rng(0)
    group, part = rng.integers(0, 20, 4000), rng.integers(0, 6, 4000)
    hand = deal_whole(group, part, 20)
    for g in range(20):
        rows = np.bincount(hand[group == g], minlength=2)
        assert abs(rows[0] - rows[1]) <= np.bincount(part[group == g]).max()
        for p in range(6):
            assert len(np.unique(hand[(group == g) & (part == p)])) == 1


def crossed(screen, kind="batches"):
    effects = measure(screen)
    slots, why = crossed_slots(screen, effects.moments.slots)
    assert kind not in why
    second = crossed_sums(accumulate(screen, slots=slots))
    return effects, crossed_halves(kind, second, effects.moments, effects.mask)


def screen_with(batch_effect, seed, n=24, g=100, batches=2, **kw):
    """Effects of one size, and of each condition in each batch ``batch_effect`` more."""
    unit, base = biology(seed, n, g, n_batches=batches)
    rng = np.random.default_rng([seed, 7])
    parts = [
        count_cells(
            100 * seed + b, 0.2 * unit + batch_effect * rng.standard_normal((n, g)), base[b : b + 1], cells=(30,), **kw
        )
        for b in range(batches)
    ]
    blocks = [p.screen.adata.copy() for p in parts]
    for b, block in enumerate(blocks):
        block.obs["batch"] = f"b{b}"
        block.obs["guide"] = [f"{label}-{i % 2}" for i, label in enumerate(block.obs["perturbation"])]
        block.obs_names = [f"{b}-{name}" for name in block.obs_names]
    design = dataclasses.replace(parts[0].screen.design, batch="batch", annotation={"guide": "guide"})
    return make_screen(ad.concat(blocks), design)


def test_without_batch_effects_both_kinds_of_halves_agree():
    gap = []
    for seed in range(3):
        effects, found = crossed(screen_with(0.0, seed))
        assert np.isfinite(found.half).all()
        np.testing.assert_allclose(found.share, 0.5)
        gap.append(np.mean(found.half) - np.mean(effects.reliability))
    assert abs(np.mean(gap)) < 0.02


def test_what_a_batch_does_to_a_condition_is_not_signal():
    """Halves of cells count it as signal: with as much of it as of the effect, they correlate far too well."""
    for seed in range(2):
        effects, found = crossed(screen_with(0.2, seed))
        within, across = np.mean(effects.reliability), np.mean(found.half)
        assert within > across + 0.1


def test_three_batches_are_brought_to_equal_halves():
    gap = []
    for seed in range(3):
        effects, found = crossed(screen_with(0.0, seed, batches=3))
        np.testing.assert_allclose(found.share, 1 / 3)
        gap.append(np.mean(spearman_brown(found.half)) - np.mean(spearman_brown(effects.reliability)))
    assert abs(np.mean(gap)) < 0.02


def test_guides_are_crossed_in_the_same_pass():
    effects, found = crossed(screen_with(0.0, 1), "guides")
    assert abs(np.mean(found.half) - np.mean(effects.reliability)) < 0.06
    np.testing.assert_allclose(found.share, 0.5)


@pytest.mark.parametrize("batches", [1, 2])
def test_nothing_to_cross(batches):
    unit, base = biology(0, 4, 30, n_batches=batches)
    screen = count_cells(0, unit, base, cells=(10,), controls=(6,)).screen
    slots, why = crossed_slots(screen, measure(screen).moments.slots)
    assert slots is None
    assert "controls of their own" in why["batches"]
    assert "no column of guides" in why["guides"]
