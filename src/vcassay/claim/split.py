"""Split: the role of every condition, as a manifest bound to its table."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.shards import N_SHARDS
from vcassay.arrays.shards import RESERVED as RESERVED_SHARDS
from vcassay.core import Conditions, Panel, Regime, Shown
from vcassay.core.wording import listed

__all__ = ["N_SHARDS", "RESERVED_SHARDS", "Role", "Split"]


class Role(StrEnum):
    """What a condition is for."""

    TRAIN = "train"
    VAL = "val"
    TEST = "test"
    EXCLUDED = "excluded"


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True, repr=False)
class Split(Shown):
    """Role of every condition.

    Attributes
    ----------
    conditions
        The table that the roles speak of, sorted and unique.
    roles
        (n,) a `Role` each. In a random-cell split every condition is a test condition, and
        ``test_shards`` says which of its cells are held out.
    declared
        The regime asked for or stated; what is found may differ (`vcassay.claim.find_novelty`).
    seed, group
        What the maker drew with and kept together.
    test_shards
        Empty, or the shards of every condition whose cells are test (random cells).
    reserved_shards
        Control shards that only scoring reads; empty if a model may have seen every control.
    assumed
        What was assumed about the training set, when nobody declared it; empty otherwise.
    conflicts
        Rows of the source table that name a condition in more than one role:
        ``(condition id, role, role)``.
    also_train
        Positions of test conditions of which other rows (cells, replicates) are training: for these
        the split is one of random cells, whatever it is for the others.
    words
        (n,) the role as the source wrote it (``ood``, ``holdout``), where it has words of its own;
        empty otherwise.
    """

    conditions: Conditions
    roles: NDArray[np.str_]
    declared: Regime | None = None
    seed: int | None = None
    group: str = ""
    test_shards: tuple[int, ...] = ()
    reserved_shards: tuple[int, ...] = RESERVED_SHARDS
    assumed: str = ""
    conflicts: tuple[tuple[str, str, str], ...] = ()
    meta: dict[str, Any] = field(default_factory=dict)
    also_train: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    words: tuple[str, ...] = ()

    def panel(self) -> Panel:
        """How many conditions have each role, and what of them is tested."""
        counts = [f"{len(at):,} {role.value}" for role in Role if len(at := self.index(role))]
        test = self.conditions.take(self.test)
        return Panel(
            f"Split of {len(self.conditions):,} conditions",
            self.assumed,
            facts=(
                ("roles", ", ".join(counts)),
                ("declared", self.declared.value if self.declared else ""),
                ("test contexts", listed(np.unique(test.context).tolist())),
                ("test perturbations", f"{len(set(test.parts)):,}"),
                ("on both sides", f"{len(self.both_sides):,} test conditions" if len(self.both_sides) else ""),
                ("seed", "" if self.seed is None else str(self.seed)),
            ),
            notes=tuple(f"{name} is {one} and {other}" for name, one, other in self.conflicts),
        )

    def index(self, role: Role) -> NDArray[np.int64]:
        """Positions of the conditions with a role."""
        return np.flatnonzero(self.roles == role.value)

    @property
    def train(self) -> NDArray[np.int64]:
        """Positions a model may learn from: train and val, and what has rows on both sides."""
        known = (self.roles == Role.TRAIN) | (self.roles == Role.VAL)
        known[self.both_sides] = True
        return np.flatnonzero(known)

    @property
    def both_sides(self) -> NDArray[np.int64]:
        """Positions of test conditions of which other rows are training."""
        return self.test if self.test_shards and not len(self.also_train) else self.also_train

    @property
    def scored_shards(self) -> tuple[int, ...]:
        """Shards of the test conditions' rows that are scored: all, but where rows of a condition are trained on."""
        return self.test_shards or tuple(range(N_SHARDS))

    @property
    def test(self) -> NDArray[np.int64]:
        """Positions of the test conditions."""
        return self.index(Role.TEST)
