"""The readouts and rows that can be measured, and what each cannot support."""

from __future__ import annotations

import anndata as ad
import numpy as np
import pandas as pd
import pytest

from tests.effects.builders import biology, count_cells, genes, reordered, vectors
from vcassay.effects import measure
from vcassay.effects.measure import ALL, halves_of
from vcassay.screen import CONTROL, Design, Readout, Rows, make_screen


class TestReadyMadeEffects:
    def test_one_row_a_condition_is_taken_as_it_is(self):
        unit, _ = biology(1, 7, 20)
        planted = vectors(1, unit, rows=Rows.EFFECTS, n_rows=1, n_controls=())
        effects = measure(planted.screen)
        np.testing.assert_array_equal(effects.delta, planted.screen.adata.X)
        np.testing.assert_array_equal(effects.delta_train, effects.delta)
        np.testing.assert_array_equal(effects.control, 0.0)
        for name in ("se", "reliability", "size", "p_value", "half_a", "matched"):
            assert np.isnan(getattr(effects, name)).all(), name
        np.testing.assert_array_equal(effects.stratum, "unassessed")
        np.testing.assert_array_equal(effects.n_control, 0)
        assert not effects.shared_control.any()
        assert effects.pool_context == ()

    def test_several_rows_have_halves_but_no_null(self):
        unit, _ = biology(1, 40, 30)
        planted = vectors(1, unit, rows=Rows.EFFECTS, n_rows=4, n_controls=(), noise=1.0)
        effects = measure(planted.screen)
        rows = planted.screen.adata.X.reshape(40, 4, 30)
        np.testing.assert_allclose(effects.delta, rows.mean(axis=1), atol=1e-12)
        error = np.mean((effects.delta - planted.truth) ** 2)
        assert abs(error / 0.25 - 1) < 0.15
        assert 0.8 < error / np.mean(effects.se**2) < 1.2
        # halves of two rows: signal 1, noise 1 / 2
        assert abs(effects.reliability.mean() - 1 / 1.5) < 0.05
        assert abs(effects.size.mean() - np.mean(planted.truth**2)) < 0.05
        assert not effects.assessed.any()

    def test_two_rows_suffice_for_halves(self):
        unit, _ = biology(1, 10, 30)
        planted = vectors(1, unit, rows=Rows.EFFECTS, n_rows=2, n_controls=())
        effects = measure(planted.screen)
        pair = planted.screen.adata.X.reshape(10, 2, 30)
        np.testing.assert_allclose(effects.cross, pair[:, 0] * pair[:, 1], atol=1e-12)
        np.testing.assert_allclose(effects.se, np.abs(pair[:, 0] - pair[:, 1]) / 2, atol=1e-12)

    def test_gaps_without_any_training_row_leave_the_features_in(self):
        unit, _ = biology(1, 6, 20)
        planted = vectors(1, unit, rows=Rows.EFFECTS, n_rows=2, n_controls=(), missing=0.05)
        effects = measure(planted.screen, train=np.array([], dtype=np.int64))
        assert effects.mask.all()


class TestContinuous:
    def test_a_mean_over_the_values_that_are_there(self):
        unit, _ = biology(1, 6, 20)
        planted = vectors(2, unit, n_rows=8, n_controls=(32,), missing=0.1)
        effects = measure(planted.screen)
        values, label = planted.screen.adata.X, planted.screen.adata.obs["perturbation"].to_numpy()
        shard = effects.moments.slots.shard
        control = np.nanmean(values[(label == "control") & (shard % 2 == 0)], axis=0)
        plain = np.array([np.nanmean(values[label == f"P{i:02d}"], axis=0) - control for i in range(6)])
        np.testing.assert_allclose(effects.delta, plain, atol=1e-12)
        assert effects.moments.target_sum is None

    def test_a_feature_missing_in_most_rows_is_not_scored(self):
        unit, _ = biology(1, 6, 20)
        screen = vectors(2, unit, n_rows=8, n_controls=(32,)).screen
        values = screen.adata.X.copy()
        values[np.arange(len(values)) % 4 > 0, 3] = np.nan
        values[np.arange(len(values)) % 4 == 0, 5] = np.nan
        screen.adata.X = values
        effects = measure(screen)
        assert not effects.mask[:, 3].any()
        assert effects.mask[:, 5].all()
        assert "measured in at least 50%" in effects.mask_rule
        assert np.isfinite(effects.reliability).all()

    def test_a_feature_that_one_batch_lacks_is_compared_in_the_others(self):
        unit, _ = biology(1, 6, 20)
        planted = vectors(2, unit, n_rows=12, n_controls=(40, 40), batch_sd=3.0, noise=0.2)
        values = planted.screen.adata.X.copy()
        values[(planted.screen.adata.obs["batch"] == "b0").to_numpy(), 3] = np.nan
        planted.screen.adata.X = values
        effects = measure(planted.screen)
        assert np.isfinite(effects.delta).all()
        assert np.isfinite(effects.reliability).all()
        assert np.sqrt(np.mean((effects.delta - planted.truth)[:, 3] ** 2)) < 0.2

    def test_a_scalar_phenotype(self):
        rng = np.random.default_rng(0)
        label = ["control"] * 32 + [f"P{i}" for i in range(5) for _ in range(8)]
        values = np.array([0.0 if w == "control" else 1.0 + int(w[1:]) for w in label]) + 0.1 * rng.normal(
            size=len(label)
        )
        obs = pd.DataFrame({"perturbation": label}, index=[f"w{i}" for i in range(len(label))])
        screen = make_screen(
            ad.AnnData(values[:, None], obs=obs, var=pd.DataFrame(index=["viability"])),
            Design("perturbation", rows=Rows.REPLICATES, readout=Readout.SCALAR),
        )
        effects = measure(screen)
        np.testing.assert_allclose(effects.delta[:, 0], np.arange(1, 6), atol=0.2)
        assert np.isnan(effects.reliability).all()  # no correlation over one feature


