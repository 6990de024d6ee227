"""Interpolation along doses and times: weights on trained points, and ratios of magnitude beyond them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Ratio = Callable[[float, float], float | None]


def along(points: Array, at: float, ratio: Ratio) -> tuple[Array, bool, bool]:
    """Weights of trained points for the value at a point: piecewise linear between, a ratio of magnitude beyond.

    Parameters
    ----------
    points
        (k,) ascending, at least one.
    at
        Where the value is wanted.
    ratio
        Magnitude at its second over that at its first argument; ``None`` where it is not known.

    Returns
    -------
    (k,) weights, whether ``at`` lies within the points, and whether the ratio was missing (the end's value is taken).
    """
    weights = np.zeros(len(points))
    after = int(np.searchsorted(points, at))
    if after < len(points) and points[after] == at:
        weights[after] = 1.0
        return weights, True, False
    if 0 < after < len(points):
        share = (at - points[after - 1]) / (points[after] - points[after - 1])
        weights[after - 1], weights[after] = 1.0 - share, share
        return weights, True, False
    end = 0 if after == 0 else len(points) - 1
    factor = ratio(float(points[end]), at)
    weights[end] = 1.0 if factor is None else factor
    return weights, False, factor is None


class Ratios:
    """Median ratio of magnitudes between two points, over series other than the one in question.

    Parameters
    ----------
    owner
        n series' owners (perturbations): an owner's own series never tell of it.
    series
        n hashable names of the series that a value belongs to.
    points, magnitude
        (n,) where and how large each value is.
    """

    def __init__(self, owner: Sequence[Hashable], series: Sequence[Hashable], points: Array, magnitude: Array) -> None:
        grouped: dict[Hashable, list[int]] = {}
        for i, name in enumerate(series):
            if np.isfinite(points[i]):
                grouped.setdefault(name, []).append(i)
        self.found: dict[tuple[float, float], list[tuple[Hashable, float]]] = {}
        for rows in grouped.values():
            for i, j in permutations(rows, 2):
                if magnitude[i] > 0:
                    pair = float(points[i]), float(points[j])
                    self.found.setdefault(pair, []).append((owner[i], float(magnitude[j] / magnitude[i])))

    def of(self, owner: Hashable) -> Ratio:
        """Ratios that may be used for one owner."""

        def ratio(first: float, second: float) -> float | None:
            others = [r for who, r in self.found.get((first, second), ()) if who != owner]
            return float(np.median(others)) if others else None

        return ratio


def best_share(gap: Array, towards: Array) -> float:
    """Share in [0, 1] of ``towards`` that leaves the least of ``gap``, in squares; 1 where it moves nothing."""
    square = float(np.vdot(towards, towards))
    if square <= 1e-24 * float(np.vdot(gap, gap)) or square == 0.0:
        return 1.0
    return float(np.clip(np.vdot(gap, towards) / square, 0.0, 1.0))
