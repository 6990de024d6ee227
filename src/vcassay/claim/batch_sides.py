"""Batch sides: the batches that training and test rows of every condition come from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.claim.split import Split

Codes = NDArray[np.int64]
Names = Sequence[Sequence[str]]


class Pairs(NamedTuple):
    """Conditions with rows in a batch: positions in the split's table, and codes of batches; (p,) each."""

    condition: Codes
    batch: Codes


class BatchSides(NamedTuple):
    """Batches of the training and of the test rows.

    Attributes
    ----------
    names
        Batches.
    train, test
        Of conditions that are trained, and of test conditions. One that has rows on both sides is in both, each with
        the batches of its own rows.
    """

    names: tuple[str, ...]
    train: Pairs
    test: Pairs


def find_sides(split: Split, batches: Names | None = None) -> BatchSides | None:
    """Which batches either side comes from; ``None`` where the tables do not tell.

    Parameters
    ----------
    batches
        The batches of each condition's rows, as the screen has them; those of the table that the split was read from
        if ``None``. Where conditions have rows on both sides, only ``split.meta["batches_by_side"]`` can tell.
    """
    by_side = split.meta.get("batches_by_side")
    if by_side is None:
        own = split.meta.get("batches") if batches is None else batches
        if own is None or len(split.both_sides):
            return None
        by_side = (own, own)
    names = tuple(sorted({name for side in by_side for own in side for name in own}))
    if not names:
        return None
    code = {name: i for i, name in enumerate(names)}
    return BatchSides(names, _pairs(by_side[0], split.train, code), _pairs(by_side[1], split.test, code))


def _pairs(side: Names, index: Codes, code: dict[str, int]) -> Pairs:
    own = [side[i] for i in index.tolist()]
    condition = np.repeat(index, [len(names) for names in own])
    return Pairs(condition, np.array([code[name] for names in own for name in names], dtype=np.int64))
