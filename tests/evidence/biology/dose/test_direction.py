from __future__ import annotations

import numpy as np
import pytest
from tests.evidence.biology.dose.planted import repeated, series_of

from vcassay.core import Status
from vcassay.evidence.biology.dose.across_drugs import across_drugs
from vcassay.evidence.biology.dose.direction import by_size, lowest, plain, turns
from vcassay.evidence.biology.dose.series import Strata
from vcassay.testing.biology.doses import CASES
from vcassay.testing.planted import of_model

CASE = next(c for c in CASES if c.diagnostic == "dose_direction")


def turned(angle, seed, n=200, g=200, noise=0.0, low=1.0):
    """Series whose top dose is turned by an angle from the low ones."""
    rng = np.random.default_rng(seed)
    u, v = rng.normal(size=(2, n, g))
    v -= (v * u).sum(axis=1, keepdims=True) / (u * u).sum(axis=1, keepdims=True) * u
    u, v = (w / np.linalg.norm(w, axis=1, keepdims=True) for w in (u, v))
    true = np.stack([low * u, low * u, np.cos(angle) * u + np.sin(angle) * v], axis=1).reshape(3 * n, g)
    return true, [true + noise * rng.normal(size=true.shape) for _ in range(4)]


@pytest.mark.parametrize("angle", [0.0, 1.0, 2.5])
def test_noise_does_not_shorten_the_cosine(angle):
    true, quarters = turned(angle, 0, noise=0.07)
    got = repeated(quarters, series_of(200), model=true)
    low = lowest(got)
    found = turns(got, low)
    assert np.median(found.whole) == pytest.approx(np.cos(angle), abs=0.05)
    raw = [np.corrcoef(quarters[0][3 * i], quarters[1][3 * i + 2])[0, 1] for i in range(200)]
    assert abs(np.median(raw)) <= 0.6
    assert plain(got.own["model"], low, got.length) == pytest.approx(np.full(200, np.cos(angle)))


def test_two_cosines_of_a_pairing_have_independent_noise():
    _, quarters = turned(0.5, 1, n=600, noise=0.05)
    got = repeated(quarters, series_of(600))
    found = turns(got, lowest(got))
    for a, b in found.pairs:
        ok = np.isfinite(a) & np.isfinite(b)
        assert abs(np.corrcoef(a[ok], b[ok])[0, 1]) < 4 / np.sqrt(ok.sum())


def test_the_low_dose_is_the_lowest_with_an_effect():
    _, quarters = turned(0.0, 2, n=4)
    quiet = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 0, 1]], dtype=bool)
    got = repeated(quarters, series_of(4))._replace(quiet=quiet)
    assert lowest(got).tolist() == [0, 1, -1, -1]


def test_sizes_not_above_zero_have_no_cosine_and_three_quarters_are_too_few():
    _, quarters = turned(0.0, 3, n=2)
    whole = repeated(quarters, series_of(2))
    assert turns(whole, lowest(whole)).sure.all()
    quarters[1][0] *= -1
    quarters[3][3:] = np.nan
    got = repeated(quarters, series_of(2))
    found = turns(got, lowest(got))
    assert np.isnan(found.pairs[0][0][0])
    assert found.sure.tolist() == [False, False]
    assert np.isnan(plain(np.zeros((2, 3, 3)), np.zeros(2, dtype=np.int64), np.array([3, 3]))).all()


def test_drugs_are_compared_with_drugs_of_their_size():
    stratum = np.repeat([0, 1, 2], [9, 7, 4])
    size = np.random.default_rng(4).permutation(20).astype(float)
    got = by_size(stratum, size, np.arange(20) != 19)
    for s, counts in ((0, [3, 3, 3]), (1, [4, 3]), (2, [3])):
        at = np.flatnonzero((stratum == s) & (np.arange(20) != 19))
        bins = got[at] - 3 * s
        assert np.bincount(bins).tolist() == counts
        assert (np.diff(bins[np.argsort(size[at])]) >= 0).all()


@pytest.mark.slow
def test_drugs_of_other_strength_that_do_not_turn_show_nothing():
    """Of 80 at 5 %, more than 10 come once in 400."""
    p = []
    for seed in range(80):
        strength = np.repeat(np.random.default_rng(seed).uniform(0.3, 1.0, size=60), 3)[:, None]
        rng = np.random.default_rng([seed, 1])
        true = strength * turned(0.0, seed, n=60, low=0.4)[0]
        got = repeated([true + 0.02 * rng.normal(size=true.shape) for _ in range(4)], series_of(60))
        found = turns(got, lowest(got))
        assert found.sure.sum() > 20
        alike = by_size(np.zeros(60, dtype=np.int64), found.size, found.sure)
        p.append(across_drugs(found.pairs, Strata(np.arange(60), alike), found.sure, seed).p)
    assert (np.array(p) < 0.05).sum() <= 10


def test_a_model_that_never_turns_does_not_know_which_drugs_do():
    found = CASE.present(0)
    assert found[0].status is of_model(found, "has").status is Status.PASS
    assert of_model(found, "lacks").status in (Status.FAIL, Status.WARN)
    assert "turn by more than 60 degrees" in found[0].sentence
    assert "no failure of monotony" in found[0].sentence
    assert set(of_model(found, "has").evidence[0]) == {"perturbation", "context", "low", "top", "truth", "model"}
