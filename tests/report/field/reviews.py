"""Reviews made by hand: a small field whose counts are known, and one with hostile names."""

from __future__ import annotations

from typing import Any

from vcassay.record.base import Reasoned
from vcassay.record.card import Card
from vcassay.record.claim import ApplicationRecord
from vcassay.record.evidence import FindingRecord
from vcassay.record.review import BenchmarkReview, QuestionRecord, ReviewRecord
from vcassay.report.review.ladder import LADDER

BAD = "<script>window.ran=1</script>"
HOSTILE = (
    BAD,
    '"><img src=x onerror=window.ran=2>',
    "=cmd|' /C calc'!A0",
    "</script><b>bold</b>",
    "{{7*7}}[red]x[/red]",
)

ALL = ("no change", "mean", "additive", "nearest line", "split half")
BESIDE = {"against": "mean", "baseline": 0.4}


def finding(family: str, check: str, status: str, **more: Any) -> FindingRecord:
    """A finding of one family."""
    return FindingRecord(
        check=check, title=f"About {check}", status=status, sentence=f"{check}.", family=family, **more
    )


def review(name: str, level: str = "cannot tell", regime: str = "GEX", **more: Any) -> ReviewRecord:
    """A review of one benchmark.

    Parameters
    ----------
    **more
        ``card`` (fields of the card), ``benchmark`` (fields of its benchmark), ``review`` (fields of its review),
        ``findings``, and fields of the record.
    """
    benchmark = {"dataset": "norman2019", "metrics": ["Pearson delta"], "baselines": ["mean"]} | more.pop(
        "benchmark", {}
    )
    fields = {
        "name": name,
        "evidence": "read",
        "confidence": "high",
        "claim": {"text": f"{name} predicts everything."},
        "publication": {"title": f"On {name}", "venue": "Journal", "year": 2025},
        "benchmark": [benchmark],
        **more.pop("card", {}),
    }
    own = {
        "title": "norman2019 (by gene)",
        "regime": regime,
        "regimes": (regime,) if regime else (),
        "level": level,
        "modality": "CRISPRa",
        "sentence": "The model predicts unseen genes.",
        "supports": (Reasoned(sentence="New genes.", reason="they are new"),),
        "does_not_support": (Reasoned(sentence="New contexts.", reason="none is new"),),
        "applications": (ApplicationRecord(use="screening", fit="partial", reason="genes are new"),),
        "tiers": {"T1": ("mean",)},
        "missing": ("a replicate reference (noise ceiling)",),
        **more.pop("review", {}),
    }
    record = {
        "card": Card.model_validate(fields),
        "card_sha256": "ab" * 32,
        "version": "0",
        "level": level,
        "rule": "c. gain not shown",
        "speaks": own["title"],
        "sentence": "As reported, not recomputed: one cannot tell.",
        "reasons": ("No ceiling is reported.",),
        "would_change": ("a ceiling",),
        "benchmarks": (BenchmarkReview.model_validate(own),),
        "findings": more.pop(
            "findings", (finding("leakage", "L15", "UNKNOWN"), finding("biology", "stress", "UNKNOWN"))
        ),
        "missing": ("a ceiling",),
        "questions": (QuestionRecord(question=f"What does {name} score?", why="it matters", check="T4"),),
    }
    return ReviewRecord.model_validate(record | more)


def field() -> tuple[ReviewRecord, ...]:
    """Four reviews: everything reported, two things, nothing but a flawed mean, and no described split.

    Counts: context 1, leakage 2, T3 1, T4 2, intervals 1, biology 1; levels: one supported, one not, two not told.
    """
    whole = review(
        "Clear",
        "supported",
        "CEX",
        benchmark={
            "metrics": ["Pearson delta"],
            "baselines": list(ALL),
            "intervals": "contexts",
            "results": [{"metric": "Pearson delta", "value": 0.6, "low": 0.5, "high": 0.7, **BESIDE}],
        },
        card={
            "leakage": [{"check": "L24", "status": "excluded", "sentence": "Shuffled targets score nothing."}],
            "diagnostic": [{"room": "stress", "shown": "measured", "sentence": "Half is left."}],
            "availability": {"code": "x/y", "licence": "MIT", "weights": "open"},
        },
        review={
            "tiers": {t: (name,) for t, name in zip(LADDER, ALL, strict=True)},
            "missing": (),
            "modality": "drug",
        },
        findings=(
            finding("leakage", "L24", "PASS"),
            finding("biology", "stress", "PASS"),
            finding("biology", "dose", "NA"),
        ),
    )
    half = review(
        "Half",
        "not supported",
        benchmark={
            "baselines": ["mean", {"name": "linear", "tier": "T2", "flaw": "centred twice", "evidence": "recalled"}],
            "results": [{"metric": "Pearson delta", "value": 0.3, "ceiling": 0.8, "evidence": "recalled"}],
        },
        card={
            "confidence": "medium",
            "leakage": [
                {"check": "L21", "status": "disclosed", "sentence": "Pretrained on it.", "evidence": "second-hand"}
            ],
            "availability": {"weights": "restricted"},
        },
        review={"tiers": {"T1": ("mean",), "T2": ("linear",)}, "uncounted": {"linear": "centred twice"}},
        findings=(
            finding("leakage", "L21", "WARN", remedy="Score again."),
            finding("leakage", "L15", "UNKNOWN", question="Are controls held back?"),
            finding("biology", "pathway", "FAIL"),
        ),
    )
    bare = review(
        "Bare",
        benchmark={"baselines": [{"name": "mean", "flaw": "reads the test set"}]},
        card={
            "confidence": "low",
            "evidence": "recalled",
            "leakage": [{"check": "L05", "status": "found", "sentence": "Doses."}],
            "diagnostic": [{"room": "stress", "shown": "illustrated", "sentence": "One example."}],
        },
        review={"uncounted": {"mean": "reads the test set"}},
    )
    dark = review("Dark", regime="", benchmark={"baselines": []}, review={"tiers": {}, "modality": ""})
    return whole, half, bare, dark


def hostile() -> tuple[ReviewRecord, ...]:
    """The field with a review of which every text tries to act."""
    bad = review(
        HOSTILE[0],
        card={
            "claim": {"text": HOSTILE[1]},
            "publication": {"title": HOSTILE[3], "venue": HOSTILE[4], "where": "javascript:window.ran=3"},
            "note": HOSTILE[1],
            "source": [{"key": "k", "title": HOSTILE[0], "where": "javascript:window.ran=4", "evidence": "recalled"}],
            "leakage": [{"check": "L05", "status": "found", "sentence": HOSTILE[1], "source": "k"}],
        },
        benchmark={"dataset": HOSTILE[3], "metrics": [HOSTILE[1]], "baselines": [HOSTILE[2]], "split": HOSTILE[0]},
        review={"title": HOSTILE[3], "tiers": {"T1": (HOSTILE[2],)}, "sentence": HOSTILE[0], "modality": HOSTILE[1]},
        sentence=HOSTILE[0],
        reasons=(HOSTILE[1],),
        missing=(HOSTILE[3],),
        questions=(QuestionRecord(question=HOSTILE[0], why=HOSTILE[1]),),
        findings=(finding("leakage", HOSTILE[0], "WARN", remedy=HOSTILE[1], question=HOSTILE[3]),),
    )
    formula = review(HOSTILE[2])
    return (*field(), bad, formula)
