"""Kinds of split files: which one a file is, and reading and writing any of them."""

from __future__ import annotations

import csv
import inspect
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from vcassay.claim.formats.binding import bind
from vcassay.claim.formats.cell_load import cell_load_alone, read_cell_load, write_cell_load
from vcassay.claim.formats.columns import COMPOSITE
from vcassay.claim.formats.files import read_text, refuse_pickle
from vcassay.claim.formats.listing import NAMES
from vcassay.claim.formats.lists import from_files, lists_alone, read_lists, write_lists
from vcassay.claim.formats.obs import HeldOut, read_obs_split
from vcassay.claim.formats.perturbench import read_perturbench, write_perturbench
from vcassay.claim.formats.role_column import find_role
from vcassay.claim.formats.roles import known_role
from vcassay.claim.formats.table import read_condition_table, write_table
from vcassay.claim.manifest import SCHEMA, read_split, write_split
from vcassay.claim.split import Split
from vcassay.core import Conditions, InputError
from vcassay.core.errors import did_you_mean
from vcassay.screen import Screen

UNDERSTOOD = (
    "a vcassay manifest (.json), lists of perturbations by role (GEARS .json, or .csv of perturbation and role), "
    "a cell-load split (.toml), PerturBench's .csv of barcode and role, a text file of test perturbations (.txt), "
    "or a table with a role column (.csv, .tsv, .parquet, .h5ad, .zarr)"
)
_BARCODE = re.compile(r"[ACGTN]{8,}([-_.:].*)?|.*[-_.:][ACGTN]{10,}([-_.:].*)?")


def find_kind(path: Path, screen: Screen | None = None) -> str:
    """Tell what kind of split file this is, by suffix and content.

    Returns
    -------
    ``manifest``, ``lists``, ``cell-load``, ``perturbench``, ``text``, ``table`` or ``obs``.

    Raises
    ------
    InputError
        If it is none of these: one sentence that names what is understood.
    """
    refuse_pickle(path)
    name = path.name.lower().removesuffix(".gz")
    if path.is_dir() or name.endswith((".h5ad", ".h5", ".zarr")):
        return "obs"
    if name.endswith((".parquet", ".pq")):
        return "table"
    if name.endswith(".toml"):
        return "cell-load"
    if name.endswith((".csv", ".tsv", ".tab", ".txt", ".json")):
        text = read_text(path)
        if name.endswith(".json"):
            return _json_kind(text, path)
        return _text_kind(text, name, screen)
    if not path.exists():
        raise InputError("is missing", where=str(path), mend="check the path")
    raise InputError("is no split file of a known kind", where=str(path), mend=f"it may be {UNDERSTOOD}")


def _json_kind(text: str, path: Path) -> str:
    try:
        data = json.loads(text)
    except ValueError as error:
        raise InputError(f"is not JSON ({error})", where=str(path), mend="mend that line") from error
    if isinstance(data, dict) and ("rows" in data or str(data.get("schema", "")).startswith(SCHEMA.split("/")[0])):
        return "manifest"
    if isinstance(data, list) and data and all(isinstance(row, dict) for row in data):
        return "table"
    return "lists"


def _text_kind(text: str, name: str, screen: Screen | None) -> str:
    lines = [x for x in text.splitlines()[:200] if x.strip()]
    sign = "\t" if lines and "\t" in lines[0] else ";" if lines and ";" in lines[0] and "," not in lines[0] else ","
    rows = list(csv.reader(lines, delimiter=sign))
    width = max((len(row) for row in rows), default=0)
    if width <= 1 or (name.endswith(".txt") and sign == ","):
        return "text"
    if all(known_role(x) is not None for x in rows[0]) and len(rows[0]) > 1 and rows[0][0].strip():
        return "lists"
    if width == 2 and all(len(row) == 2 for row in rows):
        names = [row[0] for row in rows[1:]] or [rows[0][0]]
        if screen is not None and any(n in screen.adata.obs.index for n in names):
            return "perturbench"
        if sum(bool(_BARCODE.fullmatch(n)) for n in names) > len(names) / 2:
            return "perturbench"
        composite = rows[0][0].strip() in COMPOSITE or rows[0][1].strip() in COMPOSITE
        headed = any(x.strip().casefold() in NAMES for x in rows[0])
        roles = any(known_role(x) is not None for x in rows[0])
        return "lists" if (headed or roles) and not composite else "table"
    return "table"


