"""Expressed: which genes a context expresses, by its control profile."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.core import Threshold
from vcassay.core.memo import once
from vcassay.evidence.biology.bench import Bench
from vcassay.evidence.biology.pathway.grid import control_profiles

Array = NDArray[np.float64]

OFF = Threshold("expressed_off", 0.25, "share of a context's genes: a control profile below this quantile is silent")
ON = Threshold("expressed_on", 0.5, "share of a context's genes: above this quantile a gene is expressed (proposal)")


def on_or_off(profiles: Array) -> Array:
    """Tell expressed from silent genes within each profile.

    Parameters
    ----------
    profiles
        (c, g) control profiles on a scale on which genes can be compared (counts, intensities, their logarithms).

    Returns
    -------
    (c, g) 1 above the quantile `ON` of the profile's own genes, 0 below `OFF` or at the profile's minimum, NaN between
    them and for a profile with NaN, or the same on all genes (that of ready-made effects).
    """
    out = np.full(profiles.shape, np.nan)
    if not profiles.size:
        return out
    known = np.isfinite(profiles).all(axis=1) & (np.ptp(np.nan_to_num(profiles), axis=1) > 0)
    if not known.any():
        return out
    own = profiles[known]
    low, high = np.quantile(own, [OFF.value, ON.value], axis=1)[..., None]
    least = own.min(axis=1, keepdims=True)
    out[known] = np.where((own < low) | (own <= least), 0.0, np.where(own > high, 1.0, np.nan))
    return out


@once
def expressed(bench: Bench) -> Array:
    """(c, g) whether each context of the grid expresses each gene (see `on_or_off`)."""
    return on_or_off(control_profiles(bench))
