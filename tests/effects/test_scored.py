from __future__ import annotations

import anndata as ad
import numpy as np
import pandas as pd
import pytest

from vcassay.effects import measure
from vcassay.screen import Design, Readout, Rows, Screen, make_screen

PANEL = ("GENE000", "GENE001", "GENE002+GENE003")


def screen(labels: tuple[str, ...] = PANEL, n_genes: int = 20, seed: int = 0) -> Screen:
    """Twelve cells of each label and forty controls; the last three genes are almost never counted."""
    rng = np.random.default_rng(seed)
    label = ["control"] * 40 + [p for p in labels for _ in range(12)]
    rate = np.full(n_genes, 5.0)
    rate[-3:] = 0.0
    counts = rng.poisson(rate, (len(label), n_genes)).astype(float)
    obs = pd.DataFrame({"perturbation": label}, index=[f"c{i}" for i in range(len(label))])
    var = pd.DataFrame(index=[f"GENE{i:03d}" for i in range(n_genes)])
    return make_screen(ad.AnnData(counts, obs=obs, var=var), Design("perturbation"))


def plant(made: Screen, label: str, gene: int, total: int) -> Screen:
    """Add counts of one gene to one cell of a label."""
    row = int(np.flatnonzero((made.adata.obs["perturbation"] == label).to_numpy())[0])
    made.adata.X[row, gene] += total
    return made


def test_panel_targets_are_left_out_for_every_condition():
    effects = measure(screen())
    np.testing.assert_array_equal(effects.mask, np.broadcast_to(effects.mask[0], effects.mask.shape))
    np.testing.assert_array_equal(np.flatnonzero(effects.mask[0]), np.arange(4, 17))
    assert effects.mask_rule == "at least 10 counts in control and training rows; the panel's 4 target genes left out"


def test_targets_can_be_kept():
    effects = measure(screen(), keep_targets=True)
    np.testing.assert_array_equal(np.flatnonzero(effects.mask[0]), np.arange(17))
    assert "target" not in effects.mask_rule


def test_targets_are_those_of_the_panel_that_is_scored():
    effects = measure(screen(), panel=np.array([2]))
    np.testing.assert_array_equal(np.flatnonzero(~effects.mask[0]), [2, 3, 17, 18, 19])


def test_where_most_genes_are_targets_only_the_own_one_is_left_out():
    labels = tuple(f"GENE{i:03d}" for i in range(12))
    effects = measure(screen(labels))
    assert "each condition's own target gene left out" in effects.mask_rule
    for i in range(12):
        expected = np.ones(20, dtype=bool)
        expected[[i, 17, 18, 19]] = False
        np.testing.assert_array_equal(effects.mask[i], expected)
    assert np.isfinite(effects.reliability).all()
    assert np.isfinite(effects.p_value).all()


@pytest.mark.parametrize(
    ("label", "n", "scored"), [("control", 10, True), ("control", 9, False), ("GENE001", 10, True)]
)
def test_a_gene_needs_ten_counts_in_controls_or_training(label, n, scored):
    effects = measure(plant(screen(), label, 18, n))
    assert bool(effects.mask[0, 18]) is scored


def test_test_conditions_are_never_looked_at():
    made = plant(screen(), "GENE001", 18, 1000)
    train = np.flatnonzero(made.conditions.perturbation != "GENE001")
    assert not measure(made, train=train).mask[:, 18].any()
    assert measure(made).mask[:, 18].all()


def test_genes_that_a_submission_lacks_are_left_out():
    keep = np.ones(20, dtype=bool)
    keep[[5, 6]] = False
    every, some = measure(screen()), measure(screen(), genes=keep)
    np.testing.assert_array_equal(some.mask, every.mask & keep)
    assert "2 genes that some submission does not predict left out" in some.mask_rule
    np.testing.assert_array_equal(some.delta, every.delta)
    expected = every.cross[:, every.mask[0] & keep].mean(axis=1)
    np.testing.assert_allclose(some.size, expected, atol=1e-12)
    assert measure(screen(), genes=np.ones(20, dtype=bool)).mask_rule == every.mask_rule


def test_what_lies_outside_the_mask_does_not_count():
    made = screen()
    before = measure(made)
    rows = (made.adata.obs["perturbation"] == "GENE000").to_numpy()
    made.adata.X[np.ix_(rows, [0, 17])] = 0
    after = measure(made)
    # of counts a target matters to others through the total alone
    assert np.abs(after.delta[0, 0]) > 3
    assert abs(after.size[0] - before.size[0]) < 0.02
    kept = measure(made, keep_targets=True)
    assert kept.size[0] > after.size[0] + 0.1


def test_features_that_are_always_zero_are_not_scored():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(40, 6))
    values[:, 4] = 0.0
    label = ["control"] * 16 + ["A"] * 12 + ["B"] * 12
    obs = pd.DataFrame({"perturbation": label}, index=[f"r{i}" for i in range(40)])
    design = Design("perturbation", rows=Rows.REPLICATES, readout=Readout.CONTINUOUS)
    made = make_screen(ad.AnnData(values, obs=obs, var=pd.DataFrame(index=list("abcdef"))), design)
    effects = measure(made)
    np.testing.assert_array_equal(effects.mask[0], [True, True, True, True, False, True])
    assert "not zero throughout" in effects.mask_rule
