"""Measure: from a screen to effects."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.profile import split_halves
from vcassay.arrays.shards import N_SHARDS, RESERVED, TRAINING, Split, balanced_splits
from vcassay.core.progress import default_progress
from vcassay.effects.accumulate import accumulate
from vcassay.effects.effects import Effects
from vcassay.effects.moments import TARGET_SUM, Moments
from vcassay.effects.pseudo import detection_pvalues
from vcassay.effects.scored import scored_genes
from vcassay.effects.strata import detect, stratify
from vcassay.screen import Screen

N_SPLITS = 10
"""Balanced split halves that are averaged, of the 35 there are."""
ALL = tuple(range(N_SHARDS))


def measure(
    screen: Screen,
    *,
    train: NDArray[np.int64] | None = None,
    panel: NDArray[np.int64] | None = None,
    test_shards: tuple[int, ...] = (),
    keep_targets: bool = False,
    genes: NDArray[np.bool_] | None = None,
    seed: int = 0,
    target_sum: float = TARGET_SUM,
    moments: Moments | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Effects:
    """Measure what each perturbation did.

    Parameters
    ----------
    screen
        What was measured.
    train
        Positions of the training conditions, which (with the controls) decide the scored genes;
        all conditions when there is no split yet.
    panel
        Positions of the conditions that are scored, whose target genes are left out; all conditions
        when there is no split yet.
    test_shards
        Shards held out in a random-cell split: the truth is measured on them, training on the rest.
    keep_targets
        Score the panel's target genes too.
    genes
        (g,) restricts the scored genes, for example to those that every submission predicts.
    seed
        Deals rows into shards and draws pseudo-perturbations.
    target_sum
        Depth of a count profile.
    moments
        The sums, when the pass was made before.
    progress
        Called with the rows done and the rows in all.

    Returns
    -------
    `Effects`. Reliability, standard errors and detectability are NaN where rows or controls are
    too few, never 0.
    """
    if moments is None:
        report = default_progress()
        seen = progress or (lambda done, total: report("measuring effects", done, total))
        moments = accumulate(screen, seed=seed, target_sum=target_sum, progress=seen)
    table, slots = screen.table, moments.slots
    n = len(table.conditions)
    train = np.arange(n) if train is None else train
    mask, rule = scored_genes(moments, table.conditions, screen.genes, train=train, panel=panel, targets=keep_targets)
    if genes is not None and not genes.all():
        mask = mask & genes
        rule = f"{rule}; {int((~genes).sum())} genes that some submission does not predict left out"
    truth_shards = test_shards or ALL
    train_shards = tuple(s for s in ALL if s not in test_shards)
    has_controls = slots.n_groups > 0
    splits, control_splits = halves_of(truth_shards)
    pairs = [control_splits[k % len(control_splits)] for k in range(len(splits))]
    rates = [
        (moments.control_rate(a, c_a), moments.control_rate(b, c_b))
        for (a, b), (c_a, c_b) in zip(splits, pairs, strict=True)
    ]
    halves = split_halves(moments.sums, moments.sizes, rates, splits, mask, moments.target_sum)
    p_value = np.full(n, np.nan)
    if has_controls and not test_shards:
        common = np.asarray(mask.any(axis=0))
        rng = np.random.default_rng([seed, 1])
        pool = table.condition_pool
        p_value = detection_pvalues(moments, halves.size, pool, common, splits, control_splits, rng)
        p_value[~np.isfinite(halves.size)] = np.nan
    return Effects(
        conditions=table.conditions,
        genes=screen.genes,
        mask=mask,
        delta=moments.effects(truth_shards, RESERVED),
        delta_train=moments.effects(train_shards, TRAINING),
        control=moments.control(truth_shards, RESERVED),
        control_train=moments.control(train_shards, TRAINING),
        se=halves.se,
        half_mean=halves.half_mean,
        cross=halves.cross,
        half_a=halves.half_a,
        half_b=halves.half_b,
        reliability=halves.reliability,
        size=halves.size,
        p_value=p_value,
        detectable=detect(p_value),
        assessed=np.isfinite(p_value),
        stratum=stratify(halves.size, p_value),
        n_rows=slots.rows,
        n_control=slots.control_rows[table.condition_pool] if has_controls else np.zeros(n, dtype=np.int64),
        matched=slots.matched,
        shared_control=slots.shared_pool[table.condition_pool] if has_controls else np.zeros(n, dtype=bool),
        pool_context=table.pool_context if has_controls else (),
        moments=moments,
        mask_rule=rule,
    )


def halves_of(shards: tuple[int, ...]) -> tuple[tuple[Split, ...], tuple[Split, ...]]:
    """Balanced halves of the perturbed rows' shards and of the reserved control shards."""
    even = shards if len(shards) % 2 == 0 else shards[:-1]
    return balanced_splits(even, N_SPLITS), balanced_splits(RESERVED)
