"""References: the rungs of T4, which read the scored effects and are never ranked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vcassay.core import Score
from vcassay.evidence.metrics import Panel
from vcassay.evidence.metrics.ceilings import duplicate, replicate
from vcassay.record.evidence import BaselineRecord

READ = "a reference: it reads the scored effects"
NO_HALVES = "split halves do not exist here"


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference by its name in scores."""

    name: str
    title: str
    summary: str
    source: str


REFERENCES = (
    Reference(
        replicate.NAME,
        "independent replicate",
        "What another measurement of the same conditions scores, at full depth where that is known; never ranked.",
        "our own (docs/methods.md, section 4)",
    ),
    Reference(
        replicate.FULL_DEPTH,
        "replicate at full depth",
        "The same in those metrics in which it is known at the depth of the screen.",
        "our own (docs/methods.md, section 4)",
    ),
    Reference(
        duplicate.NAME,
        "interpolated duplicate",
        "Half of the rows against the other half, drawn gene by gene towards the mean effect by 1 - adjusted p.",
        "Miller et al. 2025, bioRxiv 2025.10.20.683304",
    ),
)
"""T4, in the order in which it is shown."""


def reference_records(scores: Sequence[Score], panel: Panel) -> list[BaselineRecord]:
    """One record a reference, with the reason where it is not measurable.

    Parameters
    ----------
    scores
        Of the references.
    """
    reasons = {duplicate.NAME: duplicate.why_not(panel) or "a half is undefined for some conditions"}
    ran = {s.model for s in scores if s.value is not None}
    return [
        BaselineRecord(
            name=r.name,
            title=r.title,
            tier="T4",
            kind="reference",
            summary=r.summary,
            source=r.source,
            reads=("test_effects",),
            legal=False,
            why=READ if r.name in ran else f"not measurable: {reasons.get(r.name, NO_HALVES)}",
            ran=r.name in ran,
            n_predicted=0,
        )
        for r in REFERENCES
    ]
