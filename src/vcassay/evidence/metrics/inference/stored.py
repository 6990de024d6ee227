"""Stored: scores made again from stored per-condition values, as they were made from predictions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from vcassay.evidence.metrics.filled import Filled
from vcassay.evidence.metrics.metric import METRICS
from vcassay.evidence.metrics.panel import Panel
from vcassay.evidence.metrics.score import Scores, aggregate_filled

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

OF_TRAINING = frozenset(
    {
        "reference",
        "template",
        "bias",
        "pred_specific",
        "truth_specific",
        "weights_a_perturbed",
        "weights_b_perturbed",
    }
)
"""Arguments that depend on what was trained on."""

OF_THE_OTHERS = frozenset(
    {
        "fields",
        "spectra",
        "pred_specific",
        "truth_specific",
        "context",
        "dose_time",
        "family",
        "perturbation",
    }
)
"""Arguments by which the value of a condition depends on the other test conditions.

Not so of an error that asks for the context together with ``pred_noise``: it caps, by context, what is taken off for
the sampling of predicted cells, and that cap hardly moves with the conditions that are tested.
"""


def restore(
    filled: Mapping[tuple[str, str], Filled],
    *,
    context: Codes,
    family: Codes,
    strata: Mapping[str, NDArray[np.bool_]],
    decision: str,
    seed: int,
    draws: int,
    reliability: Array | None = None,
) -> Scores:
    """Aggregate stored values over the draws by which they were aggregated first.

    Parameters
    ----------
    filled
        (answer, metric) to its values of the test conditions.
    context, family
        (t,) codes, in the order of the assessment's own.
    seed, draws
        Of the assessment: then draws, intervals and p-values are its own to the last bit but for rounding.
    reliability
        (t,) split-half correlations, for the weighted mean; left out if ``None``.

    Returns
    -------
    Scores without predictions; metrics that are not registered are left out.
    """
    n = len(context)
    half = np.full(n, np.nan) if reliability is None else reliability
    panel = Panel({"reliability": half}, context, family, strata, decision, "")
    known = {key: values for key, values in filled.items() if key[1] in METRICS}
    scores = Scores(panel, filled=dict(known))
    answers = list(dict.fromkeys(name for name, _ in known))
    for metric in dict.fromkeys(metric for _, metric in known):
        names = [name for name in answers if (name, metric) in known]
        aggregate_filled(scores, [METRICS[metric]], names, seed, draws)
    return scores


def comparable_on_part(metrics: Sequence[str], *, same_training: bool) -> dict[str, str]:
    """Metrics whose values of single conditions stand on their own, and why others do not.

    Parameters
    ----------
    same_training
        Whether all were trained on the same conditions.

    Returns
    -------
    Metric to the reason why it cannot be compared on a part of its test conditions; empty where it can.
    """
    out = {}
    for metric in metrics:
        asked = set(METRICS[metric].arguments) if metric in METRICS else set()
        reason = ""
        if metric not in METRICS:
            reason = "it is not registered here"
        elif METRICS[metric].meta["level"] != "condition":
            reason = "it has one value for all conditions together"
        elif asked & OF_THE_OTHERS - ({"context"} if "pred_noise" in asked else set()):
            reason = "its value of a condition depends on the other test conditions"
        elif asked & OF_TRAINING and not same_training:
            reason = "it compares with the mean of training effects, and training differs"
        out[metric] = reason
    return out
