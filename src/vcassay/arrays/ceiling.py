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
