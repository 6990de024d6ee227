"""Doses and times as numbers in one unit."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vcassay.core import InputError
from vcassay.core.errors import first
from vcassay.screen.parse import MISSING, is_part_count, parse_quantity, rounded, unit_factor
from vcassay.screen.screen import Note


def read_numbers(
    column: pd.Series, unit: str, perturbed: NDArray[np.bool_], *, where: str, what: str
) -> tuple[NDArray[np.float64], str, list[Note]]:
    """Read a column of doses or times.

    Parameters
    ----------
    column
        Numbers, or texts such as ``10 uM``.
    unit
        The unit asked for; if empty, the first unit written in the column is taken.
    perturbed
        (rows,) rows that must hold a number or nothing; elsewhere a text (``vehicle``) is NaN.
    what
        ``dose`` or ``time``.

    Returns
    -------
    (rows,) values, six significant digits, NaN where missing; their unit; notes.

    Raises
    ------
    InputError
        If a perturbed row holds text that is no number, a negative or infinite number, or a unit that
        cannot be converted.
    """
    place = f"{where}, obs column '{column.name}'"
    notes: list[Note] = []
    if pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype):
        distinct, code = np.unique(column.to_numpy(dtype=np.float64, na_value=np.nan), return_inverse=True)
        values = distinct
    else:
        codes, raw = pd.factorize(column)
        texts = [str(v).strip() for v in raw] + [""]
        code = np.where(codes < 0, len(texts) - 1, codes)
        needed = set(np.unique(code[perturbed]).tolist())
        values, unit, notes = _parse(texts, needed, unit, (place, str(column.name)), what)
    values = np.asarray([rounded(v) for v in values], dtype=np.float64)
    bad = (np.isinf(values) | (values < 0)) & np.isin(np.arange(len(values)), code[perturbed])
    if bad.any():
        raise InputError(
            f"{what} {first(f'{v:g}' for v in values[bad])} is negative or infinite",
            where=place,
            mend=f"give each {what} as a number from 0 up, not as its logarithm",
        )
    return values[code].astype(np.float64), unit, notes


def _parse(
    texts: list[str], needed: set[int], unit: str, where: tuple[str, str], what: str
) -> tuple[NDArray[np.float64], str, list[Note]]:
    place, column = where
    present = [texts[i] for i in sorted(needed) if texts[i] not in MISSING]
    if what == "dose" and any(is_part_count(t) for t in present):
        note = (f"obs column '{column}' was not read as {what}.", "'1+1' counts the partners of a combination")
        return np.full(len(texts), np.nan), unit, [note]
    parsed = [None if text in MISSING else parse_quantity(text) for text in texts]
    wrong = [t for t in present if parse_quantity(t) is None]
    if wrong:
        raise InputError(
            f"{what} {first(repr(w) for w in wrong)} is no number",
            where=place,
            mend="write numbers, with a unit at most, or take the column out of the design",
        )
    written = sorted({q[1] for i in needed if (q := parsed[i]) is not None and q[1]})
    to = unit or (written[0] if written else "")
    values, converted = np.full(len(texts), np.nan), set()
    for i, quantity in enumerate(parsed):
        if quantity is None:
            continue
        number, own = quantity
        factor = unit_factor(own, to) if own else 1.0
        if factor is None:
            if i not in needed:
                continue
            raise InputError(
                f"{what} '{texts[i]}' cannot be turned into '{to}'", where=place, mend=f"use one unit for every {what}"
            )
        values[i] = number * factor
        if factor != 1.0:
            converted.add(own)
    notes = (
        [(f"The {what} was turned from {first(sorted(converted))} into {to}.", "one unit a column")]
        if converted
        else []
    )
    return values, to, notes
