"""PerturBench's CSV: cell barcode and role, without a header."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vcassay.claim.formats.files import read_text, refuse_pickle, write_text
from vcassay.claim.formats.obs import HeldOut, split_of_cells
from vcassay.claim.formats.roles import Stated, known_role
from vcassay.claim.split import Role, Split
from vcassay.core import InputError
from vcassay.core.errors import first
from vcassay.effects.slots import make_slots
from vcassay.screen import CONTROL, LEFT_OUT, Screen


def read_perturbench(
    path: Path,
    screen: Screen,
    *,
    train_values: Sequence[str] = (),
    val_values: Sequence[str] = (),
    test_values: Sequence[str] = (),
    excluded_values: Sequence[str] = (),
) -> tuple[Split, HeldOut]:
    """Read the roles of the cells and turn them into roles of the conditions.

    The file has two columns, barcode and role; a header, such as the one that PerturBench's own splitter writes, is
    passed over. Cells of the screen that it does not name are excluded.

    Returns
    -------
    As `vcassay.claim.formats.read_obs_split`.

    Raises
    ------
    InputError
        If the file is not of this kind, names a barcode twice, or one that is not in the data.
    """
    where = str(path)
    stated = Stated.of(train_values, val_values, test_values, excluded_values)
    names = pd.Index(screen.adata.obs_names.astype(str))
    if names.has_duplicates:
        mend = "make them unique: adata.obs_names_make_unique()"
        raise InputError("the data have row names that occur twice", where=str(screen.path or screen.name), mend=mend)
    barcodes, words = load_barcodes(path)
    if len(barcodes) and barcodes[0] not in names and known_role(words[0]) is None:
        barcodes, words = barcodes[1:], words[1:]
    at = names.get_indexer(barcodes)
    lost = np.flatnonzero(at < 0)
    if len(lost):
        what = f"names {len(lost):,} of {len(at):,} barcodes that are not in the data ({first(barcodes[lost], 3)})"
        raise InputError(what, where=where, mend=f"use the split of this file, whose rows are called {first(names, 3)}")
    twice = pd.Index(barcodes)[pd.Index(barcodes).duplicated()]
    if len(twice):
        what = f"names {len(twice):,} barcodes twice ({first(twice, 3)})"
        raise InputError(what, where=where, mend="give every cell one role")
    roles = np.full(len(names), "", dtype=object)
    roles[at] = words
    taking_part = screen.table.condition != LEFT_OUT
    unnamed = taking_part.copy()
    unnamed[at] = False
    n = int(unnamed.sum())
    notes = [(f"{n:,} rows of the data are excluded.", "the file does not name them")] if n else []
    series = pd.Series(roles, name="split")
    return split_of_cells(screen, series, "split", stated, where=where, notes=notes)


def load_barcodes(path: Path) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Barcodes and words of a file of two columns, the first line included.

    Raises
    ------
    InputError
        If it cannot be read or does not have two columns.
    """
    refuse_pickle(path)
    where, text = str(path), read_text(path)
    sign = "\t" if "\t" in text.split("\n", 1)[0] else ","
    try:
        frame = pd.read_csv(io.StringIO(text), sep=sign, header=None, dtype=str, keep_default_na=False)
    except ValueError as error:
        gist = str(error).splitlines()[0]
        raise InputError(f"cannot be read ({gist})", where=where, mend="write barcode,role without a header") from error
    if frame.shape[1] != 2:
        what = f"has {frame.shape[1]} columns"
        raise InputError(what, where=where, mend="write two columns, barcode and role")
    return frame[0].to_numpy(dtype=object), frame[1].to_numpy(dtype=object)


def write_perturbench(split: Split, path: Path, screen: Screen, *, held_out: HeldOut = None, seed: int = 0) -> Path:
    """Write the role of every row of the screen: barcode and role, without a header.

    Controls are parted as the split reserves them: the shards that only scoring reads are test, the others training.
    In a random-cell split the held-out shards of every condition are test. PerturBench itself wants train, val and
    test to occur.

    Parameters
    ----------
    held_out
        (rows,) which rows are test, where cells of one condition are parted by their own labels; the screen's own if
        absent.
    seed
        Deals rows into shards.

    Raises
    ------
    InputError
        If the split is of another table, or parts the cells of conditions and ``held_out`` is not given.
    """
    table, where = screen.table, str(path)
    held_out = screen.held_out if held_out is None else held_out
    if split.conditions.sha256() != table.conditions.sha256():
        raise InputError("the split is of another condition table", where=where, mend="use the split of this screen")
    if len(split.also_train) and held_out is None:
        what = f"{len(split.also_train)} conditions have cells on both sides, and which ones is not known"
        raise InputError(what, where=where, mend="hand over held_out, as read_obs_split returns it")
    shard = make_slots(screen, seed).shard
    role = np.append(split.roles, "").astype("<U8")[np.where(table.condition >= 0, table.condition, -1)]
    role[role == Role.EXCLUDED] = ""
    perturbed = table.condition >= 0
    if split.test_shards:
        role = np.where(perturbed, np.where(np.isin(shard, split.test_shards), "test", "train"), role)
    if held_out is not None:
        mixed = perturbed & np.isin(table.condition, split.also_train)
        role = np.where(mixed, np.where(held_out, "test", "train"), role)
    reserved = np.isin(shard, split.reserved_shards)
    role = np.where(table.condition == CONTROL, np.where(reserved, "test", "train"), role)
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(zip(screen.adata.obs_names.tolist(), role.tolist(), strict=True))
    return write_text(path, out.getvalue())
