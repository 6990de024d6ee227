"""Projection: responses of dose series along directions that were measured on other rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.group_means import group_means
from vcassay.arrays.series_products import series_products
from vcassay.arrays.unit_rows import unit_rows
from vcassay.core.memo import once
from vcassay.evidence.biology.bench import Bench
from vcassay.evidence.biology.dose.series import DOSE_SERIES, Series, by_length, found_series

Array = NDArray[np.float64]


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
    elsewhere
        Whether directions come from other contexts, so that contexts share measurements.
    """

    series: list[Series]
    response: list[Array]
    spread: list[Array]
    direction: Array
    elsewhere: bool = False


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
    groups = by_length(series)
    matrices: list[list[Array]] = [[] for _ in groups]
    for source, value in parts:
        unit = unit_rows(source)
        unit[~unit.any(axis=1)] = np.nan  # no effect, no direction
        for found, (_, rows) in zip(matrices, groups, strict=True):
            found.append(series_products(unit, value, rows))
        direction += np.nan_to_num(unit, copy=False)
        count += 1
    kept: dict[int, tuple[Array, Array]] = {}
    for found, (at, _) in zip(matrices, groups, strict=True):
        if not found:
            continue
        stacked = np.stack(found, axis=1)
        defined = np.asarray(np.isfinite(stacked).all(axis=(2, 3)))
        for i, own, ok in zip(at.tolist(), stacked, defined, strict=True):
            if ok.any():
                kept[i] = (own[ok].mean(axis=0), own[ok][:, -1])
    order = sorted(kept)
    return Measured(
        [series[i] for i in order],
        [kept[i][0] for i in order],
        [kept[i][1] for i in order],
        direction / max(count, 1),
    )


@once
def projected(bench: Bench) -> Measured:
    """Project the active series of a bench on directions from other rows.

    These are halves with their own controls, either way round. Where halves measure too few series (one row a
    condition) and other contexts measure more, the direction is the same treatment's mean over other contexts.
    """
    series, shape = found_series(bench).active, bench.mask.shape
    halves = measure_series((part for a, b in bench.halves() for part in ((a, b), (b, a))), series, shape)
    if len(halves.series) >= DOSE_SERIES.value:
        return halves
    other = measure_series([from_other_contexts(bench)], series, shape)
    return other._replace(elsewhere=True) if len(other.series) > len(halves.series) else halves


def project(values: Array, measured: Measured) -> list[Array]:
    """One (k, k) matrix a series: responses of predicted effects along the truth's mean directions."""
    out: list[Array] = [np.empty((0, 0))] * len(measured.series)
    for at, rows in by_length(measured.series):
        for i, own in zip(at.tolist(), series_products(measured.direction, values, rows), strict=True):
            out[i] = own
    return out


def from_other_contexts(bench: Bench) -> tuple[Array, Array]:
    """Mean effects of the same treatment in other contexts, and the effects themselves, 0 outside the mask."""
    table, test = bench.effects.conditions, bench.split.test
    groups: dict[object, list[int]] = {}
    for i, treatment in enumerate(table.treatments):
        groups.setdefault(treatment, []).append(i)
    elsewhere = np.full(bench.effects.delta.shape, np.nan)
    for members in groups.values():
        at = np.asarray(members)
        values = bench.effects.delta[at]
        names, code = np.unique(table.context[at], return_inverse=True)
        if len(names) > 1:
            n = np.bincount(code)
            own = group_means(values, code.astype(np.int64), len(names)) * n[:, None]
            elsewhere[at] = (values.sum(axis=0) - own[code]) / (len(at) - n[code])[:, None]
    return np.where(bench.mask, elsewhere[test], 0.0), np.where(bench.mask, bench.effects.delta[test], 0.0)
