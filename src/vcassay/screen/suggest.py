"""Guesses about one part of a design, each from labels and codes alone."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vcassay.screen.coding import text_codes
from vcassay.screen.design import CONTROL_LABELS
from vcassay.screen.parse import parse_tuples, plain_unit, split_parts
from vcassay.screen.presets import CONTROL_FLAGS, Preset

DELIMITERS = ("+", " || ", ";", "|", "_", ",", "&", "--")
"""Tried in this order for what joins a combination."""
MIN_KNOWN_COMBINATIONS = 0.5
"""Share of combinations whose parts must all occur alone before a delimiter is believed."""
_CONTROL_LIKE = re.compile(
    r"(non[-_ ]?targeting|safe[-_ ]?targeting|dmso|dimethyl sulfoxide|vehicle|untreated|unperturbed|mock|"
    r"negative[-_ ]?control|neg[-_ ]?ctrl|ntc?|scrambled?|control|ctrl|pbs)([-_ ]?\w?\d*)?",
    re.IGNORECASE,
)
_UNIT_IN_NAME = re.compile(r"(?:^|[_ .(\[])([A-Za-zµμ]+)[)\]]?$")
_DOSE_UNITS = {"pm": "pM", "nm": "nM", "um": "uM", "mm": "mM", "ng/ml": "ng/ml", "ug/ml": "ug/ml"}
_TIME_UNITS = frozenset({"h", "min", "d", "s", "w"})


def control_flag(obs: pd.DataFrame) -> tuple[str, NDArray[np.bool_]] | None:
    """The first column of true and false that marks control rows, with its values."""
    for name in CONTROL_FLAGS:
        if name in obs.columns:
            codes, texts = text_codes(obs[name])
            truth = {"true": True, "1": True, "1.0": True, "false": False, "0": False, "0.0": False}
            if texts and all(text.casefold() in truth for text in texts):
                meaning = np.asarray([truth[text.casefold()] for text in texts] + [False])
                return name, meaning[codes]
    return None


def control_labels(
    codes: NDArray[np.int64],
    labels: Sequence[str],
    flag: NDArray[np.bool_] | None,
    preset: Preset | None,
) -> tuple[tuple[str, ...], bool]:
    """Find the control labels of a perturbation column.

    Parameters
    ----------
    codes, labels
        The column, coded (`vcassay.screen.labels.text_codes`).
    flag
        (rows,) whether a row is marked as control; ``None`` without such a column.

    Returns
    -------
    The labels, and whether they are certain: marked by the flag or one of the usual names. Empty if
    none was found.
    """
    if flag is not None:
        marked = set(codes[flag & (codes >= 0)].tolist())
        if marked and not marked & set(codes[~flag].tolist()):
            return tuple(labels[i] for i in sorted(marked)), True
    usual = (*(preset.control if preset is not None else ()), *CONTROL_LABELS)
    for name in usual:
        if name in labels:
            return (name,), True
    inside = [label for label in labels if (t := parse_tuples(label)) and all(name in usual for name, _, _ in t)]
    if inside:
        return tuple(inside), True
    folded = {name.casefold() for name in usual}
    alike = [label for label in labels if label.casefold() in folded]
    if alike:
        return tuple(alike), True
    return tuple(label for label in labels if _CONTROL_LIKE.fullmatch(label)), False


def delimiter(labels: Sequence[str], control: Collection[str], preset: Preset | None) -> tuple[str | None, str | None]:
    """Find what joins the parts of a combination.

    Returns
    -------
    The delimiter, ``None`` if labels are to stay whole; and, where a plus sign stands in labels whose
    parts never occur alone, one of these labels.
    """
    if preset is not None and preset.delimiter != "":
        return preset.delimiter, None
    alone = set(labels) | set(control) | {"ctrl", "control"}
    best: tuple[float, str] | None = None
    for sign in DELIMITERS:
        joined = [parts for label in labels if len(parts := split_parts(label, sign)) > 1]
        if joined:
            known = sum(all(part in alone for part in parts) for parts in joined) / len(joined)
            if known >= MIN_KNOWN_COMBINATIONS and (best is None or known > best[0]):
                best = (known, sign)
    if best is not None:
        return best[1], None
    doubtful = next((label for label in labels if len(split_parts(label, "+")) > 1), None)
    return (None if doubtful is not None else "+"), doubtful


def unit_in_name(column: str, what: str) -> str:
    """The unit that a column's name ends in (``dose_uM``, ``time_h``), or an empty text."""
    match = _UNIT_IN_NAME.search(column)
    if match is None:
        return ""
    word = plain_unit(match[1])
    if what == "time":
        return word if word in _TIME_UNITS else ""
    return "M" if word == "M" else _DOSE_UNITS.get(word.casefold(), "")


def missing_share(codes: NDArray[np.int64]) -> float:
    """Share of rows without a label; 1 for a column without rows."""
    return float(np.mean(codes < 0)) if len(codes) else 1.0


def share_with_controls(
    group: NDArray[np.int64], perturbed: NDArray[np.bool_], control: NDArray[np.bool_], at_least: int = 1
) -> float:
    """Share of perturbed rows whose group holds at least so many control rows; 0 without perturbed rows."""
    n_control = np.bincount(group[control & (group >= 0)], minlength=int(group.max(initial=-1)) + 2)
    rows = group[perturbed]
    return float(np.mean((n_control[rows] >= at_least) & (rows >= 0))) if len(rows) else 0.0