def read_any(path: Path, conditions: Conditions | None = None, screen: Screen | None = None, **options: Any) -> Split:
    """Read a split of any kind that is understood, told apart by suffix and content.

    Parameters
    ----------
    conditions
        The measured conditions, to which the split is bound; those of ``screen`` if absent. Without either the split
        is one of the conditions that the file names.
    screen
        Needed for PerturBench's barcodes; an .h5ad whose rows are those of the screen is read row by row.
    options
        What the reader of that kind takes: ``role``, ``columns``, ``control``, ``delimiter``, ``key``, ``dataset``,
        ``context``, ``partial``, ``train_values``, ``val_values``, ``test_values``, ``excluded_values``.

    Returns
    -------
    The split. Where it was read row by row and parts the rows of a condition, ``meta["held_out"]`` tells (rows,) which
    are test.

    Raises
    ------
    InputError
        If the file is of no known kind or does not fit the data, or an option is not for that kind.
    """
    if conditions is None and screen is not None:
        conditions = screen.conditions
    kind = find_kind(path, screen)
    given = {k: v for k, v in options.items() if v is not None and not (isinstance(v, tuple | list) and not v)}
    if screen is not None and kind in ("cell-load", "lists", "text") and "control" not in given:
        given["controls_too"] = screen.design.control
    if kind == "perturbench":
        if screen is None:
            mend = "hand over the screen, whose rows the barcodes name"
            raise InputError("gives a role to every cell barcode", where=str(path), mend=mend)
        return _held(*_call(read_perturbench, given, path, path, screen))
    if kind == "manifest":
        return _call(read_split, given, path, path, conditions)  # type: ignore[no-any-return]
    if kind == "cell-load":
        alone = (cell_load_alone, (path,))
        return _read(alone if conditions is None else (read_cell_load, (path, conditions)), given, path)
    if kind == "lists":
        return _read((lists_alone, (path,)) if conditions is None else (read_lists, (path, conditions)), given, path)
    if kind == "text":
        return _read((from_files, (conditions,)), given | {"test": path}, path)
    if screen is not None and screen.path is not None and path.resolve() == screen.path.resolve():
        role = given.pop("role", None) or find_role(screen.adata.obs, str(path))
        return _held(*_call(read_obs_split, given, path, screen, role))
    role, columns = given.pop("role", None), given.pop("columns", None)
    split = _read((read_condition_table, (path, role, columns)), given, path)
    return split if conditions is None else bind(split, conditions, where=str(path))


def _held(split: Split, held_out: HeldOut) -> Split:
    """The split, with its test rows in ``meta`` where it parts the rows of a condition."""
    return split if held_out is None else replace(split, meta=split.meta | {"held_out": held_out})


def _read(reader: tuple[Callable[..., Split], tuple[Any, ...]], given: Mapping[str, Any], path: Path) -> Split:
    found: Split = _call(reader[0], given, path, *reader[1])
    return found


def _call(reader: Callable[..., Any], given: Mapping[str, Any], path: Path, *arguments: Any) -> Any:
    """Call a reader, and refuse options that are not for it."""
    takes = {n for n, p in inspect.signature(reader).parameters.items() if p.kind is p.KEYWORD_ONLY}
    for option in sorted(set(given) - takes):
        mend = did_you_mean(option, takes) if takes else "leave it out"
        raise InputError(f"takes no option '{option}'", where=str(path), mend=mend)
    return reader(*arguments, **given)


WRITERS: dict[str, Callable[..., Path]] = {
    "manifest": write_split,
    "cell-load": write_cell_load,
    "gears": write_lists,
    "lists": write_lists,
    "perturbench": write_perturbench,
    "csv": write_table,
}
"""Writers by the name of what they write."""


def write_any(split: Split, path: Path, *, as_: str = "manifest", screen: Screen | None = None, **options: Any) -> Path:
    """Write a split as ``manifest``, ``cell-load``, ``gears`` (``lists``), ``perturbench`` or ``csv``.

    Raises
    ------
    InputError
        If nobody writes that, the format cannot say the split, or PerturBench's cells need a screen.
    """
    if as_ not in WRITERS:
        raise InputError(f"no split is written as '{as_}'", where=str(path), mend=did_you_mean(as_, WRITERS))
    writer = WRITERS[as_]
    arguments: tuple[Any, ...] = (split, path)
    if as_ == "perturbench":
        if screen is None:
            mend = "hand over the screen"
            raise InputError("names cells, which a split of conditions does not know", where=str(path), mend=mend)
        arguments = (split, path, screen)
    written: Path = _call(writer, options, path, *arguments)
    return written
