from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.effects.builders import biology, count_cells, reordered, vectors
from vcassay.arrays.shards import HELD_OUT, N_SHARDS, RESERVED, TRAINING
from vcassay.effects import measure
from vcassay.effects.slots import make_slots
from vcassay.screen import CONTROL, Rows, Screen


@pytest.fixture
def screen() -> Screen:
    unit, base = biology(2, 5, 20, n_batches=2)
    return count_cells(1, 0.3 * unit, base, cells=(12,), controls=(24, 40)).screen


def changed(screen: Screen, rows: np.ndarray) -> Screen:
    """The same screen with other counts in some rows."""
    again = reordered(screen)
    counts = again.adata.X.toarray()
    counts[rows] = counts[rows][:, ::-1] + 1
    again.adata.X = counts
    return again


def test_scoring_and_training_controls_are_disjoint_and_halve_every_batch(screen):
    slots, table = make_slots(screen, seed=0), screen.table
    assert not set(RESERVED) & set(TRAINING)
    for batch in range(2):
        at = (table.condition == CONTROL) & (table.batch == batch)
        reserved = np.isin(slots.shard[at], RESERVED).sum()
        assert abs(reserved - at.sum() / 2) <= 0.5
        np.testing.assert_array_equal(np.isin(slots.shard[at], RESERVED), ~np.isin(slots.shard[at], TRAINING))


def test_training_controls_do_not_enter_the_truth(screen):
    slots, control = make_slots(screen, seed=0), screen.table.condition == CONTROL
    before = measure(screen)
    for shards, stays, moves in ((TRAINING, "delta", "delta_train"), (RESERVED, "delta_train", "delta")):
        after = measure(changed(screen, control & np.isin(slots.shard, shards)))
        np.testing.assert_array_equal(getattr(after, stays), getattr(before, stays))
        assert np.all(getattr(after, moves) != getattr(before, moves))
    after = measure(changed(screen, control & np.isin(slots.shard, TRAINING)))
    for name in ("half_a", "half_b", "cross", "se"):
        np.testing.assert_array_equal(getattr(after, name), getattr(before, name))


def test_halves_share_no_cell_and_no_control(screen):
    slots = make_slots(screen, seed=0)
    before = measure(screen)
    in_b = np.where(screen.table.condition == CONTROL, np.isin(slots.shard, (4, 6)), np.isin(slots.shard, (4, 5, 6, 7)))
    after = measure(changed(screen, in_b))
    np.testing.assert_array_equal(after.half_a, before.half_a)
    assert np.all(after.half_b != before.half_b)


def test_every_condition_is_dealt_evenly(screen):
    slots = make_slots(screen, seed=0)
    at = slots.perturbed >= 0
    condition, shard = np.divmod(slots.perturbed[at], N_SHARDS)
    numbers = np.zeros((len(screen.conditions), N_SHARDS), dtype=int)
    np.add.at(numbers, (condition, shard), 1)
    assert np.all(numbers == 3)
    np.testing.assert_array_equal(slots.rows, 24)
    np.testing.assert_array_equal(slots.control_rows, 64)


def test_a_shard_follows_from_the_name_not_from_the_position(screen):
    order = np.random.default_rng(0).permutation(screen.n_rows)
    a, b = make_slots(screen, seed=5), make_slots(reordered(screen, rows=order), seed=5)
    np.testing.assert_array_equal(a.shard[order], b.shard)
    assert np.any(a.shard != make_slots(screen, seed=6).shard)


