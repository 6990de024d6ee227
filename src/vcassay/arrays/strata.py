"""Strata: which rows are compared with which."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Longs = NDArray[np.int64]

CONTROL = -1
"""Condition code of control rows; rows of smaller codes take no part."""


@dataclass(frozen=True, slots=True, eq=False)
class Strata:
    """Rows in the order stratum, controls, conditions. A slot is the controls, or one condition, of one stratum.

    Attributes
    ----------
    rows
        (n,) rows that take part, in this order; within a slot as they come.
    slot
        (n,) slot of each of them, counted from 0, the controls, in every stratum.
    row_edges, slot_edges
        (strata + 1,) where each stratum begins in ``rows``, and among all slots.
    condition, size
        (slots,) condition (or `CONTROL`) and number of rows of each slot.
    n_conditions
        Conditions in all, with or without rows.
    """

    rows: Longs
    slot: NDArray[np.int32]
    row_edges: Longs
    slot_edges: Longs
    condition: Longs
    size: Longs
    n_conditions: int

    def __len__(self) -> int:
        return len(self.row_edges) - 1

    @property
    def stratum(self) -> Longs:
        """(slots,) stratum of each slot."""
        return np.repeat(np.arange(len(self)), np.diff(self.slot_edges))

    @property
    def reference(self) -> Longs:
        """(slots,) the control slot of each slot's stratum."""
        return self.slot_edges[self.stratum]

    @property
    def strata_of(self) -> Longs:
        """(conditions,) number of strata in which each condition meets controls."""
        return np.bincount(self.condition[self.condition >= 0], minlength=self.n_conditions)


def arrange(
    condition: NDArray[np.integer], stratum: NDArray[np.integer] | None = None, n_conditions: int | None = None
) -> Strata:
    """Order the rows.

    Parameters
    ----------
    condition
        (rows,) condition of perturbed rows from 0 up, `CONTROL`, or less for rows that take no part.
    stratum
        (rows,) codes from 0 up of what is compared within itself; one stratum if absent.
    n_conditions
        Conditions in all; one more than the largest code if absent.

    Returns
    -------
    `Strata`, without those that lack controls or perturbed rows.

    Raises
    ------
    ValueError
        If the lengths differ, or a code is out of range.
    """
    codes = np.asarray(condition, dtype=np.int64)
    of = np.zeros_like(codes) if stratum is None else np.asarray(stratum, dtype=np.int64)
    n = int(codes.max(initial=-1)) + 1 if n_conditions is None else n_conditions
    if of.shape != codes.shape or codes.ndim != 1:
        raise ValueError(f"{codes.shape} conditions for {of.shape} strata")
    at = np.flatnonzero(codes >= CONTROL)
    if (codes >= n).any() or (of[at] < 0).any():
        raise ValueError("a condition or stratum is out of range")
    key = of[at] * (n + 1) + codes[at] + 1
    order = np.argsort(key, kind="stable")
    keys, counts = np.unique(key, return_counts=True)
    slot_stratum, slot_condition = keys // (n + 1), keys % (n + 1) - 1
    has_control = np.isin(slot_stratum, slot_stratum[slot_condition == CONTROL])
    keep = has_control & np.isin(slot_stratum, slot_stratum[slot_condition != CONTROL])
    rows = at[order][np.repeat(keep, counts)]
    kept, size = slot_stratum[keep], counts[keep].astype(np.int64)
    slot_edges = np.flatnonzero(np.r_[True, kept[1:] != kept[:-1], True]) if len(kept) else np.zeros(1, np.int64)
    position = np.arange(len(kept)) - np.repeat(slot_edges[:-1], np.diff(slot_edges))
    return Strata(
        rows=rows,
        slot=np.repeat(position, size).astype(np.int32),
        row_edges=np.r_[0, np.cumsum(size)][slot_edges].astype(np.int64),
        slot_edges=slot_edges.astype(np.int64),
        condition=slot_condition[keep],
        size=size,
        n_conditions=n,
    )
