"""Standing: how a model stands to a baseline and in a ranking, in one sentence each."""

from __future__ import annotations

from vcassay.record.evidence import ComparisonRecord, RankingRecord
from vcassay.report.wording import decimals, number, percent


def comparison_sentence(row: ComparisonRecord, baseline: str = "", metric: str = "") -> str:
    """Say how a model stands to a baseline: better, worse, not distinguishable, or not told apart.

    Parameters
    ----------
    baseline, metric
        Titles to use in place of the names.
    """
    baseline, metric = baseline or row.baseline, metric or row.metric
    if row.difference is None or row.low is None or row.high is None:
        return f"{row.model} cannot be compared with {baseline} in {metric}: there are too few perturbations."
    places = max(3, decimals(row.low, row.high))
    span = f"difference {number(row.difference, places)}, 95 % interval {_range(row.low, row.high, places)}"
    if row.better or row.worse:
        word = "better" if row.better else "worse"
        small = ""
        if row.margin is not None and abs(row.difference) < row.margin:
            small = f", by less than {row.margin:g}"
        return f"{row.model} is {word} than {baseline} in {metric}{small} ({span})."
    if row.equivalent and row.margin is not None:
        narrow = f"90 % interval of the difference {_range(row.equivalence_low, row.equivalence_high, places)}"
        return f"{row.model} is not distinguishable from {baseline} within {row.margin:g} in {metric} ({narrow})."
    need = "" if row.detectable_difference is None else f"; {row.detectable_difference:.2g} could have been found"
    return f"{row.model} and {baseline} cannot be told apart in {metric} ({span}{need})."


def _range(low: float | None, high: float | None, places: int) -> str:
    return f"{number(low, places)} to {number(high, places)}"


def rank_sentence(ranking: RankingRecord, model: str, metric: str = "") -> str:
    """Say where a model stands among all answers, and how sure that is; empty if it is not ranked."""
    row = next((r for r in ranking.ranks if r.name == model), None)
    if row is None:
        return ""
    head = f"{model} has rank {row.rank:g} of {len(ranking.ranks)} in {metric or ranking.metric}"
    if row.first is None:
        return f"{head} ({ranking.reason})."
    return f"{head} (95 % interval {row.low} to {row.high}; first in {percent(row.first)} of the draws)."
