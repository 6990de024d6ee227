"""What the rules look at: one model's part of the record."""

from __future__ import annotations

from dataclasses import dataclass

from vcassay.core import STRENGTH, Regime, Status, Threshold
from vcassay.record.assessment import AssessmentRecord
from vcassay.record.claim import ApplicationRecord
from vcassay.record.evidence import BaselineRecord, ComparisonRecord, FindingRecord, SkillRecord


@dataclass(frozen=True, slots=True)
class Evidence:
    """One model's evidence.

    Attributes
    ----------
    record, model
        The assessment and the model's name.
    findings
        Those of the model and of the study.
    skills
        One a primary metric.
    comparisons
        One a primary metric and legal baseline.
    """

    record: AssessmentRecord
    model: str
    findings: tuple[FindingRecord, ...]
    skills: tuple[SkillRecord, ...]
    comparisons: tuple[ComparisonRecord, ...]

    @classmethod
    def of(cls, record: AssessmentRecord, model: str) -> Evidence:
        """Collect a model's evidence."""
        skills = tuple(s for s in record.skills if s.model == model)
        comparisons = tuple(c for c in record.comparisons if c.model == model)
        return cls(record, model, record.findings_of(model), skills, comparisons)

    def limit(self, threshold: Threshold) -> float:
        """Value of a threshold as the record stores it, so that a verdict is derived as it was; else ours."""
        return next((t.value for t in self.record.thresholds if t.name == threshold.name), threshold.value)

    def with_status(self, status: Status) -> list[FindingRecord]:
        """Findings with a status."""
        return [f for f in self.findings if f.status == status]

    @property
    def measurable(self) -> list[SkillRecord]:
        """Primary metrics in which skill could be measured."""
        return [s for s in self.skills if not s.refused]

    @property
    def carrying(self) -> list[SkillRecord]:
        """Metrics that can carry the verdict: those that did not fail their calibration on this screen."""
        return [s for s in self.skills if not s.demoted]

    def beaten(self, metric: str) -> bool:
        """Whether the model is better than every legal baseline in a metric."""
        rows = [c for c in self.comparisons if c.metric == metric]
        return bool(rows) and all(c.better for c in rows)

    def not_beaten(self, metric: str) -> list[ComparisonRecord]:
        """Legal baselines that the model is not better than, the most damaging first."""
        rows = [c for c in self.comparisons if c.metric == metric and not c.better]
        return sorted(rows, key=lambda c: c.difference if c.difference is not None else 0.0)

    def worse(self, metric: str) -> list[ComparisonRecord]:
        """Legal baselines that are better than the model."""
        return [c for c in self.not_beaten(metric) if c.worse]

    @property
    def fit(self) -> ApplicationRecord | None:
        """How far the regime speaks to the intended use; ``None`` without one."""
        return next((a for a in self.record.claim.applications if a.use == self.record.claim.use), None)

    @property
    def overstated(self) -> bool:
        """Whether the declared regime is stronger than the one found."""
        claim = self.record.claim
        if not claim.declared:
            return False
        return STRENGTH.index(Regime(claim.declared)) > STRENGTH.index(Regime(claim.regime))

    def title(self, baseline: str) -> str:
        """A baseline's name in words."""
        return next((b.title for b in self.record.baselines if b.name == baseline), baseline)

    def metric_title(self, metric: str) -> str:
        """A metric's name in words."""
        return next((m.title for m in self.record.metrics if m.name == metric), metric)

    @property
    def domain_baselines(self) -> list[BaselineRecord]:
        """T3 baselines that answer most test conditions by their own rule."""
        n = self.record.claim.n_test
        return [b for b in self.record.baselines if b.tier == "T3" and b.legal and b.n_fallback * 2 < max(n, 1)]
