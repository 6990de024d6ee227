"""Signature: the change of expression that a user wants, as weights of genes."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vcassay.core import InputError
from vcassay.core.errors import first
from vcassay.knowledge.gene_sets import read_gene_sets
from vcassay.knowledge.genes import SYMBOL, Genes
from vcassay.knowledge.identifiers import Matched, match
from vcassay.knowledge.resource import Resource, describe
from vcassay.knowledge.table import read_table

GENE = (*SYMBOL, "symbols", "name", "ensembl_gene_id", "ensembl_id", "ensembl", "feature", "id")
WEIGHT = ("weight", "score", "log2foldchange", "log2fc", "logfc", "lfc", "effect", "coefficient", "value", "stat")
"""Names of columns that are understood; the first wins."""

DIRECTION = re.compile(r"[\W_]*(?P<down>dn|down)$|[\W_]*up$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False)
class Signature:
    """Weights of genes: above 0 for those that should rise.

    Attributes
    ----------
    resource
        Where it comes from.
    weights
        Gene to weight; not all 0.
    """

    resource: Resource
    weights: Mapping[str, float]

    def __len__(self) -> int:
        return len(self.weights)

    def align(self, names: Sequence[str], genes: Genes | None = None) -> tuple[NDArray[np.float64], Matched]:
        """Weights of a screen's genes.

        Returns
        -------
        (len(names),) weights, 0 for genes that the signature does not name, and how its genes were found.

        Raises
        ------
        InputError
            If no gene with a weight is among ``names``.
        """
        matched = match(self.weights, names, resource=self.resource.name, genes=genes)
        position = {name: i for i, name in enumerate(names)}
        out = np.zeros(len(names))
        for own, theirs in matched.found.items():
            out[position[theirs]] += self.weights[own]
        if not out.any():
            what = f"shares no gene with the screen: it has {first(list(self.weights), 3)}, the screen has "
            mend = "name genes as the screen does, or hand in a gene table under [knowledge] genes"
            raise InputError(what + first(list(names), 3), where=self.resource.path, mend=mend)
        return out, matched


def read_signature(
    path: Path, *, name: str | None = None, released: date | str | None = None, licence: str = ""
) -> Signature:
    """Read a signature: a table of genes and weights, or a GMT with a set that should rise and one that should fall.

    The names of the sets end in UP and in DN or DOWN; a single set of any other name should rise.

    Raises
    ------
    InputError
        If the file cannot be read, lists a gene twice or in both directions, or has a weight that is no number.
    """
    is_gmt = path.name.removesuffix(".gz").lower().endswith(".gmt")
    weights = _from_sets(path) if is_gmt else _from_table(path)
    if not any(weights.values()):
        raise InputError("gives every gene the weight 0", where=str(path), mend="give what should change a weight")
    return Signature(describe(path, len(weights), name=name, released=released, licence=licence), weights)


def _from_table(path: Path) -> dict[str, float]:
    table = read_table(path)
    genes = table.need("the gene", *GENE)
    cells = table.need("its weight", *WEIGHT)
    table.refuse_blank("gene", genes)
    weights: dict[str, float] = {}
    for gene, cell, line in zip(genes, cells, table.lines, strict=True):
        if gene in weights:
            raise InputError(
                f"lists the gene '{gene}' twice (line {line})", where=str(path), mend="keep one line a gene"
            )
        try:
            weights[gene] = float(cell)
        except ValueError:
            weights[gene] = math.nan
        if not math.isfinite(weights[gene]):
            what = f"line {line} has the weight '{cell}'"
            raise InputError(what, where=str(path), mend="give every gene a finite number, or leave out the line")
    return weights


def _from_sets(path: Path) -> dict[str, float]:
    sets = read_gene_sets(path).sets
    weights: dict[str, float] = {}
    if len(sets) > 2:
        what = f"holds {len(sets)} sets ({first(list(sets), 4)})"
        mend = "keep one set that should rise (NAME_UP) and one that should fall (NAME_DN)"
        raise InputError(what, where=str(path), mend=mend)
    signs = {}
    for title in sets:
        end = DIRECTION.search(title)
        signs[title] = -1.0 if end and end["down"] else 1.0
        if len(sets) == 2 and not end:
            mend = "end the name of the set that should rise in UP, of the other in DN"
            raise InputError(f"does not say which way the set '{title}' goes", where=str(path), mend=mend)
    if len(sets) == 2 and len(set(signs.values())) < 2:
        raise InputError("holds two sets of one direction", where=str(path), mend="join them, or name one ..._DN")
    for title, members in sets.items():
        both = sorted(weights.keys() & set(members))
        if both:
            what = f"wants {first(both, 3)} to rise and to fall"
            raise InputError(what, where=str(path), mend="leave each gene in one of the sets")
        weights |= dict.fromkeys(members, signs[title])
    return weights
