"""Agreement across contexts: does a treatment's effect change between contexts as predicted."""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Codes = NDArray[np.int64]


def across_contexts(truth: Array, pred: Array, mask: Mask, treatment: Codes, least: int, same: float) -> Array:
    """Correlation over contexts and genes of effects less their mean over the contexts of a treatment.

    With u and v the true and predicted effects of a treatment, each less its mean over the treatment's n
    contexts (the condition itself among them), r = sum_c <u_c, v_c> / sqrt(sum_c |u_c|^2 sum_c |v_c|^2). A
    condition has the contribution n <u_c, v_c> / sqrt(...), so that the mean over a treatment's conditions is r.

    Parameters
    ----------
    truth, pred, mask
        (n, g); genes are those on the mask in all contexts of the treatment.
    treatment
        (n,) codes; equal codes are the same treatment in different contexts.
    least
        Contexts that a treatment needs; conditions whose truth is NaN on the mask are none.
    same
        Spread over contexts, relative to the whole length, below which a prediction is the same in all.

    Returns
    -------
    (n,) contributions; NaN where the treatment has too few contexts, where its true effect is the same in
    all, or where the predicted one is.
    """
    out = np.full(len(truth), np.nan)
    full = np.broadcast_to(mask, truth.shape)
    usable = np.isfinite(np.where(full, truth, 0.0)).all(axis=1)
    order = np.flatnonzero(usable)[np.argsort(treatment[usable], kind="stable")]
    codes, start = np.unique(treatment[order], return_index=True)
    if len(codes):
        _contributions(truth, pred, full, order, np.append(start, len(order)), least, same, out)
    return out


@numba.njit(cache=True, nogil=True, parallel=True)
def _contributions(
    truth: Array, pred: Array, mask: Mask, order: Codes, start: Codes, least: int, same: float, out: Array
) -> None:
    g = truth.shape[1]
    for k in numba.prange(len(start) - 1):
        rows = order[start[k] : start[k + 1]]
        n = len(rows)
        if n < least:
            continue
        mean_truth, mean_pred, scored = np.zeros(g), np.zeros(g), np.ones(g, dtype=np.bool_)
        for i in rows:
            for j in range(g):
                scored[j] = scored[j] and mask[i, j]
                mean_truth[j] += truth[i, j] / n
                mean_pred[j] += pred[i, j] / n
        product, whole = np.zeros(n), np.zeros(2)
        square_truth, square_pred = 0.0, 0.0
        for r in range(n):
            i = rows[r]
            for j in range(g):
                if scored[j]:
                    u, v = truth[i, j] - mean_truth[j], pred[i, j] - mean_pred[j]
                    product[r] += u * v
                    square_truth += u * u
                    square_pred += v * v
                    whole[0] += truth[i, j] * truth[i, j]
                    whole[1] += pred[i, j] * pred[i, j]
        if square_truth > same * same * whole[0] and square_pred > same * same * whole[1]:
            scale = n / (np.sqrt(square_truth) * np.sqrt(square_pred))
            for r in range(n):
                out[rows[r]] = product[r] * scale
