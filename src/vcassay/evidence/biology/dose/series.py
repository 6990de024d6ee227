"""Dose series: responses along the top dose's direction, and how well they are ordered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import permutations
from math import factorial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.trend import kendall_to_dose, violation
from vcassay.core import Conditions
from vcassay.core.conditions import Parts

MIN_DOSES = 3
"""Two doses are in order by chance half of the time."""
MAX_ORDERS = 120
"""Orders of the doses that the null draws from: all of them up to five doses."""
FLAT = 1e-9
"""Differences below this share of a series' largest response are rounding."""

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
    """

    rows: Index
    perturbation: str
    context: str
    dose: Array


def find_series(conditions: Conditions) -> list[Series]:
    """Find the dose series of `MIN_DOSES` or more positive doses, in the order of the table."""
    groups: dict[tuple[str, Parts, float], list[int]] = {}
    keys = conditions.keys
    for i, (context, parts, dose, time) in enumerate(keys):
        if dose > 0:
            groups.setdefault((context, parts, time), []).append(i)
    several = len({time for _, _, time in groups}) > 1
    found = []
    for (_, _, time), members in groups.items():
        if len(members) >= MIN_DOSES:
            rows = np.asarray(sorted(members, key=lambda i: keys[i][2]), dtype=np.int64)
            name = str(conditions.perturbation[rows[0]]) + (f" ({time:g} h)" if several else "")
            found.append(Series(rows, name, str(conditions.context[rows[0]]), conditions.dose[rows]))
    return found


class Measured(NamedTuple):
    """Dose series of the truth, projected.

    Attributes
    ----------
    series
        Those that could be measured.
    response
        One (k, k) matrix a series: row i holds the responses of all doses along the direction of dose i.
        The last row is the dose response; the others serve permutations of the doses.
    spread
        One (parts, k) matrix a series: the last row of ``response`` in each part of the cells.
    direction
        (n, g) mean unit direction of every row of the table; 0 where none is defined.
    """

    series: list[Series]
    response: list[Array]
    spread: list[Array]
    direction: Array


def measure_series(parts: Iterable[tuple[Array, Array]], series: Sequence[Series], shape: tuple[int, int]) -> Measured:
    """Project effects on directions that were measured on other cells, and average over parts.

    Parameters
    ----------
    parts
        Pairs of (n, g) effects from disjoint cells and controls: the first gives the direction, the
        second the response. NaN where undefined, 0 for genes that do not count.
    series
        From `find_series`.
    shape
        (n, g).

    Returns
    -------
    `Measured`; a series that no part defines is left out.
    """
    direction, count = np.zeros(shape), 0
    matrices: list[list[Array]] = [[] for _ in series]
    for source, value in parts:
        unit = unit_rows(source)
        direction += np.nan_to_num(unit)
        count += 1
        for found, s in zip(matrices, series, strict=True):
            matrix = unit[s.rows] @ value[s.rows].T
            if np.isfinite(matrix).all():
                found.append(matrix)
    kept = [i for i, found in enumerate(matrices) if found]
    stacked = [np.stack(matrices[i]) for i in kept]
    return Measured(
        [series[i] for i in kept],
        [m.mean(axis=0) for m in stacked],
        [m[:, -1] for m in stacked],
        direction / max(count, 1),
    )


def unit_rows(matrix: Array) -> Array:
    """Divide rows by their length; NaN where that is 0 or undefined."""
    length = np.sqrt((matrix * matrix).sum(axis=1, keepdims=True))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(length > 0, matrix / length, np.nan)


class Ordering(NamedTuple):
    """How well the responses of many series rise with dose.

    Attributes
    ----------
    share, tau, violation
        Share of series that rise at every step, mean Kendall tau to dose, and mean share of the range
        lost on the way up.
    null_share
        Share that rises if doses are permuted within each series.
    p_rise, p_fall
        Probability under permuted doses of a mean tau at least as high, and at least as low.
    n
        Series.
    """

    share: float
    tau: float
    violation: float
    null_share: float
    p_rise: float
    p_fall: float
    n: int


def judge_order(responses: Sequence[Array], draws: int, rng: np.random.Generator) -> Ordering:
    """Compare the order of responses with doses permuted within each series.

    A permutation also changes which dose is the top one, hence the direction: the projections on the
    directions of all doses are needed. A single series proves nothing (three doses are in order once
    in six); only the mean over series is tested.

    Parameters
    ----------
    responses
        One (k, k) matrix a series (see `Measured`), without NaN.

    Returns
    -------
    `Ordering`, NaN without any series.
    """
    if not responses:
        return Ordering(*(np.nan,) * 6, 0)
    tau, up, lost = [], [], []
    for k in sorted({len(matrix) for matrix in responses}):
        ordered = _reorder(np.stack([matrix for matrix in responses if len(matrix) == k]))
        flat = ordered.reshape(-1, k)
        tau.append(np.nan_to_num(kendall_to_dose(flat)).reshape(ordered.shape[:2]))
        up.append(np.all(np.diff(ordered, axis=2) > 0, axis=2))
        lost.append(np.nan_to_num(violation(ordered[:, 0]), nan=1.0))
    null = np.zeros(draws)
    for row in (row for group in tau for row in group):
        null += row[rng.integers(len(row), size=draws)]
    null /= len(responses)
    mean = float(np.concatenate([group[:, 0] for group in tau]).mean())
    rise = (1 + int((null >= mean - 1e-12).sum())) / (draws + 1)
    fall = (1 + int((null <= mean + 1e-12).sum())) / (draws + 1)
    share = float(np.concatenate([group[:, 0] for group in up]).mean())
    chance = float(np.concatenate([group.mean(axis=1) for group in up]).mean())
    return Ordering(share, mean, float(np.concatenate(lost).mean()), chance, rise, fall, len(responses))


def _reorder(matrices: Array) -> Array:
    """(m, orders, k) responses of m series under each order of the doses, the true one first.

    Series that are flat up to rounding become constant.
    """
    k = matrices.shape[1]
    every = factorial(k) <= MAX_ORDERS
    orders = np.asarray(list(permutations(range(k))) if every else _some_orders(k))
    values = matrices[:, orders[:, -1:], orders]
    size = np.abs(values).max(axis=2, keepdims=True)
    return np.asarray(np.where(np.ptp(values, axis=2, keepdims=True) <= FLAT * size, values[..., :1], values))


def _some_orders(k: int) -> list[list[int]]:
    """The true order and random ones, the same for every series of that length."""
    rng = np.random.default_rng(k)
    return [list(range(k)), *(rng.permutation(k).tolist() for _ in range(MAX_ORDERS - 1))]


def rises(matrix: Array) -> bool:
    """Whether a series rises at every step."""
    return bool((np.diff(_reorder(matrix[None])[0, 0]) > 0).all())
