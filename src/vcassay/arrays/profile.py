"""Profiles, effects and split halves from sums over shards.

``sums`` are (..., shards, genes); ``sizes`` are (..., shards, 1), or (..., shards, genes) where
features may be missing. For counts a size is the total count of the rows, for other readouts their
number, so that sums / sizes is a rate or a mean.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from vcassay.arrays.agreement import pearson
from vcassay.arrays.shards import Split

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


def rate(sums: Array, sizes: Array, shards: tuple[int, ...]) -> Array:
    """Sum over some shards divided by their size; NaN where they are empty."""
    total, size = _over(sums, shards), _over(sizes, shards)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(size > 0, total / size, np.nan))


def _over(values: Array, shards: tuple[int, ...]) -> Array:
    """Sum over some shards, one after the other: picking them all first would copy them."""
    out = np.array(values[..., shards[0], :])
    for s in shards[1:]:
        out += values[..., s, :]
    return out


def to_profile(value: Array, target_sum: float | None) -> Array:
    """log1p(target_sum x rate) for counts; the mean itself where ``target_sum`` is ``None``."""
    return value if target_sum is None else np.log1p(target_sum * value)


def matched_control(links: tuple[sp.csr_matrix, ...], shards: tuple[int, ...], control_rate: Array, n: int) -> Array:
    """Control rate of each condition: its batches' controls, weighted by its rows in each batch.

    Parameters
    ----------
    links
        One (n, groups) matrix a shard: size of each condition's rows matched to each control group.
    shards
        The condition's shards that are compared.
    control_rate
        (groups, genes) rates of the control groups.
    n
        Number of conditions.

    Returns
    -------
    (n, genes); NaN where a needed control group is empty or a condition has no matched rows in the
    shards, 0 where there are no control groups (ready-made effects).
    """
    if control_rate.shape[0] == 0:
        return np.zeros((n, control_rate.shape[1]))
    weight = links[shards[0]]
    for s in shards[1:]:
        weight = weight + links[s]
    total = np.asarray(weight.sum(axis=1)).ravel()
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(weight @ control_rate) / total[:, None]


class SplitHalves(NamedTuple):
    """What balanced split halves tell of each condition.

    Attributes
    ----------
    half_mean
        (n, g) mean over splits of (tA + tB) / 2.
    cross
        (n, g) mean over splits of tA * tB: unbiased for the squared true effect, gene by gene.
    se
        (n, g) standard error of the full-depth effect: root of the mean of ((tA - tB) / 2)^2.
    reliability
        (n,) mean over splits of the correlation of the halves on the mask; NaN where the mask has one feature.
    size
        (n,) mean over the mask of ``cross``: the debiased squared effect size; may be negative.
    half_a, half_b
        (n, g) halves of the first split.

    A condition without any split in which both halves have rows and controls is NaN throughout.
    """

    half_mean: Array
    cross: Array
    se: Array
    reliability: Array
    size: Array
    half_a: Array
    half_b: Array


def split_halves(
    sums: Array,
    sizes: Array,
    controls: list[tuple[Array, Array]],
    splits: tuple[Split, ...],
    mask: Mask,
    target_sum: float | None,
) -> SplitHalves:
    """Measure every condition on both halves of each split, cells and controls disjoint.

    Parameters
    ----------
    sums, sizes
        (n, 8, g) and (n, 8, 1 or g) of the perturbed rows.
    controls
        Per split, the matched control rates (n, g) of either half.
    splits
        Halves of the shards.
    mask
        (g,) or (n, g) genes that count for reliability and size.
    """
    n, _, g = sums.shape
    zeros = np.zeros((n, g))
    half_sum, cross, square = zeros.copy(), zeros.copy(), zeros.copy()
    r_sum, used = np.zeros(n), np.zeros(n)
    first_a, first_b = np.full((n, g), np.nan), np.full((n, g), np.nan)
    full = np.broadcast_to(mask, (n, g))
    single = full.sum(axis=1) == 1  # one value has no correlation, but all else
    for (a, b), (control_a, control_b) in zip(splits, controls, strict=True):
        t_a = to_profile(rate(sums, sizes, a), target_sum) - to_profile(control_a, target_sum)
        t_b = to_profile(rate(sums, sizes, b), target_sum) - to_profile(control_b, target_sum)
        r = pearson(t_a, t_b, full)
        ok = np.isfinite(np.where(full, t_a + t_b, 0.0)).all(axis=1) & (np.isfinite(r) | single)
        fresh = ok & (used == 0)
        first_a[fresh], first_b[fresh] = t_a[fresh], t_b[fresh]
        half_sum[ok] += (t_a[ok] + t_b[ok]) / 2
        cross[ok] += t_a[ok] * t_b[ok]
        square[ok] += ((t_a[ok] - t_b[ok]) / 2) ** 2
        r_sum[ok] += r[ok]
        used += ok
    with np.errstate(divide="ignore", invalid="ignore"):
        count = np.where(used > 0, used, np.nan)
        cross = cross / count[:, None]
        size = np.where(full, cross, 0.0).sum(axis=1) / full.sum(axis=1)
        se = np.sqrt(square / count[:, None])
    return SplitHalves(half_sum / count[:, None], cross, se, r_sum / count, size, first_a, first_b)
