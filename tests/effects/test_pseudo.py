from __future__ import annotations

import numpy as np
import pytest

from tests.effects.builders import biology, count_cells
from vcassay.effects import accumulate, measure
from vcassay.effects.measure import ALL, halves_of
from vcassay.effects.pseudo import MIN_ATOMS, pseudo_sizes


def draw(n_controls=(200,), wanted_cells=16, batch_sd=0.3, seed=0, draws=300):
    unit, base = biology(1, 4, 30, n_batches=len(n_controls), batch_sd=batch_sd)
    screen = count_cells(seed, 0 * unit, base, cells=(16,), controls=n_controls, depth=(1000.0,)).screen
    moments = accumulate(screen)
    splits, controls = halves_of(ALL)
    mask = np.ones(30, dtype=bool)
    wanted = wanted_cells * 1000.0
    return pseudo_sizes(moments, 0, wanted, mask, splits, controls, draws, np.random.default_rng(seed))


@pytest.mark.parametrize("cells", [2, 3, 5, 12, 40])
def test_the_size_asked_for_is_drawn(cells):
    n, values = draw(wanted_cells=cells)
    assert abs(n / (cells * 1000.0) - 1) < 0.05
    assert np.isfinite(values).all()


def test_no_more_than_a_third_of_the_controls_is_drawn():
    n, _ = draw(n_controls=(90,), wanted_cells=500)
    assert abs(n / 30_000 - 1) < 0.1


def test_the_mean_is_zero_and_the_spread_does_not_depend_on_depth():
    found = [draw(wanted_cells=cells, draws=600)[1] for cells in (8, 16, 32)]
    for values in found:
        assert abs(values.mean()) < 4 * values.std() / np.sqrt(len(values)) + 0.15 * values.std()
    spread = [values.std() for values in found]
    assert max(spread) / min(spread) < 1.3


def test_batches_that_differ_do_not_widen_the_null():
    alike, apart = (draw(n_controls=(60, 60), batch_sd=sd, draws=500)[1] for sd in (0.0, 1.0))
    assert 0.6 < apart.std() / alike.std() < 1.6
    assert abs(apart.mean()) < 0.3 * apart.std()


def test_too_few_controls_give_no_null():
    n, values = draw(n_controls=(int(MIN_ATOMS.value) - 1,))
    assert np.isnan(n)
    assert len(values) == 0
    assert len(draw(n_controls=(int(MIN_ATOMS.value),), wanted_cells=4)[1]) == 300


def test_the_seed_decides():
    unit, base = biology(1, 6, 30)
    screen = count_cells(2, 0.05 * unit, base, cells=(16,), controls=(60,)).screen
    a, b = measure(screen, seed=1), measure(screen, seed=1)
    np.testing.assert_array_equal(a.p_value, b.p_value)
    assert np.any(a.p_value != measure(screen, seed=2).p_value)


def test_a_pool_without_enough_controls_is_unassessed_and_the_others_are_not():
    import anndata as ad
    import pandas as pd

    from vcassay.screen import Design, make_screen

    rng = np.random.default_rng(0)
    rows = [("A", p) for p in ["control"] * 40 + ["X"] * 16 + ["Y"] * 16]
    rows += [("B", p) for p in ["control"] * 10 + ["X"] * 16 + ["Y"] * 16]
    rate = np.full((len(rows), 30), 20.0)
    rate[[p == "Y" for _, p in rows], :10] *= 1.5
    obs = pd.DataFrame(rows, columns=["context", "perturbation"], index=[f"c{i}" for i in range(len(rows))])
    adata = ad.AnnData(rng.poisson(rate).astype(float), obs=obs, var=pd.DataFrame(index=[f"G{i}" for i in range(30)]))
    effects = measure(make_screen(adata, Design("perturbation", context="context")))
    assert effects.conditions.ids == ["A | X", "A | Y", "B | X", "B | Y"]
    np.testing.assert_array_equal(effects.assessed, [True, True, False, False])
    np.testing.assert_array_equal(effects.detectable, [False, True, False, False])
    assert np.isfinite(effects.reliability).all()
