"""Block 9: the worst and the best conditions of each model."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from vcassay.record import AssessmentRecord
from vcassay.record.evidence import MetricRecord
from vcassay.report.blocks.block import Block
from vcassay.report.facts import ceiling_of, ladder, main_metric, strongest
from vcassay.report.link import condition_link
from vcassay.report.tables import KEY, Stored, oriented, why_unscored
from vcassay.report.wording import number

SHOWN = 20
"""Conditions in each list."""


@dataclass(frozen=True, slots=True)
class Extreme:
    """One condition."""

    condition: str
    link: str
    dose: str
    """Dose and time, where they vary."""
    context: str
    value: str
    base: str
    effect: str
    stratum: str
    n_cells: str
    reliability: str
    ceiling: str


@dataclass(frozen=True, slots=True)
class Lists:
    """Worst and best of one model."""

    index: int
    model: str
    baseline: str
    worst: tuple[Extreme, ...]
    best: tuple[Extreme, ...]
    note: str


def extremes_block(stored: Stored) -> Block:
    """List the conditions a model fails and those it gets, among those with an effect to predict."""
    record = stored.record
    metric = main_metric(record)
    lists = [
        found
        for i, model in enumerate(record.models)
        if metric is not None and (found := _lists(stored, model.name, i, metric)) is not None
    ]
    missing = stored.missing.get("scores") or why_unscored(stored, metric)
    return Block(
        name="extremes",
        stage="Conditions",
        title="Where does it fail, and where does it work?",
        nav="Conditions",
        answer=f"The {SHOWN} lowest and highest conditions in {metric.title}, among those with an effect to predict."
        if metric and lists
        else "",
        data={"lists": lists, "missing": missing, "metric": metric},
    )


def _lists(stored: Stored, model: str, index: int, metric: MetricRecord) -> Lists | None:
    rows = stored.values(model, metric.name)
    if rows is None:
        return None
    real = rows[~rows["stratum"].isin(["null", "unassessed"])]
    note = "" if len(real) else "No test condition has an effect: those without are listed."
    rows = (real if len(real) else rows).dropna(subset=["value"])
    if rows.empty:
        return None
    record = stored.record
    base = strongest(record, model, metric.name)
    other = stored.values(base, metric.name) if base else None
    if other is None:
        joined = rows.assign(base=float("nan"))
    else:
        joined = rows.merge(other[[*KEY, "value"]].rename(columns={"value": "base"}), on=KEY, how="left")
    shown = [k for k in ("dose", "time") if rows[k].nunique() > 1]
    joined = joined.assign(rank=oriented(joined["value"], metric)).sort_values("rank", kind="stable")
    half = min(SHOWN, max(1, len(joined) // 2))
    rung = ladder(record).get(base)
    rest = len(joined) - 2 * half
    if rest > 0:
        note = f"{note} {rest:,} between them are not listed here: look them up by name.".strip()
    return Lists(
        index=index,
        model=model,
        baseline=rung.title if rung else "",
        worst=tuple(_extreme(record, row, metric, shown) for _, row in joined.head(half).iterrows()),
        best=tuple(_extreme(record, row, metric, shown) for _, row in joined.tail(half).iloc[::-1].iterrows()),
        note=note,
    )


def _extreme(record: AssessmentRecord, row: pd.Series, metric: MetricRecord, shown: list[str]) -> Extreme:
    levels = [f"{'at ' if k == 'time' else ''}{number(float(row[k]))}" for k in shown if pd.notna(row[k])]
    ceiling = ceiling_of(record, metric.name, str(row["stratum"])).value
    return Extreme(
        condition=str(row["perturbation"]),
        link=condition_link(row),
        dose=" ".join(levels),
        context=str(row["context"]),
        value=number(float(row["value"]), 2),
        base=number(float(row["base"]), 2, missing="–"),
        effect=number(float(row["effect"]), missing="–"),
        stratum=str(row["stratum"]),
        n_cells=number(float(row["n_cells"]), missing="–"),
        reliability=number(float(row["reliability"]), 2, missing="–"),
        ceiling=number(ceiling, 2, missing="–"),
    )
