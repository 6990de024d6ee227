"""A metric: the share of scored genes that are predicted to move the way they moved."""

import numpy as np

import vcassay as va


@va.metric(
    "direction_share",
    title="Genes moved the right way",
    family="calls",
    optimum=1.0,
    chance=0.5,
    higher_is_better=True,
    fooled_by="the mean of training, where most perturbations move genes alike",
    source="this file",
)
def direction_share(truth, pred, mask):
    """Share of scored genes whose predicted effect has the sign of the measured one; ties count half."""
    agree = np.where(truth * pred == 0, 0.5, truth * pred > 0)
    scored = mask.sum(axis=1)
    return np.where(scored > 0, (agree * mask).sum(axis=1) / np.maximum(scored, 1), np.nan)
