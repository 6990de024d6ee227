"""Tables: conditions.parquet and scores.parquet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vcassay.claim import Claim, Split
from vcassay.core import Score
from vcassay.effects import Effects
from vcassay.effects.classes import Classes
from vcassay.evidence.metrics import Scores


def conditions_table(
    effects: Effects,
    claim: Claim,
    classes: Classes | None = None,
    degrees: Mapping[str, NDArray[np.float64]] | None = None,
    family: NDArray[np.int64] | None = None,
) -> pd.DataFrame:
    """One row a measured condition: labels, role, regime, coverage, effect size, reliability, stratum.

    With ``classes`` also the full-depth reliability, the class, the cells needed, and what a perfect model and a
    replicate reach in it, where it is above its pseudo-perturbations.

    With ``degrees`` also one column a check that touches test conditions: whether, or how much; missing in other roles
    and where it could not be compared.

    What is new about a test condition stands beside its regime: ``novel_perturbation``, ``novel_context``,
    ``novel_modality`` and ``novel_batch`` (see `vcassay.claim.Novelty`), the trained ``kin`` of either, and ``shots``,
    the training perturbations in its context; empty and missing in other roles.
    With ``family`` also what the bootstrap draws together, as codes of the test conditions.
    """
    frame = effects.obs()
    if classes is not None:
        frame = pd.concat([frame, classes.columns()], axis=1)
    regime = np.full(len(frame), "", dtype=object)
    regime[claim.novelty.test] = claim.novelty.regime
    frame = frame.assign(role=claim.split.roles, regime=regime, **_novel(claim, len(frame)))
    if family is not None:
        code = pd.array([pd.NA] * len(frame), dtype="Int64")
        code[claim.split.test] = family
        frame = frame.assign(family=code)
    touched = {name: _touched(degree, claim.split.test, len(frame)) for name, degree in (degrees or {}).items()}
    return pd.concat([frame, pd.DataFrame(touched, index=frame.index)], axis=1)


def _novel(claim: Claim, n: int) -> dict[str, pd.Series]:
    """What is new about the test conditions, and what is near to them in training."""
    novelty = claim.novelty
    words = {
        "novel_perturbation": novelty.perturbation,
        "novel_context": novelty.context,
        "novel_modality": novelty.modality,
        "novel_batch": novelty.batch,
        "kin": np.asarray(novelty.kin, dtype=object),
    }
    found = {}
    for name, values in words.items():
        column = np.full(n, "", dtype=object)
        column[novelty.test] = values
        found[name] = pd.Series(column)
    shots = np.full(n, np.nan)
    shots[novelty.test] = novelty.shots
    return found | {"shots": pd.Series(shots).astype("Int64")}


def _touched(degree: NDArray[np.float64], test: NDArray[np.int64], n: int) -> pd.Series:
    """Degrees of the test conditions as a column: booleans where there are no others."""
    column = pd.Series(np.full(n, np.nan))
    column.iloc[test] = degree
    return column.astype("boolean") if column.dropna().isin([0.0, 1.0]).all() else column


def roles_table(split: Split) -> pd.DataFrame:
    """One row a condition of a split: labels and role; ``mixed`` where its rows are on both sides."""
    roles = split.roles.astype(object)
    roles[split.both_sides] = "mixed"
    return pd.DataFrame(split.conditions.columns()).assign(role=roles)


def scores_table(
    scores: Scores, effects: Effects, claim: Claim, extra: list[Score], roles: Mapping[str, str]
) -> pd.DataFrame:
    """Long table: one row a condition, metric and model, then one row an aggregate.

    Ratio metrics have no per-condition value: their rows say so. ``counted`` is what an aggregate counts of a row
    where that is not its value: the numerator of a ratio, beside its ``denominator``, or the chance level.
    """
    test = effects.conditions.take(claim.split.test)
    n = len(test)
    columns_made = ("value", "status", "reason", "counted", "denominator")
    each: dict[str, list[NDArray[Any]]] = {name: [] for name in columns_made}
    for filled in scores.filled.values():
        ratio = filled.denominator is not None
        status = np.where(filled.defined, "ok", "undefined").astype(object)
        reason = np.where(filled.defined, "", "not defined by the truth").astype(object)
        reason[filled.at_chance] = "prediction missing or undefined: at chance level"
        status[filled.at_chance] = "undefined"
        value = np.full(n, np.nan) if ratio else np.where(filled.defined & ~filled.at_chance, filled.values, np.nan)
        if filled.impossible:
            without = np.isnan(value) & filled.defined & ~filled.at_chance
            status[without], reason[without] = "undefined", filled.impossible
        if ratio:
            status[:] = "undefined"
            reason[filled.defined & ~filled.at_chance] = "a ratio of sums over conditions"
        counted = np.where(filled.defined & (filled.at_chance | ratio), filled.values, np.nan)
        below = (
            np.full(n, np.nan) if filled.denominator is None else np.where(filled.defined, filled.denominator, np.nan)
        )
        each["value"].append(value)
        each["status"].append(status)
        each["reason"].append(reason)
        each["counted"].append(counted)
        each["denominator"].append(below)
    table = _aggregate_rows([*scores.aggregates, *extra], roles)
    if each["value"]:
        of, metric = zip(*scores.filled, strict=True)
        labels = {"model": of, "role": [roles[model] for model in of], "metric": metric}
        own = {"context": test.context, "perturbation": test.perturbation, "dose": test.dose, "time": test.time}
        own["stratum"] = effects.stratum[claim.split.test]
        columns: dict[str, Any] = {
            name: np.repeat(np.asarray(column, dtype=object), n) for name, column in labels.items()
        }
        columns |= {"level": "condition", **{name: np.tile(column, len(of)) for name, column in own.items()}, "n": 1}
        columns |= {name: np.concatenate(parts) for name, parts in each.items()}
        table = pd.concat([pd.DataFrame(columns), table], ignore_index=True)
    order = ["model", "role", "metric", "level", "context", "perturbation", "dose", "time", "stratum", "value"]
    return table.reindex(columns=[*order, "status", "reason", "n", "low", "high", "counted", "denominator"])


def _aggregate_rows(scores: Sequence[Score], roles: Mapping[str, str]) -> pd.DataFrame:
    """One row an aggregate."""
    if not scores:
        return pd.DataFrame()
    return pd.DataFrame(
        {
            "model": [s.model for s in scores],
            "role": [roles.get(s.model, "reference") for s in scores],
            "metric": [s.metric for s in scores],
            "level": "aggregate",
            "context": [s.context or "" for s in scores],
            "perturbation": "",
            "dose": np.nan,
            "time": np.nan,
            "stratum": [s.stratum for s in scores],
            "value": [np.nan if s.value is None else s.value for s in scores],
            "status": [s.status.value for s in scores],
            "reason": [s.reason for s in scores],
            "n": [s.n for s in scores],
            "low": [np.nan if s.low is None else s.low for s in scores],
            "high": [np.nan if s.high is None else s.high for s in scores],
        }
    )
