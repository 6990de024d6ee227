"""Review as stored: what a published result supports by what is reported of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from vcassay.record.base import Reasoned, Record
from vcassay.record.card import Card
from vcassay.record.claim import ApplicationRecord
from vcassay.record.evidence import FindingRecord


def placed(titles: Sequence[str], sentence: str) -> str:
    """A finding's sentence that holds on some benchmarks of several: it names them first."""
    *others, last = titles
    where = f"{', '.join(others)} and {last}" if others else last
    return f"On {where}: {sentence}"


class BenchmarkReview(Record):
    """Stage 1 for one benchmark: what a strong score on it would support."""

    title: str
    """Data set and split."""
    regime: str
    """The weakest regime of its strata; empty where the split is not described."""
    regimes: tuple[str, ...] = ()
    """Of all its strata."""
    modality: str = ""
    """Kind of perturbation, where the card, the split or the data set says it."""
    level: str = ""
    """How the claim would end by this benchmark alone."""
    sentence: str
    """The claim in one sentence."""
    supports: tuple[Reasoned, ...]
    does_not_support: tuple[Reasoned, ...]
    provisos: tuple[Reasoned, ...] = ()
    applications: tuple[ApplicationRecord, ...] = ()
    tiers: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Tier to the names of what was reported of it."""
    uncounted: dict[str, str] = Field(default_factory=dict)
    """Names among them that do not count as baselines, and why."""
    missing: tuple[str, ...] = ()
    """Titles of baselines that the split allows and that are not reported, those first that matter most."""


class QuestionRecord(Record):
    """A question to send to the authors."""

    question: str
    why: str
    """What hangs on the answer."""
    check: str = ""
    """Which check, tier, metric or diagnostic asks it."""


class ReviewRecord(Record):
    """The review of one card."""

    schema_: Literal["vcassay.review/1"] = "vcassay.review/1"
    card: Card
    card_sha256: str = ""
    """Hash of the card's file."""
    version: str
    """Of vcassay: the rules may change between versions."""
    level: str
    """One of `vcassay.core.Level`, for the claim as published."""
    rule: str
    speaks: str = ""
    """Title of the benchmark that the level rests on: the one that supports most."""
    sentence: str
    """What the reported evidence supports, in one sentence."""
    reasons: tuple[str, ...]
    would_change: tuple[str, ...]
    benchmarks: tuple[BenchmarkReview, ...]
    findings: tuple[FindingRecord, ...]
    """Of the families claim, leakage, baselines, metrics, biology and results; what is wrong first."""
    missing: tuple[str, ...]
    """What a reader needs and the publication does not report, in short words, most decisive first."""
    questions: tuple[QuestionRecord, ...]
