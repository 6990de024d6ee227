from __future__ import annotations

import anndata as ad
import numpy as np
import pandas as pd
import pytest

from tests.effects.builders import biology, count_cells, vectors
from vcassay.effects import Effects, measure
from vcassay.screen import Rows
from vcassay.simulate import SimulationPlan, simulate_screen


@pytest.fixture(scope="module")
def effects() -> Effects:
    plan = SimulationPlan(
        n_genes=40, n_pathways=3, n_contexts=2, n_siblings=0, n_crispri=5, n_drugs=2, cells_per_condition=16
    )
    return measure(simulate_screen(plan, seed=1).screen)


def test_obs_has_a_row_a_condition(effects):
    obs = effects.obs()
    assert len(obs) == len(effects.conditions)
    assert obs["perturbation"].tolist() == effects.conditions.perturbation.tolist()
    assert {"context", "dose", "time", "modality", "smiles", "target", "moa"} <= set(obs.columns)
    np.testing.assert_array_equal(obs["e2"], effects.size)
    np.testing.assert_array_equal(obs["n_cells"], effects.n_rows)
    assert obs["detectable"].notna().all()


def test_the_effect_keeps_the_sign_of_a_negative_size(effects):
    np.testing.assert_allclose(effects.effect * np.abs(effects.effect), effects.size, atol=1e-15)
    assert (effects.size < 0).any()


def test_what_was_not_assessed_is_missing_not_false():
    unit, _ = biology(1, 6, 20)
    obs = measure(vectors(1, unit, rows=Rows.EFFECTS, n_rows=1, n_controls=()).screen).obs()
    assert obs["detectable"].isna().all()
    assert obs["p_value"].isna().all()


@pytest.mark.parametrize("kind", ["cells", "ready-made effects"])
def test_it_writes_and_reads_as_h5ad(effects, kind, tmp_path):
    if kind == "ready-made effects":
        unit, _ = biology(1, 6, 20)
        effects = measure(vectors(1, unit, rows=Rows.EFFECTS, n_rows=1, n_controls=()).screen)
    adata = effects.to_anndata()
    adata.write_h5ad(tmp_path / "effects.h5ad")
    again = ad.read_h5ad(tmp_path / "effects.h5ad")
    np.testing.assert_array_equal(again.X, effects.delta)
    for name in ("se", "half_a", "half_b"):
        np.testing.assert_array_equal(again.layers[name], getattr(effects, name))
    assert again.obs_names.tolist() == effects.conditions.ids
    assert again.var_names.tolist() == effects.genes.tolist()
    assert again.uns["vcassay"]["space"] == "delta"
    assert again.uns["vcassay"]["scored_genes"] == effects.mask_rule
    assert again.obs["stratum"].astype(str).tolist() == effects.stratum.tolist()
    words = {(True, True): "yes", (True, False): "no", (False, False): "not assessed"}
    expected = [words[pair] for pair in zip(effects.assessed.tolist(), effects.detectable.tolist(), strict=True)]
    assert again.obs["detectable"].astype(str).tolist() == expected
    pd.testing.assert_series_equal(
        again.obs["dose"], effects.obs()["dose"].set_axis(again.obs_names), check_names=False, check_dtype=False
    )


def test_changing_the_anndata_leaves_the_effects_alone(effects):
    before = effects.delta.copy()
    adata = effects.to_anndata()
    adata.X[:] = 0
    adata.layers["se"][:] = 0
    np.testing.assert_array_equal(effects.delta, before)
    assert (effects.se > 0).any()


def test_shapes(effects):
    n, g = len(effects.conditions), len(effects.genes)
    for name in ("mask", "delta", "delta_train", "control", "control_train", "se", "half_mean", "cross", "half_a"):
        assert getattr(effects, name).shape == (n, g), name
    for name in ("reliability", "size", "p_value", "stratum", "n_rows", "n_control", "matched", "shared_control"):
        assert getattr(effects, name).shape == (n,), name


def test_half_a_and_b_are_of_the_first_split():
    unit, base = biology(1, 5, 20)
    effects = measure(count_cells(1, 0.3 * unit, base).screen)
    moments = effects.moments
    np.testing.assert_allclose(effects.half_a, moments.effects((0, 1, 2, 3), (0, 2)), atol=1e-12)
    np.testing.assert_allclose(effects.half_b, moments.effects((4, 5, 6, 7), (4, 6)), atol=1e-12)
