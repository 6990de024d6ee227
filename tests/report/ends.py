"""How the synthetic assessment ends: the verdicts, the whole record, its manifest."""

from __future__ import annotations

from tests.report.story import BASELINES, METRICS
from vcassay.record import (
    AssessmentRecord,
    CeilingRecord,
    ClaimRecord,
    ComparisonRecord,
    FindingRecord,
    ModelRecord,
    ScoreRecord,
    ScreenRecord,
    SkillRecord,
    ThresholdRecord,
    VerdictRecord,
)
from vcassay.record.assessment import ManifestRecord
from vcassay.record.evidence import UtilityRecord


def verdicts() -> dict[str, VerdictRecord]:
    reasons = {
        "Kestrel-2": (
            "supported",
            "d: nothing stands against the claim",
            "In PC9 and HT-29, Kestrel-2 predicts effects of drugs seen elsewhere better than every legal baseline.",
            ("better than all 7 legal baselines in correlation and in retrieval", "no blocking finding"),
            ("the two contexts stand for the lines of the intended use",),
            ("a third held-out line in which it loses to the additive baseline",),
        ),
        "PertFormer-XL": (
            "not supported",
            "b: not better than a legal baseline",
            "PertFormer-XL is not better than a ridge regression from the control profile.",
            ("difference to Ridge from control profile 0.000 in Pearson of the effect; 0.08 could be resolved",),
            ("the pretraining corpus does not hold the test lines",),
            ("a gain above 0.08 of the span over the best legal baseline",),
        ),
        "EchoCell": (
            "not supported",
            "b: a blocking finding",
            "EchoCell has seen the test cells; its score is not evidence of prediction.",
            ("L27 fails and blocks: closer to one half of the test cells than to the other",),
            (),
            ("a version trained without cells of PC9 and HT-29",),
        ),
        "Tabula-mini": (
            "cannot tell",
            "b: the test set cannot resolve the difference",
            "The two test contexts cannot tell Tabula-mini from the best legal baseline.",
            ("the smallest gain that could be told from none is 0.31 of the span",),
            (),
            ("four more held-out lines", "reliability above 0.8 in the weak stratum"),
        ),
    }
    return {
        name: VerdictRecord(
            level=level,
            rule=rule,
            sentence=sentence,
            reasons=why,
            provided=provided,
            would_change=change,
            utility=UtilityRecord(
                name="hits among the top 10 drugs",
                value=6.5,
                low=5.0,
                high=8.0,
                sentence="6.5 [5, 8] of the top 10 drugs per line are right; the best legal baseline finds 5.5.",
            )
            if level == "supported"
            else None,
        )
        for name, (level, rule, sentence, why, provided, change) in reasons.items()
    }


def tell(
    *,
    screen: ScreenRecord,
    claim: ClaimRecord,
    findings: tuple[FindingRecord, ...],
    ceilings: tuple[CeilingRecord, ...],
    scores: tuple[ScoreRecord, ...],
    comparisons: tuple[ComparisonRecord, ...],
    skills: tuple[SkillRecord, ...],
    models: tuple[str, ...],
    hostile: str,
) -> AssessmentRecord:
    """Put the record together."""
    ends = verdicts()
    declared = {"inputs": ["drug", "control profile"], "pretraining": ["cellxgene-2025-01"], "selection": "validation"}
    return AssessmentRecord(
        study=f"demo {hostile}".strip(),
        quick=False,
        complete=True,
        screen=screen,
        claim=claim,
        findings=findings,
        baselines=BASELINES,
        metrics=METRICS,
        ceilings=ceilings,
        scores=scores,
        comparisons=comparisons,
        skills=skills,
        models=tuple(
            ModelRecord(
                name=name,
                source=f"{name.lower()}.h5ad",
                space="delta",
                n_wanted=348,
                n_predicted=348 if name != "Tabula-mini" else 331,
                n_abstained=0 if name != "Tabula-mini" else 17,
                notes=("12 Ensembl ids mapped to symbols",),
                disclosure=declared
                if name in ("Kestrel-2", "Tabula-mini")
                else {"inputs": ["drug"], "pretraining": None},
                verdict=ends[name],
            )
            for name in models
        ),
        thresholds=(
            ThresholdRecord(name="verdict.span_se", value=2.0, source="refuse skill below two standard errors"),
            ThresholdRecord(name="leakage.nuisance_rho", value=0.2, source="spec of the check"),
        ),
        domain_share={"Kestrel-2": 0.63, "PertFormer-XL": 1.0, "EchoCell": 0.4, "Tabula-mini": None},
        require={},
    )


def manifest() -> ManifestRecord:
    return ManifestRecord(
        command="vcassay assess study.toml -o demo",
        created="2026-09-01T12:00:00+00:00",
        seed=0,
        versions={"python": "3.11.7", "vcassay": "0.1.0", "numpy": "2.4.6"},
        inputs={"screen.h5ad": "a1" * 32, "kestrel-2.h5ad": "b2" * 32},
        outputs={"conditions.parquet": "c3" * 32},
        seconds={"effects": 31.2, "baselines": 12.9, "scores": 4.1},
    )
