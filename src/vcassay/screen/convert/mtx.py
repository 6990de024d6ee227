"""Counts as 10x writes them: a Matrix Market file beside the names of its genes and cells."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from scipy import sparse
from scipy.io import mmread

from vcassay.core import InputError
from vcassay.screen.convert.matrix import Matrix
from vcassay.screen.convert.tables import read_table

GENES, CELLS = ("features", "genes"), ("barcodes", "cells")


def read_mtx(path: Path) -> Matrix:
    """Read counts and their names, plain or .gz; cells become rows.

    Raises
    ------
    InputError
        If the names are not beside the matrix, or fit it in no way.
    """
    where = str(path)
    genes, cells = _beside(path, GENES), _beside(path, CELLS)
    try:
        counts = sparse.csr_matrix(mmread(path))
    except (ValueError, OSError, TypeError, EOFError) as error:
        raise InputError("the file is no Matrix Market file", where=where, mend="check that it is whole") from error
    sizes = (len(genes), len(cells))
    if counts.shape == sizes:
        counts = counts.T.tocsr()
    elif counts.shape != sizes[::-1]:
        raise InputError(
            f"the matrix is {counts.shape[0]:,} x {counts.shape[1]:,}, beside it are {sizes[0]:,} genes and "
            f"{sizes[1]:,} cells",
            where=where,
            mend="keep the files of one matrix in one folder",
        )
    symbols = genes.iloc[:, 1] if genes.shape[1] > 1 and genes.iloc[:, 1].is_unique else genes.iloc[:, 0]
    var = pd.DataFrame({"id": genes.iloc[:, 0].astype(str).tolist()}, index=pd.Index(symbols.astype(str), dtype=object))
    obs = pd.DataFrame(index=pd.Index(cells.iloc[:, 0].astype(str), dtype=object))
    return Matrix(obs.rename_axis(None), var.rename_axis(None), None, counts)


def _beside(path: Path, words: tuple[str, ...]) -> pd.DataFrame:
    """The table of names: of the files beside the matrix the one that is named most alike."""
    found = [p for word in words for p in sorted(path.parent.glob(f"*{word}.[tc]sv*")) if p.name != path.name]
    stem = path.name.partition("matrix")[0]
    own = [p for p in found if p.name.startswith(stem)] or found
    if not own:
        raise InputError(
            f"no file of {words[-1]} lies beside it", where=str(path), mend=f"put {words[0]}.tsv into the same folder"
        )
    return read_table(own[0], header=None)
