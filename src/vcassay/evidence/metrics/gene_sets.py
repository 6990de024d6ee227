"""Gene sets: their activities in effects, and which are called in the truth and in a prediction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.agreement import Ratio
from vcassay.arrays.enrichment import activities, activity_errors, call_activities
from vcassay.arrays.projection import mean_square
from vcassay.core import Threshold

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Signs = NDArray[np.int8]

CALL_LEVEL = Threshold("pathway_call_level", 0.05, "false discovery rate over the gene sets of a condition")
LEAST_SETS = Threshold("least_sets", 5, "a correlation over fewer gene sets is mostly chance")


class OfTruth(NamedTuple):
    """The truth's side of the gene sets, worked out once for all answers.

    Attributes
    ----------
    scored
        (g,) genes that are scored for all conditions.
    defined
        (k,) sets that some of these are in and some not; none where they are fewer than `LEAST_SETS`.
    truth, half_a, half_b
        (t, k) activities.
    """

    scored: Mask
    defined: Mask
    truth: Array
    half_a: Array
    half_b: Array


class Activities(NamedTuple):
    """(t, k) activities of gene sets in the prediction, the truth and its halves."""

    pred: Array
    truth: Array
    half_a: Array
    half_b: Array


def of_truth(given: Mapping[str, Any]) -> OfTruth:
    """Find the activities of the truth and its halves, from the arguments of metrics."""
    mask, pathways = given["mask"], given["pathways"]
    scored: Mask = np.asarray(mask.all(axis=0))
    defined = np.isfinite(activities(np.zeros((1, mask.shape[1])), pathways, scored)[0])
    if defined.sum() < LEAST_SETS.value:
        defined[:] = False
    parts = (_of(given[name], scored, defined, pathways) for name in ("truth", "half_a", "half_b"))
    return OfTruth(scored, defined, *parts)


def _of(effects: Array, scored: Mask, defined: Mask, pathways: Any) -> Array:
    if not defined.any():
        return np.full((len(effects), 1), np.nan)
    return activities(effects, pathways, scored)[:, defined]


def find_activities(given: Mapping[str, Any], memo: dict[str, Any]) -> Activities:
    """Find activities in a prediction, beside those of the truth, which ``memo`` keeps."""
    if "gene sets" not in memo:
        memo["gene sets"] = of_truth(given)
    side: OfTruth = memo["gene sets"]
    pred = _of(given["pred"], side.scored, side.defined, given["pathways"])
    return Activities(pred, side.truth, side.half_a, side.half_b)


class Called(NamedTuple):
    """Signs of the called gene sets, (t, k) each, and which conditions can be called at all."""

    truth: Signs
    pred: Signs
    known: Mask


class _Line(NamedTuple):
    """What the truth calls, and what a prediction has to reach to be called."""

    sign: Signs
    limit: Array
    error: Array


def find_calls(given: Mapping[str, Any], found: Activities, memo: dict[str, Any]) -> Called:
    """Call gene sets in the truth, and in the prediction at the truth's precision.

    The error of an activity is pooled over the conditions of a context (`vcassay.arrays.enrichment.activity_errors`);
    a set is called in the prediction where it would have been called in the truth, had it been measured so.
    """
    if "called gene sets" not in memo:
        memo["called gene sets"] = _line(given, found, memo["gene sets"].scored)
    line: _Line = memo["called gene sets"]
    with np.errstate(invalid="ignore", divide="ignore"):
        z = found.pred / line.error
        signs = np.where(np.abs(z) >= line.limit[:, None], np.sign(np.nan_to_num(z)), 0.0).astype(np.int8)
    return Called(line.sign, signs, np.isfinite(line.limit))


def _line(given: Mapping[str, Any], found: Activities, scored: Mask) -> _Line:
    everywhere = np.broadcast_to(scored, given["mask"].shape)
    noise = mean_square(given["half_a"] - given["half_b"], everywhere) / 4.0
    depth = mean_square(given["se"], everywhere)
    errors = activity_errors(found.half_a, found.half_b, noise, depth, given["context"])
    calls = call_activities(found.truth, errors, CALL_LEVEL.value)
    return _Line(calls.sign, calls.limit, errors.error)


def hallucinated(c: Called) -> Ratio:
    """Sets called in the prediction but not, or the other way round, in the truth; of all called in the prediction."""
    return _share((c.pred != 0) & (c.pred != c.truth), c.pred != 0, c.known)


def missed(c: Called) -> Ratio:
    """Sets called in the truth but not, or the other way round, in the prediction; of all called in the truth."""
    return _share((c.truth != 0) & (c.pred != c.truth), c.truth != 0, c.known)


def shared(c: Called) -> Ratio:
    """Sets called in both, one way; twice their number over the calls of both (Dice)."""
    both = (c.truth != 0) & (c.pred == c.truth)
    n = (c.truth != 0).sum(axis=1) + (c.pred != 0).sum(axis=1)
    return Ratio(np.where(c.known, 2.0 * both.sum(axis=1), np.nan), np.where(c.known, n, np.nan).astype(np.float64))


def _share(part: Mask, whole: Mask, known: Mask) -> Ratio:
    top, below = part.sum(axis=1).astype(np.float64), whole.sum(axis=1).astype(np.float64)
    return Ratio(np.where(known, top, np.nan), np.where(known, below, np.nan))
