"""Matched: scores against a truth thinned to about the same number of rows in every condition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.ranking import mid_ranks
from vcassay.core import Threshold
from vcassay.effects.depths import Depths, Part
from vcassay.effects.moments import Moments
from vcassay.evidence.metrics.ceilings.agreement import panel_at
from vcassay.evidence.metrics.ceilings.ceiling import find_ceilings
from vcassay.evidence.metrics.inference.orient import orient
from vcassay.evidence.metrics.panel import Panel
from vcassay.evidence.metrics.score import Scores, score_answers
from vcassay.prediction import Answer
from vcassay.record.attained import MatchedRecord

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

SHOWN = ("pearson_delta", "cosine_delta", "pds_cosine", "jaccard_called", "fidelity", "auroc_de", "reach")
"""Metrics that depend on the number of rows; errors freed of noise do not."""
CLOSED = "pearson_delta"
"""The metric whose ceiling at a lesser depth follows from that at full depth."""
LEAST_ROWS = Threshold("least_matched_rows", 8, "one row a shard: fewer cannot be thinned")
COMMON = Threshold("common_rows_quantile", 0.1, "conditions above the tenth percentile of rows are thinned to it")
UNEVEN = Threshold("uneven_rows", 1.5, "thinning comes in eighths: within it there is nothing to match")
EVERY = (0.25, 0.25, 0.25, 0.25)
"""Weights of all reserved control shards."""


class Thinned(NamedTuple):
    """A panel at about equal numbers of rows.

    Attributes
    ----------
    panel
        The conditions that have enough rows.
    keep
        (t,) which these are.
    before, after
        Fewest and most rows of a condition, all of them and what is left.
    """

    panel: Panel
    keep: NDArray[np.bool_]
    before: tuple[int, int]
    after: tuple[int, int]


def thin(panel: Panel, moments: Moments, test: Codes, shards: tuple[int, ...]) -> Thinned | str:
    """Measure every condition from so many of its shards that it has about as many rows as the small ones.

    The tenth percentile of rows is common to all: conditions of fewer keep theirs, and what has fewer than
    `LEAST_ROWS` is left out. Rows come by shards, so that numbers match within half a shard. Controls stay as they
    are, common to a context's conditions. Standard errors and calls become those of the lesser depth, and so does the
    split-half correlation, by Spearman and Brown.

    Parameters
    ----------
    moments, test
        Sums over shards of all conditions, and where the panel's are among them.
    shards
        Shards that are scored.

    Returns
    -------
    The thinned panel, or why there is none.
    """
    rows = moments.rows[test]
    whole = rows[:, list(shards)].sum(axis=1)
    keep: NDArray[np.bool_] = np.asarray(whole >= LEAST_ROWS.value)
    if keep.sum() < 2:
        return f"{int(keep.sum())} conditions have {LEAST_ROWS.value:g} rows or more"
    n = whole[keep]
    common = float(np.quantile(n, COMMON.value))
    if n.max() < UNEVEN.value * common:
        return f"all conditions have about as many rows ({n.min()} to {n.max()})"
    count = np.clip(np.round(common / n * len(shards)), 1, len(shards)).astype(np.int64)
    part, at = panel.take(keep), test[keep]
    truth, left = np.array(part.inputs["truth"]), n.copy()
    for k in np.unique(count[count < len(shards)]).tolist():
        here = count == k
        truth[here] = Depths(moments, at[here]).effects(Part(shards[:k], EVERY))
        left[here] = rows[keep][here][:, list(shards[:k])].sum(axis=1)
    if not np.isfinite(np.where(part.inputs["mask"], truth, 0.0)).all():
        return "a shard of some condition has no rows"
    depth = left / n
    thinned = panel_at(part, truth, depth[:, None])
    half = part.reliability
    lesser = {"reliability": depth * half / (1.0 + (depth - 1.0) * half)}
    made = replace(thinned, inputs={**thinned.inputs, **lesser})
    return Thinned(made, keep, (int(n.min()), int(n.max())), (int(left.min()), int(left.max())))


def matched_scores(
    scores: Scores,
    answers: Mapping[str, Answer],
    moments: Moments,
    test: Codes,
    shards: tuple[int, ...],
    seed: int,
    draws: int,
) -> tuple[list[MatchedRecord], str]:
    """Score answers at about equal numbers of rows, beside their scores on the same conditions at full depth.

    Where ranks differ, the number of rows had a part in the order of answers. The ceiling of Pearson delta is that of
    the lesser depth.

    Parameters
    ----------
    answers
        Models and legal baselines.

    Returns
    -------
    One record an answer and metric, in the stratum that decides; and why there are none, else empty.
    """
    panel = scores.panel
    if panel.scalar or not moments.slots.n_groups:
        return [], "effects are compared at unequal numbers of rows only where rows and controls are measured"
    found = thin(panel, moments, test, shards)
    if isinstance(found, str):
        return [], found
    some = {name: replace(a, values=a.values[found.keep], noise=None, cells=None) for name, a in answers.items()}
    full = scores if found.keep.all() else score_answers(panel.take(found.keep), some, seed, draws, SHOWN)
    less = score_answers(found.panel, some, seed, draws, SHOWN)
    stratum, out = panel.decision, []
    best, best_of_less = (_ceiling(s, stratum) for s in (full, less))
    for metric in SHOWN:
        known = [n for n in some if all((n, metric, stratum) in s.draws for s in (full, less))]
        if not known:
            continue
        ranks = [
            mid_ranks(np.array([orient(metric, *s.draws[n, metric, stratum])[0] for n in known])) for s in (full, less)
        ]
        closed = metric == CLOSED
        for i, name in enumerate(known):
            e = less.estimate(name, metric, stratum)
            out.append(
                MatchedRecord(
                    model=name,
                    metric=metric,
                    stratum=stratum,
                    n=len(less.weights[metric, stratum][0]),
                    rows=found.before,
                    matched_rows=found.after,
                    score=full.draws[name, metric, stratum][0],
                    matched=e.value,
                    low=e.low,
                    high=e.high,
                    rank=float(ranks[0][i]),
                    matched_rank=float(ranks[1][i]),
                    ceiling=best if closed else None,
                    matched_ceiling=best_of_less if closed else None,
                )
            )
    return out, "" if out else "no answer has a score at the lesser depth"


def _ceiling(scores: Scores, stratum: str) -> float:
    one = replace(scores, weights={key: w for key, w in scores.weights.items() if key[0] == CLOSED})
    return find_ceilings(one)[CLOSED, stratum].value
