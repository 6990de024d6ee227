"""Draw: the one way in which every maker draws what it holds out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcassay.claim.split import Role
from vcassay.core import Conditions

Roles = NDArray[np.str_]


def draw(names: Iterable[str], fraction: float, seed: int) -> list[str]:
    """Draw a share of the names: at least one, never all, the same for the same seed and set.

    Parameters
    ----------
    names
        Anything; duplicates and order do not matter.
    fraction
        Share to draw, rounded to a whole number.
    """
    known = sorted(set(names))
    count = int(np.clip(round(fraction * len(known)), 1, max(1, len(known) - 1)))
    return shuffled(known, seed)[:count]


def shuffled(names: Iterable[str], seed: int) -> list[str]:
    """Put names into a random order that depends on the set and the seed alone."""
    known = sorted(set(names))
    order = np.random.default_rng([seed, len(known)]).permutation(len(known))
    return [known[i] for i in order]


def held_out(test: Sequence[bool] | NDArray[Any], excluded: Sequence[bool] | NDArray[Any] | None = None) -> Roles:
    """Roles from what is test and what is excluded; the rest is training."""
    roles = np.where(np.asarray(test, dtype=bool), Role.TEST.value, Role.TRAIN.value)
    if excluded is not None:
        roles = np.where(np.asarray(excluded, dtype=bool), Role.EXCLUDED.value, roles)
    return roles


def parts_of(conditions: Conditions) -> list[str]:
    """Every perturbation that occurs, alone or in a combination, sorted."""
    return sorted({part for parts in conditions.parts for part in parts})
