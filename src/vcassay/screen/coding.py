"""Columns of text as codes, and the distinct conditions among rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vcassay.core import Conditions, InputError
from vcassay.core.conditions import Parts
from vcassay.core.errors import first
from vcassay.screen.design import Design
from vcassay.screen.parse import MISSING
from vcassay.screen.screen import Note


@dataclass(frozen=True, slots=True, eq=False)
class RowKeys:
    """What makes the condition of each row.

    Attributes
    ----------
    context, contexts
        (rows,) code, and the names.
    applied, parts
        (rows,) code, and what each code applies together.
    dose, time
        (rows,) NaN where there is none.
    """

    context: NDArray[np.int64]
    contexts: Sequence[str]
    applied: NDArray[np.int64]
    parts: Sequence[Parts]
    dose: NDArray[np.float64]
    time: NDArray[np.float64]


def text_codes(column: pd.Series, keep: Sequence[str] = ()) -> tuple[NDArray[np.int64], list[str]]:
    """Code a column of labels.

    Returns
    -------
    (rows,) codes into the sorted distinct texts, -1 where the label is missing (NaN, blank, ``nan``);
    and the texts. Texts in ``keep`` are never taken for missing.
    """
    if isinstance(column.dtype, pd.CategoricalDtype):
        raw, values = column.cat.codes.to_numpy().astype(np.int64), column.cat.categories
    else:
        codes, values = pd.factorize(column)
        raw = codes.astype(np.int64)
    texts = [str(v).strip() for v in values]
    used = np.unique(raw[raw >= 0])
    names = sorted({texts[i] for i in used if texts[i] not in MISSING or texts[i] in keep})
    position = {name: i for i, name in enumerate(names)}
    remap = np.asarray([position.get(text, -1) for text in texts] + [-1], dtype=np.int64)
    return remap[raw], names


def code_conditions(
    obs: pd.DataFrame, design: Design, keys: RowKeys, perturbed: NDArray[np.bool_], *, where: str
) -> tuple[NDArray[np.int64], Conditions, list[Note]]:
    """Find the distinct conditions of the perturbed rows.

    Returns
    -------
    (rows,) position of each perturbed row's condition, -1 elsewhere; the sorted conditions, each with
    the modality and the annotation that most of its rows carry; notes.

    Raises
    ------
    InputError
        If the rows of a condition are of several modalities.
    """
    rows = np.flatnonzero(perturbed)
    key = keys.context[rows] * max(len(keys.parts), 1) + keys.applied[rows]
    for values in (keys.dose[rows], keys.time[rows]):
        distinct, code = np.unique(values, return_inverse=True)
        key = np.unique(key, return_inverse=True)[1] * len(distinct) + code
    _, at, code = np.unique(key, return_index=True, return_inverse=True)
    who, notes = rows[at], []
    modality, annotation = np.full(len(at), implied_modality(design.perturbation)), {}
    if design.modality is not None:
        column = obs[design.modality].iloc[rows]
        modality, several = _most_frequent(column, code, len(at))
        if len(several):
            mixed = sorted(set(column.iloc[np.flatnonzero(code == several[0])].astype(str)))
            raise InputError(
                f"{len(several)} conditions have rows of several modalities, such as {first(mixed)}",
                where=f"{where}, obs column '{design.modality}'",
                mend="write the modality into the labels of the perturbation, or leave out one modality",
            )
    for name, theirs in design.annotation.items():
        annotation[name], several = _most_frequent(obs[theirs].iloc[rows], code, len(at))
        if len(several):
            kept = (
                f"{len(several)} conditions carry several values of obs column '{theirs}'; the most frequent was kept."
            )
            notes.append((kept, f"a condition has one {name}"))
    raw = (
        np.asarray([keys.contexts[c] for c in keys.context[who]], dtype=str),
        tuple(keys.parts[i] for i in keys.applied[who]),
        keys.dose[who],
        keys.time[who],
        modality,
    )
    conditions = Conditions.make(*raw, annotation)
    condition = np.full(len(obs), -1, dtype=np.int64)
    condition[rows] = conditions.locate(Conditions(*raw))[code]
    return condition, conditions, notes


AGENTS = {
    "drug": ("drug", "compound", "chemical", "molecule", "sm_name", "product_name", "smiles", "inchikey", "inchi_key"),
    "cytokine": ("cytokine",),
    "ligand": ("ligand",),
    "antibody": ("antibody",),
}
"""Modality to words in the name of a column that holds perturbations of this kind."""


def implied_modality(column: str) -> str:
    """Modality that the name of the perturbation's column tells; empty where it tells none."""
    name = column.casefold()
    return next((kind for kind, words in AGENTS.items() if any(w in name for w in words)), "")


def _most_frequent(column: pd.Series, code: NDArray[np.int64], n: int) -> tuple[NDArray[np.str_], NDArray[np.int64]]:
    """(n,) most frequent text of each code, the first of equals, empty where none; and the codes with several."""
    value, texts = text_codes(column)
    known, width = value >= 0, max(len(texts), 1)
    pairs, counts = np.unique(code[known] * width + value[known], return_counts=True)
    which, text = np.divmod(pairs, width)
    result = np.full(n, "", dtype=object)
    order = np.lexsort((-text, counts))  # the last written wins
    result[which[order]] = [texts[t] for t in text[order]]
    return result.astype(str), np.flatnonzero(np.bincount(which, minlength=n) > 1)
