"""Place of a prediction's own truth among all truths, the named gene left out."""

from __future__ import annotations

import numpy as np
import scipy
from numpy.typing import NDArray

Array = NDArray[np.float64]
Codes = NDArray[np.int64]


def distances_without(pred: Array, truth: Array, gene: Codes, kind: str) -> Array:
    """Distances of predictions to truths, each row without one gene.

    Parameters
    ----------
    pred, truth
        (m, g) and (n, g) effects.
    gene
        (m,) gene left out of row i; -1 for none.
    kind
        ``l1``, ``l2`` or ``cosine``; a vector of length zero is at cosine distance 1 from all.

    Returns
    -------
    (m, n).
    """
    out = gene >= 0
    a = np.where(out, pred[np.arange(len(pred)), gene], 0.0)[:, None]
    b = np.where(out[:, None], truth[:, gene].T, 0.0)
    if kind == "l1":
        return np.asarray(np.maximum(scipy.spatial.distance.cdist(pred, truth, "cityblock") - np.abs(a - b), 0.0))
    dot = pred @ truth.T - a * b
    x = np.maximum((pred * pred).sum(axis=1)[:, None] - a * a, 0.0)
    y = np.maximum((truth * truth).sum(axis=1)[None, :] - b * b, 0.0)
    if kind == "l2":
        return np.asarray(np.sqrt(np.maximum(x + y - 2.0 * dot, 0.0)))
    norm = np.sqrt(x) * np.sqrt(y)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.clip(1.0 - np.where(norm > 0, dot / norm, 0.0), 0.0, 2.0))


def place(distance: Array, own: Codes) -> Array:
    """Truths nearer than the own one; ties go by the order of the truths.

    Parameters
    ----------
    distance
        (m, n).
    own
        (m,) column of the own truth.

    Returns
    -------
    (m,) from 0 up; NaN where a distance is NaN.
    """
    mine = distance[np.arange(len(own)), own][:, None]
    before = np.arange(distance.shape[1])[None, :] < own[:, None]
    ahead = (distance < mine) | ((distance == mine) & before)
    return np.where(np.isnan(distance).any(axis=1), np.nan, ahead.sum(axis=1).astype(np.float64))
