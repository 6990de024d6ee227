"""Reading a screen and checking it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import anndata as ad

from vcassay.screen.coding import text_codes
from vcassay.screen.design import Design, Readout
from vcassay.screen.detect import detect_readout, sample_rows
from vcassay.screen.files import open_file
from vcassay.screen.guess import guess_design
from vcassay.screen.labels import make_table
from vcassay.screen.screen import Note, Screen, walk
from vcassay.screen.validate import (
    check_columns,
    check_controls,
    check_drop,
    check_missing,
    check_numeric,
    check_readout,
    check_shape,
    check_values,
)


def read_screen(
    path: str | Path,
    design: Design | None = None,
    *,
    backed: bool = False,
    drop_contexts: Sequence[str] = (),
    name: str | None = None,
) -> Screen:
    """Read a screen from .h5ad or .zarr and check it.

    Parameters
    ----------
    path
        The file, or the zarr directory.
    design
        Which column is what; if absent it is guessed (`vcassay.screen.guess_design`), and what would
        have to be asked is left in the notes.
    backed
        Leave the matrix on disk and stream it. Close the screen when done, or use it in ``with``.
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
    file = Path(path)
    adata, handle = open_file(file, backed=backed)
    try:
        guessed: tuple[Note, ...] = ()
        if design is None:
            guess = guess_design(adata, file)
            design = guess.design
            guessed = (*guess.notes, *((question, "the file does not say") for question in guess.asked))
        title = file.stem if name is None else name
        screen = make_screen(adata, design, name=title, path=file, drop_contexts=drop_contexts)
    except BaseException:
        if handle is not None:
            handle.close()
        raise
    return replace(screen, handle=handle, notes=(*guessed, *screen.notes))


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
    found = detect_readout(sample_rows(matrix))
    notes += check_readout(found, design, adata.n_vars, adata.layers, where)
    notes += check_values(walk(matrix), (adata.n_obs, adata.n_vars), design.readout, where)
    target_sum = found.target_sum if design.readout is Readout.LOGNORM else None
    return replace(screen, notes=tuple(notes), target_sum=target_sum)
