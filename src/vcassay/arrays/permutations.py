"""Permutations of items within strata."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int64]


def within_strata(stratum: Codes, draws: int, rng: np.random.Generator) -> Codes:
    """Draw permutations that leave every item in its stratum.

    Parameters
    ----------
    stratum
        (n,) codes.

    Returns
    -------
    (1 + draws, n); the first is the identity.
    """
    out = np.tile(np.arange(len(stratum), dtype=np.int64), (draws + 1, 1))
    for code in np.unique(stratum):
        at = np.flatnonzero(stratum == code)
        if len(at) > 1:
            out[1:, at] = rng.permuted(out[1:, at], axis=1)
    return out
