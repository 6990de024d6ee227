"""Scores beside what can be reached: between baseline and replicate, and at equal numbers of rows."""

from __future__ import annotations

from vcassay.record.base import Record


class ScaledRecord(Record):
    """One metric between the best legal baseline and a replicate, or a perfect model; not clipped.

    Not comparable between panels, whose baselines and replicates differ.
    """

    model: str
    metric: str
    stratum: str
    score: float | None
    baseline: str
    baseline_score: float | None
    replicate: float | None
    replicate_kind: str
    """The depth that the replicate has."""
    scaled: float | None
    """(score - baseline) / (replicate - baseline), of distances to an optimum inside the range."""
    low: float | None
    high: float | None
    refused: str
    """Why it is not scaled; empty otherwise."""
    ceiling: float | None
    """Of a perfect model."""
    attainable: float | None
    """(score - baseline) / (ceiling - baseline)."""
    attainable_low: float | None
    attainable_high: float | None
    attainable_refused: str
    """Why there is no share of the attainable gain; empty otherwise."""


class MatchedRecord(Record):
    """An answer's score against a truth thinned to about equal numbers of rows, beside that at full depth."""

    model: str
    metric: str
    stratum: str
    n: int
    rows: tuple[int, int]
    """Fewest and most rows of a condition."""
    matched_rows: tuple[int, int]
    """The same after thinning."""
    score: float | None
    """At full depth, on the same conditions."""
    matched: float | None
    low: float | None
    high: float | None
    rank: float
    matched_rank: float
    """Among models and legal baselines; ties share it."""
    ceiling: float | None = None
    matched_ceiling: float | None = None
    """Of a perfect model, where it has a closed form."""
