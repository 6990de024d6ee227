"""Stage 1: specify the claim that a score on this split can support."""

import sys
from types import ModuleType
from typing import Any

from vcassay.claim.applications import MATRIX, USES
from vcassay.claim.claim import Claim, make_claim
from vcassay.claim.essential import Essential, read_essential
from vcassay.claim.exposure import Exposure
from vcassay.claim.grants import GRANTS, NEVER, REGIME_GRANTS, granted, legality
from vcassay.claim.make import MAKERS, from_predicted, make_split
from vcassay.claim.manifest import read_split, write_split
from vcassay.claim.novelty import Novelty, find_novelty
from vcassay.claim.related import TIERS, Related, find_related
from vcassay.claim.split import Role, Split
from vcassay.core import Conditions, InputError
from vcassay.effects import Effects

__all__ = [
    "GRANTS",
    "MAKERS",
    "MATRIX",
    "NEVER",
    "REGIME_GRANTS",
    "TIERS",
    "USES",
    "Claim",
    "Essential",
    "Exposure",
    "Novelty",
    "Related",
    "Role",
    "Split",
    "find_novelty",
    "find_related",
    "from_predicted",
    "granted",
    "legality",
    "make_claim",
    "make_split",
    "read_essential",
    "read_split",
    "write_split",
]


class _Room(ModuleType):
    """The room, which called makes a claim: ``va.claim(conditions, split, effects=None)``."""

    def __call__(self, conditions: Conditions, split: Split, effects: Effects | None = None, **stated: Any) -> Claim:
        """Work out the claim that a split of these conditions can support (see `make_claim`).

        Raises
        ------
        InputError
            If the split is of another table.
        """
        if conditions.sha256() != split.conditions.sha256():
            mend = "use the split of this screen, or make a new one"
            raise InputError("the split is of another condition table", where="vcassay.claim", mend=mend)
        return make_claim(split, effects=effects, **stated)


sys.modules[__name__].__class__ = _Room
