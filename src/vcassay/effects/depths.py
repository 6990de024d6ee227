"""Effects from parts of the rows: replicates of an eighth to a half of the depth, with controls of their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.profile import matched_control, to_profile
from vcassay.arrays.shards import N_SHARDS, RESERVED
from vcassay.effects.moments import Moments

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Weights = tuple[float, ...]

BEYOND = (np.sqrt(3.0) - 1.0) / 2.0
"""With weights 1 + b and -b two control shards have the mean of one and the noise of half a one."""
MORE = 0.5 + np.sqrt(1.0 / 12.0)
"""With weights m and 1 - m two control shards have the noise of one and a half."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some shards of the perturbed rows, and weights of the four reserved control shards."""

    shards: tuple[int, ...]
    controls: Weights


@dataclass(frozen=True, slots=True)
class Level:
    """Pairs of disjoint parts at one share of the depth."""

    depth: float
    pairs: tuple[tuple[Part, Part], ...]


def depth_levels(shards: tuple[int, ...]) -> tuple[Level, ...]:
    """Pairs of disjoint parts of the scored shards, from the least depth to a half.

    At full depth all of them are compared with all reserved controls. Parts have the share of the
    controls that they have of the rows, so that the noise of both kinds of rows falls alike.

    Parameters
    ----------
    shards
        The scored shards: eight, or the four that a random-cell split holds out.
    """
    b, m = float(BEYOND), float(MORE)
    single = ((1.0, 0.0, 0.0, 0.0), (0.0, 1.0, 0.0, 0.0), (0.0, 0.0, 1.0, 0.0), (0.0, 0.0, 0.0, 1.0))
    near, far = ((0.5, 0.5, 0.0, 0.0), (0.0, 0.0, 0.5, 0.5)), ((0.5, 0.0, 0.5, 0.0), (0.0, 0.5, 0.0, 0.5))
    if len(shards) < N_SHARDS:
        h, i, j, k = shards
        return (
            Level(0.25, (_pair((h,), (i,), *single[:2]), _pair((j,), (k,), *single[2:]))),
            Level(0.5, (_pair((h, i), (j, k), *near), _pair((h, j), (i, k), *far))),
        )
    eighths = (
        _pair((0,), (1,), (1 + b, -b, 0, 0), (0, 0, 1 + b, -b)),
        _pair((2,), (3,), (-b, 1 + b, 0, 0), (0, 0, -b, 1 + b)),
        _pair((4,), (5,), (1 + b, 0, -b, 0), (0, 1 + b, 0, -b)),
        _pair((6,), (7,), (0, -b, 0, 1 + b), (-b, 0, 1 + b, 0)),
    )
    three = (
        _pair((0, 1, 2), (3, 4, 5), (m, 1 - m, 0, 0), (0, 0, m, 1 - m)),
        _pair((2, 6, 7), (0, 3, 5), (1 - m, 0, m, 0), (0, 1 - m, 0, m)),
    )
    return (
        Level(0.125, eighths),
        Level(0.25, (_pair((0, 1), (2, 3), *single[:2]), _pair((4, 5), (6, 7), *single[2:]))),
        Level(0.375, three),
        Level(0.5, (_pair((0, 1, 2, 3), (4, 5, 6, 7), *near), _pair((0, 2, 4, 6), (1, 3, 5, 7), *far))),
    )


def _pair(a: tuple[int, ...], b: tuple[int, ...], first: Weights, second: Weights) -> tuple[Part, Part]:
    return Part(a, first), Part(b, second)


class Depths:
    """Effects of some conditions from parts of their rows.

    Parameters
    ----------
    moments
        Sums over shards.
    rows
        Positions of the conditions.
    """

    def __init__(self, moments: Moments, rows: Codes) -> None:
        self.moments, self.rows = moments, rows
        self._groups = [_rate(moments.control_sums[:, s], moments.control_sizes[:, s]) for s in RESERVED]

    def effects(self, part: Part) -> Array:
        """(t, g) effects of a part against its controls; NaN where rows or controls are missing."""
        moments, rows = self.moments, self.rows
        sums = sum((moments.sums[rows, s] for s in part.shards[1:]), moments.sums[rows, part.shards[0]])
        sizes = sum((moments.sizes[rows, s] for s in part.shards[1:]), moments.sizes[rows, part.shards[0]])
        profile = to_profile(_rate(sums, sizes), moments.target_sum)
        if not moments.slots.n_groups:
            return profile
        links = tuple(moments.links[s][rows] for s in part.shards)
        control = np.zeros(profile.shape)
        for weight, group in zip(part.controls, self._groups, strict=True):
            if weight:
                every = tuple(range(len(links)))
                control += weight * matched_control(links, every, group, len(rows))
        if moments.target_sum is not None:
            control = np.maximum(control, 0.0)
        return np.asarray(profile - to_profile(control, moments.target_sum))

    def pairs(self, level: Level, limit: int | None = None) -> Iterator[tuple[Array, Array]]:
        """Replicates at one depth, pair by pair."""
        for a, b in level.pairs[:limit]:
            yield self.effects(a), self.effects(b)


def _rate(sums: Array, sizes: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(sizes > 0, sums / sizes, np.nan))
