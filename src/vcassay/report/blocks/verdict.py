"""Block 1: how the models end, whether anything is wrong, and one card a model."""

from __future__ import annotations

from dataclasses import dataclass

from vcassay.record import AssessmentRecord, ModelRecord
from vcassay.report.blocks.block import Block
from vcassay.report.facts import Decisive, decisive, headline, primary_metrics, questions, trouble
from vcassay.report.figures.scoreline import Scoreline, score_line
from vcassay.report.strength import chosen_words, domain_sentence
from vcassay.report.wording import REGIME, UNDEFINED, Mark, bracket, decimals, estimate, level_mark, number, sentence


@dataclass(frozen=True, slots=True)
class Line:
    """Decisive numbers in one metric, written out."""

    title: str
    stratum: str
    score: str
    coverage: str
    baseline: str
    baseline_score: str
    gain: str
    gain_n: str
    better: bool
    worse: bool
    ceiling: str
    ceiling_kind: str
    skill: str
    refused: str
    chosen: str
    """Of how many the best baseline was chosen, and how much that flatters it."""


@dataclass(frozen=True, slots=True)
class Card:
    """A model's verdict as shown."""

    index: int
    model: ModelRecord
    mark: Mark
    first: str
    """The reason in one sentence."""
    lines: tuple[Line, ...]
    drawing: Scoreline | None
    decisive: Decisive | None
    coverage: str
    domain: str
    """What domain knowledge alone buys."""


def verdict_block(record: AssessmentRecord) -> Block:
    """Build the opening table and the cards."""
    cards = [card(record, model, i) for i, model in enumerate(record.models)]
    return Block(
        name="verdict",
        stage="Verdict",
        title=f"{headline(record)}.",
        nav="Verdict",
        answer="",
        data={
            "cards": cards,
            "trouble": trouble(record),
            "questions": questions(record),
            "claim": record.claim,
            "regime": REGIME.get(record.claim.regime, ""),
            "screen": record.screen,
            "study": record.study,
            "quick": record.quick,
            "complete": record.complete,
        },
    )


def card(record: AssessmentRecord, model: ModelRecord, index: int) -> Card:
    """Gather what a card shows of one model."""
    found = [d for m in primary_metrics(record) if (d := decisive(record, model.name, m)) is not None]
    shown = [d for d in found if d.score is not None or d.skill is not None]
    verdict = model.verdict
    first = (verdict.reasons[0] if verdict.reasons else verdict.sentence) if verdict else "no verdict was reached"
    coverage = f"{model.n_predicted:,} of {model.n_wanted:,} conditions predicted"
    if model.n_abstained:
        coverage += f", {model.n_abstained:,} abstained"
    return Card(
        index=index,
        model=model,
        mark=level_mark(verdict.level if verdict else None),
        first=sentence(first),
        lines=tuple(line(d) for d in shown),
        drawing=score_line(shown[0]) if shown else None,
        decisive=shown[0] if shown else None,
        coverage=coverage,
        domain=domain_sentence(record, model.name),
    )


def line(facts: Decisive) -> Line:
    """Write out the decisive numbers of one metric."""
    score, base, gain, skill = facts.score, facts.baseline_score, facts.comparison, facts.skill
    coverage = ""
    if score is not None:
        parts = [f"n = {score.n:,}"]
        if score.n_at_chance:
            parts.append(f"{score.n_at_chance:,} counted at chance")
        if score.n_truth_undefined:
            parts.append(f"{score.n_truth_undefined:,} left out: the truth is undefined there")
        coverage = "; ".join(parts)
    return Line(
        title=facts.metric.title,
        stratum=facts.stratum,
        score=estimate(score.value, score.low, score.high) if score is not None else UNDEFINED,
        coverage=coverage if score is None or score.value is not None else score.reason,
        baseline=facts.baseline.title if facts.baseline else "no legal baseline",
        baseline_score=estimate(base.value, base.low, base.high) if base is not None else UNDEFINED,
        gain=estimate(gain.difference, gain.low, gain.high, sign=True) if gain is not None else UNDEFINED,
        gain_n=f"n = {gain.n:,}" if gain is not None else "",
        better=gain.better if gain is not None else False,
        worse=gain.worse if gain is not None else False,
        ceiling=_ceiling(facts),
        ceiling_kind=facts.ceiling.kind or facts.ceiling.reason,
        skill=estimate(skill.skill, skill.low, skill.high) if skill is not None else UNDEFINED,
        refused=skill.refused if skill is not None else "",
        chosen=chosen_words(skill),
    )


def _ceiling(facts: Decisive) -> str:
    ceiling = facts.ceiling
    if ceiling.value is None:
        return "not measurable"
    places = decimals(ceiling.low, ceiling.high)
    return f"{number(ceiling.value, places)} {bracket(ceiling.low, ceiling.high, places)}".strip()
