"""Pseudo-perturbations: control rows treated as if they were a perturbation (methods 5)."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from vcassay.arrays.null import upper_pvalue
from vcassay.arrays.profile import rate, split_halves
from vcassay.arrays.shards import N_SHARDS, RESERVED, Split
from vcassay.core import Threshold
from vcassay.effects.moments import Moments

Array = NDArray[np.float64]

MIN_ATOMS = Threshold("min_null_atoms", 16, "eight parts for the pseudo-perturbation, eight for its controls")
NULL_DRAWS = 3000
"""Pseudo-perturbations over all pools and sizes; at least 30 of each."""
SIZE_QUANTILES = (0.05, 0.3, 0.9)
"""Sizes of conditions at which the null is drawn, and between which it is interpolated."""


def pseudo_sizes(
    moments: Moments,
    pool: int,
    wanted: float,
    mask: NDArray[np.bool_],
    splits: tuple[Split, ...],
    control_splits: tuple[Split, ...],
    draws: int,
    rng: np.random.Generator,
) -> tuple[float, Array]:
    """Debiased effect sizes of pseudo-perturbations from one pool, standardised by their depth.

    Their controls are matched by batch, as those of conditions are: unmatched, the differences between
    batches would widen the null and hide effects.

    Under the null a debiased size has a standard deviation proportional to 1 / n + 1 / n_control;
    standardised by it, draws of neighbouring depths can be joined.

    Parameters
    ----------
    wanted
        Typical size (rows, or total count) of a condition; drawn as nearly as the pool allows.
    mask
        (g,) genes that count.

    Returns
    -------
    The size drawn, and (draws,) values of size / (1 / n + 1 / n_control); none if the pool has too
    few controls.
    """
    sums, sizes = moments.atoms[pool], moments.atom_sizes[pool]
    usable = np.flatnonzero(sizes.max(axis=1) > 0)
    if len(usable) < MIN_ATOMS.value:
        return np.nan, np.empty(0)
    each = float(sizes[usable].mean())
    take = int(np.clip(round(wanted / each), 2, max(2, len(usable) // 3)))
    rest = min(len(usable) - take, len(usable) // 2)
    order = np.argsort(rng.random((draws, len(usable))), axis=1)
    chosen, control = usable[order[:, :take]], usable[order[:, take : take + rest]]
    hands = np.arange(take) % N_SHARDS
    control_hands = np.asarray(RESERVED)[np.arange(rest) % len(RESERVED)]
    p_sums, p_sizes = _deal(sums, sizes, chosen, hands)
    c_sums, c_sizes = _deal(sums, sizes, control, control_hands)
    pairs = [control_splits[k % len(control_splits)] for k in range(len(splits))]
    links, mean = moments.atom_batches(pool)
    weight = links.sum(axis=1, keepdims=True)
    p_links, c_links = _deal(links, weight, chosen, hands), _deal(links, weight, control, control_hands)

    def matched(shards: tuple[int, ...], controls: tuple[int, ...]) -> Array:
        """Control rate, moved to the share of each batch that the pseudo-perturbation has."""
        shift = (rate(*p_links, shards) - rate(*c_links, controls)) @ mean
        value = rate(c_sums, c_sizes, controls) + np.where(np.isfinite(shift), shift, 0.0)
        return value if moments.target_sum is None else np.maximum(value, 0.0)

    rates = [(matched(a, c), matched(b, d)) for (a, b), (c, d) in zip(splits, pairs, strict=True)]
    size = split_halves(p_sums, p_sizes, rates, splits, mask, moments.target_sum).size
    n = p_sizes.sum(axis=1).mean(axis=1)
    n_control = c_sizes.sum(axis=1).mean(axis=1)
    return float(n.mean()), np.asarray(size / (1.0 / n + 1.0 / n_control))


def _deal(sums: Array, sizes: Array, atoms: NDArray[np.int64], hands: NDArray[np.int64]) -> tuple[Array, Array]:
    """Add each draw's atoms up by shard: (draws, 8, g)."""
    draws = len(atoms)
    out = np.zeros((draws, N_SHARDS, sums.shape[1]))
    size = np.zeros((draws, N_SHARDS, sizes.shape[1]))
    for column, hand in enumerate(hands):
        out[:, hand] += sums[atoms[:, column]]
        size[:, hand] += sizes[atoms[:, column]]
    return out, size


def detection_pvalues(
    moments: Moments,
    size: Array,
    condition_pool: NDArray[np.integer],
    mask: NDArray[np.bool_],
    splits: tuple[Split, ...],
    control_splits: tuple[Split, ...],
    rng: np.random.Generator,
) -> Array:
    """p-value of each condition's debiased effect size against pseudo-perturbations of its pool.

    The null is drawn at a few sizes of each pool's conditions; its mean and spread are interpolated
    between them, and the standardised draws of all pools are joined, so that the tail rests on
    thousands of draws.

    Returns
    -------
    (n,) p-values; NaN where the pool has fewer than `MIN_ATOMS` control parts.
    """
    pools = len(moments.atoms)
    n_size = moments.sizes.sum(axis=1).mean(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        standard = size / (1.0 / n_size + 1.0 / _reserved_size(moments))
    z, joined = np.full(len(size), np.nan), []
    draws = max(30, NULL_DRAWS // max(1, pools) // len(SIZE_QUANTILES))
    for pool in range(pools):
        members = np.flatnonzero((condition_pool == pool) & (n_size > 0))
        if not len(members):
            continue
        wanted = np.unique(np.quantile(n_size[members], SIZE_QUANTILES))
        nulls = [pseudo_sizes(moments, pool, w, mask, splits, control_splits, draws, rng) for w in wanted]
        table = np.array([(n, v.mean(), v.std()) for n, v in nulls if len(v) and np.isfinite(v).all() and v.std() > 0])
        if not len(table):
            continue
        joined += [(v - v.mean()) / v.std() for _, v in nulls if v.std() > 0]
        table = table[np.argsort(-table[:, 0])]
        at = 1.0 / n_size[members]
        mean, spread = (np.interp(at, 1.0 / table[:, 0], table[:, column]) for column in (1, 2))
        z[members] = (standard[members] - mean) / spread
    return upper_pvalue(z, np.concatenate(joined)) if joined else np.full(len(size), np.nan)


def _reserved_size(moments: Moments) -> Array:
    """(n,) size of the reserved controls that each condition is compared with (harmonic over batches)."""
    groups = moments.control_sizes[:, list(RESERVED)].sum(axis=1).mean(axis=1)
    weight = sum(moments.links[1:], moments.links[0])
    total = np.asarray(weight.sum(axis=1)).ravel()
    with np.errstate(divide="ignore", invalid="ignore"):
        share = sp.csr_matrix(weight.multiply(1.0 / total[:, None]))
        inverse = share.multiply(share) @ np.where(groups > 0, 1.0 / groups, np.nan)
        return np.asarray(1.0 / inverse)
