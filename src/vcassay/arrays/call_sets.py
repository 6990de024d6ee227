"""Call sets: the genes that the truth calls against those that a prediction would call, row by row."""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.threads import in_threads

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


class Table(NamedTuple):
    """Counts of tested genes, (n,) each; NaN in rows without a tested gene.

    Attributes
    ----------
    both, truth_only, pred_only, neither
        Genes by who calls them.
    agree
        Genes that both call, in the same direction.
    """

    both: Array
    truth_only: Array
    pred_only: Array
    neither: Array
    agree: Array

    @property
    def truth(self) -> Array:
        """Genes that the truth calls."""
        return self.both + self.truth_only

    @property
    def pred(self) -> Array:
        """Genes that the prediction calls."""
        return self.both + self.pred_only


@numba.njit(cache=True, nogil=True)
def _count(
    first: int, last: int, truth: Array, pred: Array, called: Mask, pred_called: Mask, tested: Mask, out: Array
) -> None:
    for i in range(first, last):
        both, truth_only, pred_only, neither, agree = 0.0, 0.0, 0.0, 0.0, 0.0
        for j in range(truth.shape[1]):
            if tested[i, j]:
                if called[i, j] and pred_called[i, j]:
                    both += 1.0
                    agree += 1.0 if truth[i, j] * pred[i, j] > 0.0 else 0.0
                elif called[i, j]:
                    truth_only += 1.0
                elif pred_called[i, j]:
                    pred_only += 1.0
                else:
                    neither += 1.0
        some = both + truth_only + pred_only + neither > 0.0
        out[0, i], out[1, i], out[2, i], out[3, i], out[4, i] = both, truth_only, pred_only, neither, agree
        if not some:
            out[:, i] = np.nan


def count(truth: Array, pred: Array, called: Mask, pred_called: Mask, tested: Mask) -> Table:
    """Cross the two sets over tested genes."""
    out = np.empty((5, len(truth)))
    in_threads(_count, len(truth), truth, pred, called, pred_called, tested, out)
    return Table(*out)


def _ratio(above: Array, below: Array, otherwise: float = np.nan) -> Array:
    with np.errstate(invalid="ignore", divide="ignore"):
        value = np.where(below > 0, above / below, otherwise)
    return np.asarray(np.where(np.isnan(below), np.nan, value))


def jaccard(table: Table) -> Array:
    """Intersection over union, less what as many random calls would have, over the most that leaves.

    1 where neither calls a gene, 0 where one does; 0 also for calling every gene.
    """
    value = _ratio(table.both, table.truth + table.pred_only, 1.0)
    shared = _ratio(table.truth * table.pred, table.both + table.truth_only + table.pred_only + table.neither)
    chance = _ratio(shared, table.truth + table.pred - shared, 0.0)
    return np.where(value == 1.0, 1.0, _ratio(value - chance, 1.0 - chance))


def matthews(table: Table) -> Array:
    """Matthews correlation; 0 where the prediction calls none or all, NaN where the truth does."""
    a, b, c, d = table[:4]
    product = (a + b) * (c + d) * (a + c) * (b + d)
    value = _ratio(a * d - b * c, np.sqrt(product), 0.0)
    return np.where(_mixed(table), value, np.nan)


def informedness(table: Table) -> Array:
    """True minus false positive rate (Youden's J); NaN where the truth calls none or all."""
    hit, false = _ratio(table.both, table.truth), _ratio(table.pred_only, table.pred_only + table.neither)
    return np.where(_mixed(table), hit - false, np.nan)


def markedness(table: Table) -> Array:
    """Precision plus negative predictive value, minus 1; 0 where the prediction calls none or all, NaN as above."""
    right = _ratio(table.both, table.pred)
    missed = _ratio(table.truth_only, table.truth_only + table.neither)
    value = right - missed
    return np.where(_mixed(table), np.where(np.isnan(value), 0.0, value), np.nan)


def precision_above_prevalence(table: Table) -> Array:
    """(precision - prevalence) / (1 - prevalence); NaN where the truth calls none or all, or the prediction none."""
    prevalence = _ratio(table.truth, table.pred + table.truth_only + table.neither)
    value = _ratio(_ratio(table.both, table.pred) - prevalence, 1.0 - prevalence)
    return np.where(_mixed(table), value, np.nan)


def recall(table: Table) -> Array:
    """Share of the truth's genes that the prediction calls; NaN where there are none."""
    return _ratio(table.both, table.truth)


def fidelity(table: Table) -> Array:
    """Genes that both call in one direction over the larger of the two sets, less what chance would give.

    As many random calls in random directions agree with min(truth, pred) / (2 x genes). NaN where the truth calls none.
    """
    value = _ratio(table.agree, np.maximum(table.truth, table.pred))
    genes = table.both + table.truth_only + table.pred_only + table.neither
    chance = _ratio(np.minimum(table.truth, table.pred), 2.0 * genes)
    return np.where(table.truth > 0, (value - chance) / (1.0 - chance), np.nan)


def _mixed(table: Table) -> Mask:
    return np.asarray((table.truth > 0) & (table.pred_only + table.neither > 0))
