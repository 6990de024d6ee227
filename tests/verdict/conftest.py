"""Records made by hand: a model that is better than every legal baseline, changed one thing at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from vcassay.record import (
    AssessmentRecord,
    BaselineRecord,
    ClaimRecord,
    ComparisonRecord,
    FindingRecord,
    ModelRecord,
    ScoreRecord,
    ScreenRecord,
    SkillRecord,
)
from vcassay.record.base import Reasoned
from vcassay.record.claim import ApplicationRecord
from vcassay.record.evidence import MetricRecord

METRICS = {"nmse": "error", "pearson_delta": "correlation", "pds_cosine": "retrieval"}
LADDER = {"no_change": "T0", "perturbation_mean": "T1", "additive": "T2", "ridge": "T3"}

SCREEN = ScreenRecord(
    name="the screen",
    path="screen.h5ad",
    rows="cells",
    readout="counts",
    n_rows=1000,
    n_genes=50,
    n_scored_genes=40,
    scored_genes_rule="expressed",
    n_conditions=60,
    n_contexts=6,
    n_perturbations=10,
    n_batches=2,
    n_control_rows=100,
    contexts=("A", "B"),
    profile="log1p of pseudobulk",
    target_sum=1e4,
    controls="matched within batch",
    control_match_share=1.0,
    n_detectable=40,
    n_assessed=60,
    expected_false=2.0,
    reliability=0.4,
    reliability_full=0.57,
    strata=(),
    matched_columns={},
)


def claim(**changed: Any) -> ClaimRecord:
    fields: dict[str, Any] = {
        "text": "",
        "use": "selectivity",
        "declared": "CEX",
        "regime": "CEX",
        "sentence": "The model predicts known perturbations in unseen contexts.",
        "novelty": (),
        "supports": (),
        "does_not_support": (Reasoned(sentence="Nothing follows for unseen genes.", reason="all were trained"),),
        "scope": (),
        "applications": (
            ApplicationRecord(use="selectivity", fit="direct", reason="contexts are new"),
            ApplicationRecord(use="target-id", fit="direct", reason="contexts are new"),
            ApplicationRecord(use="unseen-compound", fit="none", reason="every compound was seen"),
            ApplicationRecord(use="moa", fit="partial", reason="known mechanisms"),
            ApplicationRecord(use="dose-finding", fit="diagnostic", reason="no dose is held out"),
        ),
        "grants": ("train_effects",),
        "n_train": 40,
        "n_val": 0,
        "n_test": 20,
        "n_excluded": 0,
        "contexts_train": ("A",),
        "contexts_test": ("B",),
        "n_perturbations_train": 10,
        "n_perturbations_test": 10,
        "shots": None,
        "shots_share": None,
        "sha256": "00",
    }
    return ClaimRecord(**(fields | changed))


def finding(status: str, **changed: Any) -> FindingRecord:
    fields = {"check": "L01", "title": "A question", "status": status, "sentence": "It was measured.", "model": "net"}
    return FindingRecord(**(fields | changed))


def comparison(metric: str, baseline: str, low: float, high: float, model: str = "net") -> ComparisonRecord:
    return ComparisonRecord(
        model=model,
        baseline=baseline,
        metric=metric,
        family=METRICS[metric],
        difference=(low + high) / 2,
        low=low,
        high=high,
        se=(high - low) / 4,
        interval="contexts",
        n=20,
        better=low > 0,
        worse=high < 0,
        p_value=0.001 if low > 0 else 0.5,
    )


def skill(metric: str, low: float = 0.2, high: float = 0.3, refused: str = "", model: str = "net") -> SkillRecord:
    return SkillRecord(
        model=model,
        metric=metric,
        family=METRICS[metric],
        score=0.8,
        baseline="additive",
        baseline_score=0.5,
        ceiling=0.9,
        ceiling_kind="perfect model",
        skill=None if refused else (low + high) / 2,
        low=None if refused else low,
        high=None if refused else high,
        span=0.4,
        span_se=0.02,
        resolvable=None if refused else (high - low) / 2,
        refused=refused,
    )


def baseline(name: str, **changed: Any) -> BaselineRecord:
    fields = {
        "name": name,
        "title": name.replace("_", " "),
        "tier": LADDER[name],
        "kind": "baseline",
        "summary": "",
        "source": "",
        "reads": (),
        "legal": True,
        "why": "",
        "ran": True,
        "n_predicted": 20,
    }
    return BaselineRecord(**(fields | changed))


def assessment(
    *,
    families: dict[str, Any] | None = None,
    comparisons: dict[tuple[str, str], tuple[float, float]] | None = None,
    refused: dict[str, str] | None = None,
    ladder: tuple[BaselineRecord, ...] | None = None,
    **changed: Any,
) -> AssessmentRecord:
    """A record in which 'net' is better than every legal baseline everywhere.

    Parameters
    ----------
    families
        Metric to (low, high) of its skill.
    comparisons
        (metric, baseline) to (low, high) of its paired difference; ``*`` stands for every baseline.
    refused
        Metric to why it has no skill.
    """
    spans = {(m, b): (0.05, 0.15) for m in METRICS for b in LADDER}
    for (metric, name), span in (comparisons or {}).items():
        spans |= {(metric, b): span for b in LADDER if name in ("*", b)}
    fields: dict[str, Any] = {
        "study": "study",
        "quick": False,
        "complete": True,
        "screen": SCREEN,
        "claim": claim(),
        "findings": (),
        "baselines": tuple(baseline(b) for b in LADDER) if ladder is None else ladder,
        "metrics": tuple(
            MetricRecord(
                name=m,
                title=m.upper(),
                family=f,
                optimum=1.0,
                chance=0.0,
                higher_is_better=True,
                primary=True,
                summary="",
                source="",
            )
            for m, f in METRICS.items()
        ),
        "ceilings": (),
        "scores": (
            ScoreRecord(
                metric="pds_cosine",
                model="net",
                stratum="detectable",
                context=None,
                value=0.8,
                status="ok",
                reason="",
                n=20,
                n_truth_undefined=0,
                n_at_chance=0,
                low=0.7,
                high=0.88,
                interval="contexts",
            ),
        ),
        "comparisons": tuple(comparison(m, b, *span) for (m, b), span in spans.items()),
        "skills": tuple(skill(m, *(families or {}).get(m, (0.2, 0.3)), (refused or {}).get(m, "")) for m in METRICS),
        "models": (
            ModelRecord(
                name="net",
                source="net.h5ad",
                space="delta",
                n_wanted=20,
                n_predicted=20,
                n_abstained=0,
                notes=(),
                disclosure={},
            ),
        ),
        "thresholds": (),
        "domain_share": {},
        "require": {},
    }
    return AssessmentRecord(**(fields | changed))


@pytest.fixture(scope="session")
def record() -> Callable[..., AssessmentRecord]:
    return assessment


@pytest.fixture(scope="session")
def make_claim() -> Callable[..., ClaimRecord]:
    return claim


@pytest.fixture(scope="session")
def make_finding() -> Callable[..., FindingRecord]:
    return finding


@pytest.fixture(scope="session")
def make_baseline() -> Callable[..., BaselineRecord]:
    return baseline
