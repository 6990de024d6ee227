"""What a record says of its metrics beyond scores: calibration, template, ranks, use, as planted numbers."""

from __future__ import annotations

from vcassay.record import (
    AssessmentRecord,
    CrossedRecord,
    InflationRecord,
    PairRecord,
    RankingRecord,
    RankRecord,
    ScoreRecord,
    SeedRecord,
)
from vcassay.record.evidence import (
    CalibrationRecord,
    MetricRecord,
    TemplateModelRecord,
    TemplatePartRecord,
    TemplateRecord,
    UtilityRecord,
)

WHY = "a trick scores 0.3 (0.1 without it)"
BEYOND = "Of its agreement with the true effects, 0.80, what lies beyond the template accounts for 0.30."
SHARES = "Of the energy of the true effects, 20 % is common and 30 % is left."


def calibration(metric: str, drf: float | None, bds: float | None, **more: object) -> CalibrationRecord:
    given: dict[str, object] = {
        "metric": metric, "n": 120, "optimum": 1.0, "interpolated": 0.7, "replicate": 0.6, "mean": 0.4,
        "no_change": 0.91, "drf": drf, "drf_low": None if drf is None else drf - 0.1,
        "drf_high": None if drf is None else drf + 0.1, "bds": bds, "bds_low": None if bds is None else bds - 0.05,
        "bds_high": None if bds is None else bds + 0.05, "sanity": 0.9, "sanity_low": 0.8, "sanity_high": 0.97,
        "broken": (), "reasons": (),
    }  # fmt: skip
    return CalibrationRecord.model_validate(given | more)


def score(model: str, metric: str, stratum: str, value: float | None, **more: object) -> ScoreRecord:
    low, high = (None, None) if value is None else (value - 0.03, value + 0.03)
    given: dict[str, object] = {"metric": metric, "model": model, "stratum": stratum, "value": value, "n": 60}
    return ScoreRecord.model_validate(given | {"low": low, "high": high, "interval": "contexts"} | more)


def _metrics(metrics: tuple[MetricRecord, ...], demote: tuple[str, ...]) -> tuple[MetricRecord, ...]:
    return tuple(m.model_copy(update={"demoted": (WHY,)}) if m.name in demote else m for m in metrics)


def _rank(name: str, role: str, rank: int, first: float) -> RankRecord:
    return RankRecord(name=name, role=role, score=1.0 - 0.1 * rank, rank=rank, low=rank, high=rank + 1, first=first)


def full(record: AssessmentRecord, demote: tuple[str, ...] = ("pds_cosine", "magnitude_log2")) -> AssessmentRecord:
    """The synthetic assessment with everything that newer records hold; some metrics are demoted."""
    models = [m.name for m in record.models]
    scores = list(record.scores)
    place = {(r.model, r.metric, r.stratum): i for i, r in enumerate(scores) if r.context is None}
    for i, model in enumerate(models):
        at = place[model, "pearson_delta", "detectable"]
        scores[at] = scores[at].model_copy(
            update={"attenuation_corrected": 0.91 + 0.01 * i, "corrected_low": 0.88, "corrected_high": 0.97}
        )
        at = place[model, "null_effect", "null"]
        scores[at] = scores[at].model_copy(update={"value": 0.125 + i, "low": 0.1 + i, "high": 0.15 + i})
        scores += [
            score(model, "pearson_delta", "weighted", 0.77),
            score(model, "pearson_delta", "answered", 0.83, n=51),
            score(model, "pearson_delta", "unreliable", 0.11),
            score(model, "pearson_delta", "r_high", 0.93),
            score(model, "null_calls", "null", 0.034),
            score(model, "null_auroc", "all", 0.86),
        ]
    scores.append(score("replicate", "pearson_delta", "r_high", 0.88))
    ranks = tuple(
        RankingRecord(
            metric=metric,
            stratum="detectable",
            interval="contexts",
            n_draws=2000,
            ranks=(_rank(models[0], "submission", 1, 0.9), _rank("additive", "baseline", 2, 0.001)),
            pairs=(PairRecord(model=models[0], other=models[1], better=0.93),) if len(models) > 1 else (),
            agreement={"pearson_delta": tau, "nmse": 0.4},
        )
        for metric, tau in (("pearson_delta", 1.0), ("nmse", 0.4), ("magnitude_log2", 0.85))
    )
    parts = (("common", "common to all", 0.2), ("context", "of a context", None), ("interaction", "interaction", 0.3))
    template = TemplateRecord(
        conditions="test",
        n=300,
        n_left_out=12,
        parts=tuple(TemplatePartRecord(part=p, title=t, share=s, low=None, high=None) for p, t, s in parts),
        models=tuple(
            TemplateModelRecord(model=m, part=p, own=own, score=0.3, low=0.2, high=0.4, sentence=said)
            for m in models
            for p, own, said in (("common", 0.6, ""), ("context", None, ""), ("interaction", -0.04, BEYOND))
        ),
        sentence=SHARES,
    )
    use = UtilityRecord(
        name="selectivity_spearman", value=0.61, low=0.5, high=0.7, sentence="", model=models[0],
        uses=("screening",), chance=0.0, ceiling=0.8, ceiling_kind="perfect model", baseline="additive",
        baseline_value=0.42, n=200,
    )  # fmt: skip
    lost = use.model_copy(update={"name": "signature_hits", "value": None, "reason": "no signature was handed in"})
    return record.model_copy(
        update={
            "metrics": _metrics(record.metrics, demote),
            "scores": tuple(scores),
            "calibration": (
                calibration("pearson_delta", 0.42, 0.98),
                calibration("nmse", 0.3, 0.61, broken=("scaling: half the size scores better",)),
                calibration("pds_cosine", -0.2, 0.31, reasons=(WHY,), broken=(f"gaming: {WHY}",)),
                calibration("pearson_raw", 0.1, None),
            ),
            "ranks": ranks,
            "template": (template,),
            "utilities": (use, lost),
            "resampled": "perturbations with all their doses",
            "seeds": (
                SeedRecord(model=models[0], metric="pearson_delta", stratum="detectable", n_seeds=3, mean=0.7, sd=0.01,
                           low=0.68, high=0.72),
            ),
            "inflation": (
                InflationRecord(model=models[0], metric="pearson_delta", stratum="detectable", naive=0.8, disjoint=0.75,
                                difference=0.05, low=0.03, high=0.07),
            ),
            "screen": record.screen.model_copy(
                update={
                    "crossed": (
                        CrossedRecord(kind="batches", n=40, within=0.6, across=0.4, difference=-0.2, low=-0.3,
                                      high=-0.1, lower=True),
                        CrossedRecord(kind="guides", n=0, within=None, across=None, difference=None, low=None,
                                      high=None, reason="no column of guides"),
                    )
                }
            ),
        }
    )  # fmt: skip
