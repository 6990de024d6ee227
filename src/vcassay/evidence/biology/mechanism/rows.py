"""Rows: evidence for the page: likeness of class with class, and average precision of each class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcassay.evidence.biology.mechanism.drugs import Drugs
from vcassay.evidence.biology.mechanism.precise import Class, mean_known

Array = NDArray[np.float64]

SHOWN = 14
"""Mechanisms of the class by class picture."""
LISTED = 60
"""Mechanisms whose average precision is listed."""


def class_rows(
    classes: Sequence[Class], truth: Array, model: Array | None, chemistry: Array | None
) -> list[Mapping[str, Any]]:
    """Mean average precision of the drugs of each mechanism, in the order given.

    Parameters
    ----------
    truth, model, chemistry
        (n,) average precision of each drug; ``None`` where there is none.
    """
    rows: list[Mapping[str, Any]] = []
    for c in classes[:LISTED]:
        row: dict[str, Any] = {"kind": "class", "mechanism": c.name, "drugs": len(c.members)}
        for key, values in (("truth", truth), ("model", model), ("chemistry", chemistry)):
            if values is not None:
                row[key] = float(mean_known(values[c.members], 0))
        rows.append(row | {"null": c.null, "p": c.p})
    return rows


def between_rows(
    drugs: Drugs, classes: Sequence[Class], truth: Array, model: Array | None, chemistry: Array | None
) -> list[Mapping[str, Any]]:
    """Mean cosine (and Tanimoto) between the drugs of two mechanisms, of the `SHOWN` largest; in the order given.

    Forms of one parent are in no mean, nor is a drug with itself.
    """
    largest = {name for name, _ in drugs.classes[:SHOWN]}
    shown = [c for c in classes if c.name in largest]
    tables = {"truth": truth, "model": model, "chemistry": chemistry}
    rows: list[Mapping[str, Any]] = []
    for i, a in enumerate(shown):
        for b in shown[i:]:
            at = np.ix_(a.members, b.members)
            row: dict[str, Any] = {"kind": "classes", "row": a.name, "column": b.name}
            for key, table in tables.items():
                if table is not None:
                    row[key] = float(mean_known(np.where(drugs.pairs[at], table[at], np.nan).ravel(), 0))
            rows.append(row)
    return rows
