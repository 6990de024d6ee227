"""Unit rows: effects brought to length 1."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

ZERO = 1e-6
"""Length of a row, relative to what it was made of, below which it is rounding."""


def unit_rows(values: Array, whole: Array | None = None) -> Array:
    """Rows of length 1; 0 for one that is rounding beside the row of ``whole`` that it is a part of."""
    length = np.sqrt(np.einsum("ij,ij->i", values, values))
    of = length if whole is None else np.sqrt(np.einsum("ij,ij->i", whole, whole))
    kept = (length > ZERO * of) & (length > 0)
    return np.asarray(values * np.where(kept, 1.0 / np.where(kept, length, 1.0), 0.0)[:, None])
