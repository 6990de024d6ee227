"""Reliability and noise ceilings (methods 4)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def spearman_brown(r: float | Array, factor: float = 2.0) -> Array:
    """Reliability at ``factor`` times the depth (Spearman 1910, Brown 1910): k r / (1 + (k - 1) r)."""
    value = np.asarray(r, dtype=np.float64)
    return np.asarray(factor * value / (1.0 + (factor - 1.0) * value))


def perfect_ceiling(half: Array) -> float:
    """Correlation with the observed effects that a perfect, noise-free model reaches on average.

    The split-half correlations of a stratum are averaged with negatives kept, brought to full
    depth by Spearman-Brown, and only then is the root taken: the root of positive parts alone
    would give a ceiling of .27 on a screen without any effect.

    Parameters
    ----------
    half
        (n,) split-half correlations; NaN takes no part.

    Returns
    -------
    The ceiling; NaN if the average is not above 0 (no measurable signal) or nothing is defined.
    """
    defined = half[np.isfinite(half)]
    if len(defined) == 0 or defined.mean() <= 0:
        return np.nan
    return float(np.sqrt(spearman_brown(float(defined.mean()))))


def replicate_ceiling(half: Array) -> float:
    """Correlation that an independent replicate at full depth reaches: R, not its root; NaN where that is."""
    return perfect_ceiling(half) ** 2


def unequal_halves(r: float | Array, share: float | Array) -> Array:
    """Full-depth reliability from parts of unequal size (Horst 1951); Spearman and Brown's at equal ones.

    Parameters
    ----------
    r
        Correlation of the two parts; at or below 0 it is brought to full depth as by `spearman_brown`.
    share
        Share of the rows in one of them, between 0 and 1.
    """
    value, p = np.asarray(r, dtype=np.float64), np.asarray(share, dtype=np.float64)
    spread = p * (1.0 - p)
    with np.errstate(divide="ignore", invalid="ignore"):
        positive = np.clip(value, 0.0, None)
        root = np.sqrt(positive**2 + 4.0 * spread * (1.0 - positive**2))
        full = positive * (root - positive) / (2.0 * spread * (1.0 - positive**2))
        full = np.where(positive >= 1.0, 1.0, full)
    return np.asarray(np.where(value > 0, full, spearman_brown(value)))


def rows_needed(rows: Array, reliability: Array, wanted: float) -> Array:
    """Rows at which a condition would reach a reliability: Spearman and Brown's formula solved for the depth.

    Parameters
    ----------
    rows
        (n,) rows that it has.
    reliability
        (n,) full-depth reliability at that number.
    wanted
        Between 0 and 1.

    Returns
    -------
    (n,) whole numbers; NaN where the reliability is not above 0. Controls are assumed to grow alike.
    """
    rho = np.asarray(reliability, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = wanted * (1.0 - rho) / (rho * (1.0 - wanted))
        return np.asarray(np.where(rho > 0, np.ceil(rows * factor - 1e-9), np.nan))


def condition_ceiling(half: Array, measurable: NDArray[np.bool_]) -> tuple[Array, Array]:
    """What a perfect model, and what a replicate, reaches in one condition: the root of R, and R.

    Parameters
    ----------
    half
        (n,) split-half correlations.
    measurable
        (n,) whether the condition is above its pseudo-perturbations: the root of a positive part that is
        noise would be a ceiling of .27 where nothing happens.

    Returns
    -------
    (n,) and (n,); NaN where it is not measurable or the halves do not agree.
    """
    known = measurable & np.isfinite(half) & (np.nan_to_num(half) > 0)
    full = np.where(known, spearman_brown(np.where(known, half, 0.5)), np.nan)
    return np.sqrt(full), full
