"""Sums that were kept come back bit by bit."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
import scipy.sparse as sp

from tests.run.builders import simulated
from vcassay.effects import Moments, accumulate, measure
from vcassay.run.cache import Cache
from vcassay.run.moments import pack, pass_over, unpack
from vcassay.screen import Design, Readout, Rows, make_screen

DEPENDS = {"file": "abc"}


def screen(kind):
    simulation, _ = simulated()
    if kind == "counts":
        return simulation.screen
    adata = simulation.screen.adata.copy()
    adata.X = np.log1p(adata.X.toarray())
    if kind == "missing":
        adata.X[::3, 5] = np.nan
    rows = Rows.EFFECTS if kind == "effects" else Rows.CELLS
    readout = Readout.LOGNORM if kind == "lognorm" else Readout.CONTINUOUS
    control = () if kind == "effects" else ("control",)
    return make_screen(
        adata, Design("perturbation", control, context="context", batch="batch", rows=rows, readout=readout)
    )


def no_progress(done, total):
    pass


def assert_same(a: Moments, b: Moments):
    for field in fields(Moments):
        one, two = getattr(a, field.name), getattr(b, field.name)
        if field.name == "slots":
            continue
        if one is None or isinstance(one, float) or field.name == "notes":
            assert one == two
            continue
        pairs = zip(one, two, strict=True) if isinstance(one, tuple) else [(one, two)]
        for x, y in pairs:
            assert type(x) is type(y)
            if sp.issparse(x):
                assert x.shape == y.shape
                x, y = x.toarray(), y.toarray()
            assert x.dtype == y.dtype
            np.testing.assert_array_equal(x, y, err_msg=field.name)


@pytest.mark.parametrize("more", [{}, {"squares": True, "nonzeros": True}])
@pytest.mark.parametrize("kind", ["counts", "lognorm", "missing", "effects"])
def test_what_is_packed_is_unpacked(kind, more):
    measured = screen(kind)
    made = replace(accumulate(measured, seed=3, **more), notes=(("β <b>.", "a 'reason'"),))
    assert_same(unpack(pack(made), measured, 3), made)


def test_the_pass_is_made_once(tmp_path, monkeypatch):
    measured = screen("counts")
    first = pass_over(measured, Cache(tmp_path), DEPENDS, seed=0, target_sum=1e4, progress=no_progress)

    def never(*_, **__):
        raise AssertionError("read again")

    with monkeypatch.context() as patch:
        patch.setattr("vcassay.run.moments.accumulate", never)
        again = pass_over(measured, Cache(tmp_path), DEPENDS, seed=0, target_sum=1e4, progress=no_progress)
        assert_same(again, first)
        for other in ({"seed": 1, "target_sum": 1e4}, {"seed": 0, "target_sum": 1e5}):
            with pytest.raises(AssertionError, match="read again"):
                pass_over(measured, Cache(tmp_path), DEPENDS, progress=no_progress, **other)
        with pytest.raises(AssertionError, match="read again"):
            pass_over(measured, Cache(tmp_path), {"file": "d"}, seed=0, target_sum=1e4, progress=no_progress)
    one, two = (measure(measured, moments=m) for m in (first, again))
    np.testing.assert_array_equal(one.delta, two.delta)
    np.testing.assert_array_equal(one.p_value, two.p_value)


def test_a_file_of_another_kind_is_made_again(tmp_path):
    measured = screen("counts")
    first = pass_over(measured, Cache(tmp_path), DEPENDS, seed=0, target_sum=1e4, progress=no_progress)
    (path,) = tmp_path.glob("moments-*.npz")
    np.savez(path, something=np.arange(3))
    assert_same(pass_over(measured, Cache(tmp_path), DEPENDS, seed=0, target_sum=1e4, progress=no_progress), first)
