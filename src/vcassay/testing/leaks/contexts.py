"""Kin of unseen contexts in training (L10), and contexts that look like a training context (L11)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from vcassay.claim import Split
from vcassay.core import Finding
from vcassay.knowledge import CellLines, Knowledge
from vcassay.simulate.contexts import SIBLING_SUFFIX
from vcassay.simulate.demo import hold_out
from vcassay.simulate.leaks import context_renamed, sibling_contexts
from vcassay.testing.leaks.genes import resource, tables
from vcassay.testing.leaks.study import Study, run_tables, simulated
from vcassay.testing.power import Case

LINES: dict[str, Any] = {"n_siblings": 1, "n_crispri": 4, "n_drugs": 0, "cells_per_condition": 8, "n_genes": 80}
PARENT = "CL01"
STOCK = "CL-01_ATCC"


def cell_lines(contexts: Sequence[str], relations: Sequence[tuple[str, str, str]]) -> CellLines:
    """Cell lines of a simulation, each sibling the child of its parent."""
    accession = {name: f"CVCL_{i:04d}" for i, name in enumerate(sorted(contexts))}
    parent = {child: (accession[own],) for own, child, _ in relations}
    names, blank = tuple(accession), ("",) * len(accession)
    none = ((),) * len(accession)
    parents = tuple(parent.get(name, ()) for name in names)
    return CellLines(resource("lines"), tuple(accession.values()), names, none, parents, none, blank)


def held_out(seed: int) -> tuple[Split, tuple[tuple[str, str, str], ...]]:
    """A split that holds out contexts whose kin is not trained, and the related contexts."""
    simulation = tables(seed, **LINES)
    names = np.unique(simulation.screen.conditions.context)
    return hold_out(simulation.screen.conditions, tuple(names[len(names) // 2 :].tolist())), simulation.relations


def parted(seed: int, similarity: float, **more: Any) -> Study:
    """A study whose sibling is tested, its parent being trained."""
    study = simulated(seed, sibling_similarity=similarity, **{**LINES, **more})
    return replace(study, split=sibling_contexts(study.split, study.simulation.relations))


def _descent(seed: int, *, planted: bool) -> Finding:
    split, relations = held_out(seed)
    split = sibling_contexts(split, relations) if planted else split
    lines = cell_lines(sorted(set(split.conditions.context.tolist())), relations)
    return run_tables("L10", split, Knowledge(cell_lines=lines))


def _spelling(seed: int, *, planted: bool) -> Finding:
    split, _ = held_out(seed)
    return run_tables("L10", context_renamed(split, PARENT, STOCK) if planted else split)


def _alike(similarity: float, **more: Any) -> tuple[Callable[[int], Finding], Callable[[int], Finding]]:
    def planted(seed: int) -> Finding:
        return parted(seed, similarity, **more).run("L11")

    def clean(seed: int) -> Finding:
        return simulated(seed, sibling_similarity=similarity, **{**LINES, **more}).run("L11")

    return planted, clean


def _names(one: str, other: str, key: str) -> Callable[[Finding, int], bool]:
    def named(found: Finding, seed: int) -> bool:
        return {found.evidence[0]["context"], found.evidence[0][key]} == {one, other}

    return named


CASES = (
    Case(
        "L10",
        "a line in test whose parent is in training",
        "1 of 3 unseen contexts",
        lambda seed: _descent(seed, planted=True),
        lambda seed: _descent(seed, planted=False),
        _names(PARENT, PARENT + SIBLING_SUFFIX, "trained"),
    ),
    Case(
        "L10",
        "a trained line tested under another spelling, nothing handed in",
        "1 of 3 unseen contexts",
        lambda seed: _spelling(seed, planted=True),
        lambda seed: _spelling(seed, planted=False),
        _names(PARENT, STOCK, "trained"),
    ),
    Case(
        "L11",
        "one line under two names",
        "1 of 3 unseen contexts, 80 controls each",
        *_alike(1.0),
        _names(PARENT, PARENT + SIBLING_SUFFIX, "nearest"),
    ),
    Case(
        "L11",
        "a derived line in test whose parent is in training",
        "latent states correlate by 0.99; 160 controls each",
        *_alike(0.99, controls_per_batch=80, n_contexts=8),
        _names(PARENT, PARENT + SIBLING_SUFFIX, "nearest"),
    ),
)
