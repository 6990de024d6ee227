"""Rows that the page draws: one an axis of stress, and one of all."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.evidence.biology.axes import Axes
from vcassay.evidence.biology.stress.asked import Asked
from vcassay.evidence.biology.stress.energy import Energy, Shares
from vcassay.evidence.biology.stress.skill import Skill

Array = NDArray[np.float64]
Row = dict[str, float | str]

ALL = "all"


def axis_rows(
    axes: Axes, shares: Shares, model: str | None, skill: Skill | None, truth: Skill | None, asked: Asked
) -> list[Row]:
    """Rows that the page draws: one an axis, and one of all.

    ``share`` is along the axis less those before it; ``skill_after`` is the skill beyond this axis alone. ``truth`` is
    the agreement of the truth's own measurements.
    """
    base = asked.weights.base
    energy = None if model is None else shares.arms[model]
    rows: list[Row] = []
    for i, name in enumerate((*axes.names, ALL)):
        last = i == len(axes)
        row: Row = {"kind": "axis", "axis": name}
        row["source"] = "; ".join(f"no axis of {m}" for m in axes.missing) if last else axes.sources[i]
        row["genes"] = float(np.any(axes.matrix != 0, axis=0).sum() if last else axes.size[i])
        row["truth_share"] = _share(shares.truth, i, base)
        row["random"] = float(shares.random["truth"][i])
        if energy is not None:
            row["model_share"] = _share(energy, i, base)
        for prefix, own in (("", skill), ("truth_", truth)):
            if own is not None:
                row[f"{prefix}skill_before"] = float(base @ own.before)
                row[f"{prefix}skill_after"] = float(base @ (own.after if last else own.alone[:, i]))
        rows.append(row)
    return rows


def _share(energy: Energy, i: int, base: Array) -> float:
    above = energy.stress if i == energy.along.shape[1] else energy.along[:, i]
    below = float(base @ energy.whole)
    return float(base @ above) / below if below > 0 else float("nan")


def axes_words(axes: Axes) -> str:
    """How many axes, and which."""
    return f"{len(axes)} {'axis' if len(axes) == 1 else 'axes'} of stress ({', '.join(axes.names)})"
