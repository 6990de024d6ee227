"""Classification of genes by a score: average precision and area under the ROC curve, row by row."""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


@numba.njit(cache=True, nogil=True)
def _curves(label: Mask, score: Array, order: NDArray[np.int64], precision: Array, area: Array) -> None:
    for i in range(label.shape[0]):
        positives = 0
        for k in range(label.shape[1]):
            positives += 1 if label[i, k] else 0
        negatives = label.shape[1] - positives
        hits, false, ap, auc = 0, 0, 0.0, 0.0
        k = 0
        while k < label.shape[1]:
            threshold, more, wrong = score[i, order[i, k]], 0, 0
            while k < label.shape[1] and score[i, order[i, k]] == threshold:
                if label[i, order[i, k]]:
                    more += 1
                else:
                    wrong += 1
                k += 1
            auc += wrong * (hits + 0.5 * more)
            hits, false = hits + more, false + wrong
            ap += more * (hits / (hits + false))
        both = positives > 0 and negatives > 0
        precision[i] = ap / positives if both else np.nan
        area[i] = auc / positives / negatives if both else np.nan


def precision_and_area(label: Mask, score: Array) -> tuple[Array, Array]:
    """Average precision and area under the ROC curve.

    Parameters
    ----------
    label
        (n, g) genes to find.
    score
        (n, g) larger for genes that are called first; equal scores are called together.

    Returns
    -------
    Average precision, the sum over thresholds of precision x gain in recall, without interpolation;
    the area, ties counted half (Mann and Whitney). Each (n,), NaN where all or no genes are to be found or
    a score is NaN.
    """
    score = np.ascontiguousarray(score, dtype=np.float64)
    order = np.argsort(-score, axis=1, kind="stable")
    precision, area = np.empty(len(score)), np.empty(len(score))
    known = np.asarray(~np.isnan(score).any(axis=1))
    _curves(np.ascontiguousarray(label), np.where(known[:, None], score, 0.0), order, precision, area)
    return np.where(known, precision, np.nan), np.where(known, area, np.nan)
