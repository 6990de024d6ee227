"""Gene names: what the features of a screen are called, where var_names hold identifiers."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vcassay.core import InputError
from vcassay.core.errors import first

if TYPE_CHECKING:
    import anndata as ad

SYMBOL_COLUMNS = ("gene_name", "gene_symbol", "gene_symbols", "feature_name", "symbol")
"""Columns of var with symbols, as GEARS, scPerturb, 10x and CELLxGENE files call them."""
ENSEMBL = re.compile(r"ENS[A-Z]*G\d{6,}(\.\d+)?$")
MISSING = frozenset({"", "nan", "None", "NA"})


def gene_names(adata: ad.AnnData, column: str | None) -> NDArray[np.str_]:
    """(g,) names from a var column; var_names without one, and where it is empty or says the same twice."""
    own = np.asarray(adata.var_names, dtype=str)
    if column is None:
        return own
    named = np.asarray(adata.var[column].astype(str), dtype=str)
    _, back, counts = np.unique(named, return_inverse=True, return_counts=True)
    clear = (counts[back] == 1) & ~np.isin(named, sorted(MISSING))
    taken = named[clear & np.isin(named, own)]  # a name that is another gene's id stays with that gene
    clear &= (named == own) | ~np.isin(named, taken)
    return np.where(clear, named, own)


def symbol_column(adata: ad.AnnData, perturbed: Collection[str]) -> str | None:
    """Find the var column with symbols, where var_names are Ensembl ids and perturbed genes are named by symbols."""
    if not all(ENSEMBL.match(name) for name in adata.var_names[:5]):
        return None
    for column in SYMBOL_COLUMNS:
        if column in adata.var and not set(perturbed).isdisjoint(adata.var[column].astype(str)):
            return column
    return None


def check_genes(adata: ad.AnnData, column: str | None, where: str) -> None:
    """Refuse a var column of gene names that is not there."""
    if column is not None and column not in adata.var.columns:
        raise InputError(
            f"there is no var column '{column}' to read gene names from",
            where=where,
            mend=f"name the right one (it has {first([str(c) for c in adata.var.columns]) or 'none'})",
        )
