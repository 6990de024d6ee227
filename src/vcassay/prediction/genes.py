"""Genes: names in a model's file brought to the screen's."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from vcassay.core import InputError, Threshold
from vcassay.core.errors import first
from vcassay.effects import Effects

MIN_GENE_SHARE = Threshold("min_gene_share", 0.5, "below half of the scored genes the prediction is of another panel")


def match_genes(
    names: NDArray[np.str_], aliases: Mapping[str, NDArray[np.str_]], effects: Effects, where: str
) -> tuple[NDArray[np.int64], list[str]]:
    """(g,) column of each of the screen's genes in the prediction, -1 where it has none, and what was mapped.

    Raises
    ------
    InputError
        If fewer than `MIN_GENE_SHARE` of the scored genes are predicted.
    """
    scored = np.asarray(effects.mask.any(axis=0))
    columns, notes = match_names(names, aliases, effects.genes, scored)
    share = float((columns >= 0)[scored].mean()) if scored.any() else 0.0
    lost = effects.genes[scored & (columns < 0)]
    if share < MIN_GENE_SHARE.value:
        ids = [any(n.upper().startswith("ENS") for n in some[:3]) for some in (names.tolist(), effects.genes.tolist())]
        hint = "one has Ensembl ids, the other symbols: " if ids[0] != ids[1] else ""
        what = f"misses {len(lost)} of {int(scored.sum())} scored genes ({first(lost)})"
        raise InputError(
            what,
            where=f"{where}, gene names",
            mend=f"{hint}use the screen's gene names, or say by genes in [data] which these are",
        )
    if len(lost):
        notes.append(f"{len(lost)} of {int(scored.sum())} scored genes are not predicted; scored on the rest")
    return columns, notes


def match_names(
    names: NDArray[np.str_], aliases: Mapping[str, NDArray[np.str_]], genes: NDArray[np.str_], scored: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], list[str]]:
    """Try the names as written, then folded, then other names in the file.

    The first that covers `MIN_GENE_SHARE` of the scored genes is taken; where none does, the one that covers most.

    Parameters
    ----------
    names, aliases
        (h,) names in the file, and further ones by the column that holds them.
    genes, scored
        (g,) the screen's names, and which of them count.

    Returns
    -------
    (g,) column of each gene, -1 where there is none, and what was mapped.
    """
    ours = genes.tolist()
    best, most, words = _positions(names.tolist(), ours), 0.0, list[str]()
    for source, own in (("", names), *sorted(aliases.items())):
        taken = [f"gene names were taken from var column '{source}'"] if source else []
        for fold in (False, True):
            theirs, wanted = own.tolist(), ours
            if fold:
                theirs, wanted = [_folded(name) for name in theirs], [_folded(name) for name in ours]
                taken = [*taken, "gene names were matched whatever their case and version suffix"]
            columns = _positions(theirs, wanted)
            share = float((columns >= 0)[scored].mean()) if scored.any() else 0.0
            if share > most:
                best, most, words = columns, share, taken
            if share >= MIN_GENE_SHARE.value:
                return best, words
    return best, words


def _folded(name: str) -> str:
    """A gene's name in capitals; of an Ensembl id, without its version."""
    upper = name.upper()
    return upper.split(".")[0] if upper.startswith("ENS") else upper


def _positions(names: list[str], wanted: list[str]) -> NDArray[np.int64]:
    position = {name: i for i, name in reversed(list(enumerate(names)))}
    return np.array([position.get(gene, -1) for gene in wanted], dtype=np.int64)
