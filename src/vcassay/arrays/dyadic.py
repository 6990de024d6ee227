"""Dyadic regression: what pairs of items have in common beyond other things that pairs have in common."""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
import scipy
import scipy.sparse as sp
from numpy.typing import NDArray

from vcassay.arrays.threads import in_threads

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Codes = NDArray[np.int64]

SAME = 1e-8
"""Share of its length below which what is left of a covariate beyond those before it is rounding."""


class Rest(NamedTuple):
    """Values of pairs beyond covariates.

    Attributes
    ----------
    left
        (n, n) symmetric residuals, 0 for pairs that take no part.
    basis
        (n, n, k) orthonormal directions of the covariates (a constant first) over pairs i < j.
    pairs
        (n, n) those that take part.
    whole
        Sum of squares of the values about their mean, over pairs i < j.
    """

    left: Array
    basis: Array
    pairs: Mask
    whole: float

    @property
    def square(self) -> float:
        """Sum of squares of the residuals over pairs i < j."""
        return float((self.left * self.left).sum() / 2.0)

    @property
    def explained(self) -> float:
        """Share of the variance of the values that the covariates explain; NaN for constant values."""
        return 1.0 - self.square / self.whole if self.whole > 0 else np.nan


def beyond(value: Array, covariates: tuple[Array, ...], pairs: Mask, *, ranks: bool = False) -> Rest:
    """Regress values of pairs on covariates of pairs by least squares.

    Parameters
    ----------
    value, covariates
        (n, n) symmetric; a pair with a NaN in any takes no part. A covariate that depends on those before it adds
        nothing.
    pairs
        (n, n) that take part.
    ranks
        Whether values and covariates are turned into ranks over the pairs first: Spearman in place of Pearson.
    """
    n = len(value)
    use = pairs & np.isfinite(value)
    for c in covariates:
        use = use & np.isfinite(c)
    use = np.triu(use & use.T, k=1)
    i, j = np.nonzero(use)
    rows = [m[i, j] for m in (value, *covariates)]
    if ranks:
        rows = [scipy.stats.rankdata(r) / max(len(r), 1) for r in rows]
    y = rows[0]
    units, k = np.empty((len(rows), len(y))), 1
    units[0] = 1.0 / np.sqrt(max(len(y), 1))
    for row in rows[1:]:
        left = row - units[0] * (units[0] @ row)
        length = float(np.linalg.norm(left))
        for _ in range(2):  # once more: what the first round leaves by rounding
            left -= (units[:k] @ left) @ units[:k]
        if length > 0 and float(np.linalg.norm(left)) > SAME * length:
            units[k] = left / np.linalg.norm(left)
            k += 1
    basis = np.zeros((n, n, k))
    whole = y - y.mean() if len(y) else y
    rest = y.copy()
    basis[i, j] = basis[j, i] = units[:k].T
    for unit in units[:k]:
        rest -= unit * (unit @ rest)
    size = float(whole @ whole)
    constant = size <= SAME**2 * float(y @ y)
    if constant or float(rest @ rest) <= SAME**2 * size:
        rest[:] = 0.0
    left_over = np.zeros((n, n))
    left_over[i, j] = left_over[j, i] = rest
    return Rest(left_over, basis, use | use.T, 0.0 if constant else size)


def partial_association(rest: Rest, same: Mask, permutations: Codes) -> Array:
    """Partial correlation of values of pairs with sharing a label, given the covariates, with labels permuted.

    Under a permutation p, item i carries the label of item p[i].

    Parameters
    ----------
    same
        (n, n) symmetric: whether two items share a label.
    permutations
        (draws, n); the identity gives the correlation itself.

    Returns
    -------
    (draws,) in [-1, 1]; NaN where nothing is left of either.
    """
    held = sp.csr_array(np.triu(same, k=1)).tocoo()
    left, right = (x.astype(np.int64) for x in held.coords)
    out = np.empty(len(permutations))
    moved = np.ascontiguousarray(permutations, dtype=np.int64)
    square = rest.square
    if not square > 0:
        return np.full(len(permutations), np.nan)
    in_threads(_associate, len(moved), moved, left, right, rest.left, rest.basis, rest.pairs, square, out)
    return out


@numba.njit(cache=True, nogil=True)
def _associate(
    first: int,
    last: int,
    moved: Codes,
    left: Codes,
    right: Codes,
    rest: Array,
    basis: Array,
    pairs: Mask,
    square: float,
    out: Array,
) -> None:
    k = basis.shape[2]
    place, along = np.empty(moved.shape[1], dtype=np.int64), np.empty(k)
    for d in range(first, last):
        for i in range(len(place)):
            place[moved[d, i]] = i
        along[:] = 0.0
        total, count = 0.0, 0
        for e in range(len(left)):
            i, j = place[left[e]], place[right[e]]
            if pairs[i, j]:
                count += 1
                total += rest[i, j]
                for a in range(k):
                    along[a] += basis[i, j, a]
        free = count - (along * along).sum()
        out[d] = total / np.sqrt(free * square) if free > 1e-9 * max(count, 1) else np.nan


def hinges(value: Array, pairs: Mask, quantiles: tuple[float, ...] = (0.5, 0.9, 0.99)) -> tuple[Array, ...]:
    """Basis of a broken line: the value, and how far it exceeds some of its quantiles over the pairs."""
    known = value[pairs & np.isfinite(value)]
    if not len(known):
        return (value,)
    knots = sorted(set(np.quantile(known, quantiles).tolist()))
    return (value, *(np.where(np.isnan(value), np.nan, np.maximum(value - knot, 0.0)) for knot in knots))
