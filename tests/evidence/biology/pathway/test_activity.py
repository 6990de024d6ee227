"""Activities of gene sets: decoupler's against the plain ones."""

from __future__ import annotations

import numpy as np
import pytest

from vcassay.evidence.biology.pathway import activity
from vcassay.evidence.biology.pathway.activity import PLAIN, ULM, activities


def made(seed=0, n=6, g=50, k=4):
    rng = np.random.default_rng(seed)
    weights = np.where(rng.random((g, k)) < 0.2, rng.choice([-1.0, 1.0], (g, k)), 0.0)
    return rng.standard_normal((n, g)), weights, rng.random(g) < 0.9


@pytest.mark.parametrize("seed", range(3))
def test_decoupler_gives_the_sign_and_the_order_of_the_plain_ones(seed):
    pytest.importorskip("decoupler")
    values, weights, scored = made(seed)
    plain, how = activities(values, weights, scored, use_decoupler=False)
    ulm, of = activities(values, weights, scored)
    assert (how, of) == (PLAIN, ULM)
    assert (np.sign(plain) == np.sign(ulm)).all()
    assert (np.argsort(plain, axis=1) == np.argsort(ulm, axis=1)).all()
    # the closed form of the docstring
    own = values[:, scored]
    r = plain / np.linalg.norm(own - own.mean(axis=1, keepdims=True), axis=1, keepdims=True)
    m = int(scored.sum())
    assert ulm == pytest.approx(r * np.sqrt((m - 2) / (1 - r**2)), rel=1e-6)


def test_without_decoupler_it_says_so(monkeypatch):
    monkeypatch.setattr(activity, "decoupler", lambda: None)
    values, weights, scored = made()
    found, how = activities(values, weights, scored)
    assert how == PLAIN
    assert found == pytest.approx(activities(values, weights, scored, use_decoupler=False)[0])


def test_an_absent_package_is_none(monkeypatch):
    def refuse(name):
        raise ImportError(name)

    monkeypatch.setattr(activity.importlib, "import_module", refuse)
    assert activity.decoupler() is None


@pytest.mark.parametrize("use", [False, None])
def test_undefined_is_nan_either_way(use):
    values, weights, scored = made()
    weights[:, 1] = 1.0
    found, _ = activities(values, weights, scored, use_decoupler=use)
    assert np.isnan(found[:, 1]).all()
    assert np.isfinite(found[:, [0, 2, 3]]).all()
    none, _ = activities(values[:0], weights, scored, use_decoupler=use)
    assert none.shape == (0, 4)
