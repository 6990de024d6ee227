"""Errors: one sentence that says what, where and what to do."""

from __future__ import annotations

import pytest

from vcassay.core import InputError, PluginError, VcassayError
from vcassay.core.errors import did_you_mean, first


def test_input_error_is_one_sentence() -> None:
    error = InputError("has no column 'dose'", where="screen.h5ad, obs", mend="name it under [data]")
    assert str(error) == "screen.h5ad, obs: has no column 'dose'; name it under [data]."
    assert (error.what, error.where, error.mend) == ("has no column 'dose'", "screen.h5ad, obs", "name it under [data]")


@pytest.mark.parametrize("kind", [InputError, PluginError])
def test_the_tree_has_one_root(kind: type) -> None:
    assert issubclass(kind, VcassayError)
    assert not issubclass(kind, ValueError)


def test_did_you_mean() -> None:
    known = ["pearson_delta", "cosine", "pds"]
    assert did_you_mean("pearson_dleta", known) == "did you mean 'pearson_delta'?"
    assert did_you_mean("zzz", known) == "known: cosine, pds, pearson_delta"
    assert did_you_mean("zzz", []) == "known: "


def test_first() -> None:
    assert first(["a", "b"]) == "a, b"
    assert first(range(5)) == "0, 1, 2, 3, 4"
    assert first((x for x in range(8)), limit=3) == "0, 1, 2 and 5 more"
    assert first([]) == ""
