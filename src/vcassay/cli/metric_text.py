"""Metrics on the command line: the list by family, and one explained."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from vcassay.core.registry import Entry

ORDER = (
    "correlation", "error", "retrieval", "calls", "magnitude", "diversity", "null", "interaction", "distribution",
    "pathway", "phenotype", "ranking", "utility", "raw",
)  # fmt: skip
"""Families as listed; those that are not named follow by name."""


TITLES = {
    "calls": "calls: which genes respond",
    "magnitude": "magnitude: how large effects are",
    "diversity": "diversity: how varied they are",
    "null": "null: conditions without an effect",
    "interaction": "interaction: beyond the template of training effects",
    "distribution": "distribution: predicted cells",
    "raw": "raw: kept to show why not, does not measure perturbation biology",
}
ARROWS = {"up": "\N{UPWARDS ARROW}", "down": "\N{DOWNWARDS ARROW}", "centre": "\N{RIGHTWARDS ARROW}"}
PLAIN = {"up": "+", "down": "-", "centre": "="}
"""Where the terminal's encoding has no arrows."""

BARE = "does not measure perturbation biology"
SPACES = {
    "delta": "differences from the reference (delta)",
    "expression": "expression itself",
    "ranks": "order of the effects (ranks)",
    "calls": "genes called significant (calls)",
    "cells": "distributions of cells",
    "pathways": "activities of gene sets (pathways)",
    "scalar": "one value a condition (scalar)",
}


def metrics_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """Lay out the metrics by family: direction, name, optimum, chance, space and title.

    Parameters
    ----------
    rows
        What the catalogue says of each, ``name`` and ``title`` included.
    """
    signs = _signs()
    key = (
        f"{signs['up']} higher is better, {signs['down']} lower, {signs['centre']} nearer to the best; "
        "* can carry the verdict"
    )
    width = max((len(r["name"]) for r in rows), default=0)
    families = {str(r["family"]) for r in rows}
    known = [f for f in ORDER if f in families]
    parts = [key]
    for family in [*known, *sorted(families - set(known))]:
        lines = [_line(r, width, signs) for r in rows if r["family"] == family]
        parts.append("\n".join([f"{TITLES.get(family, family)}", *lines]))
    return "\n\n".join(parts)


def _line(row: Mapping[str, Any], width: int, signs: Mapping[str, str]) -> str:
    chance = "-" if row["chance"] is None else f"{row['chance']:g}"
    star = "*" if row["primary"] else " "
    tail = f" ({BARE})" if is_bare(row) and row["family"] != "raw" else ""
    return (
        f"{star} {signs[way(row)]} {row['name']:<{width}}  best {row['optimum']:<3g}  chance {chance:<4}  "
        f"{row['space']:<10}  {row['title']}{tail}"
    )


def metric_text(entry: Entry[Any]) -> str:
    """Explain a metric: what it is, which way is better, when it has no value, and how it can be fooled."""
    facts = {**metric_facts(entry), "source": entry.source}
    facts["direction"] = f"{_signs()[way(entry.meta)]} {facts['direction']}"
    width = max(map(len, facts)) + 2
    lines = [f"{name + ':':<{width}}{text}" for name, text in facts.items()]
    warning = f"It {BARE}: read it beside what no change scores.\n\n" if is_bare(entry.meta) else ""
    return f"{warning}{inspect.getdoc(entry.obj)}\n\n" + "\n".join(lines)


def metric_facts(entry: Entry[Any]) -> dict[str, str]:
    """What there is to know of a metric beside its definition: a name and a text each."""
    meta = entry.meta
    chance = "none" if meta["chance"] is None else f"{meta['chance']:g}: what a prediction without information scores"
    level = (
        "one value for all conditions of a context together, without an interval"
        if meta["level"] == "panel"
        else "one value a condition, averaged over conditions, then contexts"
    )
    role = "can carry the verdict, unless it fails on the screen at hand" if meta["primary"] else "never decides"
    facts = {
        "direction": DIRECTION[way(meta)],
        "optimum": f"{meta['optimum']:g}",
        "chance": chance,
        "family": meta["family"],
        "role": role,
        "space": SPACES.get(meta["space"], meta["space"]),
        "reference": meta["reference"],
        "readout": {"vector": "many features", "scalar": "one feature", "any": "any number of features"}[
            meta["readout"]
        ],
        "level": level,
        "undefined": meta["undefined"] or "never, where truth and prediction are known",
        "fooled by": meta["fooled_by"] or "nothing known",
        "faults": f"is known and meant to break: {', '.join(meta['faults'])}" if meta["faults"] else "",
        "transform": "log2 of the root of a ratio of sums" if meta["transform"] else "",
    }
    return {name: text for name, text in facts.items() if text}


DIRECTION = {"up": "higher is better", "down": "lower is better", "centre": "nearer to the optimum is better"}


def way(meta: Mapping[str, Any]) -> str:
    """Direction in which a metric is better: up, down, or towards its centre."""
    if meta["higher_is_better"]:
        return "up"
    return "centre" if meta["centred"] else "down"


def is_bare(meta: Mapping[str, Any]) -> bool:
    """Whether a metric does not measure perturbation biology."""
    return bool(meta["space"] == "expression" or meta["family"] == "raw")


def _signs() -> Mapping[str, str]:
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        "".join(ARROWS.values()).encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return PLAIN
    return ARROWS
