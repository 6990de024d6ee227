"""TOML that is written reads back as the same data."""

from __future__ import annotations

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from vcassay.run.card_writer import write_toml

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
keys = st.text(min_size=1, max_size=6, alphabet=st.characters(exclude_categories=["Cs"]))
plain = texts | st.integers(-(2**40), 2**40) | st.booleans() | st.floats(allow_nan=False, allow_infinity=False)
tables = st.recursive(
    st.dictionaries(keys, plain | st.lists(plain, max_size=3), max_size=4),
    lambda inner: st.dictionaries(keys, inner | st.lists(inner, max_size=2) | plain, max_size=3),
    max_leaves=8,
)


@given(tables)
def test_what_is_written_reads_back(data: dict) -> None:
    assert tomllib.loads(write_toml(data)) == data


def test_what_is_not_said_is_left_out() -> None:
    assert write_toml({"a": None, "b": [{"c": None, "d": 1}]}) == "[[b]]\nd = 1\n"
