"""What is stored of each condition, as packed columns: facts, scores, and the genes a model gets most wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from vcassay.record.evidence import MetricRecord
from vcassay.report.drill.packed import Packed
from vcassay.report.facts import ladder, primary_metrics, strongest
from vcassay.report.tables import KEY, Stored

LABELS = (
    *("context", "perturbation", "role", "modality", "target", "moa", "stratum", "reliability_class", "regime"),
    *("novel_perturbation", "novel_context", "novel_modality", "novel_batch", "kin"),
)
COUNTS = ("n_cells", "n_control", "shots")
NUMBERS = (
    *("p_value", "reliability", "reliability_full", "shared_part", "cells_needed", "ceiling", "replicate"),
    "batch_matched",
)
"""Shown with two or three digits."""

FLAGS = ("detectable", "shared_control")
LONG = 160
"""Letters beyond which a list of kin is cut."""


@dataclass(frozen=True, slots=True)
class Series:
    """Whose scores are shown: a model, or the best legal baseline of one."""

    name: str
    title: str
    kind: str


def shown_series(stored: Stored, metrics: list[MetricRecord]) -> list[Series]:
    """Every model, then each baseline that is the best legal one of a model in a metric."""
    record = stored.record
    names = [m.name for m in record.models]
    best = dict.fromkeys(strongest(record, name, m.name) for name in names for m in metrics)
    rungs = ladder(record)
    found = [Series(name, name, "model") for name in names]
    return found + [Series(b, rungs[b].title if b in rungs else b, "baseline") for b in best if b and b not in names]


def degree_checks(stored: Stored) -> list[str]:
    """Checks that touch test conditions: a column each, whether or how much."""
    if stored.listed is None:
        return []
    return [name for name in dict.fromkeys(f.check for f in stored.record.findings) if name in stored.listed]


def fact_columns(stored: Stored, rows: pd.DataFrame) -> Packed:
    """Pack what was measured of each condition; a column that an older table lacks is left out."""
    packed = Packed(len(rows))
    for name in LABELS:
        if name in rows:
            packed.levels(name, [_text(v) for v in rows[name]])
    for name in ("dose", "time"):
        if name in rows and rows[name].notna().any():
            packed.levels(name, [None if pd.isna(v) else float(f"{v:.12g}") for v in rows[name]])
    for name in COUNTS:
        if name in rows and rows[name].notna().any():
            packed.numbers(name, rows[name]) if rows[name].isna().any() else packed.counts(name, rows[name])
    if "effect" in rows:
        packed.numbers("effect", rows["effect"])
    for name in NUMBERS:
        if name in rows and rows[name].notna().any():
            packed.numbers(name, rows[name], half=name != "cells_needed")
    for name in FLAGS:
        if name in rows:
            packed.levels(name, [None if pd.isna(v) else int(v) for v in rows[name]])
    for name in degree_checks(stored):
        packed.numbers(f"check {name}", rows[name].astype("Float64").to_numpy(np.float64, na_value=np.nan), half=True)
    return packed


def score_columns(stored: Stored, series: list[Series], metrics: list[MetricRecord], n: int) -> Packed:
    """Pack the score of each series in each metric for the first n conditions, with the reason where there is none."""
    packed = Packed(n)
    for i, one in enumerate(series):
        for j, metric in enumerate(metrics):
            found = stored.values(one.name, metric.name)
            if found is None:
                continue
            found = found[found["id"] < n]
            at = found["id"].to_numpy()
            values = np.full(n, np.nan)
            values[at] = found["value"]
            packed.numbers(f"value {i} {j}", values)
            reasons = np.full(n, "", dtype=object)
            reasons[at] = np.where(found["value"].isna(), found["reason"].map(_text), "")
            if any(reasons):
                packed.levels(f"reason {i} {j}", reasons.tolist())
    return packed


def gene_columns(stored: Stored, series: list[Series], n: int) -> Iterator[Packed]:
    """Pack the genes that each model gets most wrong: one table a place, the most wrong first."""
    genes, tested = stored.genes, stored.tested
    if genes is None or tested is None or genes.empty:
        return
    placed = genes.merge(tested[[*KEY, "id"]], on=KEY, how="inner")
    placed = placed[placed["id"] < n]
    for _, rows in placed.groupby("place", sort=True):
        packed = Packed(n)
        for i, one in enumerate(series):
            own = rows[rows["model"] == one.name]
            if one.kind != "model" or own.empty:
                continue
            names = np.full(n, "", dtype=object)
            names[own["id"]] = own["gene"].map(str)
            packed.levels(f"gene {i}", names.tolist())
            for name in ("predicted", "measured", "se"):
                values = np.full(n, np.nan)
                values[own["id"]] = own[name]
                packed.numbers(f"{name} {i}", values, half=True)
        yield packed


def carrying(stored: Stored) -> list[MetricRecord]:
    """Metrics that carry the verdict."""
    return primary_metrics(stored.record)


def _text(value: object) -> str:
    text = "" if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)) else str(value)
    return text if len(text) <= LONG else f"{text[:LONG]}…"
