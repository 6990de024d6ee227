"""A small assessment to store and read again."""

from __future__ import annotations

import pytest

from vcassay.record import (
    AssessmentRecord,
    BaselineRecord,
    CeilingRecord,
    ClaimRecord,
    ComparisonRecord,
    FindingRecord,
    ModelRecord,
    ScoreRecord,
    ScreenRecord,
    SkillRecord,
    StratumRecord,
    ThresholdRecord,
    VerdictRecord,
)
from vcassay.record.base import Reasoned
from vcassay.record.claim import ApplicationRecord, NoveltyRecord
from vcassay.record.evidence import MetricRecord, UtilityRecord

WHY = Reasoned(sentence="One context.", reason="only K562 was measured")


def make_screen() -> ScreenRecord:
    stratum = StratumRecord(name="weak", n=4, effect_low=0.1, effect_high=0.2, reliability=0.3, ceiling=0.6)
    return ScreenRecord(
        name="toy",
        path="toy.h5ad",
        rows="cells",
        readout="counts",
        n_rows=1000,
        n_genes=50,
        n_scored_genes=40,
        scored_genes_rule="expressed in controls",
        n_conditions=9,
        n_contexts=1,
        n_perturbations=9,
        n_batches=2,
        n_control_rows=100,
        contexts=("K562",),
        profile="log1p of pseudobulk",
        target_sum=1e4,
        controls="matched within batch",
        control_match_share=1.0,
        n_detectable=4,
        n_assessed=9,
        expected_false=0.4,
        reliability=0.3,
        reliability_full=0.46,
        strata=(stratum,),
        matched_columns={"perturbation": "gene"},
        notes=(WHY,),
    )


def make_claim() -> ClaimRecord:
    novelty = NoveltyRecord(
        regime="GEX",
        n=3,
        share=1.0,
        perturbation="unseen",
        context="seen",
        pairing="never",
        batch="shared",
        pretraining="unknown",
    )
    return ClaimRecord(
        text="",
        use="target identification",
        declared="GEX",
        regime="GEX",
        sentence="Predicts unseen genes in K562.",
        novelty=(novelty,),
        supports=(WHY,),
        does_not_support=(WHY,),
        scope=(),
        applications=(ApplicationRecord(use="target identification", fit="diagnostic", reason="context seen"),),
        grants=("target_controls",),
        n_train=6,
        n_val=0,
        n_test=3,
        n_excluded=0,
        contexts_train=("K562",),
        contexts_test=("K562",),
        n_perturbations_train=6,
        n_perturbations_test=3,
        shots=None,
        shots_share=None,
        sha256="ab" * 32,
    )


def make_score(model: str, value: float | None, stratum: str = "all", context: str | None = None) -> ScoreRecord:
    return ScoreRecord(
        metric="cosine",
        model=model,
        stratum=stratum,
        context=context,
        value=value,
        status="ok" if value is not None else "undefined",
        reason="",
        n=3,
        n_truth_undefined=0,
        n_at_chance=0,
        low=None,
        high=None,
        interval="these contexts",
    )


def make_finding(check: str, model: str | None) -> FindingRecord:
    return FindingRecord(check=check, title="t", status="PASS", sentence="µ is fine.", model=model, value=0.25)


@pytest.fixture
def assessment() -> AssessmentRecord:
    verdict = VerdictRecord(
        level="cannot tell",
        rule="a: no training set",
        sentence="Nothing follows.",
        reasons=("no training set",),
        provided=(),
        would_change=("name the training set",),
        utility=UtilityRecord(name="top 5 %", value=0.2, low=None, high=None, sentence="1 of 5."),
    )
    model = ModelRecord(
        name="net",
        source="net.h5ad",
        space="effects",
        n_wanted=3,
        n_predicted=3,
        n_abstained=0,
        notes=(),
        disclosure={"inputs": ["expression"], "seeds": 3, "pretraining": None},
        verdict=verdict,
    )
    return AssessmentRecord(
        study="toy",
        quick=False,
        complete=True,
        screen=make_screen(),
        claim=make_claim(),
        findings=(make_finding("L01", None), make_finding("L02", "net"), make_finding("L03", "other")),
        baselines=(
            BaselineRecord(
                name="mean",
                title="Mean",
                tier="T1",
                kind="baseline",
                summary="",
                source="",
                reads=("train_effects",),
                legal=True,
                why="",
                ran=True,
                n_predicted=3,
            ),
        ),
        metrics=(
            MetricRecord(
                name="cosine",
                title="Cosine",
                family="correlation",
                optimum=1.0,
                chance=None,
                higher_is_better=True,
                primary=True,
                summary="",
                source="",
            ),
        ),
        ceilings=(
            CeilingRecord(
                metric="cosine", stratum="all", kind="perfect model", value=0.68, low=None, high=None, reason=""
            ),
        ),
        scores=(
            make_score("net", 0.3, context="K562"),
            make_score("net", 0.5, stratum="weak"),
            make_score("net", 0.4),
            make_score("mean", None),
        ),
        comparisons=(
            ComparisonRecord(
                model="net",
                baseline="mean",
                metric="cosine",
                family="correlation",
                difference=0.1,
                low=0.02,
                high=0.2,
                se=0.04,
                interval="these contexts",
                n=3,
                better=True,
                worse=False,
                p_value=0.01,
            ),
        ),
        skills=(
            SkillRecord(
                model="net",
                metric="cosine",
                family="correlation",
                score=0.4,
                baseline="mean",
                baseline_score=0.3,
                ceiling=0.68,
                ceiling_kind="perfect model",
                skill=0.26,
                low=None,
                high=None,
                span=0.38,
                span_se=0.1,
                resolvable=0.2,
                refused="",
            ),
        ),
        models=(model,),
        thresholds=(ThresholdRecord(name="alpha", value=0.05, source="convention"),),
        domain_share={"net": 0.5, "other": None},
        require={"level": "supported"},
    )
