from __future__ import annotations

import numpy as np

from vcassay.core import Conditions
from vcassay.simulate.ablations import disturbances


def grid(contexts, doses):
    rows = [(c, p, d) for c in contexts for p, ds in doses.items() for d in ds]
    return Conditions.make([r[0] for r in rows], [r[1] for r in rows], [r[2] for r in rows])


def test_shuffles_keep_what_they_do_not_shuffle():
    conditions = grid(["a", "b", "c"], {"x": [1.0, 2.0], "y": [1.0], "z": [2.0], "w": [np.nan]})
    changes = disturbances(conditions, np.random.default_rng(0))
    index = np.arange(len(conditions), dtype=float)[:, None]
    other = changes["shuffled_perturbation"](index)[:, 0].astype(int)
    assert sorted(other) == list(range(len(conditions)))
    np.testing.assert_array_equal(conditions.context[other], conditions.context)
    assert np.all(conditions.perturbation[other] != conditions.perturbation)
    elsewhere = changes["shuffled_context"](index)[:, 0].astype(int)
    assert [conditions.treatments[i] for i in elsewhere] == conditions.treatments
    assert np.all(conditions.context[elsewhere] != conditions.context)


def test_zeroing_leaves_the_mean_of_the_context():
    conditions = grid(["a", "b"], {"x": [1.0], "y": [1.0]})
    values = np.asarray([[1.0], [3.0], [10.0], [20.0]])
    zeroed = disturbances(conditions, np.random.default_rng(0))["zeroed_perturbation"](values)
    np.testing.assert_array_equal(zeroed.ravel(), [2, 2, 15, 15])


def test_one_context_cannot_be_shuffled():
    changes = disturbances(grid(["a"], {"x": [1.0], "y": [1.0]}), np.random.default_rng(0))
    assert "shuffled_context" not in changes
    assert "shuffled_perturbation" in changes
