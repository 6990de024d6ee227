"""Evidence near a drug: how close genetic perturbations of training come to its target, and what else gives skill."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.bands import even_bands
from vcassay.arrays.group_means import group_means
from vcassay.evidence.biology.bench import Bench
from vcassay.evidence.biology.pathway.entities import Entities
from vcassay.evidence.biology.pathway.neighbourhood import Genetic, Partners
from vcassay.evidence.biology.pathway.pairs import count_partners

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

NONE, PATHWAY, TARGET = 0, 1, 2
WORDS = ("nothing of the pathway perturbed", "pathway perturbed, not the target", "target itself perturbed")
"""Strata by how near training's genetic perturbations come."""
STRATUM = 12
"""Sets of targets that make two groups of like pathways, from twice as many three."""


class Near(NamedTuple):
    """Exposure and covariates of n sets of targets.

    Attributes
    ----------
    level
        (n,) `NONE`, `PATHWAY` or `TARGET`.
    share
        (n,) perturbed partners to known ones.
    covariates
        (n, c).
    names
        Of the covariates.
    stratum
        (n,) targets of like number of known partners, and of like expression.
    drugs
        (n,) number of drugs.
    """

    level: Codes
    share: Array
    covariates: Array
    names: tuple[str, ...]
    stratum: Codes
    drugs: Codes


def find_near(bench: Bench, entities: Entities, genetic: Genetic, partners: Partners) -> Near:
    """Look up how near the evidence is, and what else could make a drug easy to predict."""
    level = np.where(partners.own.any(axis=1), TARGET, np.where((partners.member != 0).any(axis=1), PATHWAY, NONE))
    n = len(entities.members)
    degree = count_partners(sorted({g for own in entities.members for g in own}), bench.knowledge)
    size = np.log1p(np.array([sum(degree[g] for g in own) for own in entities.members], dtype=np.float64))
    columns = bench.agents.measured
    control = bench.effects.control_train.mean(axis=0)
    levels = [[control[columns[g]] for g in own if g in columns] for own in entities.members]
    expression = np.array([np.mean(own) if own else np.nan for own in levels], dtype=np.float64)
    table, _ = bench.trained
    trained = np.unique(bench.agents.of(table))
    trained = trained[(trained >= 0) & bench.agents.drug[trained]]
    agent = bench.agent
    tested = [np.unique(agent[entities.item == i]) for i in range(n)]
    alike = np.full(n, np.nan)
    shared = np.zeros(n)
    targets = {g for k in trained.tolist() for g in bench.agents.targets[k]}
    if len(trained):
        rows = np.concatenate([*tested, np.zeros(0, dtype=np.int64)])
        close = bench.agents.structures.similarity(rows, trained)
        best = np.where(np.isfinite(close), close, -1.0).max(axis=1)
        item = np.repeat(np.arange(n), [len(own) for own in tested])
        alike = group_means(np.where(best >= 0, best, np.nan)[:, None], item, n)[:, 0]
        shared = np.array([any(g in targets for g in own) for own in entities.members], dtype=np.float64)
    given = {
        "effect size": np.log(np.maximum(entities.size, 1e-12)),
        "number of targets": np.array([len(own) for own in entities.members], dtype=np.float64),
        "known partners of the target": size,
        "nearest training drug by structure": _filled(alike),
        "training drugs of the same target": shared,
        "expression of the target": _filled(expression),
    }
    kept = [name for name, own in given.items() if np.ptp(own) > 1e-9 * max(1.0, np.abs(own).max())]
    matrix = np.column_stack([np.zeros((n, 0)), *(given[name] for name in kept)])
    return Near(
        np.asarray(level, dtype=np.int64),
        (partners.member != 0).sum(axis=1) / np.maximum(np.expm1(size), 1.0),
        matrix,
        tuple(kept),
        _like(size, _filled(expression)),
        np.array([len(own) for own in tested], dtype=np.int64),
    )


def _filled(values: Array) -> Array:
    """Unknown values are set to the mean of the known."""
    known = np.isfinite(values)
    return np.where(known, values, values[known].mean() if known.any() else 0.0)


def _like(size: Array, expression: Array) -> Codes:
    """(n,) groups by size, and where there are enough, by expression."""
    n = len(size)
    parts = 1 + (n >= STRATUM) + (n >= 2 * STRATUM)
    place = even_bands(size, parts)
    out = 2 * place
    if n >= 4 * STRATUM:
        for code in np.unique(place):
            at = np.flatnonzero(place == code)
            out[at] += expression[at] > np.median(expression[at])
    return out
