"""Study genes: what a split perturbs, which of it is unseen, and which genes go under two names."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vcassay.claim.kind import drug_parts, gene_of
from vcassay.core import Conditions
from vcassay.core.affected import Affected, affected_where
from vcassay.knowledge import Genes

VERSION = re.compile(r"^(ens[a-z]*\d+)\.\d+$")

DATE = re.compile(r"(\d{1,2})-(Mar|Sep|Dec)", re.IGNORECASE)
"""What a spreadsheet makes of a symbol."""
UNDATED = {"mar": "MARCH", "sep": "SEPT", "dec": "DEC"}

Codes = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class StudyGenes:
    """Genes that a split perturbs.

    Attributes
    ----------
    names
        N genes, sorted, without the modality that tells namesakes apart.
    trained
        (N,) whether each is trained, alone or in company, in any context and with any modality.
    unseen
        (m,) positions of the test genes that are not.
    of_condition
        For each test condition the positions of its unseen genes in ``unseen``; none for a compound.
    """

    names: tuple[str, ...]
    trained: Flags
    unseen: Codes
    of_condition: tuple[tuple[int, ...], ...]


def study_genes(conditions: Conditions, train: Codes, test: Codes) -> StudyGenes:
    """Collect the genes of a split; what is a compound in any condition is left out."""
    drug = drug_parts(conditions)
    genes_of: dict[tuple[str, ...], tuple[str, ...]] = {}
    for parts in conditions.parts:
        if parts not in genes_of:
            genes_of[parts] = tuple(gene_of(p) for p in parts if p not in drug)
    trained = {g for i in train.tolist() for g in genes_of[conditions.parts[i]]}
    tested = {g for i in test.tolist() for g in genes_of[conditions.parts[i]]}
    names = tuple(sorted(trained | tested))
    flags = np.asarray([name in trained for name in names], dtype=np.bool_)
    unseen = np.flatnonzero(~flags)
    place = {names[i]: k for k, i in enumerate(unseen.tolist())}
    own = {parts: tuple(place[g] for g in genes if g in place) for parts, genes in genes_of.items()}
    return StudyGenes(names, flags, unseen, tuple(own[conditions.parts[i]] for i in test.tolist()))


def undated(name: str) -> str:
    """The symbol of which a spreadsheet made a date, ``SEPT2`` of ``2-Sep``; any other name as it is."""
    found = DATE.fullmatch(name.strip())
    return f"{UNDATED[found[2].lower()]}{int(found[1])}" if found else name


def same_gene(study: StudyGenes, genes: Genes | None) -> dict[str, str]:
    """Unseen genes that are trained under another name: another case or version, a date, or an alias."""

    def gene(name: str) -> str:
        name = undated(name)
        key = VERSION.sub(r"\1", name.strip().casefold())
        symbols = genes.resolve(name)[0] if genes is not None else ()
        return symbols[0].casefold() if len(symbols) == 1 else key

    trained = {gene(study.names[i]): study.names[i] for i in np.flatnonzero(study.trained)[::-1].tolist()}
    pairs = ((study.names[i], trained.get(gene(study.names[i]))) for i in study.unseen.tolist())
    return {name: other for name, other in pairs if other is not None}


def by_condition(study: StudyGenes, touched: Flags, known: Flags) -> Affected:
    """Test conditions with a gene that has a relative in training; NaN where all that is unseen in it is not known.

    A condition whose genes are all trained themselves, and a compound, are NaN: there is nothing to ask.
    """
    hit = {own: bool(touched[list(own)].any()) for own in set(study.of_condition)}
    sure = {own: hit[own] or (bool(own) and bool(known[list(own)].all())) for own in hit}
    rows = study.of_condition
    return affected_where(
        "with a gene that has a relative in training",
        np.asarray([hit[own] for own in rows], dtype=np.bool_),
        np.asarray([sure[own] for own in rows], dtype=np.bool_),
    )
