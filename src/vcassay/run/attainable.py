"""Attainable: ceilings over all contexts and in each, corrected correlations, and what shared controls would add."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from vcassay.arrays.shards import TRAINING
from vcassay.claim import Claim
from vcassay.core import Finding, Score
from vcassay.effects import Effects
from vcassay.effects.crossed import HANDS, Crossed
from vcassay.evidence.metrics import Ceiling, Scores, find_ceilings
from vcassay.evidence.metrics.ceilings.agreement import measure_agreement
from vcassay.evidence.metrics.ceilings.attenuated import Corrected, corrected
from vcassay.evidence.metrics.ceilings.ceiling import context_ceilings
from vcassay.evidence.metrics.ceilings.crossed import batch_factor, batch_finding, compare_crossed, not_crossed
from vcassay.evidence.metrics.ceilings.inflation import inflation
from vcassay.evidence.metrics.ceilings.replicate import replicate_scores
from vcassay.prediction import Answer
from vcassay.record.evidence import CeilingRecord, InflationRecord
from vcassay.record.screen import CrossedRecord


@dataclass(frozen=True, slots=True, eq=False)
class Attainable:
    """What can be reached, and how it was found.

    Attributes
    ----------
    ceilings
        By metric and stratum.
    within
        The same from halves within batch: what a score must exceed for the model to have seen the cells.
    records
        All ceilings as stored, those of single contexts last.
    references
        Scores of a replicate.
    corrected
        (answer, metric, stratum) to the correlation without the noise of the truth.
    inflation
        What shared controls would add.
    crossed
        Reliability across batches and guides.
    findings
        What it says of the screen.
    """

    ceilings: Mapping[tuple[str, str], Ceiling]
    within: Mapping[tuple[str, str], Ceiling]
    records: tuple[CeilingRecord, ...]
    references: tuple[Score, ...]
    corrected: Mapping[tuple[str, str, str], Corrected]
    inflation: tuple[InflationRecord, ...]
    crossed: tuple[CrossedRecord, ...]
    findings: tuple[Finding, ...]


def find_attainable(
    scores: Scores,
    effects: Effects,
    claim: Claim,
    answers: Mapping[str, Answer],
    crossed: Mapping[str, Crossed],
    why_not: Mapping[str, str],
    *,
    seed: int,
    quick: bool = False,
    progress: Callable[[str], None] | None = None,
) -> Attainable:
    """Find what can be reached in every metric, stratum and context.

    Parameters
    ----------
    crossed, why_not
        Halves that share no batch or guide, and why there are none.
    quick
        Leave replicates at less than full depth out.
    """
    panel, test = scores.panel, claim.split.test
    shards = claim.split.scored_shards
    agreement = None
    if not quick and len(test):
        agreement = measure_agreement(panel, effects.moments, test, shards, seed, progress)
    rows = [
        compare_crossed(kind, crossed[kind].half[test], panel, seed)
        if kind in crossed
        else not_crossed(kind, why_not.get(kind, "it was not asked for"))
        for kind in HANDS
    ]
    factor = batch_factor(rows[0])
    within = find_ceilings(scores, agreement)
    ceilings = within if factor == 1.0 else find_ceilings(scores, agreement, factor=factor)
    contexts = sorted(set(effects.conditions.context[test].tolist()))
    single = context_ceilings(scores, agreement, factor=factor)
    return Attainable(
        ceilings=ceilings,
        within=within,
        records=tuple(ceiling_record(c, contexts) for c in [*ceilings.values(), *single]),
        references=tuple(replicate_scores(scores, ceilings)),
        corrected=corrected(scores, ceilings),
        inflation=tuple(shared_controls(scores, effects, claim, answers)),
        crossed=tuple(rows),
        findings=tuple(batch_finding(row) for row in rows[:1] if not row.reason),
    )


def shared_controls(
    scores: Scores, effects: Effects, claim: Claim, answers: Mapping[str, Answer]
) -> list[InflationRecord]:
    """What answers would score if truth and prediction shared their controls; nothing where they do."""
    moments, test = effects.moments, claim.split.test
    if not moments.slots.n_groups or effects.shared_control[test].any() or not len(test):
        return []
    shards = claim.split.scored_shards
    return inflation(scores, moments.effects(shards, TRAINING)[test], list(answers))


def ceiling_record(c: Ceiling, contexts: list[str]) -> CeilingRecord:
    """Return a ceiling as it is stored."""
    return CeilingRecord(
        metric=c.metric,
        stratum=c.stratum,
        kind=c.kind,
        value=c.value,
        low=c.low,
        high=c.high,
        reason=c.reason,
        context=None if c.context is None else contexts[c.context],
        note=c.note,
    )
