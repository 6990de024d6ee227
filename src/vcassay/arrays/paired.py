"""Paired tests of differences, as a check beside the bootstrap."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
import scipy
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Paired(NamedTuple):
    """Sign test and Wilcoxon signed-rank test of paired differences, one-sided.

    Attributes
    ----------
    n
        Units with a difference other than 0.
    wins
        Share of units whose difference is above 0, ties counted as half; NaN without units.
    sign_p, signed_rank_p
        p-values against "not above 0"; 1 if all differences are 0, NaN without units.
    """

    n: int
    wins: float
    sign_p: float
    signed_rank_p: float


def paired_tests(difference: Array, unit: NDArray[np.integer]) -> Paired:
    """Test whether differences lie above 0, without the assumptions of a mean.

    Differences of one unit (doses of a perturbation, its contexts) are averaged first: they are not
    independent, and counted singly they would make p-values too small.

    Parameters
    ----------
    difference
        (n,) paired differences; NaN takes no part.
    unit
        (n,) code of what is independent of each other.

    Notes
    -----
    The sign test (exact binomial, ties left out) asks for the median, the signed-rank test (Wilcoxon
    1945; exact up to 50 untied units, else the normal approximation corrected for ties) for the
    centre of symmetry. Where a mean is carried by a few perturbations they disagree with the bootstrap.
    """
    ok = np.isfinite(difference)
    if not ok.any():
        return Paired(0, np.nan, np.nan, np.nan)
    _, code = np.unique(unit[ok], return_inverse=True)
    mean = np.bincount(code, weights=difference[ok]) / np.bincount(code)
    wins = float((mean > 0).mean() + (mean == 0).mean() / 2)
    apart = mean[mean != 0]
    if not len(apart):
        return Paired(0, wins, 1.0, 1.0)
    sign = float(scipy.stats.binom.sf((apart > 0).sum() - 1, len(apart), 0.5))
    ties = len(np.unique(np.abs(apart))) < len(apart)
    how: Literal["exact", "approx"] = "exact" if len(apart) <= EXACT and not ties else "approx"
    found = scipy.stats.wilcoxon(apart.tolist(), alternative="greater", method=how)
    return Paired(len(apart), wins, sign, float(found.pvalue))


EXACT = 50
"""Units up to which the signed-rank test is exact."""
