"""Kind: which conditions are compounds, which genes, and of what modality."""

from __future__ import annotations

import re
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from vcassay.core import Conditions

DRUG_WORDS = ("drug", "chem", "compound", "small", "cytokine", "ligand", "antibod", "peptide", "protein", "trt_cp")
"""Parts of a modality that tell an agent that is added to cells, of which the field says DEX."""
NO_KIND = ("", "unknown", "nan", "none")
"""Modalities that state nothing."""
GENE = re.compile(r"[A-Z][A-Z0-9.\-]{0,14}|ENSG\d{11}(\.\d+)?|C\d+orf\d+|\d{1,2}-(?:Mar|Sep|Dec)")
"""Labels that look like human genes, or as a spreadsheet made dates of them (``2-Sep``)."""
MOSTLY = 0.8
"""Share of the labels that must look like genes for all of them to be called so."""


def is_drug(conditions: Conditions) -> NDArray[np.bool_]:
    """(n,) whether each condition is a compound: its modality says so, or it has a dose or a structure."""
    words = modality_of(conditions)
    kinds, which = _distinct(words)
    by_name = np.array([any(x in w for x in DRUG_WORDS) for w in kinds], dtype=bool)[which]
    structure = np.zeros(len(conditions), dtype=bool)
    if "smiles" in conditions.annotation:
        structure = np.asarray(conditions.annotation["smiles"] != "")
    return np.asarray(by_name | ((words == "") & (np.isfinite(conditions.dose) | structure)))


def are_genes(conditions: Conditions) -> bool:
    """Whether what is no compound is genes: a modality says so, or most labels look like genes."""
    rest = ~is_drug(conditions)
    if not rest.any() or (modality_of(conditions)[rest] != "").all():
        return bool(rest.any())
    names = {p for parts in set(compress(conditions.parts, rest.tolist())) for p in parts}
    return sum(GENE.fullmatch(name) is not None for name in names) >= MOSTLY * len(names)


def modality_of(conditions: Conditions) -> NDArray[np.str_]:
    """(n,) modality in lower case; empty where none is stated."""
    stated, which = _distinct(conditions.modality)
    words = np.array([own.strip().lower() for own in stated], dtype=str)
    return np.asarray(np.where(np.isin(words, NO_KIND), "", words)[which])


def drug_parts(conditions: Conditions) -> frozenset[str]:
    """Parts of perturbations that are compounds somewhere."""
    drug = is_drug(conditions)
    return frozenset(p for parts in set(compress(conditions.parts, drug.tolist())) for p in parts)


def gene_of(part: str) -> str:
    """Name of a part without the modality that tells it from its namesakes: ``GATA1`` of ``GATA1 [CRISPRa]``."""
    return part.rsplit(" [", 1)[0] if part.endswith("]") else part


def _distinct(words: NDArray[np.str_]) -> tuple[list[str], NDArray[np.int64]]:
    """The words that occur, in the order in which they do, and which of them each is; a table has few."""
    place: dict[str, int] = {}
    which = [place.setdefault(word, len(place)) for word in words.astype(str).tolist()]
    return list(place), np.asarray(which, dtype=np.int64)
