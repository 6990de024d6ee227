"""An obs column of the screen with the role of every row: CPA, chemCPA, biolord, cell-wise splits of all kinds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vcassay.claim.formats.role_column import batches_of, controls_in_test, near_role, read_words, role_codes
from vcassay.claim.formats.roles import Stated, split_of_rows
from vcassay.claim.split import Role, Split
from vcassay.core import InputError
from vcassay.screen import CONTROL, Rows, Screen
from vcassay.screen.screen import Note

HeldOut = NDArray[np.bool_] | None


def read_obs_split(
    screen: Screen,
    column: str,
    *,
    train_values: Sequence[str] = (),
    val_values: Sequence[str] = (),
    test_values: Sequence[str] = (),
    excluded_values: Sequence[str] = (),
) -> tuple[Split, HeldOut]:
    """Read the roles of the rows from an obs column and turn them into roles of the conditions.

    Returns
    -------
    A split of the screen's conditions, and ``None`` if no condition has rows on both sides, else (rows,) whether a
    row is test. ``meta`` holds ``columns``, ``controls`` (role to the number of control rows), ``controls_in_test``,
    ``batches`` and ``notes``.

    Raises
    ------
    InputError
        If there is no such column, or a word is not known.
    """
    obs, where = screen.adata.obs, str(screen.path or screen.name)
    if column not in obs.columns:
        raise InputError(f"has no obs column '{column}'", where=where, mend=near_role(obs, column))
    stated = Stated.of(train_values, val_values, test_values, excluded_values)
    return split_of_cells(screen, obs[column], column, stated, where=where)


def split_of_cells(
    screen: Screen, roles: pd.Series, column: str, stated: Stated, *, where: str, notes: Sequence[Note] = ()
) -> tuple[Split, HeldOut]:
    """Turn the role of every row of a screen into a split of its conditions."""
    table, design = screen.table, screen.design
    word, names = role_codes(roles)
    meaning, more = read_words(word, names, table.condition, column, stated, where=where)
    role = np.array([meaning.get(w, Role.EXCLUDED).value for w in names] + [Role.EXCLUDED.value])[word]
    controls = role[table.condition == CONTROL]
    meta: dict[str, Any] = {
        "columns": {"role": column, **design.columns()},
        "controls": {r.value: n for r in Role if (n := int((controls == r.value).sum()))},
        "notes": [*notes, *more],
        "rows": "conditions" if design.rows is Rows.EFFECTS else "cells",
    }
    place = (design.perturbation, design.context, design.context_name)
    meta |= controls_in_test(screen.adata.obs, place, table.condition, word, names, meaning)
    if design.batch is not None:
        meta |= batches_of(len(table.conditions), table.condition, role, table.batch, table.batches)
    split = split_of_rows(table.conditions, table.condition, word, names, meaning, group="obs", meta=meta)
    return split, (np.asarray(role == Role.TEST.value) if len(split.also_train) else None)
