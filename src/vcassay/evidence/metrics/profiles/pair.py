"""Pair: measured and predicted cells of one context, in the same genes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import anndata as ad
import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

from vcassay.arrays.blocks import is_sparse
from vcassay.arrays.groups import Groups, group_totals, groups
from vcassay.effects.de import de

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

CONTROL = -1
"""Code of control cells; any smaller one is left out."""


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Cells of one file and context.

    Attributes
    ----------
    matrix
        (cells, genes) dense or CSR, finite.
    code
        (cells,) place in the pair's ``names``, `CONTROL`, or less for cells that take no part.
    """

    matrix: Any
    code: Codes

    def counts(self, n: int) -> Codes:
        """(n,) cells of each perturbation."""
        return np.bincount(self.code[self.code >= 0], minlength=n).astype(np.int64)

    @property
    def n_control(self) -> int:
        """Control cells."""
        return int((self.code == CONTROL).sum())


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """What a profile scores.

    Attributes
    ----------
    names
        (n,) measured perturbations, sorted as text.
    genes
        (g,) names.
    real, pred
        Measured and predicted cells; ``pred`` may lack perturbations, and controls.
    file_real, file_pred
        For error sentences.
    """

    names: NDArray[np.str_]
    genes: NDArray[np.str_]
    real: Cells
    pred: Cells
    file_real: str = "real"
    file_pred: str = "pred"

    @property
    def predicted(self) -> Codes:
        """(m,) places of the perturbations that both have."""
        return np.flatnonzero(self.pred.counts(len(self.names)) > 0)

    @property
    def own_gene(self) -> Codes:
        """(n,) column of the gene that a perturbation is named after; -1 for none."""
        at = pd.Series(np.arange(len(self.genes)), index=self.genes)
        return at[~at.index.duplicated()].reindex(self.names, fill_value=-1).to_numpy(dtype=np.int64)


def stacked(a: Any, b: Any) -> Any:
    """Rows of ``a``, then of ``b``; CSR if either is sparse."""
    if is_sparse(a) or is_sparse(b):
        return sp.vstack([sp.csr_matrix(a), sp.csr_matrix(b)], format="csr")
    return np.concatenate([np.asarray(a), np.asarray(b)])


def members(code: Codes, n: int) -> Groups:
    """Rows of each of n codes, and then of the controls."""
    return groups(np.where(code == CONTROL, n, code), n + 1)


def group_sums(matrix: Any, code: Codes, n: int, *, squares: bool = False) -> tuple[Array, Codes]:
    """Sums of the rows of each code, and of the controls, or of their squares.

    Returns
    -------
    (n + 1, g) sums in double precision and (n + 1,) rows; the last is of the controls.
    """
    of = members(code, n)
    return group_totals(matrix, of, squares=squares), of.size


def group_means(matrix: Any, code: Codes, n: int) -> Array:
    """(n + 1, g) means of the rows of each code, and of the controls; NaN without rows."""
    sums, size = group_sums(matrix, code, n)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(sums / size[:, None])


@dataclass(frozen=True, slots=True, eq=False)
class Tested:
    """Differential expression; each (n, g), NaN for perturbations without cells."""

    pvalue: Array
    padj: Array
    log2fc: Array


def tested(cells: Cells, n: int, convention: str, readout: str) -> Tested:
    """Test every perturbation against the controls of the same cells (`vcassay.de`, Wilcoxon)."""
    g = cells.matrix.shape[1]
    labels = pd.Index([*(f"{i:09d}" for i in range(n)), "control"])
    used = cells.code >= CONTROL
    column = pd.Categorical.from_codes(np.where(used, np.where(cells.code == CONTROL, n, cells.code), -1), labels)
    names = pd.DataFrame(index=pd.Index([str(i) for i in range(g)]))
    rows = pd.DataFrame({"p": column}, index=pd.Index([str(i) for i in range(len(column))]))
    table = de(ad.AnnData(X=cells.matrix, obs=rows, var=names), "p", "control", convention=convention, readout=readout)
    at = np.flatnonzero(cells.counts(n) > 0)
    out = Tested(*np.full((3, n, g), np.nan))
    for name in ("pvalue", "padj", "log2fc"):
        getattr(out, name)[at] = table[name].to_numpy().reshape(len(at), g)
    return out
