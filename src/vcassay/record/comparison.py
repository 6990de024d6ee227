"""A comparison of stored assessments: what was compared, what was refused, and how sure the order is."""

from __future__ import annotations

from vcassay.core import Panel
from vcassay.record.base import Record
from vcassay.record.evidence import MetricRecord


class SourceRecord(Record):
    """An assessment directory that was read."""

    folder: str
    """As it was named."""
    study: str
    assessment: str
    """sha256 of assessment.json."""
    conditions: str
    """sha256 of conditions.parquet."""
    scores: str
    """sha256 of scores.parquet."""
    version: str
    """Of vcassay, by which it was made."""
    created: str
    quick: bool


class EntryRecord(Record):
    """One model of one assessment."""

    label: str
    """The model's name, with that of its directory where several have the name."""
    model: str
    folder: str
    level: str
    """Of its verdict."""
    sentence: str
    """What the evidence supports, by its own assessment."""
    reasons: tuple[str, ...]
    provided: int
    """Clauses that the sentence depends on."""
    ranked: bool
    """Whether it stands among the ranked: better than every legal baseline, and no leak found."""
    why: str
    """Why it is not ranked; empty otherwise."""
    n_abstained: int = 0
    n_seeds: int = 1


class DifferenceRecord(Record):
    """A model against another on the same conditions, oriented so that above 0 the first is better."""

    model: str
    other: str
    difference: float | None
    low: float | None
    high: float | None
    se: float | None
    p_value: float | None
    """Two-sided, adjusted by Holm over the pairs of models."""
    n: int
    apart: bool
    """The interval leaves out 0, and the p-value holds."""
    equivalent: bool
    """Not told apart, and the 90 % interval lies within the margin."""
    margin: float
    detectable_difference: float | None = None
    """Smallest difference that this comparison finds at the 5 % level with 80 % power."""


class RowRecord(Record):
    """A line of the table of one metric: a model, the best legal baseline, or the ceiling."""

    name: str
    title: str
    kind: str
    """model, baseline or ceiling."""
    score: float | None
    low: float | None
    high: float | None
    n_at_chance: int = 0
    """Conditions that count at chance, because the answer has none."""
    reason: str = ""
    """Why there is no score; empty otherwise."""
    skill: float | None = None
    """(score - b) / (ceiling - b), b the best legal baseline of all directories."""
    skill_low: float | None = None
    skill_high: float | None = None
    no_skill: str = ""
    """Why there is no skill; empty otherwise."""
    beats: bool | None = None
    """Whether the model is better than every legal baseline, by its own assessment."""
    rank: float | None = None
    """Among ranked models, by the score; ties share their mean rank."""
    rank_low: int | None = None
    rank_high: int | None = None
    """95 % interval of the rank."""
    first: float | None = None
    """Probability of rank one among the ranked models; ties share it."""
    distribution: tuple[float, ...] = ()
    """Probability of every rank from 1."""
    from_reference: float | None = None
    reference_low: float | None = None
    reference_high: float | None = None
    """Paired difference from the reference model, above 0 where this one is better."""


class BoardRecord(Record):
    """One metric."""

    metric: MetricRecord
    stratum: str
    interval: str
    """What intervals are conditional on."""
    n: int
    """Conditions that were compared."""
    n_contexts: int
    n_truth_undefined: int
    """Conditions that the truth leaves undefined, for all alike."""
    rows: tuple[RowRecord, ...]
    """By falling score."""
    differences: tuple[DifferenceRecord, ...]
    groups: tuple[tuple[str, ...], ...]
    """Largest groups of models of which no two can be told apart."""
    n_draws: int
    reason: str = ""
    """Why there are no intervals and probabilities; empty otherwise."""


class LeaderboardRecord(Record):
    """Models of several assessments, compared."""

    schema_: str = "vcassay.comparison/1"
    claim: str
    """The sentence that all assessments share."""
    regime: str
    use: str
    screen: str
    sources: tuple[SourceRecord, ...]
    entries: tuple[EntryRecord, ...]
    boards: tuple[BoardRecord, ...]
    reference: str = ""
    common: str = ""
    """How many conditions are shared, where not all are."""
    warnings: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    """What is not shown, and why."""
    seed: int
    draws: int
    resampled: str = ""
    """What the bootstrap draws together, in words."""

    def panel(self) -> Panel:
        """Every model with its verdict and, in the first metric, its score and rank."""
        rows = {r.name: r for r in self.boards[0].rows} if self.boards else {}
        lines = []
        for entry in self.entries:
            row = rows.get(entry.label)
            score = "" if row is None or row.score is None else f"{row.score:.3f}"
            rank = "" if row is None or row.rank is None else f"{row.rank:g}"
            lines.append((entry.label, entry.level, score, rank))
        title = self.boards[0].metric.title if self.boards else "score"
        return Panel(
            f"Comparison of {len(self.entries)} models",
            self.claim,
            facts=(("regime", self.regime), ("shared", self.common)),
            columns=("model", "verdict", title, "rank"),
            rows=lines,
            whole=True,
            notes=(*self.warnings, *self.refused),
        )
