"""Held out: what the split keeps whole, and which test conditions a finding touches."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.codes import seen
from vcassay.claim import Split
from vcassay.claim.condition_codes import ConditionCodes
from vcassay.core.affected import Affected, affected_where

Flags = NDArray[np.bool_]


class HeldOut(NamedTuple):
    """Whether no context, and no perturbation, has both training and test conditions."""

    contexts: bool
    perturbations: bool

    @property
    def unit(self) -> str:
        """What goes to one side as a whole."""
        return "context" if self.contexts else "perturbation" if self.perturbations else "condition"


def find_held_out(split: Split, coded: ConditionCodes) -> HeldOut:
    """Find what goes to one side as a whole."""
    test, train = split.test, split.train
    return HeldOut(not seen(coded.context, train)[test].any(), not seen(coded.parts, train)[test].any())


def touching(what: str, touched: Flags, known: Flags | None = None) -> Affected | None:
    """Test conditions that are touched; ``None`` where none is, so that there is nothing to leave out."""
    return affected_where(what, touched, known) if touched.any() else None
