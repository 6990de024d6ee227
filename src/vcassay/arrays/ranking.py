"""Ranks of answers over bootstrap draws that they share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def rank_probabilities(draws: Array) -> Array:
    """Distribution of the rank of each answer.

    Parameters
    ----------
    draws
        (b, a) score of each answer in each draw, higher is better; no NaN. Draws are shared, so that
        what makes a resample hard for all answers does not blur their order.

    Returns
    -------
    (a, a) probability that answer i has rank r + 1. Answers that tie share the ranks that they hold
    together in equal parts, so that rows and columns sum to 1. NaN without draws.
    """
    b, a = draws.shape
    if not b:
        return np.full((a, a), np.nan)
    order = np.sort(draws, axis=1)
    above = np.empty((b, a), dtype=np.int64)
    upto = np.empty((b, a), dtype=np.int64)
    for i in range(a):  # (b, a) comparisons an answer, not (b, a, a)
        mine = draws[:, i : i + 1]
        above[:, i] = (order > mine).sum(axis=1)
        upto[:, i] = (order >= mine).sum(axis=1)
    share = 1.0 / (upto - above)
    out = np.zeros((a, a + 1))
    for i in range(a):  # a share for ranks above..upto-1: as differences, then summed
        out[i] += np.bincount(above[:, i], weights=share[:, i], minlength=a + 1)
        out[i] -= np.bincount(upto[:, i], weights=share[:, i], minlength=a + 1)
    return np.asarray(np.clip(np.cumsum(out, axis=1)[:, :a] / b, 0.0, 1.0))


def mid_ranks(values: Array) -> Array:
    """(a,) rank of each value, 1 for the highest; ties share their mean rank."""
    above = (values[None, :] > values[:, None]).sum(axis=1)
    level = (values[None, :] == values[:, None]).sum(axis=1)
    return np.asarray(above + (level + 1) / 2.0)


def rank_interval(probabilities: Array, level: float = 0.95) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Best and worst rank of each answer with `level` between them.

    Parameters
    ----------
    probabilities
        (a, a) from `rank_probabilities`.

    Returns
    -------
    (a,) lowest and highest rank, from 1: the central interval of the discrete distribution.
    """
    tail = (1.0 - level) / 2.0 - 1e-12
    reached = np.cumsum(probabilities, axis=1)
    return np.argmax(reached > tail, axis=1) + 1, np.argmax(reached >= 1.0 - tail - 2e-12, axis=1) + 1


def probability_better(draws: Array) -> Array:
    """(a, a) share of (b, a) draws in which answer i is above answer j; a tie counts half, the diagonal is a half."""
    b, a = draws.shape
    out = np.full((a, a), np.nan)
    if b:
        for i in range(a):
            mine = draws[:, i : i + 1]
            out[i] = ((mine > draws).sum(axis=0) + 0.5 * (mine == draws).sum(axis=0)) / b
    return out


def kendall_tau_b(values: Array) -> Array:
    """Kendall's tau-b between the rankings of the same answers by several metrics.

    Parameters
    ----------
    values
        (m, a) oriented scores, one row a metric; NaN where an answer has none.

    Returns
    -------
    (m, m) tau-b over the pairs of answers that both metrics score; NaN where one of them ties all.
    """
    known = np.isfinite(values)
    filled = np.where(known, values, 0.0)
    i, j = np.triu_indices(values.shape[1], 1)
    sign = np.sign(filled[:, i] - filled[:, j]) * (known[:, i] & known[:, j])
    both = (known[:, i] & known[:, j]).astype(np.float64)
    untied = (sign**2) @ both.T
    with np.errstate(divide="ignore", invalid="ignore"):
        tau = (sign @ sign.T) / np.sqrt(untied * untied.T)
    return np.where((untied > 0) & (untied.T > 0), tau, np.nan)
