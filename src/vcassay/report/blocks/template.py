"""Block: how much of the true effects, and of each model's skill, lies beyond what training alone tells."""

from __future__ import annotations

from dataclasses import dataclass

from vcassay.record import AssessmentRecord
from vcassay.record.evidence import TemplateRecord
from vcassay.report.blocks.block import Block
from vcassay.report.wording import MINUS, estimate, percent


@dataclass(frozen=True, slots=True)
class Row:
    """The truth, or a model, over the parts."""

    title: str
    kind: str
    shares: tuple[tuple[str, float], ...]
    """Share of what is measured or predicted in each part, and its width in percent."""
    scores: tuple[str, ...]
    """What each part adds to the agreement with the true effects; none for the truth."""
    sentence: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """The template of test, or of training conditions."""

    title: str
    parts: tuple[str, ...]
    rows: tuple[Row, ...]
    sentence: str
    left: str


def template_block(record: AssessmentRecord) -> Block:
    """Lay out both templates; the sentences are those of the record."""
    sheets = [_sheet(t) for t in record.template if t.parts and not t.reason]
    missing = next((t.reason for t in record.template if t.reason), "no template of training effects is stored")
    answer = " ".join(t.sentence for t in record.template[:1] if t.sentence)
    return Block(
        name="template",
        stage="Stage 2c",
        title="Does it know more than the training effects tell?",
        nav="Template",
        answer=answer if sheets else "",
        data={"sheets": sheets, "missing": missing},
    )


def _sheet(template: TemplateRecord) -> Sheet:
    parts = [p for p in template.parts if p.share is not None]
    names = [p.part for p in parts]
    spans = tuple((_share(p.share, p.low, p.high), round(100 * min(1.0, max(0.0, p.share or 0.0)), 1)) for p in parts)
    rows = [Row("measured", "truth", spans, (), "")]
    for model in dict.fromkeys(m.model for m in template.models):
        mine = {m.part: m for m in template.models if m.model == model}
        found = [mine.get(name) for name in names]
        rows.append(
            Row(
                title=model,
                kind="model",
                shares=tuple(
                    (percent(m.own, missing="–").replace("-", MINUS), round(100 * min(1.0, max(0.0, m.own or 0.0)), 1))
                    if m is not None
                    else ("–", 0.0)
                    for m in found
                ),
                scores=tuple("–" if m is None else estimate(m.score, m.low, m.high) for m in found),
                sentence=next((m.sentence for m in mine.values() if m.sentence), ""),
            )
        )
    lost = []
    if template.n_left_out:
        lost.append(f"{template.n_left_out:,} left out: without split halves, or sharing controls with training")
    if template.n_alone:
        lost.append(f"{template.n_alone:,} whose treatment or context has no other tell nothing of interaction")
    return Sheet(
        title=f"{template.n:,} {template.conditions} conditions",
        parts=tuple(p.title for p in parts),
        rows=tuple(rows),
        sentence=template.sentence,
        left="; ".join(lost),
    )


def _share(share: float | None, low: float | None, high: float | None) -> str:
    text = percent(share)
    if low is not None and high is not None:
        text += f" [{percent(low)}, {percent(high)}]"
    return text.replace("-", MINUS)
