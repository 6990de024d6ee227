"""Cards: what a publication reports of a virtual cell, as facts that each say how they are known."""

from vcassay.record.card.benchmark import Benchmark, Compared, Measured, Numbers, Result, StatedStratum
from vcassay.record.card.card import Card, Publication, PublishedClaim
from vcassay.record.card.reported import Diagnosed, Given, Known, LeakNote
from vcassay.record.card.source import EVIDENCE, Confidence, Evidence, Source, Stated

__all__ = [
    "EVIDENCE",
    "Benchmark",
    "Card",
    "Compared",
    "Confidence",
    "Diagnosed",
    "Evidence",
    "Given",
    "Known",
    "LeakNote",
    "Measured",
    "Numbers",
    "Publication",
    "PublishedClaim",
    "Result",
    "Source",
    "Stated",
    "StatedStratum",
]
