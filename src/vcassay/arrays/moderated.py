"""Moderated t: variances of genes shrunk towards what all genes have in common (Smyth 2004)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma, polygamma, stdtr

Array = NDArray[np.float64]

VARIANCE_FLOOR = 1e-5
"""Variances below this share of their median are raised to it, so that log variances stay finite (limma)."""


class Prior(NamedTuple):
    """Scaled inverse chi-squared prior of variances.

    Attributes
    ----------
    df
        Prior degrees of freedom; infinite where the variances differ by no more than chance, NaN where
        fewer than two are given.
    variance
        Prior variance.
    """

    df: float
    variance: float


def inverse_trigamma(value: float) -> float:
    """Solve trigamma(x) = value for x > 0 by Newton's method on 1 / trigamma, which is nearly straight."""
    if value > 1e7:
        return float(1.0 / np.sqrt(value))
    if value < 1e-6:
        return float(1.0 / value)
    x = 0.5 + 1.0 / value
    for _ in range(50):
        here = float(polygamma(1, x))
        step = here * (1.0 - here / value) / float(polygamma(2, x))
        x += step
        if -step < 1e-10 * x:
            break
    return x


def fit_prior(variance: Array, df: Array) -> Prior:
    """Estimate the prior from sample variances by the moments of their logarithms (limma's fitFDist).

    Parameters
    ----------
    variance
        (g,) sample variances; NaN, and those without degrees of freedom, take no part.
    df
        (g,) their degrees of freedom.
    """
    ok = np.isfinite(variance) & (df > 0)
    v, d = variance[ok], df[ok]
    if len(v) < 2:
        return Prior(np.nan, np.nan)
    middle = float(np.median(v))
    v = np.maximum(v, VARIANCE_FLOOR * (middle if middle > 0 else float(v.max(initial=0.0)) or 1.0))
    e = np.log(v) - digamma(d / 2) + np.log(d / 2)
    mean, spread = float(e.mean()), float(e.var(ddof=1) - polygamma(1, d / 2).mean())
    if spread <= 0:
        return Prior(np.inf, float(np.exp(mean)))
    prior = 2.0 * inverse_trigamma(spread)
    return Prior(prior, float(np.exp(mean + digamma(prior / 2) - np.log(prior / 2))))


def squeeze(variance: Array, df: Array, prior: Prior) -> tuple[Array, Array]:
    """Posterior variances and degrees of freedom.

    Returns
    -------
    (g,) (d0 s0^2 + d s^2) / (d0 + d), and d0 + d; the prior alone where it is infinitely sure, the
    variances as they are where there is no prior. NaN without degrees of freedom of its own.
    """
    own = np.asarray(np.where(df > 0, variance, np.nan), dtype=np.float64)
    if np.isnan(prior.df):
        return own, np.asarray(np.where(df > 0, df, np.nan), dtype=np.float64)
    if np.isinf(prior.df):
        return np.where(np.isfinite(own), prior.variance, np.nan), np.where(np.isfinite(own), np.inf, np.nan)
    total = np.where(np.isfinite(own), prior.df + df, np.nan)
    return np.asarray((prior.df * prior.variance + df * own) / total), np.asarray(total)


def t_pvalue(statistic: Array, df: Array) -> Array:
    """Two-sided p-values of t statistics; the normal distribution where ``df`` is infinite."""
    return np.asarray(2.0 * stdtr(df, -np.abs(statistic)))
