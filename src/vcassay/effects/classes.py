"""Reliability classes: conditions whose effect cannot be measured, is common to all, or is their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vcassay.arrays.ceiling import condition_ceiling, rows_needed, spearman_brown
from vcassay.arrays.classes import leave_out_means, shared_part
from vcassay.arrays.codes import codes_of
from vcassay.core import Threshold
from vcassay.effects.effects import Effects

Array = NDArray[np.float64]

SOURCE = "Wang et al. 2026 (bioRxiv 2026.08.11.744177)"
RELIABLE = Threshold("reliable_from", 0.5, f"full-depth split-half reliability; {SOURCE}")
SHARED = Threshold("shared_from", 0.5, f"squared cosine with the mean reliable training response; {SOURCE}")
LOW_RELIABILITY = Threshold("low_reliability_below", 0.3, "full-depth reliability: R < .3, .3 to .6, > .6")
HIGH_RELIABILITY = Threshold("high_reliability_above", 0.6, "full-depth reliability: R < .3, .3 to .6, > .6")

CLASSES = ("unreliable", "shared", "specific")
BINS = ("r_low", "r_mid", "r_high")


@dataclass(frozen=True, slots=True, eq=False)
class Classes:
    """How well, and as what, each condition's effect is known.

    Attributes
    ----------
    reliability
        (n,) full-depth reliability by Spearman-Brown of the mean over splits, not below 0; NaN without halves.
    shared
        (n,) squared cosine of the true effect with the mean reliable training response of its context; NaN
        for unreliable conditions.
    name
        (n,) one of `CLASSES`; empty where it cannot be told.
    cells_needed
        (n,) rows at which the condition would be reliable; NaN where it is not above its
        pseudo-perturbations, or the halves do not agree.
    ceiling, replicate
        (n,) Pearson delta of a perfect model and of a replicate, where the condition is detectable.
    """

    reliability: Array
    shared: Array
    name: NDArray[np.str_]
    cells_needed: Array
    ceiling: Array
    replicate: Array

    def strata(self) -> Mapping[str, NDArray[np.bool_]]:
        """Name to (n,) members: the classes, and three bins of reliability; only those present."""
        known, r = np.isfinite(self.reliability), np.nan_to_num(self.reliability)
        low, high = r < LOW_RELIABILITY.value, r > HIGH_RELIABILITY.value
        out = {name: self.name == name for name in CLASSES}
        out |= dict(zip(BINS, (known & low, known & ~low & ~high, known & high), strict=True))
        return {name: np.asarray(at) for name, at in out.items() if at.any()}

    def columns(self) -> pd.DataFrame:
        """Columns of the table of conditions."""
        return pd.DataFrame(
            {
                "reliability_full": self.reliability,
                "shared_part": self.shared,
                "reliability_class": self.name,
                "cells_needed": self.cells_needed,
                "ceiling": self.ceiling,
                "replicate": self.replicate,
            }
        )


def reliability_classes(effects: Effects, train: NDArray[np.int64]) -> Classes:
    """Class every condition.

    The mean response is that of the reliable training conditions of the same context, without the
    perturbation itself; where a context has none, the mean over contexts of theirs.

    Parameters
    ----------
    train
        Positions of the training conditions.
    """
    table, half = effects.conditions, effects.reliability
    known = np.isfinite(half)
    rho = np.where(known, np.clip(spearman_brown(np.clip(np.nan_to_num(half), 0.0, 1.0)), 0.0, 1.0), np.nan)
    reliable = known & (np.nan_to_num(rho) >= RELIABLE.value)
    whole = np.isfinite(np.where(effects.mask, effects.delta_train + effects.half_a + effects.half_b, 0.0)).all(axis=1)
    members = np.zeros(len(table), dtype=bool)
    members[train] = (reliable & whole)[train]
    shared = np.full(len(table), np.nan)
    if members.any():
        context, group = codes_of(table.context.tolist()), codes_of(["+".join(p) for p in table.parts])
        mean, a, b = (
            leave_out_means(x, group, members, context) for x in (effects.delta_train, effects.half_a, effects.half_b)
        )
        energy = np.where(effects.mask, a * b, 0.0).sum(axis=1)
        part = shared_part(effects.half_a, effects.half_b, mean, energy, effects.mask)
        shared = np.where(reliable, part, np.nan)  # a ratio of noise otherwise
    name = np.full(len(table), "", dtype="<U10")
    name[known & ~reliable] = "unreliable"
    told = reliable & np.isfinite(shared)
    name[told] = np.where(shared[told] >= SHARED.value, "shared", "specific")
    measurable = effects.detectable | ~effects.assessed
    cells = rows_needed(effects.n_rows.astype(np.float64), np.where(measurable, rho, np.nan), RELIABLE.value)
    ceiling, replicate = condition_ceiling(half, effects.detectable)
    return Classes(rho, shared, name, cells, ceiling, replicate)
