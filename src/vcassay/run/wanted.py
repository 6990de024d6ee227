"""Wanted: the signature and the gene sets of a study, laid on its screen's genes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from vcassay.core import Threshold
from vcassay.evidence.metrics import Panel
from vcassay.evidence.metrics.use.ranked import Wish
from vcassay.knowledge import Knowledge, match
from vcassay.run.knowledge import load_signature
from vcassay.run.study import Study

SMALLEST_SET = Threshold("smallest_set", 5, "the mean of fewer genes is that of single genes")
LARGEST_SET = Threshold("largest_set", 500, "GSEA's default: what holds more genes is no pathway")


@dataclass(frozen=True, slots=True, eq=False)
class Wanted:
    """What the predictions are for.

    Attributes
    ----------
    wish
        The change that is wanted; ``None`` if none was stated.
    k
        How many perturbations are followed up; ``None`` for the usual share.
    """

    wish: Wish | None = None
    k: int | None = None


def find_wanted(
    study: Study, folder: Path, genes: NDArray[np.str_], knowledge: Knowledge, progress: Callable[[str], None]
) -> Wanted:
    """Read what [utility] names, lay the signature on the screen's genes, and say how many of its genes were found.

    Raises
    ------
    InputError
        If the signature cannot be read, or shares no gene with the screen.
    """
    signature = load_signature(study, folder)
    if signature is None:
        return Wanted(k=study.utility.k)
    weights, matched = signature.align(genes.tolist(), knowledge.genes)
    progress(f"signature {matched.coverage()}")
    return Wanted(Wish(signature.resource.name, weights, matched.coverage(limit=20)), study.utility.k)


def with_gene_sets(
    panel: Panel, genes: NDArray[np.str_], knowledge: Knowledge, progress: Callable[[str], None]
) -> Panel:
    """Give a panel the gene sets that were handed in, of `SMALLEST_SET` to `LARGEST_SET` scored genes."""
    scored: NDArray[np.bool_] = np.asarray(panel.inputs["mask"].all(axis=0))
    names = genes.tolist()
    blocks: list[Any] = []
    n = 0
    for given in knowledge.gene_sets:
        found = match(names, given.genes, resource=given.resource.name, genes=knowledge.genes)
        members: Any = given.restrict(found.found).membership(names)
        size = np.asarray(members[np.flatnonzero(scored)].sum(axis=0)).ravel()
        keep = np.flatnonzero((size >= SMALLEST_SET.value) & (size <= LARGEST_SET.value))
        n += len(given)
        blocks.append(members[:, keep].astype(np.float64))
    k = sum(block.shape[1] for block in blocks)
    if not n:
        return panel
    limits = f"{SMALLEST_SET.value:g} to {LARGEST_SET.value:g} scored genes"
    progress(f"gene sets: {k} of {n} have {limits}")
    if not k:
        why = f"none of the {n} gene sets has {limits}"
        names = ("pathways", "pathway_activities", "pathway_calls")
        return replace(panel, missing={**panel.missing, **dict.fromkeys(names, why)})
    return replace(panel, inputs={**panel.inputs, "pathways": sp.csr_array(sp.hstack(blocks))})
