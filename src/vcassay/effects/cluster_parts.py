"""Partitions of the one pass on a cluster: ranges of rows of one file each, with the slots that they touch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from vcassay.core import InputError
from vcassay.effects.accumulators import Accumulators
from vcassay.effects.cluster_worker import Codes, Part, identity
from vcassay.screen import Screen
from vcassay.screen.sources import open_files
from vcassay.screen.storage import ByColumns, Several, Stored
from vcassay.screen.storage.stream import guarded
from vcassay.screen.storage.tokens import TokenLists

MAX_ROWS = 2**19
"""Rows of a partition at most: their slots travel with the task."""


class Task(NamedTuple):
    """A partition, and which of the accumulators' slots are its own 0, 1, 2, ..."""

    part: Part
    slots: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """Where the rows are cut.

    Attributes
    ----------
    bounds
        (partitions + 1,) ascending, from 0 to the number of rows.
    files, places
        Each file, and the column of its genes in the whole (``None`` if they are the same).
    ends
        (files + 1,) bounds of the files' rows.
    """

    bounds: NDArray[np.int64]
    files: tuple[Path, ...]
    places: tuple[NDArray[np.int32] | None, ...]
    ends: NDArray[np.int64]


def cut(screen: Screen, nbytes: int) -> Cut:
    """Cut the rows into partitions of about ``nbytes``, none of which reaches over the end of a file.

    Raises
    ------
    InputError
        If the screen lies in no file, or its matrix is stored by columns.
    """
    where = screen.name if screen.path is None else str(screen.path)
    if not screen.files:
        raise InputError(
            "the screen lies in memory alone",
            where=where,
            mend="write it to a file that every worker sees, and read it from there",
        )
    matrix, files, handle = screen.matrix, screen.files, None
    if not isinstance(matrix, Stored):  # a small file that was read whole
        opened = open_files(files, backed=True)
        layer, handle = screen.design.layer, opened.handle
        matrix = opened.adata.X if layer is None else opened.adata.layers[layer]
    try:
        bounds = matrix.pieces(nbytes)
    finally:
        if handle is not None:
            handle.close()
    parts = matrix.parts if isinstance(matrix, Several) else (matrix,)
    places: tuple[NDArray[np.int32] | None, ...] = (None,)
    rows = [part.shape[0] for part in parts]
    if any(isinstance(part, ByColumns) for part in parts):
        raise InputError(
            "the matrix is stored by columns (CSC), which a cluster does not divide",
            where=where,
            mend="write it by rows (CSR), or leave out --scheduler",
        )
    if isinstance(matrix, Several):
        places = matrix.places
    if isinstance(matrix, TokenLists):
        files, places = matrix.paths, (None,) * len(matrix.paths)
        rows = [guarded(pq.read_metadata, path, where=str(path)).num_rows for path in files]
    ends = np.concatenate([[0], np.cumsum(rows)]).astype(np.int64)
    bounds = np.unique(np.concatenate([bounds, ends]))
    bounds = np.concatenate([*(np.arange(a, b, MAX_ROWS) for a, b in pairwise(bounds.tolist())), bounds[-1:]])
    return Cut(bounds.astype(np.int64), tuple(path.absolute() for path in files), places, ends)


def tasks(screen: Screen, where_cut: Cut, adding: Accumulators, start: int, where: str) -> Iterator[Task]:
    """The partitions from row ``start`` on, in order.

    Parameters
    ----------
    adding
        Says which slots each row is added to, and what is wanted.
    where
        The screen, for error sentences.
    """
    bounds = np.concatenate([[start], where_cut.bounds[where_cut.bounds > start]])
    known: dict[Path, str] = {}
    squares, nonzeros = len(adding.squares) > 0, len(adding.nonzeros) > 0
    for first, stop in pairwise(bounds.tolist()):
        k = int(np.searchsorted(where_cut.ends, first, side="right")) - 1
        low, path = int(where_cut.ends[k]), where_cut.files[k]
        if path not in known:
            known[path] = identity(path)
        one, two, own = (codes[first:stop] for codes in (adding.one, adding.two, adding._pool))
        slots = np.unique(np.concatenate([one, two, own]))
        slots = slots[slots >= 0]
        part = Part(
            path=str(path),
            identity=known[path],
            layer=screen.design.layer,
            rows_of_file=int(where_cut.ends[k + 1]) - low,
            place=where_cut.places[k],
            start=first - low,
            stop=stop - low,
            first=first,
            shape=(screen.n_rows, screen.adata.n_vars),
            readout=screen.design.readout.value,
            where=where,
            check=screen.unchecked,
            gaps=adding.may_gap,
            squares=squares,
            nonzeros=nonzeros,
            slots=len(slots),
            one=_among(slots, one),
            two=_among(slots, two),
            own=_among(slots, own),
        )
        yield Task(part, slots)


def _among(slots: NDArray[np.int64], codes: NDArray[np.int64]) -> Codes:
    """Positions of codes among the slots; -1 stays."""
    return np.where(codes >= 0, np.searchsorted(slots, codes), -1).astype(np.int32)
