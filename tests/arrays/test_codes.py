from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from vcassay.arrays.codes import codes_of, join, seen, seen_otherwise

ROWS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.booleans()), min_size=1, max_size=30)


@settings(max_examples=60)
@given(ROWS)
def test_codes_agree_with_sets(rows):
    a, b = (np.array([r[i] for r in rows], dtype=np.int64) for i in (0, 1))
    among = np.array([i for i, r in enumerate(rows) if r[2]], dtype=np.int64)
    code = join(a, b)
    for i, (x, y, _) in enumerate(rows):
        assert [code[i] == c for c in code] == [(x, y) == (u, v) for u, v, _ in rows]
        assert seen(a, among)[i] == any(a[j] == x for j in among)
        assert seen_otherwise(a, b, among)[i] == any(a[j] == x and b[j] != y for j in among)


def test_nothing_is_seen_among_no_rows():
    none = np.zeros(0, dtype=np.int64)
    assert not seen(np.array([0, 1]), none).any()
    assert not seen_otherwise(np.array([0, 0]), np.array([0, 1]), none).any()


def test_codes_are_those_of_sorted_labels():
    assert codes_of(["b", "a", "b"]).tolist() == [1, 0, 1]
    assert codes_of([("a", 2.0), ("a", 0.5)]).tolist() == [1, 0]
    assert codes_of([]).tolist() == []
