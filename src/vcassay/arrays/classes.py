"""Shared part: how much of an effect's energy lies along the mean response, without the halves' noise."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


def shared_part(half_a: Array, half_b: Array, mean: Array, mean_energy: Array, mask: Mask) -> Array:
    """Squared cosine of the true effect with a mean response: <tA, m> <tB, m> / (<tA, tB> |m|^2).

    The plain squared cosine of noisy effects is too low. Products of halves from disjoint cells and
    controls have no noise in expectation.

    Parameters
    ----------
    half_a, half_b
        (n, g) effects from disjoint rows and controls.
    mean
        (n, g) mean response for each condition, from other rows and controls.
    mean_energy
        (n,) debiased squared length of the mean response on the mask.
    mask
        (n, g) genes that count.

    Returns
    -------
    (n,) in expectation between 0 and 1, not clipped; NaN where an energy is not above 0.
    """
    a, b, m = (np.where(mask, x, 0.0) for x in (half_a, half_b, mean))
    along = (a * m).sum(axis=1) * (b * m).sum(axis=1)
    energy = (a * b).sum(axis=1) * mean_energy
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(energy > 0, along / energy, np.nan))


def leave_out_means(values: Array, group: NDArray[np.int64], members: Mask, of: NDArray[np.int64]) -> Array:
    """Mean over the members of each row's context, without the rows of its own group.

    Parameters
    ----------
    values
        (n, g) rows to average.
    group
        (n,) what is left out together: all doses of a perturbation.
    members
        (n,) rows that are averaged.
    of
        (n,) context codes.

    Returns
    -------
    (n, g); where a context has no other members the mean over contexts of their means without the group,
    NaN where there is none at all.
    """
    out = np.full(values.shape, np.nan)
    contexts, code = np.unique(of, return_inverse=True)
    k = len(contexts)
    total, count = np.zeros((k, values.shape[1])), np.zeros(k)
    for c in range(k):
        at = members & (code == c)
        total[c], count[c] = values[at].sum(axis=0), at.sum()
    order = np.argsort(group, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(group[order])) + 1) if len(order) else []:
        own = rows[members[rows]]
        rest, left = total.copy() if len(own) else total, count - np.bincount(code[own], minlength=k)
        np.subtract.at(rest, code[own], values[own])
        some = np.flatnonzero(left > 0)
        if not len(some):
            continue
        has = left[code[rows]] > 0
        out[rows[has]] = rest[code[rows[has]]] / left[code[rows[has]], None]
        if not has.all():
            out[rows[~has]] = (rest[some] / left[some, None]).mean(axis=0)
    return out
