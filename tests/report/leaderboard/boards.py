"""A comparison with known contents: two ranked models, one that a baseline equals, one that has seen the answers."""

from __future__ import annotations

from typing import Any

from vcassay.record import BoardRecord, DifferenceRecord, EntryRecord, LeaderboardRecord, RowRecord, SourceRecord
from vcassay.record.evidence import MetricRecord

NAMES = ("Alpha", "Beta", "Tabula", "Seen it")


def metric(**more: Any) -> MetricRecord:
    told = {"name": "pearson_delta", "title": "Pearson delta", "family": "correlation", "optimum": 1.0, "chance": 0.0}
    told |= {"higher_is_better": True, "primary": True, "summary": "", "source": ""}
    return MetricRecord(**(told | more))


def entry(label: str, level: str, **more: Any) -> EntryRecord:
    ranked = level == "supported"
    told = {
        "label": label,
        "model": label,
        "folder": "one",
        "level": level,
        "sentence": f"On it, '{label}' ends {level}.",
    }
    told |= {"reasons": ("a reason is given",), "provided": 2, "ranked": ranked}
    told |= {"why": "" if ranked else f"its verdict is '{level}'"}
    return EntryRecord(**(told | more))


def row(name: str, score: float | None, kind: str = "model", **more: Any) -> RowRecord:
    low, high = (None, None) if score is None else (score - 0.03, score + 0.03)
    return RowRecord(**({"name": name, "title": name, "kind": kind, "score": score, "low": low, "high": high} | more))


def gap(model: str, other: str, difference: float, *, apart: bool, equivalent: bool = False) -> DifferenceRecord:
    return DifferenceRecord(
        model=model,
        other=other,
        difference=difference,
        low=difference - 0.02,
        high=difference + 0.02,
        se=0.01,
        p_value=0.001 if apart else 0.6,
        n=340,
        apart=apart,
        equivalent=equivalent,
        margin=0.02,
        detectable_difference=0.028,
    )


def board(names: tuple[str, ...] = NAMES, **more: Any) -> BoardRecord:
    a, b, c, d = names
    rows = (
        row(
            d,
            0.95,
            skill=1.6,
            skill_low=1.5,
            skill_high=1.7,
            from_reference=0.35,
            reference_low=0.3,
            reference_high=0.4,
        ),
        row("ceiling", 0.76, "ceiling", title="ceiling: perfect model"),
        row(a, 0.6, skill=0.53, skill_low=0.4, skill_high=0.6, rank=1.0, rank_low=1, rank_high=2, first=0.8).model_copy(
            update={"distribution": (0.8, 0.2)}
        ),
        row(
            b,
            0.59,
            skill=0.5,
            skill_low=0.4,
            skill_high=0.6,
            rank=2.0,
            rank_low=1,
            rank_high=2,
            first=0.2,
            n_at_chance=7,
        ).model_copy(update={"distribution": (0.2, 0.8), "from_reference": -0.01}),
        row("ridge", 0.42, "baseline", title="ridge on prior features"),
        row(c, 0.41, skill=-0.03, skill_low=-0.1, skill_high=0.05),
    )
    differences = (
        gap(d, a, 0.35, apart=True),
        gap(d, b, 0.36, apart=True),
        gap(d, c, 0.54, apart=True),
        gap(a, b, 0.01, apart=False),
        gap(a, c, 0.19, apart=True),
        gap(b, c, 0.18, apart=True),
    )
    told: dict[str, Any] = {
        "metric": metric(),
        "stratum": "detectable",
        "interval": "contexts",
        "n": 340,
        "n_contexts": 10,
        "n_truth_undefined": 2,
        "rows": rows,
        "differences": differences,
        "groups": ((d,), (a, b), (c,)),
        "n_draws": 2000,
    }
    return BoardRecord(**(told | more))


def leaderboard(names: tuple[str, ...] = NAMES, **more: Any) -> LeaderboardRecord:
    a, b, c, d = names
    told: dict[str, Any] = {
        "claim": "The model predicts the effects of 36 perturbations in 10 unseen contexts.",
        "regime": "CEX",
        "use": "",
        "screen": "a screen",
        "sources": tuple(
            SourceRecord(
                folder=f,
                study="s",
                assessment=f"{i}" * 64,
                conditions="c" * 64,
                scores="d" * 64,
                version="0.1.0",
                created="2026-01-01",
                quick=False,
            )
            for i, f in enumerate(("one", "two"))
        ),
        "entries": (
            entry(a, "supported"),
            entry(b, "supported", folder="two"),
            entry(c, "not supported"),
            entry(d, "not supported"),
        ),
        "boards": (board(names),),
        "reference": a,
        "warnings": ("The assessments were made by different versions of vcassay.",),
        "refused": ("Perturbation discrimination is not compared: it is demoted.",),
        "seed": 0,
        "draws": 2000,
        "resampled": "perturbations with all their doses",
    }
    return LeaderboardRecord(**(told | more))
