"""Stage 2: gather the evidence of all four rooms, handing over what one needs of another."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vcassay.claim import Claim
from vcassay.claim.findings import claim_findings, pretraining
from vcassay.core import Score
from vcassay.effects import Effects
from vcassay.evidence.baselines import Rung
from vcassay.evidence.biology import DIAGNOSTICS
from vcassay.evidence.leakage import CHECKS
from vcassay.evidence.metrics import (
    METRICS,
    Ceiling,
    Scores,
    better_than_perfect,
    compare,
    domain_share,
    find_ceilings,
    join_seeds,
    make_panel,
    primary_metrics,
    rank_answers,
    score_answers,
    skills,
    template_shares,
    with_seeds,
)
from vcassay.evidence.metrics.answered import answered_scores
from vcassay.evidence.metrics.cell_references import cell_replicate_scores
from vcassay.evidence.metrics.equivalence import EQUIVALENCE_MARGIN
from vcassay.evidence.metrics.replicate import replicate_scores
from vcassay.evidence.metrics.score import applies
from vcassay.evidence.metrics.utility import utility_figures
from vcassay.knowledge import Knowledge
from vcassay.prediction import Answer
from vcassay.record.evidence import (
    BaselineRecord,
    CeilingRecord,
    ComparisonRecord,
    FindingRecord,
    MetricRecord,
    RankingRecord,
    ScoreRecord,
    SeedRecord,
    SkillRecord,
    TemplateRecord,
    UtilityRecord,
)
from vcassay.run.cells import QUICK, CellScores, score_cells, with_cells
from vcassay.run.checks import by_severity, run_checks, stored
from vcassay.run.ladder import crashes
from vcassay.run.wanted import Wanted, with_gene_sets
from vcassay.screen import Screen

NOTHING_WANTED = Wanted()


@dataclass(frozen=True, slots=True, eq=False)
class Stage2:
    """The evidence, as the record stores it, and the scores behind it."""

    scores: Scores
    references: tuple[Score, ...]
    roles: Mapping[str, str]
    findings: tuple[FindingRecord, ...]
    baselines: tuple[BaselineRecord, ...]
    metrics: tuple[MetricRecord, ...]
    ceilings: tuple[CeilingRecord, ...]
    aggregates: tuple[ScoreRecord, ...]
    comparisons: tuple[ComparisonRecord, ...]
    skills: tuple[SkillRecord, ...]
    domain_share: dict[str, float | None]
    utilities: tuple[UtilityRecord, ...]
    template: tuple[TemplateRecord, ...]
    ranks: tuple[RankingRecord, ...] = ()
    seeds: tuple[SeedRecord, ...] = ()


def gather(
    screen: Screen,
    effects: Effects,
    claim: Claim,
    knowledge: Knowledge,
    submissions: Mapping[str, Answer],
    rungs: list[Rung],
    full_mask: NDArray[np.bool_],
    *,
    seed: int,
    draws: int,
    margin: float | None = None,
    progress: Callable[[str], None],
    quick: bool = False,
    wanted: Wanted = NOTHING_WANTED,
) -> Stage2:
    """Score every answer, compare, and run every check and diagnostic; ``quick`` leaves out the comparison of cells.

    Checks and diagnostics read a model's own predictions; its further seeds enter the scores alone.
    """
    legal = {rung.record.name: rung.answer for rung in rungs if rung.answer is not None}
    answers: dict[str, Answer] = {**submissions, **legal}
    panel = with_gene_sets(make_panel(effects, claim, full_mask), effects.genes, knowledge, progress)
    scored, family = with_seeds(answers)
    cells = CellScores(reason=QUICK)
    if not quick:
        asked = {name: answer for name, answer in scored.items() if name not in legal}
        cells = score_cells(screen, effects, claim.split, asked, seed=seed, progress=progress)
        progress("scoring answers")
    panel, scored = with_cells(panel, scored, cells)
    scores, seeds = join_seeds(score_answers(panel, scored, seed, draws), family, seed)
    ceilings = find_ceilings(scores)
    primary = primary_metrics(panel)
    references = replicate_scores(scores)
    if cells.replicate is not None:
        references += cell_replicate_scores(scores, cells.replicate)
    answered = answered_scores(scores, list(submissions), seed)
    tiers = {rung.record.name: rung.record.tier for rung in rungs}
    comparisons: list[ComparisonRecord] = []
    skill_rows: list[SkillRecord] = []
    shares: dict[str, float | None] = {}
    names = [name for name in legal if name != "replicate"]
    sources = {n: a.source for n, a in submissions.items()}
    within = EQUIVALENCE_MARGIN.value if margin is None else margin
    comparisons = compare(scores, list(submissions), names, sources, within)
    ranks = rank_answers(scores, list(submissions), [n for n in names if n not in sources.values()], seed)
    for name, answer in submissions.items():
        rivals = [b for b in names if b != answer.source]
        skill_rows += skills(scores, [name], rivals, ceilings)
        share = domain_share(scores, name, tiers, rivals)
        shares[name] = share if np.isfinite(share) else None

    utilities = utility_figures(
        scores,
        ceilings,
        effects.conditions.take(claim.split.test),
        baselines=names,
        titles={rung.record.name: rung.record.title for rung in rungs},
        sources={n: a.source for n, a in submissions.items()},
        seed=seed,
        wish=wanted.wish,
        k=wanted.k,
        draws=draws,
    )
    predicted = {name: answer.values for name, answer in submissions.items()}
    template = template_shares(effects, claim.split, predicted, seed, draws)

    progress("looking for leakage")
    provided = {
        "screen": screen,
        "conditions": effects.conditions,
        "design": screen.design,
        "split": claim.split,
        "claim": claim,
        "effects": effects,
        "answers": answers,
        "knowledge": knowledge,
        "scores": scores,
    }
    findings = [*crashes(rungs), *claim_findings(claim)]
    findings += [pretraining(answer.disclosure.pretrained).about(name) for name, answer in submissions.items()]
    findings += run_checks(CHECKS, provided, submissions, seed, "leakage")
    findings += [better_than_perfect(scores, ceilings, name) for name in submissions]
    progress("asking for biology")
    findings += run_checks(DIAGNOSTICS, provided, submissions, seed, "biology")
    return Stage2(
        scores=scores,
        references=(*references, *answered),
        roles={name: answer.role for name, answer in answers.items()},
        findings=tuple(stored(f) for f in by_severity(findings)),
        baselines=(*(rung.record for rung in rungs), _replicate_record(references)),
        metrics=tuple(_metric_record(entry.name, primary) for entry in METRICS if applies(entry, panel)),
        ceilings=tuple(_ceiling_record(c) for c in ceilings.values()),
        aggregates=tuple(_score_record(s) for s in [*scores.aggregates, *references, *answered]),
        comparisons=tuple(comparisons),
        skills=tuple(skill_rows),
        domain_share=shares,
        utilities=tuple(utilities),
        ranks=ranks,
        seeds=seeds,
        template=template,
    )


def _replicate_record(references: list[Score]) -> BaselineRecord:
    ran = any(s.value is not None for s in references)
    return BaselineRecord(
        name="replicate",
        title="independent replicate",
        tier="T4",
        kind="reference",
        summary="What an independent measurement of the same conditions scores; never ranked.",
        source="methods 4",
        reads=("test_effects",),
        legal=False,
        why="a reference: it reads the scored effects" if ran else "not measurable: split halves do not exist here",
        ran=ran,
        n_predicted=0,
    )


def _metric_record(name: str, primary: Collection[str]) -> MetricRecord:
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
    )


def _ceiling_record(c: Ceiling) -> CeilingRecord:
    return CeilingRecord(
        metric=c.metric, stratum=c.stratum, kind=c.kind, value=c.value, low=c.low, high=c.high, reason=c.reason
    )


def _score_record(s: Score) -> ScoreRecord:
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
    )
