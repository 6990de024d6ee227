"""Signs: tests of per-condition differences, as a check beside the bootstrap."""

from __future__ import annotations

import numpy as np

from vcassay.arrays.paired import Paired, paired_tests
from vcassay.evidence.metrics.metric import METRICS
from vcassay.evidence.metrics.score import Scores

NOTHING = Paired(0, np.nan, np.nan, np.nan)


def paired_check(scores: Scores, model: str, baseline: str, metric: str, stratum: str) -> tuple[Paired, str]:
    """Test the differences between a model and a baseline over perturbations, above 0 where the model is better.

    Returns
    -------
    The tests, and why there are none (the metric has no value for a single condition); empty otherwise.
    """
    meta = METRICS[metric].meta
    mine, theirs = scores.filled[model, metric], scores.filled[baseline, metric]
    if mine.denominator is not None or theirs.denominator is not None:
        return NOTHING, "a ratio of sums has no value for a single condition"
    if meta["level"] != "condition":
        return NOTHING, "the metric has one value for all conditions"
    at, _ = scores.weights[metric, stratum]
    sign = 1.0 if meta["higher_is_better"] else -1.0
    return paired_tests(sign * (mine.values[at] - theirs.values[at]), scores.panel.family[at]), ""
