"""Stage 2 as stored: findings, baselines, scores, ceilings, comparisons, skill."""

from __future__ import annotations

from typing import Any

from vcassay.core import Finding, Panel, Status
from vcassay.record.base import Record


class FindingRecord(Record):
    """A finding (see `vcassay.core.Finding`)."""

    check: str
    title: str
    status: str
    sentence: str
    value: float | None = None
    null: float | None = None
    threshold: float | None = None
    model: str | None = None
    evidence: tuple[dict[str, Any], ...] = ()
    remedy: str = ""
    question: str = ""
    blocks: bool = False
    family: str = "leakage"
    room: str = ""
    """Of a leakage check, what it looks at (see `vcassay.record.rooms`)."""

    def panel(self) -> Panel:
        """As the finding that it stores."""
        own = {k: v for k, v in self if k != "room"}
        return Finding(**(own | {"status": Status(self.status)})).panel()


class BaselineRecord(Record):
    """One rung of the ladder."""

    name: str
    title: str
    tier: str
    """T0 to T4."""
    kind: str
    """baseline, probe, sabotage or reference."""
    summary: str
    source: str
    reads: tuple[str, ...]
    legal: bool
    why: str
    """Why it is not legal, or why it could not run; empty otherwise."""
    ran: bool
    n_predicted: int
    fallback: str = ""
    """What it did for conditions it could not predict by its own rule."""
    n_fallback: int = 0
    """How many those were."""
    twin: str = ""
    """Of a sabotage, the baseline whose input it destroys."""


class ScoreRecord(Record):
    """An aggregate score (see `vcassay.core.Score`); per-condition values are in scores.parquet."""

    metric: str
    model: str
    stratum: str
    context: str | None = None
    value: float | None = None
    status: str = "ok"
    reason: str = ""
    n: int
    n_truth_undefined: int = 0
    n_at_chance: int = 0
    low: float | None = None
    high: float | None = None
    interval: str = ""
    """What the interval is conditional on."""
    attenuation_corrected: float | None = None
    """Score over the ceiling of a perfect model: what it would be without noise in the truth. Correlations alone."""
    corrected_low: float | None = None
    corrected_high: float | None = None
    corrected_reason: str = ""
    """Why a correlation was not corrected; empty otherwise."""


class MetricRecord(Record):
    """What a metric is, as the record's reader needs it."""

    name: str
    title: str
    family: str
    """error, correlation, retrieval, magnitude, null or raw."""
    optimum: float
    chance: float | None
    higher_is_better: bool
    primary: bool
    """Whether it can carry the verdict."""
    summary: str
    source: str
    space: str = ""
    """What is compared; ``expression`` does not measure perturbation biology."""
    reference: str = ""
    """What effects are differences from."""
    undefined: str = ""
    """When it has no value."""
    fooled_by: str = ""
    demoted: tuple[str, ...] = ()
    """Why it cannot carry the verdict on this screen; empty where it can."""


class CalibrationRecord(Record):
    """Whether a metric can tell a replicate from the mean effect on this screen (DRF, BDS, conformance)."""

    metric: str
    n: int
    optimum: float
    interpolated: float | None
    """A replicate of half the depth where it is significant, the mean training effect where it is not."""
    replicate: float | None
    mean: float | None
    no_change: float | None
    drf: float | None
    """(interpolated - mean) / (optimum - mean), not clipped."""
    drf_low: float | None
    drf_high: float | None
    bds: float | None
    """Share of conditions in which the interpolated replicate is better than the mean, ties counted half."""
    bds_low: float | None
    bds_high: float | None
    sanity: float | None
    """The same against no change."""
    sanity_low: float | None
    sanity_high: float | None
    broken: tuple[str, ...]
    """Rules of conformance that the metric breaks on this screen."""
    reasons: tuple[str, ...]
    """Why it is demoted; empty where it is not."""


class CeilingRecord(Record):
    """The best that can be reached in one metric and stratum."""

    metric: str
    stratum: str
    kind: str
    """perfect model, or replicate (named as such, with the depth that it has)."""
    value: float | None
    low: float | None
    high: float | None
    reason: str
    """Why there is none; empty otherwise."""
    context: str | None = None
    """One context of the stratum; all of them if ``None``."""
    note: str = ""
    """Why it is no better known: what kept a replicate from being brought to full depth."""


class InflationRecord(Record):
    """What sharing the controls adds to a score: truth against the model's own controls, less against reserved ones."""

    model: str
    metric: str
    stratum: str
    naive: float | None
    """Truth against the controls left to training, on which predictions stand."""
    disjoint: float | None
    """Truth against the reserved controls: the score itself."""
    difference: float | None
    low: float | None
    high: float | None


class ComparisonRecord(Record):
    """A model against one legal baseline on the same conditions, oriented so that above 0 is better."""

    model: str
    baseline: str
    metric: str
    family: str
    difference: float | None
    low: float | None
    high: float | None
    se: float | None
    interval: str
    n: int
    better: bool
    """Lower bound above 0."""
    worse: bool
    """Upper bound below 0."""
    p_value: float | None
    """One-sided, adjusted over models by Holm."""
    equivalent: bool = False
    """Neither better nor worse, and the 90 % interval lies within the margin: two one-sided tests at 5 %."""
    margin: float | None = None
    """What counts as no difference, in the metric's own unit."""
    equivalence_low: float | None = None
    equivalence_high: float | None = None
    """The 90 % interval."""
    detectable_difference: float | None = None
    """Smallest difference that this comparison finds at the 5 % level with 80 % power."""
    wins: float | None = None
    """Share of the perturbations on which the model is better, ties as half."""
    sign_p: float | None = None
    """Sign test over perturbations, one-sided, not adjusted: a check beside the bootstrap."""
    signed_rank_p: float | None = None
    """Wilcoxon signed-rank test likewise."""
    no_sign_test: str = ""
    """Why there is neither; empty otherwise."""


