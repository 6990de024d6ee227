"""Sets of cells: drawn by their values, without overlap, whatever the order of cells and genes."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from vcassay.arrays import threads
from vcassay.arrays.cellsets import as_sets, draw_order, drawn_rows, finite_sets, paired, row_keys
from vcassay.arrays.threads import in_threads


def test_keys_follow_values_and_seed_alone() -> None:
    rng = np.random.default_rng(0)
    cells = rng.normal(size=(50, 30)) * (rng.random((50, 30)) < 0.3)
    keys, order = row_keys(cells, 3), rng.permutation(50)
    assert len(np.unique(keys)) == 50
    np.testing.assert_array_equal(row_keys(cells[order][:, rng.permutation(30)], 3), keys[order])
    np.testing.assert_array_equal(row_keys(sp.csr_matrix(cells.astype(np.float32)), 3), keys)
    np.testing.assert_array_equal(row_keys(np.asfortranarray(cells), 3), keys)
    assert not set(row_keys(cells, 4)) & set(keys)


@given(st.integers(0, 999), st.integers(1, 6), st.integers(0, 60))
def test_draws_are_the_conditions_own_cells_without_overlap(seed: int, n: int, rows: int) -> None:
    rng = np.random.default_rng(seed)
    cells, code = rng.normal(size=(rows, 4)), rng.integers(-1, n, size=rows)
    order = draw_order(code, row_keys(cells, seed), n)
    np.testing.assert_array_equal(order.size, np.bincount(code[code >= 0], minlength=n))
    every, half = np.arange(n), order.size // 2
    a, b = drawn_rows(order, every, 0 * half, half), drawn_rows(order, every, half, half)
    assert len(set(a) | set(b)) == 2 * half.sum()
    np.testing.assert_array_equal(code[a], np.repeat(every, half))
    np.testing.assert_array_equal(code[b], np.repeat(every, half))
    turned = rng.permutation(rows)
    again = draw_order(code[turned], row_keys(cells[turned], seed), n)
    np.testing.assert_array_equal(cells[turned][drawn_rows(again, every, 0 * half, half)], cells[a])


def test_a_draw_is_a_fair_sample() -> None:
    rng = np.random.default_rng(1)
    cells = np.linspace(1, 2, 40)[:, None]
    times = np.zeros(40)
    for _ in range(400):
        order = draw_order(np.zeros(40, int), row_keys(cells, int(rng.integers(2**63))), 1)
        times[order.rows[:20]] += 1
    assert abs(times / 400 - 0.5).max() < 4 * 0.025


def test_finite_sets_and_pairs() -> None:
    cells = np.ones((6, 2))
    cells[3, 1] = np.nan
    sets = as_sets(cells, np.array([2, 0, 3, 1]))
    assert finite_sets(sets).tolist() == [True, True, False, True]
    start, size, _, _ = paired(sets, sets, np.array([2]), np.array([0]))
    assert (start.tolist(), size.tolist()) == ([2], [3])
    with pytest.raises(ValueError, match="cannot be paired"):
        paired(sets, sets, np.array([0, 1]), np.array([0]))
    with pytest.raises(ValueError, match="dimensions"):
        paired(sets, as_sets(np.ones((6, 3)), sets.size), None, None)
    with pytest.raises(ValueError, match="codes reach 4"):
        draw_order(np.array([0, 4]), row_keys(np.ones((2, 2)), 0), 3)


@pytest.mark.parametrize("patience", [0.0, 1e-4, 60.0], ids=["all on threads", "begun by the caller", "no thread"])
@pytest.mark.parametrize("jobs", [0, 1, 7, 100])
def test_every_job_is_done_once(jobs: int, patience: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "PATIENCE", patience)
    monkeypatch.setattr(threads, "threads", lambda: 3)
    done = np.zeros(jobs, dtype=int)
    callers = set()

    def kernel(first: int, last: int, out: np.ndarray) -> None:
        callers.add(threading.get_ident())
        out[first:last] += 1
        time.sleep(1e-4)

    in_threads(kernel, jobs, done)
    assert (done == 1).all()
    if jobs > 1 and patience != 1e-4:
        assert (threading.get_ident() in callers) == (patience > 0)
