"""What the values of a matrix are, told from a sample of its rows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from vcassay.core import Threshold
from vcassay.screen.design import Readout
from vcassay.screen.screen import is_sparse
from vcassay.screen.storage import Stored

LARGEST_LOG = Threshold(
    "largest_log", 20.7, "log1p of 1e9, more than any normalised count: a larger value is on no log scale"
)
LARGEST_TOTAL = Threshold(
    "largest_total", 1.05e6, "counts per million is the largest normalisation total in common use"
)
TOTAL_SPREAD = Threshold(
    "total_spread", 0.01, "central 90 % of row totals over their median; normalised rows differ by rounding alone"
)
SAMPLE_BLOCKS, SAMPLE_ROWS = 8, 64


@dataclass(frozen=True, slots=True)
class Detected:
    """What a matrix looks like.

    Attributes
    ----------
    readout
        Counts, log-normalised or continuous.
    target_sum
        Total to which the rows were normalised before log1p; ``None`` where the totals differ (a
        subset of the genes) or the readout is another.
    whole, signed
        Whether all values are whole numbers; whether some are negative.
    largest, zeros
        Largest value; share of zeros. NaN without any value.
    certain
        Whether nothing else looks like this.
    why
        The observation that decided.
    """

    readout: Readout
    target_sum: float | None
    whole: bool
    signed: bool
    largest: float
    zeros: float
    certain: bool
    why: str


def detect_readout(block: Any) -> Detected:
    """Decide what the values are.

    Parameters
    ----------
    block
        (rows, genes) sample, dense or sparse; NaN is a missing value.

    Returns
    -------
    The readout. Negative or missing values: continuous. Whole numbers: counts. Otherwise
    log-normalised if the row totals of expm1 are constant, or none exceeds what counts per million
    would give; else continuous (log2 intensities and the like).
    """
    values = _present(block)
    size = int(np.prod(block.shape))
    if values.size == 0:
        return Detected(
            readout=Readout.COUNTS,
            target_sum=None,
            whole=True,
            signed=False,
            largest=np.nan if size == 0 else 0.0,
            zeros=np.nan if size == 0 else 1.0,
            certain=False,
            why="it holds no value",
        )
    zeros = 1.0 - np.count_nonzero(values) / max(size, 1)
    largest, signed = float(np.nanmax(values)), bool(np.nanmin(values) < 0)
    whole = bool(np.array_equal(values, np.rint(values), equal_nan=True))

    def found(readout: Readout, why: str, *, certain: bool, target_sum: float | None = None) -> Detected:
        return Detected(readout, target_sum, whole, signed, largest, float(zeros), certain, why)

    if signed:
        return found(Readout.CONTINUOUS, "some values are negative", certain=True)
    if np.isnan(values).any():
        return found(Readout.CONTINUOUS, "some values are missing", certain=True)
    if whole:
        return found(Readout.COUNTS, f"all values are whole numbers, up to {largest:g}", certain=largest > 1)
    if largest > LARGEST_LOG.value:
        return found(
            Readout.CONTINUOUS, f"values up to {largest:g} are neither whole nor on a log scale", certain=False
        )
    totals = row_totals(block)
    quantiles = _constant(np.asarray(block.sum(axis=1), dtype=np.float64).ravel())  # then every transform is constant
    if _constant(totals) and not (quantiles and np.median(totals) > LARGEST_TOTAL.value):
        target = _snapped(float(np.median(totals)))
        return found(Readout.LOGNORM, f"each row's expm1 sums to {target:g}", certain=True, target_sum=target)
    if not quantiles and _constant(row_totals(block, base=2.0)):
        return found(Readout.CONTINUOUS, "each row sums to one total once the log2 is undone", certain=True)
    if totals.max(initial=0) <= LARGEST_TOTAL.value:
        why = f"values lie between 0 and {largest:.3g}, as log1p of normalised counts do"
        return found(Readout.LOGNORM, why, certain=bool(zeros > 0))
    return found(
        Readout.CONTINUOUS, f"values up to {largest:.3g} are too many for log1p of normalised counts", certain=True
    )


def row_totals(block: Any, base: float = math.e) -> NDArray[np.float64]:
    """(rows,) sum of ``base ** value - 1``: the total before the logarithm."""
    scale = np.log(base)
    undone: Any = block.astype(np.float64) if is_sparse(block) else np.asarray(block, dtype=np.float64) * scale
    if is_sparse(block):
        undone.data = np.expm1(undone.data * scale)
    else:
        undone = np.expm1(undone)
    return np.asarray(undone.sum(axis=1), dtype=np.float64).ravel()


def sample_rows(matrix: Any) -> Any:
    """Rows spread evenly over a matrix in memory or on disk, in a few blocks; all of them if few."""
    n = int(matrix.shape[0])
    if n <= SAMPLE_BLOCKS * SAMPLE_ROWS:
        starts, size = [0], n
    else:
        size = SAMPLE_ROWS
        starts = np.unique(np.linspace(0, n - size, SAMPLE_BLOCKS).astype(int)).tolist()
    if isinstance(matrix, Stored):
        at = np.concatenate([np.arange(s, s + size) for s in starts])
        rows = matrix.rows(at)
        return sp.csr_matrix(rows) if is_sparse(rows) else np.asarray(rows)
    if is_sparse(matrix) and matrix.format not in {"csr", "csc"}:
        matrix = matrix.tocsr()
    blocks = [matrix[s : s + size] for s in starts]
    if is_sparse(blocks[0]):
        return sp.vstack([sp.csr_matrix(b) for b in blocks], format="csr")
    return np.concatenate([np.asarray(b) for b in blocks])


def _present(block: Any) -> NDArray[np.float64]:
    values = block.data if is_sparse(block) else np.asarray(block)
    return np.asarray(values, dtype=np.float64).ravel()


def _constant(totals: NDArray[np.float64]) -> bool:
    full = totals[totals > 0]
    if len(full) < 3 or not np.isfinite(full).all():
        return False
    low, middle, high = np.quantile(full, [0.05, 0.5, 0.95])
    return bool((high - low) < TOTAL_SPREAD.value * middle)


def _snapped(total: float) -> float:
    """The power of ten that the total is but for rounding, else five digits: more differ from sample to sample."""
    power = 10.0 ** round(np.log10(total))
    return float(power) if abs(total / power - 1) < 1e-3 else float(f"{total:.5g}")
