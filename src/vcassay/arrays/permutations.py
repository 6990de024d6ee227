"""Permutations of items within strata."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int64]


def permute_within(
    stratum: NDArray[np.integer], draws: int, rng: np.random.Generator, *, identity: bool = False
) -> Codes:
    """Draw permutations that leave every item in its stratum.

    Parameters
    ----------
    stratum
        (n,) codes.
    identity
        Whether the permutation that leaves all in place comes before those that are drawn.

    Returns
    -------
    (draws, n) positions, or (1 + draws, n).
    """
    first = int(identity)
    out = np.tile(np.arange(len(stratum), dtype=np.int64), (draws + first, 1))
    for code in np.unique(stratum):
        at = np.flatnonzero(stratum == code)
        if len(at) > 1:
            out[first:, at] = rng.permuted(out[first:, at], axis=1)
    return out
