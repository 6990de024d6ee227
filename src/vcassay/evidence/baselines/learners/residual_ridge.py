"""Ridge over contexts of what a template leaves: slopes that all treatments share, and slopes of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Codes = NDArray[np.int64]


class Kernels(NamedTuple):
    """Inner products of contexts: names to rows of (C, C), the mean over blocks that know both; 0 is the mean."""

    position: Mapping[str, int]
    matrix: Array

    @classmethod
    def of(cls, blocks: Sequence[tuple[Sequence[str], Array]], trained: Sequence[str]) -> Kernels:
        """Centre blocks of (names, (C, d) values) on the trained contexts; scale them to one mean squared length."""
        names = sorted({name for ids, _ in blocks for name in ids})
        position = {name: i for i, name in enumerate(names)}
        matrix, used = np.zeros((len(names), len(names))), 0
        for ids, values in blocks:
            known = [i for i, name in enumerate(ids) if name in set(trained)]
            if len(known) < 2:
                continue
            x = values - values[known].mean(axis=0)
            size = float((x[known] ** 2).sum(axis=1).mean())
            if size <= 0.0:
                continue
            at = np.array([position[name] for name in ids])
            matrix[np.ix_(at, at)] += x @ x.T / size
            used += 1
        return cls(position, matrix / max(used, 1))


def ridge_paths(kernel: Array, cross: Array, penalties: Sequence[float]) -> Array:
    """(L, m, c) weights of kernel ridge at several penalties, in units of the kernel's mean diagonal; inf is 0."""
    scale = float(np.trace(kernel)) / max(len(kernel), 1)
    out = np.zeros((len(penalties), *cross.shape))
    if scale <= 0.0:
        return out
    value, vector = np.linalg.eigh(kernel)
    turned = cross @ vector
    for i, penalty in enumerate(penalties):
        if np.isfinite(penalty):
            out[i] = (turned / (np.maximum(value, 0.0) + penalty * scale)) @ vector.T
    return out


def residual_answers(
    kernel: Array,
    trained: Codes,
    rows: Codes,
    left: Array,
    context: Codes,
    treatment: Codes,
    penalties: Sequence[float],
) -> Array:
    """What contexts differ by, at all pairs of penalties.

    The mean of what is left in each training context is regressed on the kernel (weights centred over contexts, so that
    the mean of the contexts is kept); a training context that is asked for has its own mean. What each treatment
    differs from these means by is regressed, too, over the contexts that have it.

    Parameters
    ----------
    kernel
        (K, K) inner products of contexts.
    trained, context
        (C,) and (m,) rows of the kernel of training contexts and of those asked for; -1 where nothing is known.
    rows
        (C, T) row of ``left`` for each context and treatment; -1 where there is none.
    left
        (n, k) what the template leaves.
    treatment
        (m,) columns of ``rows``; -1 where it was not trained.

    Returns
    -------
    (L, L, m, k), first the penalty of shared slopes, then that of own ones; 0 where nothing is known.
    """
    levels, k = len(penalties), left.shape[1]
    out = np.zeros((levels, levels, len(context), k))
    able, asked = np.flatnonzero(trained >= 0), np.flatnonzero(context >= 0)
    if len(able) < 2 or not len(asked):
        return out
    have = rows[able] >= 0
    grid = np.where(have[:, :, None], left[rows[able]], 0.0)
    mean = grid.sum(axis=1) / np.maximum(have.sum(axis=1), 1)[:, None]
    inner = kernel[np.ix_(trained[able], trained[able])]
    targets, place = np.unique(context[asked], return_inverse=True)
    cross = kernel[np.ix_(targets, trained[able])]
    middle = mean.mean(axis=0)
    shared = ridge_paths(inner, cross, penalties) @ (mean - middle)
    here, there = np.nonzero(targets[:, None] == trained[able])
    shared[:, here] = mean[there] - middle
    out[:, :, asked] += (middle + shared[:, place])[:, None]
    apart = np.where(have[:, :, None], grid - mean[:, None], 0.0)
    known = treatment[asked] >= 0
    wanted, which = asked[known], treatment[asked][known]
    patterns, group = np.unique(have[:, which].T, axis=0, return_inverse=True)
    for p, pattern in enumerate(patterns):
        at = np.flatnonzero(group == p)
        use = np.flatnonzero(pattern)
        if len(use) < 2:
            continue
        weights = ridge_paths(inner[np.ix_(use, use)], cross[:, use], penalties)
        mine = np.einsum("lmc,cmk->lmk", weights[:, place[known][at]], apart[use][:, which[at]])
        out[:, :, wanted[at]] += mine[None]
    return out
