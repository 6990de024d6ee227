"""Strata: conditions of like effect size (methods 5)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.multiple import benjamini_hochberg
from vcassay.core import Threshold

FDR = Threshold("detection_fdr", 0.05, "Benjamini-Hochberg over conditions, against pseudo-perturbations")

STRATA = ("null", "weak", "medium", "strong", "unassessed")
"""Effect-size strata, weakest first; ``unassessed`` where controls do not allow a null."""


def detect(p_value: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Call conditions detectable: BH-adjusted p at or below `FDR`; NaN is never detectable."""
    adjusted = benjamini_hochberg(p_value)
    return np.asarray(np.where(np.isfinite(adjusted), adjusted, 1.0) <= FDR.value)


def stratify(size: NDArray[np.float64], p_value: NDArray[np.float64]) -> NDArray[np.str_]:
    """Assign strata: null if not detectable, else thirds of the debiased effect size.

    Parameters
    ----------
    size
        (n,) debiased squared effect sizes.
    p_value
        (n,) from `vcassay.effects.pseudo.detection_pvalues`; NaN means unassessed.
    """
    stratum = np.full(len(size), "unassessed", dtype="<U10")
    assessed = np.isfinite(p_value)
    stratum[assessed] = "null"
    found = np.flatnonzero(detect(p_value))
    if len(found):
        order = found[np.argsort(size[found], kind="stable")]
        for name, part in zip(("weak", "medium", "strong"), np.array_split(order, 3), strict=True):
            stratum[part] = name
    return stratum
