"""Log-normalised values from what a file holds, by cell-eval's rule."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from vcassay.arrays.blocks import is_sparse
from vcassay.arrays.tiles import each
from vcassay.core import InputError

LARGEST_LOG = 15.0
"""From here on, cell-eval takes no value for a logarithm."""
WHOLE = 1e-3
"""A value farther from a whole number is no count."""
PART = 1 << 18
"""Values that are looked at while they are in the cache."""


def _survey(values: NDArray[Any]) -> tuple[float, float, bool]:
    """Least and largest value or 0, and whether all are whole; read once, on all threads."""
    starts = range(0, max(1, len(values)), max(1, PART * len(values) // max(1, values.size)))
    found = np.zeros((len(starts), 2))
    whole = np.ones(len(starts), dtype=bool)

    def work(i: int) -> None:
        part = values[starts[i] : starts[i] + starts.step]
        found[i] = part.min(initial=0), part.max(initial=0)
        if part.dtype.kind == "f":
            whole[i] = not bool((part - np.floor(part) > WHOLE).any())

    each(work, len(starts))
    return float(found[:, 0].min()), float(found[:, 1].max()), bool(whole.all())


def as_lognorm(matrix: Any, where: str) -> Any:
    """The values, or, if all are whole, log1p of them scaled to the median depth of these cells.

    Parameters
    ----------
    matrix
        (cells, genes) dense or CSR.

    Raises
    ------
    InputError
        If values that are not whole are negative or reach `LARGEST_LOG`.
    """
    values = matrix.data if is_sparse(matrix) else np.asarray(matrix)
    if values.dtype == np.float16:
        matrix, values = matrix.astype(np.float32), values.astype(np.float32)
    lowest, largest, whole = _survey(values)
    if not whole:
        if lowest < 0 or largest >= LARGEST_LOG:
            bad = f"{lowest:g}" if lowest < 0 else f"{largest:g}"
            raise InputError(f"the value {bad} is neither a count nor log-normalised", where=where,
                             mend="give log1p of normalised counts, or raw counts, in X")  # fmt: skip
        return matrix
    if lowest < 0:
        raise InputError(f"the value {lowest:g} is no count", where=where, mend="give raw or log-normalised counts")
    kind = values.dtype if values.dtype.kind == "f" else np.float32
    total = np.asarray(matrix.sum(axis=1), dtype=np.float64).ravel()
    depth = float(np.median(total[total > 0])) if bool((total > 0).any()) else 1.0
    scale = np.where(total > 0, depth / np.where(total > 0, total, 1.0), 0.0)
    if is_sparse(matrix):
        out = sp.csr_matrix(matrix, dtype=kind, copy=True)
        out.data = np.log1p(out.data * np.repeat(scale, np.diff(out.indptr))).astype(kind)
        return out
    return np.log1p(np.asarray(matrix, dtype=np.float64) * scale[:, None]).astype(kind)
