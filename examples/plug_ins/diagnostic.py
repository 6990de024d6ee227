"""A biology diagnostic: whether strong perturbations are predicted to be strong, asked of the truth first."""

import numpy as np
from scipy.stats import rankdata

import vcassay as va
from vcassay.evidence.biology import Contrast, Wording, judge
from vcassay.evidence.biology.tested import tested

WORDS = Wording(
    quantity="rank correlation of effect sizes",
    unit="conditions",
    permuted="conditions",
    wanted="it would take conditions of unlike strength, or more rows a condition",
    remedy="Look at the spread of predicted effects: strength is part of what a perturbation does.",
)


@va.diagnostic("strength_order", title="Order of strength", source="this file")
def strength_order(bench, rng):
    """Perturbations that act strongly are predicted to act strongly; sizes of the truth come from disjoint halves."""
    truths = [[ranked(np.linalg.norm(half, axis=1)) for half in pair] for pair in bench.measurements(bench.truth)]
    drawn = np.array([rng.permutation(len(bench.table)) for _ in range(999)])

    def against_truth(ranks):
        pairs = [(left if ranks is None else ranks, right) for left, right in truths]
        value = np.mean([left @ right for left, right in pairs]) / len(bench.table)
        draws = np.mean([left @ right[drawn].T for left, right in pairs], axis=0) / len(bench.table)
        return tested(value, draws, len(bench.table))

    def sizes(arms):
        return {arm.name: against_truth(ranked(np.linalg.norm(arm.values, axis=1))) for arm in arms}

    contrast = Contrast(against_truth(None), sizes(bench.submissions), baselines=sizes(bench.baselines))
    return judge("strength_order", bench, contrast, WORDS)


def ranked(sizes):
    """Ranks with mean 0 and standard deviation 1; a size that is the same for all tells no order."""
    ranks = rankdata(sizes) - (len(sizes) + 1) / 2
    return ranks / max(ranks.std(), 1e-12)
