"""Shrinkage of variances against an independent root finder, simulation and definitions."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize, special, stats

from vcassay.arrays.moderated import Prior, fit_prior, inverse_trigamma, squeeze, t_pvalue


@pytest.mark.parametrize("value", [1e-8, 1e-3, 0.1, 1.0, 7.0, 1e3, 1e9])
def test_inverse_trigamma_solves_its_equation(value):
    root = optimize.brentq(lambda log: np.log(special.polygamma(1, np.exp(log))) - np.log(value), -30, 30, xtol=1e-13)
    assert inverse_trigamma(value) == pytest.approx(np.exp(root), rel=1e-6)


def by_moments(variance, df):
    """Prior degrees of freedom and variance from mean and spread of log F, solved by scipy."""
    log = np.log(variance)
    wanted = log.var(ddof=1) - special.polygamma(1, df / 2)
    d0 = optimize.brentq(lambda d: special.polygamma(1, d / 2) - wanted, 1e-3, 1e7)
    # log of s0^2 F(df, d0): E = log s0^2 + psi(df/2) - log(df/2) - psi(d0/2) + log(d0/2)
    shift = special.psi(df / 2) - np.log(df / 2) - special.psi(d0 / 2) + np.log(d0 / 2)
    return d0, np.exp(log.mean() - shift)


@pytest.mark.parametrize(("d0", "df"), [(4.0, 7.0), (20.0, 3.0), (60.0, 30.0)])
def test_prior_equals_moments_and_recovers_what_was_planted(d0, df):
    rng = np.random.default_rng(3)
    sigma = 0.3 * d0 / rng.chisquare(d0, 40_000)
    variance = sigma * rng.chisquare(df, len(sigma)) / df
    prior = fit_prior(variance, np.full(len(variance), df))
    np.testing.assert_allclose(prior, by_moments(variance, df), rtol=1e-6)
    assert prior.df == pytest.approx(d0, rel=0.12)
    assert prior.variance == pytest.approx(0.3, rel=0.03)


def test_equal_variances_have_an_infinite_prior():
    # evenly spaced quantiles spread a little less than draws do
    variance = 2.0 * stats.chi2.ppf(np.linspace(0.02, 0.98, 99), 5) / 5
    df = np.full(99, 5.0)
    prior = fit_prior(variance, df)
    assert np.isinf(prior.df)
    shrunk, total = squeeze(variance, df, prior)
    np.testing.assert_array_equal(shrunk, np.full(99, prior.variance))
    assert np.isinf(total).all()


def test_squeeze_is_a_weighted_mean_and_keeps_gaps():
    shrunk, total = squeeze(np.array([1.0, 4.0, np.nan]), np.array([7.0, 7.0, 0.0]), Prior(3.0, 2.0))
    np.testing.assert_allclose(shrunk[:2], [(7 * 1 + 3 * 2) / 10, (7 * 4 + 3 * 2) / 10])
    np.testing.assert_array_equal(total, [10.0, 10.0, np.nan])
    assert np.isnan(shrunk[2])
    alone, own = squeeze(np.array([5.0]), np.array([7.0]), fit_prior(np.array([5.0]), np.array([7.0])))
    assert (alone[0], own[0]) == (5.0, 7.0)


def test_pvalues_are_those_of_student_and_of_the_normal():
    t = np.array([-3.0, 0.0, 2.0])
    np.testing.assert_allclose(t_pvalue(t, np.full(3, 6.0)), 2 * stats.t.sf(np.abs(t), 6), rtol=1e-12)
    np.testing.assert_allclose(t_pvalue(t, np.full(3, np.inf)), 2 * stats.norm.sf(np.abs(t)), rtol=1e-12)


def test_moderated_t_is_calibrated_on_planted_nulls():
    rng = np.random.default_rng(8)
    d0, df, g = 5.0, 4.0, 50_000
    sigma = d0 / rng.chisquare(d0, g)
    effect = np.sqrt(sigma) * rng.normal(size=g)
    variance, total = squeeze(v := sigma * rng.chisquare(df, g) / df, np.full(g, df), fit_prior(v, np.full(g, df)))
    p = t_pvalue(effect / np.sqrt(variance), total)
    assert (p < 0.05).mean() == pytest.approx(0.05, abs=0.004)
    assert (p < 0.001).mean() == pytest.approx(0.001, abs=0.0005)
