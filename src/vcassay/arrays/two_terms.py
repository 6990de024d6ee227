"""Two terms: a combination's effect beside those of its two parts."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from vcassay.core import Threshold

Array = NDArray[np.float64]

NEW = Threshold("interaction_new", 0.5, "share explained by the parts, below which an effect is new (proposal)")
SYNERGY = Threshold("interaction_synergy", 1.2, "length of the coefficients over that of a sum (proposal)")
SUPPRESSION = Threshold("interaction_suppression", 0.8, "length of the coefficients over that of a sum (proposal)")
Half = tuple[Array, Array]


def common_share(halves: Iterable[tuple[Half, Half]]) -> float:
    """Factor k of the least squares of all combinations on the sums of their parts.

    Parameters
    ----------
    halves
        Pairs of measurements without noise in common, each a combination's (n, g) effects and the (n, g) sums of its
        parts': neither inner product then contains noise, and k is not too small as it is on the same measurement.

    Returns
    -------
    k; 1 where the parts have no detectable size.
    """
    above = below = 0.0
    for (ab, s), (ab2, s2) in halves:
        above += float(np.vdot(ab, s2) + np.vdot(ab2, s))
        below += 2.0 * float(np.vdot(s, s2))
    return above / below if below > 0 else 1.0


def fit_two(ab: Array, a: Array, b: Array) -> Array:
    """Least squares of each combination on its two parts (Norman et al. 2019), without a constant.

    Parameters
    ----------
    ab, a, b
        (n, g) effects; genes that do not count are 0.

    Returns
    -------
    (n, 3) c1, c2 and the share of squares explained; NaN where the parts do not tell them apart.
    """
    aa, bb, cross = (np.einsum("ij,ij->i", x, y) for x, y in ((a, a), (b, b), (a, b)))
    ya, yb, yy = (np.einsum("ij,ij->i", ab, x) for x in (a, b, ab))
    det = aa * bb - cross**2
    with np.errstate(invalid="ignore", divide="ignore"):
        some = det > 1e-12 * aa * bb
        c1 = np.where(some, (ya * bb - yb * cross) / det, np.nan)
        c2 = np.where(some, (yb * aa - ya * cross) / det, np.nan)
        return np.stack([c1, c2, np.where(yy > 0, (c1 * ya + c2 * yb) / yy, np.nan)], axis=1)


def interaction_class(c1: float, c2: float, r2: float) -> str:
    """``new``, ``synergy``, ``suppression`` or ``additive``, empty where undefined; a sum has coefficients 1 and 1."""
    if not np.isfinite(r2):
        return ""
    length = float(np.hypot(c1, c2) / np.sqrt(2.0))
    if r2 < NEW.value:
        return "new"
    return "synergy" if length >= SYNERGY.value else "suppression" if length <= SUPPRESSION.value else "additive"
