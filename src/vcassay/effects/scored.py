"""Scored genes: which features count, fixed for the study (methods 10)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.core import Conditions, Threshold
from vcassay.effects.moments import Moments

MIN_TOTAL_COUNTS = Threshold("min_total_counts", 10, "fewer counts in all controls and training rows carry no effect")
MIN_VALID_SHARE = Threshold("min_valid_share", 0.5, "a feature missing in most rows is not measured")
MAX_TARGET_SHARE = Threshold("max_target_share", 0.5, "above it only each condition's own target is left out")


def scored_genes(
    moments: Moments,
    conditions: Conditions,
    genes: NDArray[np.str_],
    *,
    train: NDArray[np.int64],
    panel: NDArray[np.int64] | None = None,
    targets: bool = False,
) -> tuple[NDArray[np.bool_], str]:
    """Choose the genes that are scored: expressed in control or training data, panel targets out.

    Parameters
    ----------
    train
        Positions of the training conditions; responses of test conditions are never looked at.
    panel
        Positions of the conditions that are scored, whose target genes are left out; all if ``None``.
    targets
        Keep the panel's target genes.

    Returns
    -------
    (n, g) mask, and the rule in words.
    """
    n, g = len(conditions), len(genes)
    pools = moments.slots.whole_pool
    total = moments.control_sums[pools].sum(axis=(0, 1)) + moments.sums[train].sum(axis=(0, 1))
    if moments.target_sum is not None:
        expressed = total >= MIN_TOTAL_COUNTS.value
        rule = f"at least {MIN_TOTAL_COUNTS.value:g} counts in control and training rows"
    elif moments.sizes.shape[2] > 1:
        valid = moments.control_sizes[pools].sum(axis=(0, 1)) + moments.sizes[train].sum(axis=(0, 1))
        expressed = valid >= MIN_VALID_SHARE.value * valid.max(initial=0.0)
        rule = f"measured in at least {MIN_VALID_SHARE.value:.0%} of control and training rows"
    else:
        expressed = np.ones(g, dtype=bool) if not total.any() else total != 0
        rule = "not zero throughout control and training rows"
    if targets:
        return np.broadcast_to(expressed, (n, g)), rule
    position = {name: i for i, name in enumerate(genes.tolist())}
    scored = conditions.parts if panel is None else [conditions.parts[i] for i in panel]
    aimed = sorted({position[part] for parts in scored for part in parts if part in position})
    if len(aimed) <= MAX_TARGET_SHARE.value * expressed.sum():
        mask = expressed.copy()
        mask[aimed] = False
        return np.broadcast_to(mask, (n, g)), f"{rule}; the panel's {len(aimed)} target genes left out"
    own = np.broadcast_to(expressed, (n, g)).copy()
    for i, parts in enumerate(conditions.parts):
        own[i, [position[part] for part in parts if part in position]] = False
    return own, f"{rule}; each condition's own target gene left out, since targets are most of the genes"
