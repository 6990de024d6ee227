"""Entropic optimal transport and the debiased Sinkhorn divergence (Feydy et al. 2019).

OT is the smallest mean of |x - y|^2 + epsilon KL(plan | independent plan) over plans that move one set onto the other;
S = OT(X, Y) - OT(X, X) / 2 - OT(Y, Y) / 2. The unit is that of the cells, squared.

Debiased means S(X, X) = 0, not unbiased: with n cells in tens of dimensions OT(X, X) is far below OT between two draws
of the same cells, by as much as an effect, and more so the wider the set is spread. S therefore ranks a prediction of
too little spread above a replicate (factor .9, 50 to 200 cells, 50 dimensions, every epsilon from .05 to 2 median
squared distances). `vcassay.arrays.floor` takes this off; read S only beside it.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.cellsets import CellSets, Codes, finite_sets, one_set, paired
from vcassay.arrays.threads import in_threads

Array = NDArray[np.float64]

EPSILON = 0.1
"""Regularisation, in squared median distances between reference cells."""
TOLERANCE = 1e-3
"""Mean relative error of the plan's marginals at which a solution counts as converged. The value, of second
order in it, is then right to 2e-5 of the transport (measured, up to a prediction spread 20 times too wide)."""
MAX_ITERATIONS = 3000
"""Iterations after which a pair is given up as not converged."""
LARGEST = 1e50
"""Scaling at which it is moved into the potentials, so that nothing overflows (log-domain stabilisation)."""


class Regularisation(NamedTuple):
    """How entropic transport is solved: ``epsilon`` in squared units of the cells."""

    epsilon: float
    tolerance: float = TOLERANCE
    max_iterations: int = MAX_ITERATIONS


def median_regularisation(median: float) -> Regularisation:
    """`EPSILON` times the squared median distance of the reference cells (`vcassay.arrays.mmd.median_distance`)."""
    return Regularisation(EPSILON * median**2)


@numba.njit(cache=True, nogil=True, fastmath={"reassoc"})
def _dot(a: Array, b: Array) -> float:
    s = 0.0
    for j in range(len(a)):
        s += a[j] * b[j]
    return s


@numba.njit(cache=True, nogil=True)
def _add_costs(x: Array, columns: Array, cost: Array) -> None:
    """Add squared distances of the rows of ``x`` to cells given as columns (d, n)."""
    for i in range(cost.shape[0]):
        for k in range(columns.shape[0]):
            v = x[i, k]
            for j in range(cost.shape[1]):
                gap = v - columns[k, j]
                cost[i, j] += gap * gap


@numba.njit(cache=True, nogil=True)
def _gibbs(cost: Array, f: Array, g: Array, epsilon: float, kernel: Array) -> None:
    for i in range(len(f)):
        for j in range(len(g)):
            kernel[i, j] = math.exp((f[i] + g[j] - cost[i, j]) / epsilon)


@numba.njit(cache=True, nogil=True)
def _absorb(potential: Array, scaling: Array, epsilon: float) -> None:
    for i in range(len(potential)):
        potential[i] += epsilon * math.log(scaling[i])
        scaling[i] = 1.0


@numba.njit(cache=True, nogil=True)
def _mean(values: Array) -> float:
    s = 0.0
    for i in range(len(values)):
        s += values[i]
    return s / len(values)


@numba.njit(cache=True, nogil=True)
def _transport(cost: Array, epsilon: float, tolerance: float, max_iterations: int, kernel: Array) -> float:
    """Dual value of entropic transport between uniform sets; NaN if not converged.

    One pass over the kernel makes a whole iteration: a row's scaling is known as soon as its sum is.
    """
    n, m = cost.shape
    f, g = np.full(n, np.inf), np.full(m, np.inf)
    for i in range(n):
        for j in range(m):
            f[i] = min(f[i], cost[i, j])
    for i in range(n):
        for j in range(m):
            g[j] = min(g[j], cost[i, j] - f[i])
    _gibbs(cost, f, g, epsilon, kernel)
    u, v, t = np.ones(n), np.ones(m), np.empty(m)
    for _ in range(max_iterations):
        error, high, low = 0.0, 1.0, 1.0
        t[:] = 0.0
        for i in range(n):
            row = kernel[i]
            s = _dot(row, v) / m
            error += abs(u[i] * s - 1.0) / n
            u[i] = 1.0 / s
            high, low = max(high, u[i]), min(low, u[i])
            w = u[i] / n
            for j in range(m):
                t[j] += w * row[j]
        change = 0.0
        for j in range(m):
            change += abs(v[j] * t[j] - 1.0) / m
            v[j] = 1.0 / t[j]
            high, low = max(high, v[j]), min(low, v[j])
        done = max(error, change) <= tolerance
        if done or not (high < LARGEST and low > 1.0 / LARGEST):
            _absorb(f, u, epsilon)
            _absorb(g, v, epsilon)
            if done:
                return _mean(f) + _mean(g)
            _gibbs(cost, f, g, epsilon, kernel)
    return np.nan


@numba.njit(cache=True, nogil=True)
def _self_transport(cost: Array, epsilon: float, tolerance: float, max_iterations: int, kernel: Array) -> float:
    """Transport of a set onto itself: one potential, averaged iterations (Feydy et al. 2019, section 3.1)."""
    n = cost.shape[0]
    u, s = np.ones(n), np.empty(n)
    _gibbs(cost, np.zeros(n), np.zeros(n), epsilon, kernel)
    for _ in range(max_iterations):
        error = 0.0
        for i in range(n):
            s[i] = _dot(kernel[i], u) / n
            error += abs(u[i] * s[i] - 1.0) / n
        for i in range(n):
            u[i] = math.sqrt(u[i] / s[i])
        if error <= tolerance:
            f = np.zeros(n)
            _absorb(f, u, epsilon)
            return 2.0 * _mean(f)
    return np.nan


@numba.njit(cache=True, nogil=True)
def _transports(
    first: int,
    last: int,
    x: Array,
    x_start: Codes,
    x_size: Codes,
    y: Array,
    y_start: Codes,
    y_size: Codes,
    known: NDArray[np.bool_],
    within: bool,  # noqa: FBT001
    epsilon: float,
    tolerance: float,
    max_iterations: int,
    out: Array,
) -> None:
    d = x.shape[1]
    for p in range(first, last):
        n, m = x_size[p], y_size[p]
        if not known[p] or n == 0 or m == 0:
            out[p] = np.nan
            continue
        rows, columns = np.empty((n, d)), np.empty((d, m))
        shift = 0.0
        for k in range(d):
            # for this cost the means part exactly from the rest
            a, b = 0.0, 0.0
            for i in range(n):
                rows[i, k] = x[x_start[p] + i, k]
                a += rows[i, k] / n
            for j in range(m):
                columns[k, j] = y[y_start[p] + j, k]
                b += columns[k, j] / m
            shift += (a - b) * (a - b)
            for i in range(n):
                rows[i, k] -= a
            for j in range(m):
                columns[k, j] -= b
        cost, kernel = np.zeros((n, m)), np.empty((n, m))
        _add_costs(rows, columns, cost)
        if within:
            out[p] = _self_transport(cost, epsilon, tolerance, max_iterations, kernel)
        else:
            out[p] = shift + _transport(cost, epsilon, tolerance, max_iterations, kernel)


def transport_between(
    x: CellSets, y: CellSets, i: Codes | None = None, j: Codes | None = None, *, how: Regularisation
) -> Array:
    """OT of set i of ``x`` onto set j of ``y``; two n x n arrays a thread are held.

    Returns
    -------
    (pairs,), above the squared Wasserstein distance by at most epsilon log n; NaN where a set is empty or holds a value
    that is not finite, where epsilon is NaN, or where the iterations did not converge.
    """
    return _solve(x, y, i, j, how, within=False)


def transport_within(x: CellSets, *, how: Regularisation) -> Array:
    """(m,) OT of each set onto itself: what debiasing takes off, half for either side."""
    return _solve(x, x, None, None, how, within=True)


def _solve(x: CellSets, y: CellSets, i: Codes | None, j: Codes | None, how: Regularisation, *, within: bool) -> Array:
    x_start, x_size, y_start, y_size = paired(x, y, i, j)
    known = finite_sets(x)[slice(None) if i is None else i] & finite_sets(y)[slice(None) if j is None else j]
    out = np.full(len(x_size), np.nan)
    if not (np.isfinite(how.epsilon) and how.epsilon > 0):
        return out
    sets = (x.cells, x_start, x_size, y.cells, y_start, y_size)
    in_threads(_transports, len(out), *sets, known, within, float(how.epsilon), how.tolerance, how.max_iterations, out)
    return out


def sinkhorn_divergence(x: Array, y: Array, how: Regularisation) -> float:
    """Debiased Sinkhorn divergence between two sets of cells.

    Parameters
    ----------
    x, y
        (n, d) and (m, d) cells.
    how
        Regularisation, from `median_regularisation` or by hand.

    Returns
    -------
    S, at least 0 up to the tolerance and 0 for equal sets. It tends to the squared Wasserstein distance as epsilon
    goes to 0, and to the squared distance of the means as it grows. NaN as in `transport_between`.
    """
    a, b = one_set(x), one_set(y)
    own = transport_within(a, how=how) + transport_within(b, how=how)
    return float((transport_between(a, b, how=how) - own / 2.0)[0])
