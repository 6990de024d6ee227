"""Gene sets: their activities in effects, and which are called in the truth and in a prediction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.agreement import Ratio
from vcassay.arrays.enrichment import activities, activity_errors, call_activities
from vcassay.core import Threshold

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Codes = NDArray[np.int64]
Signs = NDArray[np.int8]

CALL_LEVEL = Threshold("pathway_call_level", 0.05, "false discovery rate over the gene sets of a condition")
LEAST_SETS = Threshold("least_sets", 5, "a correlation over fewer gene sets is mostly chance")


def set_activities(mask: Mask, pathways: Any, *effects: Array) -> list[Array]:
    """(t, k) activities of the sets that are defined on the genes scored for all conditions."""
    scored: Mask = np.asarray(mask.all(axis=0))
    defined = np.isfinite(activities(np.zeros((1, mask.shape[1])), pathways, scored)[0])
    if defined.sum() < LEAST_SETS.value:
        return [np.full((len(e), 1), np.nan) for e in effects]
    return [activities(e, pathways, scored)[:, defined] for e in effects]


class Called(NamedTuple):
    """Signs of the called gene sets, (t, k) each, and which conditions can be called at all."""

    truth: Signs
    pred: Signs
    known: Mask


def called_sets(
    truth: Array,
    pred: Array,
    mask: Mask,
    halves: tuple[Array, Array],
    se: Array,
    context: Codes,
    pathways: Any,
) -> Called:
    """Call gene sets in the truth, and in the prediction at the truth's precision.

    The error of an activity is pooled over the conditions of a context (`vcassay.arrays.enrichment.activity_errors`);
    a set is called in the prediction where it would have been called in the truth, had it been measured so.
    """
    true, mine, a, b = set_activities(mask, pathways, truth, pred, *halves)
    scored = mask.all(axis=0)
    noise = (((halves[0] - halves[1])[:, scored] / 2.0) ** 2).mean(axis=1)
    errors = activity_errors(a, b, noise, (se[:, scored] ** 2).mean(axis=1), context)
    calls = call_activities(true, errors, CALL_LEVEL.value)
    with np.errstate(invalid="ignore", divide="ignore"):
        z = mine / errors.error
    signs = np.where(np.abs(z) >= calls.limit[:, None], np.sign(np.nan_to_num(z)), 0.0).astype(np.int8)
    return Called(calls.sign, signs, np.isfinite(calls.limit))


def find_calls(given: Mapping[str, Any]) -> Called:
    """Call gene sets from the arguments of metrics."""
    halves = (given["half_a"], given["half_b"])
    known = (given[name] for name in ("se", "context", "pathways"))
    return called_sets(given["truth"], given["pred"], given["mask"], halves, *known)


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
