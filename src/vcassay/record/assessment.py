"""The whole assessment as stored in assessment.json."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import Any

from vcassay.core import Panel
from vcassay.core.finding import SEVERITY
from vcassay.record.attained import MatchedRecord, ScaledRecord
from vcassay.record.base import Record
from vcassay.record.claim import ClaimRecord
from vcassay.record.clean import CleanRecord
from vcassay.record.evidence import (
    BaselineRecord,
    CalibrationRecord,
    CeilingRecord,
    ComparisonRecord,
    FindingRecord,
    InflationRecord,
    MetricRecord,
    RankingRecord,
    ScoreRecord,
    SeedRecord,
    SkillRecord,
    TemplateRecord,
    ThresholdRecord,
    UtilityRecord,
)
from vcassay.record.knowledge import FeatureRecord
from vcassay.record.screen import ScreenRecord

SCHEMA = "vcassay.assessment/1"


class VerdictRecord(Record):
    """How a model's claim ends."""

    level: str
    """supported, split-limited, diagnostic only, not supported or cannot tell."""
    rule: str
    """The rule that matched first: a, b, c or d, with its name."""
    sentence: str
    """The sentence that the evidence supports, and no other."""
    reasons: tuple[str, ...]
    provided: tuple[str, ...]
    """Clauses that the sentence depends on: undeclared inputs, biology not shown."""
    would_change: tuple[str, ...]
    utility: UtilityRecord | None = None

    def panel(self) -> Panel:
        """The level, the sentence and why."""
        named = (("because", self.reasons), ("provided that", self.provided), ("would change it", self.would_change))
        return Panel(
            f"Verdict: {self.level}",
            self.sentence,
            facts=(("rule", self.rule),),
            columns=("", "reason"),
            rows=[(head, text) for head, texts in named for text in texts],
            whole=True,
        )


class ModelRecord(Record):
    """One submission and its verdict."""

    name: str
    source: str
    """File, or the name of the ladder's baseline that was submitted as a model."""
    space: str
    n_wanted: int
    n_predicted: int
    n_abstained: int
    notes: tuple[str, ...]
    """What was mapped on reading: genes, labels, control rows."""
    disclosure: dict[str, Any]
    n_seeds: int = 1
    """Predictions files of the same model trained with other seeds, its own included."""
    verdict: VerdictRecord | None = None


class AssessmentRecord(Record):
    """One assessment."""

    schema_: str = SCHEMA
    study: str
    quick: bool
    complete: bool
    """False when something ended in ERROR."""
    screen: ScreenRecord
    claim: ClaimRecord
    findings: tuple[FindingRecord, ...]
    baselines: tuple[BaselineRecord, ...]
    features: tuple[FeatureRecord, ...] = ()
    """What baselines know of the study's perturbations and contexts, a resource or block each."""
    metrics: tuple[MetricRecord, ...]
    ceilings: tuple[CeilingRecord, ...]
    scores: tuple[ScoreRecord, ...]
    comparisons: tuple[ComparisonRecord, ...]
    skills: tuple[SkillRecord, ...]
    models: tuple[ModelRecord, ...]
    thresholds: tuple[ThresholdRecord, ...]
    domain_share: dict[str, float | None]
    """Per model: (best T3 - best T1) / (model - best T1) in the primary correlation metric."""
    require: dict[str, Any]
    utilities: tuple[UtilityRecord, ...] = ()
    """What rankings by the models and legal baselines are worth; those that could not be made have a reason."""
    calibration: tuple[CalibrationRecord, ...] = ()
    """One a metric, on this screen."""
    uncalibrated: str = ""
    """Why there is none; empty otherwise."""
    ranks: tuple[RankingRecord, ...] = ()
    """One a metric."""
    seeds: tuple[SeedRecord, ...] = ()
    """One a metric and stratum of each model that was trained with several seeds."""
    resampled: str = ""
    """What the bootstrap draws together, in words."""
    draws: int | None = None
    """Bootstrap draws; with the seed of the manifest they are made again as they were."""
    template: tuple[TemplateRecord, ...] = ()
    """Shares of energy and score in the template of training effects and beyond, of test and of training conditions."""
    inflation: tuple[InflationRecord, ...] = ()
    matched: tuple[MatchedRecord, ...] = ()
    """Scores at about equal numbers of rows."""
    unmatched: str = ""
    """Why there are none; empty otherwise."""
    scaled: tuple[ScaledRecord, ...] = ()
    """One a metric and model: the score between baseline and replicate, and the share of the attainable gain."""
    clean: tuple[CleanRecord, ...] = ()
    """Scores without the conditions that a leakage check touches: one a check, model and primary metric."""

    def panel(self) -> Panel:
        """The claim and every verdict."""
        counts = Counter(f.status for f in self.findings)
        return Panel(
            f"Assessment of {self.study}",
            self.claim.sentence,
            facts=(
                ("regime", self.claim.regime),
                ("test", f"{self.claim.n_test:,} conditions, {self.claim.n_perturbations_test:,} perturbations"),
                ("findings", ", ".join(f"{n:,} {status}" for status in SEVERITY if (n := counts[status]))),
                ("incomplete", "" if self.complete else "something ended in an error"),
            ),
            columns=("model", "level", "what the evidence supports"),
            rows=[(m.name, m.verdict.level, m.verdict.sentence) for m in self.models if m.verdict is not None],
            whole=True,
            notes=("Made with --quick: not everything was run.",) if self.quick else (),
        )

    def findings_of(self, model: str) -> tuple[FindingRecord, ...]:
        """Findings that speak of a model or of the whole study."""
        return tuple(f for f in self.findings if f.model in (None, model))

    def score(self, model: str, metric: str, stratum: str = "all") -> ScoreRecord | None:
        """Aggregate over contexts of one metric and stratum."""
        if self._index.get("of") is not self.scores:
            rows = {(r.model, r.metric, r.stratum): r for r in reversed(self.scores) if r.context is None}
            self._index.update(of=self.scores, rows=rows)
        found: ScoreRecord | None = self._index["rows"].get((model, metric, stratum))
        return found

    @cached_property
    def _index(self) -> dict[str, Any]:
        """Aggregates by name, made when first asked for; a copy with other scores makes its own."""
        return {}


class ManifestRecord(Record):
    """Where an assessment came from: enough to check and to repeat it."""

    schema_: str = "vcassay.manifest/1"
    command: str
    created: str
    seed: int
    versions: dict[str, str]
    inputs: dict[str, str]
    """sha256 of every input file."""
    outputs: dict[str, str]
    """sha256 of every file of the directory but the manifest and the rendered pages."""
    seconds: dict[str, float]
    """Time of each step."""
