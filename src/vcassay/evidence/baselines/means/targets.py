"""Targets: which measured genes a genetic perturbation acts on, and whether it takes from them or adds to them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vcassay.claim.kind import gene_of, is_drug, modality_of
from vcassay.core import Conditions

GAIN = ("crispra", "activat", "overexpress", "cdna", "orf")
"""Parts of a modality that raises the expression of its target."""
LOSS = ("crispr", "knock", "rnai", "sirna", "shrna", "cas9", "deplet", "trt_sh", "trt_xpr")
"""Parts of a modality that lowers it, tried after `GAIN`."""


def direction(modality: str) -> str:
    """``gain``, ``loss``, or empty where the words state neither."""
    word = modality.strip().lower()
    if any(mark in word for mark in GAIN):
        return "gain"
    return "loss" if word in ("ko", "kd") or any(mark in word for mark in LOSS) else ""


def measured_targets(
    conditions: Conditions, genes: NDArray[np.str_]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.str_]]:
    """Find the measured genes that genetic perturbations are named for.

    Parameters
    ----------
    genes
        (g,) names of what is measured.

    Returns
    -------
    Row, gene and ``gain``, ``loss`` or empty of each pair of a condition and a measured target. A modality in the name
    of a part goes before that of the condition. Compounds have none.
    """
    position = {gene: j for j, gene in enumerate(genes.tolist())}
    drug, words = is_drug(conditions).tolist(), modality_of(conditions).tolist()
    found: list[tuple[int, int, str]] = []
    for i, parts in enumerate(conditions.parts):
        for part in parts if not drug[i] else ():
            gene = gene_of(part)
            own = part[len(gene) + 2 : -1] if gene != part else words[i]
            if gene in position:
                found.append((i, position[gene], direction(own)))
    return _column(found, 0), _column(found, 1), np.array([f[2] for f in found], dtype="<U4")


def _column(found: Sequence[tuple[int, int, str]], k: int) -> NDArray[np.int64]:
    return np.array([f[k] for f in found], dtype=np.int64)
