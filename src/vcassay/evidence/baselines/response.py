"""Responses in fewer numbers: exact coordinates of training effects, and their leading components."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

Array = NDArray[np.float64]

ROUNDING = 1e-24
"""Share of the sum of squares that rounding alone can leave about the mean of equal responses."""
TIED = 1e-6
"""Relative difference of singular values up to which two components are of equal size."""


def untied(size: Array, k: int) -> int:
    """How many of the components to keep for about ``k``, so that equal ones stay together.

    Among equal ones (labels, one column each) which come first is a matter of rounding: they are all kept, where that
    makes at most twice ``k``, and none of them otherwise.

    Parameters
    ----------
    size
        Singular values above rounding, falling; at least the first 2 k + 1 of them where there are so many.
    """
    keep = min(k, len(size))
    if keep in (0, len(size)):
        return keep
    equal = np.flatnonzero(np.abs(size - size[keep - 1]) <= TIED * size[keep - 1])
    return int(equal[-1]) + 1 if equal[-1] < 2 * k else int(equal[0])


@dataclass(frozen=True, slots=True, eq=False)
class Rotated:
    """Effects in an orthonormal basis of the space that they span: distances between them stay as they are.

    Attributes
    ----------
    coordinates
        (n, r) with r the smaller of conditions and genes.
    basis
        (r, g) orthonormal rows; ``None`` where the coordinates are the effects.
    """

    coordinates: Array
    basis: Array | None

    def back(self, rows: Array) -> Array:
        """(m, g) effects of (m, r) coordinates."""
        return rows if self.basis is None else np.asarray(rows @ self.basis)


def rotate(effects: Array) -> Rotated:
    """Rotate (n, g) effects; with fewer conditions than genes, what is linear in them is as exact and much smaller."""
    n, g = effects.shape
    if n >= g:
        return Rotated(effects, None)
    q, r = linalg.qr(effects.T, mode="economic", check_finite=False)
    return Rotated(np.ascontiguousarray(r.T), np.ascontiguousarray(q.T))


@dataclass(frozen=True, slots=True, eq=False)
class Components:
    """Responses as their mean and leading principal components.

    Attributes
    ----------
    mean
        (g,) unweighted mean.
    scores
        (n, k) of each response, by falling variance.
    loadings
        (k, g) orthonormal rows.
    total
        Sum of squares about the mean.
    """

    mean: Array
    scores: Array
    loadings: Array
    total: float

    @property
    def share(self) -> float:
        """Share of the variance about the mean that the components hold; NaN where there is none."""
        return float((self.scores * self.scores).sum() / self.total) if self.total > 0 else float("nan")

    def first(self, k: int) -> Components:
        """Only the first ``k`` components."""
        return Components(self.mean, self.scores[:, :k], self.loadings[:k], self.total)

    def onto(self, responses: Array) -> Array:
        """(m, k) scores of (m, g) responses."""
        return np.asarray((responses - self.mean) @ self.loadings.T)

    def back(self, scores: Array) -> Array:
        """(m, g) responses of (m, k) scores."""
        return np.asarray(self.mean + scores @ self.loadings)


def components(responses: Array, k: int) -> Components:
    """At most ``k`` leading components of (n, g) responses; signs are such that the largest score is positive."""
    n = len(responses)
    mean = responses.mean(axis=0)
    centred = responses - mean
    gram = centred @ centred.T
    total = float(np.trace(gram))
    if n < 2 or total <= ROUNDING * float((responses * responses).sum()):
        return Components(mean, np.zeros((n, 0)), np.zeros((0, responses.shape[1])), 0.0)
    keep = min(k, n - 1)
    value, vector = linalg.eigh(gram, subset_by_index=[n - keep, n - 1], check_finite=False)
    value, vector = value[::-1], vector[:, ::-1]
    some = value > 1e-12 * value[0]
    value, vector = value[some], vector[:, some]
    vector = vector * np.sign(vector[np.abs(vector).argmax(axis=0), np.arange(len(value))])
    scores = vector * np.sqrt(value)
    return Components(mean, scores, (vector / np.sqrt(value)).T @ centred, total)
