from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcassay.screen.pools import control_pools


def pools(rows):
    """rows of (context, time, 'p' or 'c' or '-')."""
    context, time, kind = zip(*rows, strict=True)
    kinds = np.asarray(kind)
    return control_pools(np.asarray(context), np.asarray(time, dtype=float), kinds == "p", kinds == "c")


def test_one_pool_a_context_without_times():
    found = pools([(0, np.nan, "p"), (0, np.nan, "c"), (1, np.nan, "p"), (1, np.nan, "c"), (1, np.nan, "-")])
    assert found.row.tolist() == [0, 0, 1, 1, -1]
    assert np.isnan(found.time).all()


def test_controls_at_each_time_make_a_pool_a_time():
    found = pools([(0, 6, "p"), (0, 24, "p"), (0, 6, "c"), (0, 24, "c"), (0, 48, "c")])
    assert found.row.tolist() == [0, 1, 0, 1, 2]
    assert found.time.tolist() == [6, 24, 48]
    assert len(found.untimed) == 0


def test_controls_at_one_time_are_shared_and_said_so():
    found = pools([(0, 6, "p"), (0, 24, "p"), (0, 24, "c")])
    assert found.row.tolist() == [0, 0, 0]
    assert np.isnan(found.time).all()
    assert found.untimed.tolist() == [0]


def test_controls_without_a_time_cannot_join_a_timed_pool():
    found = pools([(0, 6, "p"), (0, 24, "p"), (0, 6, "c"), (0, 24, "c"), (0, np.nan, "c")])
    assert found.row.tolist() == [0, 1, 0, 1, -1]


def test_controls_that_have_no_time_at_all_are_shared():
    found = pools([(0, 6, "p"), (0, 24, "p"), (0, np.nan, "c")])
    assert found.row.tolist() == [0, 0, 0]


def test_a_context_of_controls_alone_is_a_pool():
    found = pools([(0, 6, "c"), (0, 24, "c"), (1, 6, "p"), (1, 6, "c")])
    assert found.row.tolist() == [0, 0, 1, 1]


@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.sampled_from([6.0, 24.0, np.nan]), st.sampled_from("pc-")),
        min_size=1,
        max_size=25,
    )
)
def test_the_rule_written_out_row_by_row(rows):
    found = pools(rows)
    for c in {c for c, _, _ in rows}:
        needed = {t for x, t, k in rows if x == c and k == "p"}
        measured = {t for x, t, k in rows if x == c and k == "c" and t == t}
        timed = bool(needed) and all(t == t and t in measured for t in needed) and len(needed | measured) > 1
        for (x, t, k), pool in zip(rows, found.row, strict=True):
            if x != c:
                continue
            if k == "-" or (timed and t != t):
                assert pool == -1
            else:
                assert found.context[pool] == c
                assert found.time[pool] == t if timed else np.isnan(found.time[pool])


@pytest.mark.parametrize("n", [0, 3])
def test_nothing_takes_part(n):
    none = np.zeros(n, dtype=bool)
    found = control_pools(np.zeros(n, dtype=np.int64), np.full(n, np.nan), none, none)
    assert (found.row == -1).all()
    assert len(found.context) == 0
