"""Matrix: targets of drugs against pathways, as the page draws them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.matched_ranks import matched_auroc
from vcassay.evidence.biology.bench import Bench
from vcassay.evidence.biology.pathway.entities import Entities
from vcassay.evidence.biology.pathway.neighbourhood import Genetic
from vcassay.evidence.biology.pathway.pairs import moderate
from vcassay.knowledge import match

Array = NDArray[np.float64]

MOST = 12
"""Rows and columns."""
LEAST = 2
"""Perturbed genes of a pathway that is drawn."""


def matrix_rows(
    bench: Bench, entities: Entities, genetic: Genetic, truth: Array, model: Array | None
) -> list[Mapping[str, Any]]:
    """Likeness of the most covered drugs to the pathways of which most genes are perturbed in training.

    Parameters
    ----------
    truth, model
        (n, m) ranks of `target_neighbours`; without a model, the truth's rows alone.

    Returns
    -------
    Rows with the AUROC of a pathway's perturbed genes, against matched ones, in the order of likeness to a drug. Where
    no gene sets are handed in, none. Pathways that hold a target of a drug that is drawn come first.
    """
    count = np.bincount(entities.item[entities.item >= 0], minlength=len(entities.members))
    shown = np.argsort(-count, kind="stable")[:MOST]
    targets = {gene for i in shown.tolist() for gene in entities.members[i]}
    wanted = sorted(targets | set(genetic.genes))
    column: dict[str, list[int]] = {}
    for j, gene in enumerate(genetic.genes):
        column.setdefault(gene, []).append(j)
    found: list[tuple[bool, int, str, list[int]]] = []
    for family in bench.knowledge.gene_sets:
        small = moderate(family)
        names = match(wanted, small.genes, resource=family.resource.name, genes=bench.knowledge.genes).found
        for title, members in small.restrict(names, smallest=LEAST).sets.items():
            at = [j for gene in members for j in column.get(gene, ())]
            if len(at) >= LEAST:
                words = small.titles.get(title, title)
                shown_as = title if "://" in words else words  # a GMT has the set's page for a description
                found.append((targets.isdisjoint(members), -len(at), shown_as, at))
    found.sort(key=lambda own: own[:3])
    chosen = list({own[2]: own for own in reversed(found[: 2 * MOST])}.values())
    chosen = sorted(chosen, key=lambda own: own[:3])[:MOST]
    if not chosen:
        return []
    member = np.zeros((len(chosen), len(genetic.genes)))
    for i, own in enumerate(chosen):
        member[i, own[3]] = 1.0
    values = {"truth": matched_auroc(truth[shown], member, genetic.stratum)}
    if model is not None:
        values["model"] = matched_auroc(model[shown], member, genetic.stratum)
    rows: list[Mapping[str, Any]] = []
    for i, k in enumerate(shown.tolist()):
        for j, own in enumerate(chosen):
            row: dict[str, Any] = {"kind": "matrix", "row": entities.title(k), "column": own[2]}
            row |= {name: float(value[i, j]) for name, value in values.items() if np.isfinite(value[i, j])}
            if "truth" in row:
                rows.append(row)
    return rows
