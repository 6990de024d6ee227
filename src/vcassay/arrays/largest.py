"""The largest values of each row."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.agreement import full_mask
from vcassay.arrays.threads import in_threads

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


def largest(values: Array, mask: Mask, k: int) -> Mask:
    """Mark the k largest values of each row within a mask; of values tied with the last, all.

    Returns
    -------
    (n, g); nothing in a row whose mask has fewer than k values, or holds a NaN.
    """
    full = full_mask(mask, values.shape)
    out = np.zeros(values.shape, dtype=bool)
    able = full.sum(axis=1) >= k

    def some(first: int, last: int) -> None:
        for i in range(first, last):
            inside = values[i, full[i]]
            if able[i] and np.isfinite(inside).all():
                line = np.partition(inside, len(inside) - k)[len(inside) - k]
                out[i] = full[i] & (values[i] >= line)

    in_threads(some, len(values))
    return out
