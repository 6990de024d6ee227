"""Agreement across contexts: does a treatment's effect change between contexts as predicted."""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.agreement import Ratio, full_mask
from vcassay.arrays.partial import SAME
from vcassay.arrays.template import fit_template, make_design, predict_template
from vcassay.arrays.threads import in_threads

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Codes = NDArray[np.int64]


def across_contexts(truth: Array, pred: Array, mask: Mask, treatment: Codes, least: int, same: float) -> Ratio:
    """Correlation over contexts and genes of effects less their mean over the contexts of a treatment.

    With u and v the true and predicted effects of a treatment, each less its mean over the treatment's
    contexts (the condition itself among them) and scaled to sum_c |u_c|^2 = sum_c |v_c|^2 = 1, the correlation is
    sum_c <u_c, v_c>. A condition has the numerator <u_c, v_c> and the denominator (|u_c|^2 + |v_c|^2) / 2, so that the
    ratio of sums is the treatment's correlation, over several treatments their mean, and 1 for a perfect copy
    on any part of the conditions.

    Parameters
    ----------
    truth, pred, mask
        (n, g); genes are those on the mask in all contexts of the treatment.
    treatment
        (n,) codes; equal codes are the same treatment in different contexts.
    least
        Contexts that a treatment needs; conditions whose truth is NaN on the mask are none.
    same
        Spread over contexts, relative to the whole length, below which effects are the same in all.

    Returns
    -------
    Numerators and denominators; NaN where the treatment has too few contexts, or its true effect is the same in
    all. A prediction that is the same in all has numerator 0 and denominator |u_c|^2: it counts as 0.
    """
    numerator, denominator = np.full(len(truth), np.nan), np.full(len(truth), np.nan)
    full = full_mask(mask, truth.shape)
    usable = np.isfinite(np.where(full, truth, 0.0)).all(axis=1)
    order = np.flatnonzero(usable)[np.argsort(treatment[usable], kind="stable")]
    codes, start = np.unique(treatment[order], return_index=True)
    if len(codes):
        edges = np.append(start, len(order))
        given = (truth, pred, full, order, edges)
        in_threads(_contributions, len(codes), *given, least, same, numerator, denominator)
    return Ratio(numerator, denominator)


def interactions(values: Array, mask: Mask, context: NDArray[np.integer], treatment: NDArray[np.integer]) -> Array:
    """Take from effects what their contexts, and their treatments, share: least squares over the rows given.

    Returns
    -------
    (n, g), 0 outside the mask; a row of which nothing is left up to single precision is 0, and one that is NaN on
    the mask stays NaN and takes no part.
    """
    inside = np.where(mask, values, 0.0)
    rows = np.flatnonzero(np.isfinite(inside).all(axis=1))
    out = np.full(inside.shape, np.nan)
    if not len(rows):
        return out
    c, t = (np.unique(codes[rows], return_inverse=True)[1] for codes in (context, treatment))
    left = inside[rows] - predict_template(fit_template(make_design(c, t), inside, rows), c, t)
    left = np.where(np.asarray(mask)[rows] if np.ndim(mask) > 1 else mask, left, 0.0)
    size = np.abs(inside[rows]).max(axis=1, keepdims=True, initial=0.0)
    nothing = np.abs(left).max(axis=1, keepdims=True, initial=0.0) <= SAME * size
    out[rows] = np.where(nothing, 0.0, left)
    return out


@numba.njit(cache=True, nogil=True)
def _contributions(
    first: int,
    last: int,
    truth: Array,
    pred: Array,
    mask: Mask,
    order: Codes,
    start: Codes,
    least: int,
    same: float,
    numerator: Array,
    denominator: Array,
) -> None:
    g = truth.shape[1]
    for k in range(first, last):
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
        product, size_truth, size_pred, whole = np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(2)
        for r in range(n):
            i = rows[r]
            for j in range(g):
                if scored[j]:
                    u, v = truth[i, j] - mean_truth[j], pred[i, j] - mean_pred[j]
                    product[r] += u * v
                    size_truth[r] += u * u
                    size_pred[r] += v * v
                    whole[0] += truth[i, j] * truth[i, j]
                    whole[1] += pred[i, j] * pred[i, j]
        of_truth, of_pred = size_truth.sum(), size_pred.sum()
        if not of_truth > same * same * whole[0]:
            continue
        for r in range(n):
            share = size_truth[r] / of_truth
            if of_pred > same * same * whole[1]:
                numerator[rows[r]] = product[r] / (np.sqrt(of_truth) * np.sqrt(of_pred))
                denominator[rows[r]] = (share + size_pred[r] / of_pred) / 2.0
            else:
                numerator[rows[r]], denominator[rows[r]] = 0.0, share
