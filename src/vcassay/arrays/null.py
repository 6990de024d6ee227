"""p-values against a simulated null."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

TAIL = 0.05
"""Share of the null's largest values to which the tail is fitted."""


def upper_pvalue(observed: Array, null: Array) -> Array:
    """Probability that the null is at least as large as each observed value.

    Within the null, the count of larger values with +1 in numerator and denominator. Beyond its
    top `TAIL`, the exponential tail fitted to the exceedances (Knijnenburg et al. 2009, shape 0),
    so that a few thousand draws suffice for a false discovery rate over many conditions. As the
    scale of that tail is estimated from k exceedances, its predictive form (1 + x / (k scale))^-k
    is used: exact for an exponential tail whatever the number of draws.

    Parameters
    ----------
    observed
        (n,) statistics; NaN gives NaN.
    null
        (m,) draws under the null.

    Returns
    -------
    (n,) p-values in (0, 1]; NaN everywhere if there are fewer than 20 draws.
    """
    draws = np.sort(null[np.isfinite(null)])
    m = len(draws)
    if m < 20:
        return np.full(len(observed), np.nan)
    above = m - np.searchsorted(draws, observed, side="left")
    p = (above + 1.0) / (m + 1.0)
    top = max(10, int(TAIL * m))
    edge = (draws[m - top - 1] + draws[m - top]) / 2.0 if top < m else draws[0]
    scale = float(np.mean(draws[m - top :] - edge))
    if scale > 0:
        with np.errstate(under="ignore", invalid="ignore"):
            beyond = np.maximum(observed - edge, 0.0)
            tail = (top + 1.0) / (m + 1.0) * np.exp(-top * np.log1p(beyond / (top * scale)))
        p = np.where(observed > edge, np.maximum(tail, 1e-300), p)
    return np.where(np.isfinite(observed), p, np.nan)


def permutation_spearman(x: Array, y: Array, draws: int, rng: np.random.Generator) -> tuple[float, float]:
    """Spearman correlation and its two-sided permutation p-value.

    Returns
    -------
    (rho, p); both NaN with fewer than 4 finite pairs or when either side is constant.
    """
    from scipy.stats import rankdata

    ok = np.isfinite(x) & np.isfinite(y)
    if ok.sum() < 4:
        return np.nan, np.nan
    a, b = rankdata(x[ok]), rankdata(y[ok])
    a, b = a - a.mean(), b - b.mean()
    norm = float(np.sqrt((a @ a) * (b @ b)))
    if norm == 0:
        return np.nan, np.nan
    rho = float(a @ b) / norm
    null = np.array([a @ rng.permutation(b) for _ in range(draws)]) / norm
    p = (1 + int((np.abs(null) >= abs(rho) - 1e-12).sum())) / (draws + 1)
    return rho, p
