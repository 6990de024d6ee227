"""Dose series: which doses belong together, and which drugs can be compared by them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.core import Conditions, Threshold
from vcassay.core.conditions import Parts
from vcassay.core.memo import once
from vcassay.evidence.biology.bench import Bench

MIN_DOSES = 3
"""Two doses are in order by chance half of the time."""
NO_SERIES = f"no perturbation has {MIN_DOSES} doses among the test conditions of a context."
DOSE_SERIES = Threshold("dose_min_series", 5, "fewer drug x context series say nothing of a share")

Array = NDArray[np.float64]
Index = NDArray[np.int64]


class Series(NamedTuple):
    """The doses of one perturbation in one context (at one time), ascending.

    Attributes
    ----------
    rows
        (k,) positions in the table that was searched.
    perturbation, context
        Names; the time is part of the name where there are several.
    dose
        (k,) in the screen's unit.
    time
        As in the table; NaN where none is recorded.
    """

    rows: Index
    perturbation: str
    context: str
    dose: Array
    time: float = np.nan


def find_series(conditions: Conditions) -> list[Series]:
    """Find the dose series of `MIN_DOSES` or more positive doses, in the order of the table."""
    groups: dict[tuple[str, Parts, float], list[int]] = {}
    keys = conditions.keys
    for i, (context, parts, dose, time) in enumerate(keys):
        if dose > 0:
            groups.setdefault((context, parts, time), []).append(i)
    several = len({time for _, _, time in groups}) > 1
    label = conditions.perturbation
    found = []
    for (_, _, time), members in groups.items():
        if len(members) >= MIN_DOSES:
            rows = np.asarray(sorted(members, key=lambda i: keys[i][2]), dtype=np.int64)
            first = rows[0]
            name = str(label[first]) + (f" ({time:g} h)" if several else "")
            context, when = str(conditions.context[first]), float(conditions.time[first])
            found.append(Series(rows, name, context, conditions.dose[rows], when))
    return found


class Found(NamedTuple):
    """Dose series of the test conditions.

    Attributes
    ----------
    all
        Every one.
    active
        Those with a detectable effect at some dose, as far as that was assessed: permuting doses would not change
        which these are.
    assessed
        Whether it was, for any condition.
    """

    all: list[Series]
    active: list[Series]
    assessed: bool = True

    @property
    def coverage(self) -> str:
        """How many there are, in words."""
        what = "have a detectable effect" if self.assessed else "are taken, as no effect could be tested"
        return f"of {len(self.all):,} dose series (perturbation x context), {len(self.active):,} {what}"


@once
def found_series(bench: Bench) -> Found:
    """Find the dose series of a bench."""
    found = find_series(bench.table)
    assessed = bool(bench.effects.assessed[bench.split.test].any())
    return Found(found, [s for s in found if not bench.silent[s.rows].all()], assessed)


def by_length(series: Sequence[Series]) -> list[tuple[Index, Index]]:
    """Positions of the series of each length, and their (m, k) rows."""
    length = np.asarray([len(s.rows) for s in series], dtype=np.int64)
    groups = (np.flatnonzero(length == k) for k in np.unique(length))
    return [(at, np.stack([series[i].rows for i in at.tolist()])) for at in groups]


class Strata(NamedTuple):
    """Which series can be compared.

    Attributes
    ----------
    drug
        (m,) codes of the perturbation at its time: what is permuted, alike in all contexts.
    stratum
        (m,) codes of context, time and doses: a half-maximal dose of drugs that were given other doses differs
        by design.
    """

    drug: Index
    stratum: Index


def strata(series: Sequence[Series]) -> Strata:
    """Tell drugs and strata of series apart."""
    drug: dict[object, int] = {}
    stratum: dict[object, int] = {}
    drugs, of = [], []
    for s in series:
        time = None if np.isnan(s.time) else s.time
        grid = tuple(float(f"{d:.2g}") for d in s.dose)
        drugs.append(drug.setdefault((s.perturbation, time), len(drug)))
        of.append(stratum.setdefault((s.context, time, grid), len(stratum)))
    return Strata(np.asarray(drugs, dtype=np.int64), np.asarray(of, dtype=np.int64))
