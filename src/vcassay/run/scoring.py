"""Scoring: every answer in every metric, what can be reached, and how answers compare."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vcassay.claim import Claim
from vcassay.core import Finding, Score, Status
from vcassay.effects import Effects
from vcassay.effects.classes import Classes
from vcassay.effects.crossed import Crossed
from vcassay.evidence.baselines import Rung
from vcassay.evidence.metrics import (
    METRICS,
    Scores,
    better_than_perfect,
    compare,
    domain_share,
    join_seeds,
    make_panel,
    primary_metrics,
    rank_answers,
    score_answers,
    skills,
    template_shares,
    with_seeds,
)
from vcassay.evidence.metrics.calibration.calibrated import calibrate_metrics, calibration_record, demotions
from vcassay.evidence.metrics.ceilings.attenuated import Corrected
from vcassay.evidence.metrics.ceilings.cell_references import cell_replicate_scores
from vcassay.evidence.metrics.ceilings.duplicate import duplicate_scores
from vcassay.evidence.metrics.ceilings.matched import matched_scores
from vcassay.evidence.metrics.ceilings.replicate import full_depth_scores
from vcassay.evidence.metrics.ceilings.scaled import scaled
from vcassay.evidence.metrics.inference.answered import answered_scores
from vcassay.evidence.metrics.inference.by_context import context_scores
from vcassay.evidence.metrics.inference.equivalence import EQUIVALENCE_MARGIN
from vcassay.evidence.metrics.score import add_scores, applies
from vcassay.evidence.metrics.use.utility import utility_figures
from vcassay.knowledge import Knowledge
from vcassay.prediction import Answer
from vcassay.record.attained import MatchedRecord, ScaledRecord
from vcassay.record.evidence import (
    CalibrationRecord,
    ComparisonRecord,
    MetricRecord,
    RankingRecord,
    ScoreRecord,
    SeedRecord,
    SkillRecord,
    TemplateRecord,
    UtilityRecord,
)
from vcassay.run.attainable import Attainable, find_attainable
from vcassay.run.cells import QUICK, CellScores, score_cells, with_cells
from vcassay.run.wanted import Wanted, with_gene_sets
from vcassay.screen import Screen

NOTHING_WANTED = Wanted()


@dataclass(frozen=True, slots=True)
class Settings:
    """How answers are scored.

    Attributes
    ----------
    seed, draws
        Of the resampling.
    margin
        Within which scores are equivalent; `EQUIVALENCE_MARGIN` if ``None``.
    quick
        Leave out predicted cells, replicates at less than full depth, and calibration.
    wanted
        What rankings are for.
    """

    seed: int
    draws: int
    margin: float | None = None
    quick: bool = False
    wanted: Wanted = NOTHING_WANTED


@dataclass(frozen=True, slots=True, eq=False)
class Scoring:
    """What scoring found, as the record stores it, and the scores behind it.

    Attributes
    ----------
    perfect
        Of every legal baseline, whether it scores better than a perfect model; one that does is no rival.
    """

    scores: Scores
    reach: Attainable
    references: tuple[Score, ...]
    roles: Mapping[str, str]
    answers: Mapping[str, Answer]
    metrics: tuple[MetricRecord, ...]
    aggregates: tuple[ScoreRecord, ...]
    calibration: tuple[CalibrationRecord, ...]
    uncalibrated: str
    comparisons: tuple[ComparisonRecord, ...]
    skills: tuple[SkillRecord, ...]
    scaled: tuple[ScaledRecord, ...]
    matched: tuple[MatchedRecord, ...]
    unmatched: str
    domain_share: dict[str, float | None]
    utilities: tuple[UtilityRecord, ...]
    template: tuple[TemplateRecord, ...]
    ranks: tuple[RankingRecord, ...]
    seeds: tuple[SeedRecord, ...]
    perfect: Mapping[str, Finding]


def score(
    screen: Screen,
    effects: Effects,
    claim: Claim,
    knowledge: Knowledge,
    submissions: Mapping[str, Answer],
    rungs: list[Rung],
    full_mask: NDArray[np.bool_],
    settings: Settings,
    *,
    progress: Callable[[str], None],
    classes: Classes | None = None,
    crossed: tuple[Mapping[str, Crossed], Mapping[str, str]] = ({}, {}),
) -> Scoring:
    """Score, calibrate and compare every answer.

    Parameters
    ----------
    classes
        Reliability classes of the conditions: further strata.
    crossed
        Halves that share no batch or guide, and why there are none.
    """
    seed, quick = settings.seed, settings.quick
    legal = {rung.record.name: rung.answer for rung in rungs if rung.answer is not None and rung.record.legal}
    others = {rung.record.name: rung.answer for rung in rungs if rung.answer is not None and not rung.record.legal}
    answers: dict[str, Answer] = {**submissions, **legal}
    panel = make_panel(effects, claim, full_mask, classes.strata() if classes is not None else None)
    panel = with_gene_sets(panel, effects.genes, knowledge, progress)
    cells = CellScores(reason=QUICK)
    if not quick:
        cells = score_cells(screen, effects, claim.split, submissions, seed=seed, progress=progress)
        progress("scoring answers")
    panel, answers = with_cells(panel, answers, cells)
    scored, family = with_seeds(answers)
    scores, seeds = join_seeds(score_answers(panel, scored, seed, settings.draws), family, seed)
    progress("calibrating metrics")
    found, uncalibrated = ([], QUICK) if quick else calibrate_metrics(panel, effects, claim, seed)
    demoted = demotions(found)
    primary = primary_metrics(panel)
    progress("finding ceilings")
    reach = find_attainable(scores, effects, claim, answers, *crossed, seed=seed, quick=quick)
    references = list(reach.references)
    references += full_depth_scores(scores, reach.ceilings, references)
    references += duplicate_scores(scores)
    if cells.replicate is not None:
        references += cell_replicate_scores(scores, cells.replicate)
    answered = answered_scores(scores, list(submissions), seed)
    progress("comparing answers")
    perfect = {name: better_than_perfect(scores, reach.within, name) for name in legal}
    names = [name for name in legal if perfect[name].status != Status.FAIL]
    sources = {n: a.source for n, a in submissions.items()}
    within = EQUIVALENCE_MARGIN.value if settings.margin is None else settings.margin
    tiers = {rung.record.name: rung.record.tier for rung in rungs}
    skill_rows: list[SkillRecord] = []
    shares: dict[str, float | None] = {}
    rivals_of = {name: [b for b in names if b != sources[name]] for name in submissions}
    for name, rivals in rivals_of.items():
        skill_rows += skills(scores, [name], rivals, reach.ceilings, demoted)
        share = domain_share(scores, name, tiers, rivals)
        shares[name] = share if np.isfinite(share) else None
    matched: list[MatchedRecord] = []
    unmatched = QUICK
    if not quick:
        progress("matching numbers of rows")
        legal_answers = {n: a for n, a in answers.items() if n in submissions or n in names}
        matched, unmatched = matched_scores(
            scores, legal_answers, effects.moments, claim.split.test, claim.split.scored_shards, seed, settings.draws
        )
    extra = [*references, *answered]
    contexts = np.unique(effects.conditions.context[claim.split.test].astype(str)).tolist()
    single = context_scores(scores, dict(enumerate(contexts)))
    # probes and sabotage answer whether they lose, for which the metrics of the verdict suffice
    add_scores(scores, score_answers(panel, others, seed, settings.draws, metrics=primary))
    answers |= others
    return Scoring(
        scores=scores,
        reach=reach,
        references=tuple(extra),
        roles={name: answer.role for name, answer in answers.items()},
        answers=answers,
        metrics=tuple(metric_record(entry.name, primary, demoted) for entry in METRICS if applies(entry, panel)),
        aggregates=tuple(score_record(s, reach.corrected) for s in [*scores.aggregates, *extra, *single]),
        calibration=tuple(calibration_record(c) for c in found),
        uncalibrated=uncalibrated,
        comparisons=tuple(compare(scores, list(submissions), names, sources, within)),
        skills=tuple(skill_rows),
        matched=tuple(matched),
        unmatched=unmatched,
        scaled=tuple(scaled(scores, rivals_of, reach.ceilings)),
        domain_share=shares,
        utilities=tuple(
            utility_figures(
                scores,
                reach.ceilings,
                effects.conditions.take(claim.split.test),
                baselines=names,
                titles={rung.record.name: rung.record.title for rung in rungs},
                sources=sources,
                seed=seed,
                wish=settings.wanted.wish,
                k=settings.wanted.k,
                draws=settings.draws,
            )
        ),
        template=template_shares(
            effects, claim.split, {n: a.values for n, a in submissions.items()}, seed, settings.draws
        ),
        ranks=rank_answers(scores, list(submissions), [n for n in names if n not in sources.values()], seed),
        seeds=seeds,
        perfect=perfect,
    )


def metric_record(name: str, primary: Collection[str], demoted: Mapping[str, tuple[str, ...]]) -> MetricRecord:
    """Return a metric as it is stored."""
    entry = METRICS[name]
    meta = entry.meta
    return MetricRecord(
        name=name,
        title=meta["title"],
        family=meta["family"],
        optimum=meta["optimum"],
        chance=meta["chance"],
        higher_is_better=meta["higher_is_better"],
        primary=name in primary,
        summary=entry.summary,
        source=entry.source,
        space=meta["space"],
        reference=meta["reference"],
        undefined=meta["undefined"],
        fooled_by=meta["fooled_by"],
        demoted=demoted.get(name, ()),
    )


def score_record(s: Score, corrected: Mapping[tuple[str, str, str], Corrected]) -> ScoreRecord:
    """Return an aggregate as it is stored."""
    without_noise = corrected.get((s.model, s.metric, s.stratum)) if s.context is None else None
    return ScoreRecord(
        metric=s.metric,
        model=s.model,
        stratum=s.stratum,
        context=s.context,
        value=s.value,
        status=s.status.value,
        reason=s.reason,
        n=s.n,
        n_truth_undefined=s.n_truth_undefined,
        n_at_chance=s.n_at_chance,
        low=s.low,
        high=s.high,
        interval="" if s.interval is None else s.interval.method,
        attenuation_corrected=None if without_noise is None else without_noise.value,
        corrected_low=None if without_noise is None else without_noise.low,
        corrected_high=None if without_noise is None else without_noise.high,
        corrected_reason="" if without_noise is None else without_noise.reason,
    )
