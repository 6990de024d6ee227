from __future__ import annotations

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from vcassay.screen import Design, make_screen
from vcassay.simulate.observed import observed_effects


@pytest.fixture
def tiny():
    counts = np.asarray([[6, 4], [2, 8], [5, 5], [1, 9], [30, 10], [8, 2]], dtype=np.float32)
    obs = pd.DataFrame(
        {
            "perturbation": ["control", "control", "A", "A", "A", "B"],
            "batch": ["1", "2", "1", "2", "1", "2"],
        },
        index=[f"cell{i}" for i in range(6)],
    )
    adata = ad.AnnData(sp.csr_matrix(counts), obs=obs, var=pd.DataFrame(index=["g1", "g2"]))
    return make_screen(adata, Design(perturbation="perturbation", batch="batch"))


def test_controls_are_weighted_by_the_counts_of_each_batch(tiny):
    effects = observed_effects(tiny)
    control = np.asarray([50 / 60 * 0.6 + 10 / 60 * 0.2, 50 / 60 * 0.4 + 10 / 60 * 0.8])
    expected = np.log1p(1e4 * np.asarray([36, 24]) / 60) - np.log1p(1e4 * control)
    np.testing.assert_allclose(effects[0], expected)
    np.testing.assert_allclose(effects[1], np.log1p([8e3, 2e3]) - np.log1p([2e3, 8e3]))


def test_missing_cells_or_controls_are_undefined(tiny):
    no_b = observed_effects(tiny, np.asarray([True, True, True, True, True, False]))
    assert np.isfinite(no_b[0]).all()
    assert np.isnan(no_b[1]).all()
    no_second_control = observed_effects(tiny, np.asarray([True, False, True, True, True, True]))
    assert np.isnan(no_second_control).all()
