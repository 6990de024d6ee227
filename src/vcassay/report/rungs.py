"""Rungs in groups: the legal ones by tier, references, those that must lose, and those that this claim bars."""

from __future__ import annotations

from dataclasses import dataclass

from vcassay.record import AssessmentRecord, BaselineRecord
from vcassay.report.facts import main_metric
from vcassay.report.strength import merit

TIER_WORDS = {
    "T0": "no change",
    "T1": "a mean",
    "T2": "additive or linear",
    "T3": "computational biologist",
    "T4": "replicate reference, never ranked",
}
MUST_LOSE = "These must lose: probes and sabotaged rungs"
"""Heading of what reads cell numbers or batches alone, and of rungs with an input destroyed."""
BARRED = "Not legal under this claim, or not run"
"""Heading of what is no rival here."""


@dataclass(frozen=True, slots=True)
class Group:
    """Rungs that are shown together.

    Attributes
    ----------
    title
        Heading.
    rungs
        Legal ones from the best to the worst, others in the order of the record.
    """

    title: str
    rungs: tuple[BaselineRecord, ...]


@dataclass(frozen=True, slots=True)
class Grouped:
    """All rungs of a record, each in one group.

    Attributes
    ----------
    tiers
        Legal baselines, one group a tier.
    references
        Replicates.
    losers
        Probes and sabotage that ran.
    barred
        All others: folded.
    """

    tiers: tuple[Group, ...]
    references: Group
    losers: Group
    barred: Group


def group_rungs(record: AssessmentRecord) -> Grouped:
    """Sort the rungs of a record into groups, the legal ones by their score in the main metric, the best first."""
    every = record.baselines
    legal = [b for b in every if b.kind == "baseline" and b.legal]
    metric = main_metric(record)
    if metric is not None:
        legal.sort(key=lambda b: -merit(record, b.name, metric))
    tiers = tuple(
        Group(f"{tier} {TIER_WORDS.get(tier, '')}".strip(), tuple(b for b in legal if b.tier == tier))
        for tier in sorted({b.tier for b in legal})
    )
    references = tuple(b for b in every if b.kind == "reference")
    losers = tuple(b for b in every if b.kind in ("probe", "sabotage") and b.ran)
    shown = {b.name for b in (*legal, *references, *losers)}
    return Grouped(
        tiers,
        Group(f"T4 {TIER_WORDS['T4']}", references),
        Group(MUST_LOSE, losers),
        Group(BARRED, tuple(b for b in every if b.name not in shown)),
    )
