"""Prior features of a study's perturbations, whatever they were handed in as, under the study's own names."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from vcassay.claim.kind import drug_parts
from vcassay.claim.related import MARKS, annotated
from vcassay.core import Conditions
from vcassay.knowledge import Features, Knowledge, Matched, match

Array = NDArray[np.float64]


def prior_features(conditions: Conditions, knowledge: Knowledge) -> tuple[tuple[Features, ...], tuple[Matched, ...]]:
    """Features of the parts of all perturbations, and the coverage of each source.

    Nothing here is measured on the screen: names of test perturbations are looked up as those of training ones.
    """
    names = sorted({part for parts in conditions.parts for part in parts})
    blocks: list[Features] = []
    coverage: list[Matched] = []
    for handed in knowledge.features:
        block, matched = handed.of(names, knowledge.genes)
        blocks.append(block)
        coverage.append(matched)
    for block in label_features(conditions, knowledge):
        blocks.append(block)
        coverage.append(match(names, block.ids, resource=block.name))
    return tuple(b for b in blocks if len(b.ids)), tuple(coverage)


def label_features(conditions: Conditions, knowledge: Knowledge) -> tuple[Features, ...]:
    """Annotated targets and mechanisms, one column each, from the conditions' own annotation and tables of compounds.

    A gene is its own target wherever compounds have targets, so that a compound and the knock-down of its target
    share a column.
    """
    names = sorted({part for parts in conditions.parts for part in parts})
    drugs = drug_parts(conditions)
    found, _ = annotated(conditions, [n for n in names if n in drugs], knowledge)
    target = {name: own for name, own in zip(found.ids, found.targets, strict=True) if own}
    moa = {name: own for name, own in zip(found.ids, found.moa, strict=True) if own}
    for column, labels in (("target", target), ("moa", moa)):
        labels |= {k: v for k, v in own_labels(conditions, column).items() if k not in drugs}
    if target and drugs:
        target |= {n: (n.rsplit(" [", 1)[0],) for n in names if n not in drugs and n not in target}
    return tuple(multi_hot(name, labels) for name, labels in (("targets", target), ("mechanisms", moa)) if labels)


def own_labels(conditions: Conditions, column: str) -> dict[str, tuple[str, ...]]:
    """Labels of an annotation column, by the part of the single perturbations that carry them."""
    out: dict[str, tuple[str, ...]] = {}
    for parts, text in zip(
        conditions.parts, conditions.annotation.get(column, np.zeros(0, "<U1")).tolist(), strict=False
    ):
        labels = tuple(x for raw in re.split(f"[{MARKS},]", text) if (x := raw.strip()))
        if len(parts) == 1 and labels:
            out.setdefault(parts[0], labels)
    return out


def multi_hot(name: str, labels: Mapping[str, tuple[str, ...]]) -> Features:
    """Labels as columns of 0 and 1, sorted by name."""
    terms = sorted({term for own in labels.values() for term in own})
    position = {term: j for j, term in enumerate(terms)}
    ids = sorted(labels)
    matrix = np.zeros((len(ids), len(terms)))
    for i, own in enumerate(ids):
        matrix[i, [position[term] for term in labels[own]]] = 1.0
    return Features(name, tuple(ids), matrix, kind="label")


def coexpression(conditions: Conditions, genes: NDArray[np.str_], embedding: Array) -> tuple[Features, ...]:
    """Control co-expression (g, k) of the perturbed genes that are measured; empty where none is."""
    position = {gene: i for i, gene in enumerate(genes.tolist())}
    names = sorted({part for parts in conditions.parts for part in parts if part in position})
    if not names or not embedding.shape[1]:
        return ()
    rows = embedding[[position[name] for name in names]]
    return (Features("control co-expression", tuple(names), rows, kind="coexpression"),)
