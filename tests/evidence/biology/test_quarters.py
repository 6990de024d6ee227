"""The truth in four parts."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from vcassay.core import Conditions
from vcassay.evidence.biology.quarters import quarters
from vcassay.testing.planted import plant


def study(**more):
    table = Conditions.make(["a"] * 6 + ["b"] * 6, [[f"p{i}"] for i in range(6)] * 2)
    test = table.context == "b"
    return plant(table, np.zeros((12, 400)), test, np.random.default_rng(0), **more)


def test_quarters_share_neither_rows_nor_controls():
    bench = study().bench()
    parts = quarters(bench)
    assert [np.isfinite(p).all() for p in parts] == [True] * 4
    for a, b in combinations(parts, 2):  # of no effect, all is noise
        assert abs(np.corrcoef(a[bench.mask], b[bench.mask])[0, 1]) < 0.15


def test_four_rows_fill_four_quarters_and_three_do_not():
    assert all(np.isfinite(p).all() for p in quarters(study(wells=4).bench()))
    assert any(np.isnan(p).any() for p in quarters(study(wells=3).bench()))
