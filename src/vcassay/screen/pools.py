"""Which rows share controls: those of one context, or of one context at one time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Pools:
    """Control pools as codes.

    Attributes
    ----------
    row
        (rows,) pool of each row; -1 for rows that take no part, and for controls measured at no time
        that a pool stands for.
    context, time
        (pools,) context code, and the time, NaN where the pool is the whole context. Sorted.
    untimed
        Contexts measured at several times without controls at each: their controls are shared.
    """

    row: NDArray[np.int64]
    context: NDArray[np.int64]
    time: NDArray[np.float64]
    untimed: NDArray[np.int64]


def control_pools(
    context: NDArray[np.int64],
    time: NDArray[np.float64],
    perturbed: NDArray[np.bool_],
    control: NDArray[np.bool_],
) -> Pools:
    """Find the pools.

    A context falls into one pool a time if its perturbed rows all have a time, if controls were
    measured at each of these times, and if there is more than one time; otherwise it is one pool.

    Parameters
    ----------
    context
        (rows,) code of each row's context.
    time
        (rows,) NaN where there is none.
    perturbed, control
        (rows,) masks; rows in neither take no part.
    """
    taking_part = perturbed | control
    times, at = np.unique(time, return_inverse=True)  # NaN sorts last and counts once
    has_nan = bool(len(times) and np.isnan(times[-1]))
    n_contexts = int(context.max(initial=-1)) + 1
    seen = np.zeros((2, n_contexts, len(times)), dtype=bool)
    for kind, mask in enumerate((perturbed, control)):
        seen[kind, context[mask], at[mask]] = True
    needed, measured = seen
    unknown = needed[:, -1] if has_nan else np.zeros(n_contexts, dtype=bool)
    several = (needed | measured)[:, : len(times) - has_nan].sum(axis=1) > 1
    timed = several & ~unknown & ~(needed & ~measured).any(axis=1) & needed.any(axis=1)
    untimed = needed[:, : len(times) - has_nan].sum(axis=1) > 1

    time_code = np.where(timed[context], at, -1) if n_contexts else np.full(len(context), -1)
    lost = timed[context] & np.isnan(time) if n_contexts else np.zeros(len(context), dtype=bool)
    rows = np.flatnonzero(taking_part & ~lost)
    width = len(times) + 1
    keys, codes = np.unique(context[rows] * width + time_code[rows] + 1, return_inverse=True)
    row = np.full(len(context), -1, dtype=np.int64)
    row[rows] = codes
    which = keys % width - 1
    padded = np.append(times, np.nan)
    return Pools(row, keys // width, padded[which], np.flatnonzero(untimed & ~timed))
