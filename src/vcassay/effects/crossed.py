"""Crossed halves: replicates that share no batch, or no guide, where halves of cells share both.

Halves of a condition's cells are in the same batches, so what a batch does to a condition is in both and
counts as signal. Halves made of different batches, each against the controls of its own, do not agree on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numba
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from vcassay.arrays.agreement import pearson
from vcassay.arrays.ceiling import unequal_halves
from vcassay.arrays.profile import matched_control, rate, to_profile
from vcassay.arrays.shards import N_SHARDS, RESERVED
from vcassay.effects.moments import Moments
from vcassay.effects.slots import Slots
from vcassay.screen import Rows, Screen
from vcassay.screen.coding import text_codes

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Halves = tuple[tuple[int, ...], tuple[int, ...]]

HANDS: Mapping[str, Halves] = {"batches": ((0, 3), (1, 4)), "guides": ((0, 1, 2), (3, 4, 5))}
"""Hands of either half: 0, 1, or 2 (a batch without controls of its own) by batch, 3 more for the second guides."""
LEFT_OUT = 6
"""Hand of rows without a guide."""
GUIDE = "guide"
"""Annotation of the design that names the column of guides, or of other replicates of a perturbation."""


@dataclass(frozen=True, slots=True, eq=False)
class Crossed:
    """Correlations of halves that differ in something.

    Attributes
    ----------
    kind
        ``batches`` or ``guides``: what the halves do not share.
    half
        (n,) correlation of the halves, as if they were of equal size; NaN where a condition has fewer than two.
    share
        (n,) share of the rows in the smaller half.
    """

    kind: str
    half: Array
    share: Array


@dataclass(frozen=True, slots=True, eq=False)
class CrossedSums:
    """What a second pass stores: sums of each condition's rows by hand.

    Attributes
    ----------
    sums, sizes, rows
        (n, 6, g), (n, 6, 1 or g) and (n, 6) of the conditions.
    links
        Six (n, groups) matrices: size of a condition's rows matched to each control group.
    """

    sums: Array
    sizes: Array
    rows: Codes
    links: tuple[sp.csr_matrix, ...]


def crossed_sums(second: Moments) -> CrossedSums:
    """Take from a pass over `crossed_slots` what `crossed_halves` reads."""
    return CrossedSums(
        second.sums[:, :LEFT_OUT], second.sizes[:, :LEFT_OUT], second.rows[:, :LEFT_OUT], second.links[:LEFT_OUT]
    )


def crossed_slots(screen: Screen, slots: Slots) -> tuple[Slots | None, dict[str, str]]:
    """Deal whole batches, and whole guides, into halves of each condition.

    Returns
    -------
    Slots for a second pass, ``None`` where nothing can be crossed; and why each kind cannot be measured.
    """
    why = {}
    design, table = screen.design, screen.table
    hand = np.zeros(screen.n_rows, dtype=np.int64)
    at = np.flatnonzero(slots.perturbed >= 0)
    condition = table.condition[at].astype(np.int64)
    if screen.held_out is not None:
        return None, dict.fromkeys(HANDS, "the rows of conditions are on both sides of the split")
    if design.rows is Rows.EFFECTS or not slots.n_groups:
        return None, dict.fromkeys(HANDS, "the rows are ready-made effects")
    own = slots.group_of[table.pool[at], table.batch[at]] < slots.n_batch_groups
    dealt = deal_whole(condition[own], table.batch[at][own].astype(np.int64), slots.n_conditions)
    hand[at] = 2
    hand[at[own]] = dealt
    if not (_both(condition[own], dealt, slots.n_conditions)).any():
        why["batches"] = "no condition has rows in two batches that have controls of their own"
    column = design.annotation.get(GUIDE)
    if column is None:
        why["guides"] = f"the design names no column of guides (annotation '{GUIDE}')"
    else:
        codes, _ = text_codes(screen.adata.obs[column])
        named = codes[at] >= 0
        second = deal_whole(condition[named], codes[at][named].astype(np.int64), slots.n_conditions)
        hand[at[named]] += 3 * second
        hand[at[~named]] = LEFT_OUT
        if not _both(condition[named], second, slots.n_conditions).any():
            why["guides"] = f"no condition has two guides in column '{column}'"
    if len(why) == len(HANDS):
        return None, why
    perturbed = np.full(screen.n_rows, -1, dtype=np.int64)
    perturbed[at] = condition * N_SHARDS + hand[at]
    none = np.full(screen.n_rows, -1, dtype=np.int64)
    return replace(slots, perturbed=perturbed, batch_control=none, atom=none, n_atoms=N_SHARDS), why


def _both(condition: Codes, hand: Codes, n: int) -> NDArray[np.bool_]:
    """(n,) conditions with rows in both hands."""
    return np.asarray(
        np.bincount(condition[hand == 0], minlength=n) * np.bincount(condition[hand == 1], minlength=n) > 0
    )


def deal_whole(group: Codes, part: Codes, n: int) -> Codes:
    """Deal the parts of each group whole into two hands, the larger first, always to the emptier hand.

    Parameters
    ----------
    group, part
        (rows,) codes: of the condition, and of the batch or guide.
    n
        Number of groups.

    Returns
    -------
    (rows,) 0 or 1.
    """
    width = int(part.max(initial=-1)) + 1
    pair, of, rows = np.unique(group * max(width, 1) + part, return_inverse=True, return_counts=True)
    order = np.lexsort((pair, -rows, pair // max(width, 1)))
    hand = np.empty(len(pair), dtype=np.int64)
    hand[order] = _fill((pair // max(width, 1))[order], rows[order].astype(np.int64), n)
    return np.asarray(hand[of])


@numba.njit(cache=True)
def _fill(group: Codes, rows: Codes, n: int) -> Codes:
    load = np.zeros((n, 2), dtype=np.int64)
    hand = np.empty(len(group), dtype=np.int64)
    for i in range(len(group)):
        hand[i] = 1 if load[group[i], 1] < load[group[i], 0] else 0
        load[group[i], hand[i]] += rows[i]
    return hand


def crossed_halves(kind: str, second: CrossedSums, first: Moments, mask: NDArray[np.bool_]) -> Crossed:
    """Correlate the halves of a second pass.

    Halves by batch have different controls, since each half is compared with those of its own batches. Halves by
    guide are compared with halves of the reserved controls.

    Parameters
    ----------
    second
        Sums by hand.
    first
        Sums of the first pass, which have the controls.
    mask
        (n, g) scored genes.
    """
    controls: Halves = (RESERVED, RESERVED) if kind == "batches" else (RESERVED[:2], RESERVED[2:])
    halves, rows = [], []
    for hands, shards in zip(HANDS[kind], controls, strict=True):
        group = rate(first.control_sums, first.control_sizes, shards)
        with np.errstate(invalid="ignore"):
            matched = matched_control(second.links, hands, np.nan_to_num(group), len(second.sums))
        empty = matched_control(second.links, hands, np.isnan(group).astype(np.float64), len(second.sums))
        control = np.where(empty > 0, np.nan, matched)
        halves.append(
            to_profile(rate(second.sums, second.sizes, hands), first.target_sum) - to_profile(control, first.target_sum)
        )
        rows.append(second.rows[:, list(hands)].sum(axis=1))
    with np.errstate(divide="ignore", invalid="ignore"):
        share = rows[0] / (rows[0] + rows[1])
    both = (share > 0) & (share < 1)
    a, b = (np.where(both[:, None], half, np.nan) for half in halves)
    r = pearson(a, b, mask)
    full = unequal_halves(r, np.where(both, share, 0.5))
    equal = np.where(both & np.isfinite(r), full / (2.0 - full), np.nan)
    return Crossed(kind, equal, np.where(both, np.minimum(share, 1.0 - share), np.nan))