def test_log_normalised_rows_are_averaged():
    unit, base = biology(1, 5, 20, n_batches=2)
    screen = count_cells(1, 0.3 * unit, base, cells=(16,), controls=(24, 40)).screen
    counts = screen.adata.X.toarray().astype(np.float64)
    values = np.log1p(1e4 * counts / counts.sum(axis=1, keepdims=True))
    logged = ad.AnnData(values, obs=screen.adata.obs, var=screen.adata.var)
    design = Design("perturbation", batch="batch", readout=Readout.LOGNORM)
    effects = measure(make_screen(logged, design))
    label, batch = screen.adata.obs["perturbation"].to_numpy(), screen.adata.obs["batch"].to_numpy()
    shard = effects.moments.slots.shard
    for i in range(5):
        expected = 0.0
        for b in ("b0", "b1"):  # as many cells in either
            mine = values[(label == f"P{i:02d}") & (batch == b)].mean(axis=0)
            expected += 0.5 * (mine - values[(label == "control") & (batch == b) & (shard % 2 == 0)].mean(axis=0))
        np.testing.assert_allclose(effects.delta[i], expected, atol=1e-10)


@pytest.mark.parametrize("target_sum", [1e3, 1e6])
def test_the_depth_of_a_profile(target_sum):
    unit, base = biology(1, 4, 20)
    planted = count_cells(1, 0.5 * unit, base, cells=(60,), controls=(200,))
    effects = measure(planted.screen, target_sum=target_sum)
    total = np.asarray(planted.screen.adata.X[planted.screen.table.condition == 2].sum(axis=0)).ravel()
    profile = np.log1p(target_sum * total / total.sum())
    np.testing.assert_allclose(effects.delta[2] + effects.control[2], profile, atol=1e-10)


class TestRandomCells:
    SHARDS = (6, 7)

    @pytest.fixture
    def screen(self):
        unit, base = biology(3, 6, 30, n_batches=2)
        return count_cells(1, 0.4 * unit, base, cells=(32,), controls=(40,)).screen

    def test_truth_and_training_share_no_row(self, screen):
        before = measure(screen, test_shards=self.SHARDS)
        slots, control = before.moments.slots, screen.table.condition == CONTROL
        unseen = np.where(control, np.isin(slots.shard, (0, 2, 4, 6)), np.isin(slots.shard, self.SHARDS))
        for rows, stays, moves in ((unseen, "delta_train", "delta"), (~unseen, "delta", "delta_train")):
            again = reordered(screen)
            counts = again.adata.X.toarray()
            counts[rows] = counts[rows][:, ::-1] + 1
            again.adata.X = counts
            after = measure(again, test_shards=self.SHARDS)
            np.testing.assert_array_equal(getattr(after, stays), getattr(before, stays))
            assert np.all(getattr(after, moves) != getattr(before, moves))

    def test_reliability_is_that_of_the_held_out_cells(self, screen):
        held, every = measure(screen, test_shards=self.SHARDS), measure(screen)
        assert np.isfinite(held.reliability).all()
        assert held.reliability.mean() < every.reliability.mean()
        assert np.mean(held.se**2) > 1.5 * np.mean(every.se**2)

    def test_detection_is_not_assessed(self, screen):
        effects = measure(screen, test_shards=self.SHARDS)
        assert np.isnan(effects.p_value).all()
        assert not effects.assessed.any()

    def test_an_odd_number_of_shards_has_halves_too(self, screen):
        assert halves_of((5, 6, 7))[0] == (((5,), (6,)),)
        assert np.isfinite(measure(screen, test_shards=(5, 6, 7)).reliability).all()
        assert np.isfinite(measure(screen, test_shards=(3, 4, 5, 6, 7)).reliability).all()


def test_halves_are_balanced():
    splits, controls = halves_of(ALL)
    assert all(len(a) == len(b) == 4 and not set(a) & set(b) for a, b in splits)
    assert all(set(a) | set(b) == {0, 2, 4, 6} for a, b in controls)
    assert len(splits) == 10
    assert len(controls) == 3


def test_contexts_have_their_own_controls():
    rng = np.random.default_rng(0)
    rows = [(c, p) for c in ("A", "B") for p in ("control", "X", "Y") for _ in range(16)]
    shift = {"A": 0.0, "B": 10.0}
    effect = {"control": 0.0, "X": 1.0, "Y": -2.0}
    values = np.array([shift[c] + effect[p] for c, p in rows])[:, None] + 0.05 * rng.standard_normal((len(rows), 5))
    obs = pd.DataFrame(rows, columns=["context", "perturbation"], index=[f"r{i}" for i in range(len(rows))])
    design = Design("perturbation", context="context", rows=Rows.REPLICATES, readout=Readout.CONTINUOUS)
    adata = ad.AnnData(values, obs=obs, var=pd.DataFrame(index=genes(5)))
    effects = measure(make_screen(adata, design))
    np.testing.assert_allclose(effects.delta[:, 0], [1.0, -2.0, 1.0, -2.0], atol=0.1)
    assert effects.pool_context == ("A", "B")
    np.testing.assert_allclose(effects.moments.pool_profiles()[:, 0], [0.0, 10.0], atol=0.1)