class RankRecord(Record):
    """Where one answer, model or legal baseline, stands in a metric over the shared bootstrap draws."""

    name: str
    role: str
    score: float
    rank: float
    """By the score; ties share their mean rank."""
    low: int | None
    high: int | None
    """95 % interval of the rank."""
    first: float | None
    """Probability of rank one; ties share it, so that all answers sum to 1."""
    distribution: tuple[float, ...] = ()
    """Probability of every rank from 1, for primary metrics."""


class PairRecord(Record):
    """How often one model is above another over the shared bootstrap draws."""

    model: str
    other: str
    better: float
    """Probability that the first is better; a tie counts half."""


class RankingRecord(Record):
    """The ranking of all answers by one metric, and how far other metrics agree with it."""

    metric: str
    stratum: str
    interval: str
    """What the draws are conditional on, as for intervals."""
    n_draws: int
    ranks: tuple[RankRecord, ...]
    """By falling score; answers without a score are not ranked."""
    pairs: tuple[PairRecord, ...]
    """Each pair of models once."""
    agreement: dict[str, float | None]
    """Kendall's tau-b with the ranking by each primary metric."""
    reason: str = ""
    """Why there are no probabilities; empty otherwise."""


class SeedRecord(Record):
    """Spread of a model's score over its training seeds."""

    model: str
    metric: str
    stratum: str
    n_seeds: int
    mean: float
    sd: float
    low: float
    high: float
    """Lowest and highest of the seeds' scores."""
    values: tuple[float, ...] = ()
    """The score of each seed, the model's own first."""


class SkillRecord(Record):
    """Share of what is attainable above the best legal baseline: (u - b*) / (c - b*)."""

    model: str
    metric: str
    family: str
    score: float | None
    baseline: str
    baseline_score: float | None
    ceiling: float | None
    ceiling_kind: str
    skill: float | None
    low: float | None
    high: float | None
    span: float | None
    span_se: float | None
    resolvable: float | None
    """Half-width of the paired interval as a share of the span: the smallest gain that could be told from none."""
    refused: str
    """Why there is no skill; empty otherwise."""
    demoted: bool = False
    """Whether the metric failed its calibration on this screen: then it decides nothing."""
    n_baselines: int = 0
    """How many legal baselines the best was chosen from."""
    optimism: float | None = None
    """How much that choice, made on these test conditions, flatters the best baseline, by resampling."""


class UtilityRecord(Record):
    """A figure of what a model is worth in use; the card shows the one that matters for the intended use."""

    name: str
    value: float | None
    low: float | None
    high: float | None
    sentence: str
    model: str = ""
    uses: tuple[str, ...] = ()
    """Intended uses that it speaks to (`vcassay.claim.applications.USES`)."""
    chance: float | None = None
    ceiling: float | None = None
    ceiling_kind: str = ""
    """What reaches the ceiling: a perfect model, or a replicate of half the depth."""
    baseline: str = ""
    """The best legal baseline in this figure."""
    baseline_value: float | None = None
    n: int = 0
    """Conditions that were ranked."""
    reason: str = ""
    """Why there is no value; empty otherwise."""
    coverage: str = ""
    """How many genes of the signature the screen has."""


class TemplatePartRecord(Record):
    """Share of the true effects' energy in one part of mean + context + perturbation + interaction."""

    part: str
    """common, context, perturbation or interaction."""
    title: str
    share: float | None
    """Not clipped: below 0 it is noise, or a part that training tells wrongly."""
    low: float | None
    high: float | None


class TemplateModelRecord(Record):
    """What a model predicts and scores in one part; over the parts both add up."""

    model: str
    part: str
    own: float | None
    """Share of the model's squared effect along the part."""
    score: float | None
    """The part's contribution to the cosine of predicted and true effects, freed of the truth's noise."""
    low: float | None
    high: float | None
    sentence: str = ""
    """Where the model's skill lies: with its last part, the interaction."""


class TemplateRecord(Record):
    """The template of training effects: what it holds of the true effects, and of each model's (methods 17)."""

    conditions: str
    """test, or training: each predicted from the other training conditions."""
    n: int
    n_left_out: int = 0
    """Without split halves or a training effect, or sharing controls with training."""
    n_alone: int = 0
    """Training conditions whose treatment (or context) has no other, which tell nothing of interaction."""
    n_context_known: int = 0
    n_perturbation_known: int = 0
    parts: tuple[TemplatePartRecord, ...] = ()
    models: tuple[TemplateModelRecord, ...] = ()
    sentence: str = ""
    reason: str = ""
    """Why there are no shares; empty otherwise."""


class ThresholdRecord(Record):
    """A named constant with its source."""

    name: str
    value: float
    source: str