@pytest.mark.parametrize(
    ("n_controls", "shared", "halves"), [(1, True, False), (2, True, False), (3, True, False), (4, False, True)]
)
def test_few_control_wells(n_controls, shared, halves):
    unit, _ = biology(2, 8, 30)
    planted = vectors(1, unit, n_rows=4, n_controls=(n_controls,), noise=0.2)
    effects = measure(planted.screen)
    np.testing.assert_array_equal(effects.shared_control, shared)
    np.testing.assert_array_equal(effects.n_control, n_controls)
    assert np.isfinite(effects.delta).all()
    np.testing.assert_array_equal(np.isfinite(effects.reliability), halves)
    np.testing.assert_array_equal(np.isfinite(effects.se).all(axis=1), halves)
    np.testing.assert_array_equal(effects.assessed, False)
    np.testing.assert_array_equal(effects.stratum, "unassessed")
    if shared:
        np.testing.assert_array_equal(effects.delta, effects.delta_train)
    else:
        assert np.all(effects.control != effects.control_train)
    assert np.corrcoef(effects.delta.ravel(), planted.truth.ravel())[0, 1] > 0.9


@pytest.mark.parametrize("n_controls", [(4, 4), (5, 9), (4, 4, 4)])
def test_four_control_wells_a_plate_are_matched_within_the_plate(n_controls):
    unit, _ = biology(2, 8, 30)
    planted = vectors(1, 0 * unit, n_rows=12, n_controls=n_controls, noise=0.1, batch_sd=5.0)
    effects = measure(planted.screen)
    np.testing.assert_array_equal(effects.matched, 1.0)
    assert np.isfinite(effects.reliability).all()
    assert np.sqrt(np.mean(effects.delta**2)) < 0.15
    assert np.sqrt(np.mean(effects.delta_train**2)) < 0.15


def test_four_control_cells_a_batch_are_pooled():
    unit, _ = biology(2, 8, 30)
    effects = measure(vectors(1, unit, rows=Rows.CELLS, n_rows=12, n_controls=(4, 4)).screen)
    np.testing.assert_array_equal(effects.matched, 0.0)


def test_one_perturbed_row_has_no_halves():
    unit, _ = biology(2, 6, 30)
    effects = measure(vectors(1, unit, n_rows=1, n_controls=(32,)).screen)
    assert np.isfinite(effects.delta).all()
    assert np.isnan(effects.reliability).all()
    assert np.isnan(effects.size).all()
    assert np.isnan(effects.p_value).all()
    assert not effects.detectable.any()


class TestRowsOnBothSidesOfASplit:
    @staticmethod
    def parted(screen: Screen, seed: int = 0) -> Screen:
        return replace(screen, held_out=np.random.default_rng(seed).random(screen.n_rows) < 0.4)

    def test_test_rows_and_training_rows_never_share_a_shard(self, screen):
        parted = self.parted(screen)
        slots, perturbed = make_slots(parted, seed=0), screen.table.condition >= 0
        inside = np.isin(slots.shard, HELD_OUT)
        np.testing.assert_array_equal(inside[perturbed], parted.held_out[perturbed])
        controls = make_slots(screen, seed=0)
        np.testing.assert_array_equal(slots.shard[~perturbed], controls.shard[~perturbed])

    def test_both_sides_are_dealt_evenly(self, screen):
        parted = self.parted(screen)
        slots = make_slots(parted, seed=0)
        for condition in range(len(screen.conditions)):
            for side in (True, False):
                at = (screen.table.condition == condition) & (parted.held_out == side)
                counts = np.bincount(slots.shard[at], minlength=N_SHARDS)
                kept = [n for s, n in enumerate(counts) if (s in HELD_OUT) is side]
                assert sum(kept) == at.sum()
                assert max(kept) - min(kept) <= 1

    def test_truth_and_training_effects_are_those_of_their_own_rows(self, screen):
        parted = self.parted(screen)
        before = measure(parted, test_shards=HELD_OUT)
        perturbed = screen.table.condition >= 0
        for side, stays, moves in ((True, "delta_train", "delta"), (False, "delta", "delta_train")):
            rows = np.flatnonzero(perturbed & (parted.held_out == side))
            after = measure(replace(changed(screen, rows), held_out=parted.held_out), test_shards=HELD_OUT)
            np.testing.assert_array_equal(getattr(after, stays), getattr(before, stays))
            assert (getattr(after, moves) != getattr(before, moves)).any(axis=1).all()
