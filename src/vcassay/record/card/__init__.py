"""Cards: what a publication reports of a virtual cell, as facts that each say how they are known."""

from vcassay.record.card.benchmark import (
    COMPOUND_KINDS,
    Benchmark,
    Compared,
    Measured,
    Modality,
    Numbers,
    Result,
    StatedStratum,
)
from vcassay.record.card.card import Card, Publication, PublishedClaim
from vcassay.record.card.reported import Diagnosed, Disputed, Given, Known, LeakNote
from vcassay.record.card.source import EVIDENCE, EXTENT, Confidence, Evidence, Extent, Source, Stated

__all__ = [
    "COMPOUND_KINDS",
    "EVIDENCE",
    "EXTENT",
    "Benchmark",
    "Card",
    "Compared",
    "Confidence",
    "Diagnosed",
    "Disputed",
    "Evidence",
    "Extent",
    "Given",
    "Known",
    "LeakNote",
    "Measured",
    "Modality",
    "Numbers",
    "Publication",
    "PublishedClaim",
    "Result",
    "Source",
    "Stated",
    "StatedStratum",
]
