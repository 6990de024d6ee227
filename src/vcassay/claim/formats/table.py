"""A table of conditions with a role column: CSV, TSV or parquet, columns named by the user."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from vcassay.claim.formats.roles import role_of
from vcassay.claim.split import Role, Split
from vcassay.core import InputError
from vcassay.core.errors import did_you_mean, first
from vcassay.screen import Design, Rows
from vcassay.screen.labels import make_table

FIELDS = ("perturbation", "context", "dose", "time", "modality")


def read_condition_table(path: Path, role: str, columns: Mapping[str, str]) -> Split:
    """Read a table whose rows are conditions (or cells), each with a role.

    Parameters
    ----------
    role
        The role column.
    columns
        Our field (perturbation, context, dose, time, modality) to the table's column; fields that are
        not named are taken from a column of their own name, where there is one.

    Returns
    -------
    A split of the table's own conditions. Rows of one condition in several roles are conflicts; a
    table in which every condition is in training and in test parts cells, not conditions.

    Raises
    ------
    InputError
        If the file cannot be read or a column is missing.
    """
    where = str(path)
    frame = _load(path)
    known = [str(c) for c in frame.columns]
    for column in (role, *columns.values()):
        if column not in known:
            raise InputError(f"has no column '{column}'", where=where, mend=did_you_mean(column, known))
    fields = {f: columns.get(f, f if f in known else None) for f in FIELDS}
    if fields["perturbation"] is None:
        raise InputError(
            "has no column 'perturbation'", where=where, mend=f"name it: its columns are {first(known, 8)}"
        )
    return from_rows(frame, role, fields, where=where)


def from_rows(frame: pd.DataFrame, role: str, fields: Mapping[str, str | None], *, where: str) -> Split:
    """Turn labelled rows with roles into a split; control rows take no part."""
    design = Design(
        perturbation=str(fields["perturbation"]),
        control=("control", "ctrl", "non-targeting", "DMSO", "DMSO_TF", "vehicle"),
        context=fields.get("context"),
        dose=fields.get("dose"),
        time=fields.get("time"),
        modality=fields.get("modality"),
        rows=Rows.EFFECTS,
    )
    labelled = make_table(frame.reset_index(drop=True), design, where=where)
    code = labelled.table.condition
    words = frame[role].astype(str).to_numpy()
    names = {w: role_of(w, where) for w in np.unique(words).tolist()}
    conditions = labelled.table.conditions
    roles = np.full(len(conditions), Role.EXCLUDED.value, dtype="<U8")
    conflicts: dict[tuple[str, str, str], None] = {}
    ids = conditions.ids
    seen = pd.DataFrame({"at": code, "word": words})[code >= 0].drop_duplicates()
    order = {Role.TRAIN: 0, Role.VAL: 1, Role.TEST: 2, Role.EXCLUDED: 3}
    for at, word in sorted(seen.itertuples(index=False), key=lambda x: (x[0], order[names[x[1]]])):
        r = names[word].value
        if roles[at] == Role.EXCLUDED.value:
            roles[at] = r
        elif roles[at] != r and r != Role.EXCLUDED.value:
            conflicts[ids[at], str(roles[at]), r] = None
    return Split(conditions, roles, None, None, "table", conflicts=tuple(conflicts))


def _load(path: Path) -> pd.DataFrame:
    try:
        if path.suffix == ".parquet":
            return pd.read_parquet(path)
        return pd.read_csv(path, sep="\t" if path.suffix == ".tsv" else ",", dtype=str, keep_default_na=False)
    except FileNotFoundError as error:
        raise InputError("is missing", where=str(path), mend="check the path") from error
    except (OSError, ValueError) as error:
        raise InputError(
            f"cannot be read ({str(error).splitlines()[0]})", where=str(path), mend="write a CSV"
        ) from error
