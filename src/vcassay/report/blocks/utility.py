"""Block: what rankings by the models are worth in use."""

from __future__ import annotations

from dataclasses import dataclass

from vcassay.record import AssessmentRecord
from vcassay.record.evidence import UtilityRecord
from vcassay.report.blocks.block import Block
from vcassay.report.facts import ladder
from vcassay.report.wording import estimate, listing, number

RANKING = {
    "signature": "perturbations by shift towards the wanted signature",
    "size": "perturbations by size of effect",
    "contexts": "contexts by size of effect of a perturbation",
    "selectivity": "contexts by selectivity of a perturbation",
    "dose": "doses of a perturbation",
    "pathway": "pathway activities",
}
FIGURE = {
    "hits": "share of the true top that is picked",
    "spearman": "rank correlation",
    "enrichment": "enrichment of the true top, fold",
    "regret": "regret: what is lost by picking as predicted",
    "agreement": "agreement",
    "missed": "changed in truth, missed",
    "hallucination": "predicted, not changed in truth",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One model in one figure."""

    model: str
    value: str
    chance: str
    ceiling: str
    baseline: str
    on_card: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """One figure."""

    title: str
    uses: str
    n: str
    meant: bool
    """Whether it speaks to the intended use."""
    lines: tuple[Line, ...]
    note: str


def utility_block(record: AssessmentRecord) -> Block:
    """One table a figure, those of the intended use first; what could not be made in one line each."""
    models = [m.name for m in record.models]
    by_name: dict[str, list[UtilityRecord]] = {}
    for row in record.utilities:
        if row.model in models:
            by_name.setdefault(row.name, []).append(row)
    made = {name: rows for name, rows in by_name.items() if any(r.value is not None for r in rows)}
    why: dict[str, list[str]] = {}
    for name in by_name:
        if name not in made:
            why.setdefault(next((r.reason for r in by_name[name] if r.reason), "no reason is stored"), []).append(name)
    sheets = sorted((_sheet(record, n, rows) for n, rows in made.items()), key=lambda s: not s.meant)
    return Block(
        name="utility",
        stage="Use",
        title="What is it worth in use?",
        nav="Use",
        answer=_answer(record),
        data={
            "sheets": sheets,
            "missing": [("; ".join(title_of(n) for n in names), reason) for reason, names in why.items()],
            "none": not record.utilities,
        },
    )


def title_of(name: str) -> str:
    """A figure in words; one that is not known keeps its name."""
    ranking, _, figure = name.rpartition("_")
    if ranking in RANKING and figure in FIGURE:
        return f"{RANKING[ranking].capitalize()}: {FIGURE[figure]}"
    return name.replace("_", " ")


def _sheet(record: AssessmentRecord, name: str, rows: list[UtilityRecord]) -> Sheet:
    rungs = ladder(record)
    cards = {m.name: m.verdict.utility for m in record.models if m.verdict is not None}
    lines = []
    for row in rows:
        card = cards.get(row.model)
        base = rungs[row.baseline].title if row.baseline in rungs else row.baseline
        ceiling = "–" if row.ceiling is None else f"{number(row.ceiling, 2)} {row.ceiling_kind}".strip()
        lines.append(
            Line(
                model=row.model,
                value=estimate(row.value, row.low, row.high),
                chance=number(row.chance, 2, missing="–"),
                ceiling=ceiling,
                baseline=f"{number(row.baseline_value, 2)} {base}" if row.baseline_value is not None else "–",
                on_card=card is not None and card.name == row.name,
            )
        )
    uses = tuple(dict.fromkeys(u for r in rows for u in r.uses))
    return Sheet(
        title=title_of(name),
        uses=listing(uses),
        n=f"{max(r.n for r in rows):,}",
        meant=record.claim.use in uses or any(line.on_card for line in lines),
        lines=tuple(lines),
        note="; ".join(dict.fromkeys(r.coverage for r in rows if r.coverage)),
    )


def _answer(record: AssessmentRecord) -> str:
    use = record.claim.use
    head = f"The intended use is {use}." if use else "No intended use is stated."
    shown = {v.utility.name for m in record.models if (v := m.verdict) is not None and v.utility is not None}
    best = [
        row
        for row in record.utilities
        if row.name in shown and row.value is not None and row.model in {m.name for m in record.models}
    ]
    if not best:
        return head if record.utilities else ""
    return (
        f"{head} On the cards: {listing([title_of(n) for n in sorted(shown)])}. "
        + "; ".join(f"{row.model} {estimate(row.value, row.low, row.high)}" for row in best)
        + "."
    )
