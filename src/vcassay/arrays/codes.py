"""Codes: whole numbers for what rows have in common, and what some rows share with others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int64]
Flags = NDArray[np.bool_]


def codes_of(labels: Sequence[object]) -> Codes:
    """(n,) codes of labels in sorted order."""
    place = {label: i for i, label in enumerate(sorted(set(labels)))}  # type: ignore[type-var]
    return np.asarray([place[label] for label in labels], dtype=np.int64)


def join(*columns: Codes) -> Codes:
    """(n,) one code for each distinct row of several columns of codes, 0 up."""
    code = columns[0]
    for column in columns[1:]:
        code = np.unique(code * (int(column.max(initial=0)) + 1) + column, return_inverse=True)[1].astype(np.int64)
    return code


def seen(code: Codes, among: Codes) -> Flags:
    """(n,) whether a row of ``among`` (positions) has the same code."""
    have = np.zeros(int(code.max(initial=-1)) + 1, dtype=bool)
    have[code[among]] = True
    return np.asarray(have[code])


def seen_otherwise(group: Codes, value: Codes, among: Codes) -> Flags:
    """(n,) whether a row of ``among`` (positions) has the same group and another value.

    Parameters
    ----------
    group, value
        (n,) codes, such as drug in context, and dose.
    """
    pair = join(group, value)
    _, first = np.unique(pair[among], return_index=True)
    values = np.bincount(group[among][first], minlength=int(group.max(initial=-1)) + 1)
    return np.asarray(values[group] - seen(pair, among) > 0)
