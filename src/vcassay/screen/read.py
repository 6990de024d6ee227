"""Reading a screen and checking it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import anndata as ad
import numpy as np

from vcassay.screen.coding import text_codes
from vcassay.screen.design import Design, Readout
from vcassay.screen.detect import detect_readout, sample_rows
from vcassay.screen.guess import guess_design
from vcassay.screen.labels import make_table
from vcassay.screen.screen import Note, Screen, walk
from vcassay.screen.sources import find_files, open_files
from vcassay.screen.storage import Stored
from vcassay.screen.storage.registered import register
from vcassay.screen.storage.stream import guarded
from vcassay.screen.validate import (
    check_columns,
    check_controls,
    check_drop,
    check_missing,
    check_numeric,
    check_readout,
    check_shape,
)
from vcassay.screen.values import ValueCheck

register()

LARGE_BYTES = 64 * 2**20
"""A matrix on disk that is larger decompressed is checked in the pass over its rows, not on reading."""


def read_screen(
    path: str | Path | Sequence[str | Path],
    design: Design | None = None,
    *,
    backed: bool = False,
    drop_contexts: Sequence[str] = (),
    name: str | None = None,
) -> Screen:
    """Read a screen and check it.

    Parameters
    ----------
    path
        An .h5ad file, a zarr directory, or Parquet in Tahoe-100M's layout; several of a kind, a pattern or a folder
        are read as one screen (`vcassay.screen.sources`).
    design
        Which column is what; if absent it is guessed (`vcassay.screen.guess_design`), and what would
        have to be asked is left in the notes.
    backed
        Leave the matrix on disk and stream it, as is done anyway with large files, several files and Parquet.
        Close the screen when done, or use it in ``with``.
    drop_contexts
        Contexts whose rows take no part, such as those without controls.
    name
        What to call the screen; the file's stem if absent.

    Raises
    ------
    InputError
        If the file cannot be read or does not hold what the design says: one sentence that names the
        file, the column and the mend. No file is left open.
    """
    return load(find_files(path), design, backed=backed, drop_contexts=drop_contexts, name=name)


def load(
    files: Sequence[Path],
    design: Design | None = None,
    *,
    stated: Mapping[str, Any] | None = None,
    backed: bool = False,
    drop_contexts: Sequence[str] = (),
    name: str | None = None,
) -> Screen:
    """Read a screen from its files; ``stated`` holds fields of the design that are known where ``design`` is not."""
    opened = open_files(files, backed=backed)
    try:
        notes: tuple[Note, ...] = opened.notes
        if design is None:
            guess = guess_design(opened.adata, opened.path, stated)
            design = guess.design
            notes += (*guess.notes, *((question, "the file does not say") for question in guess.asked))
        title = opened.path.stem if name is None else name
        screen = make_screen(opened.adata, design, name=title, path=opened.path, drop_contexts=drop_contexts)
    except BaseException:
        if opened.handle is not None:
            opened.handle.close()
        raise
    return replace(screen, handle=opened.handle, files=opened.files, notes=(*notes, *screen.notes))


def make_screen(
    adata: ad.AnnData,
    design: Design,
    *,
    name: str = "screen",
    path: str | Path | None = None,
    drop_contexts: Sequence[str] = (),
) -> Screen:
    """Check an AnnData against a design and code its rows.

    Parameters
    ----------
    adata
        The data; never changed.
    design
        Which column is what.
    name, path
        What to call the screen, and the file it came from, for error sentences.
    drop_contexts
        Contexts whose rows take no part.

    Raises
    ------
    InputError
        If a column or layer is missing, rows, genes or controls are missing, gene names are
        duplicate, labels are missing in more than 1 % of rows, or the values are not what the
        readout says. Ready-made effects need no controls.
    """
    file = None if path is None else Path(path)
    where = name if file is None else str(file)
    check_shape(adata, where)
    check_columns(adata, design, where)
    if drop_contexts:
        known = [design.context_name] if design.context is None else text_codes(adata.obs[design.context])[1]
        check_drop(drop_contexts, known, design.context, where)
    labelled = make_table(adata.obs, design, where=where, drop_contexts=drop_contexts)
    notes = [*labelled.notes, *check_missing(labelled, adata.n_obs, where)]
    check_controls(labelled, text_codes(adata.obs[design.perturbation], design.control)[1], where)

    screen = Screen(adata, labelled.design, labelled.table, name, file)
    matrix = screen.matrix
    check_numeric(matrix, where)
    found = detect_readout(guarded(sample_rows, matrix, where=where))
    notes += check_readout(found, design, adata.n_vars, adata.layers, where)
    later = is_large(matrix)
    if not later:
        notes += _check_values(screen, where)
    target_sum = found.target_sum if design.readout is Readout.LOGNORM else None
    return replace(screen, notes=tuple(notes), target_sum=target_sum, unchecked=later)


def is_large(matrix: Any) -> bool:
    """Tell whether a matrix lies on disk and is too large to be walked over for its check alone."""
    if not isinstance(matrix, Stored):
        return False
    return len(matrix.pieces(LARGE_BYTES)) > 2


def _check_values(screen: Screen, where: str) -> list[Note]:
    """Look at every value."""
    check = ValueCheck((screen.n_rows, screen.adata.n_vars), screen.design.readout, where)
    total = np.zeros(screen.n_rows)
    for start, block in walk(screen.matrix, where=where):
        check.add(start, block)
        total[start : start + block.shape[0]] = np.asarray(block.sum(axis=1)).ravel()
    return check.notes(total)
