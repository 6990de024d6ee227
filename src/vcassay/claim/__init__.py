"""Stage 1: specify the claim that a score on this split can support."""

import sys
from types import ModuleType
from typing import Any

from vcassay.claim.applications import MATRIX, USES
from vcassay.claim.claim import Claim, make_claim
from vcassay.claim.grants import GRANTS, granted, legality
from vcassay.claim.make import MAKERS, from_predicted, make_split
from vcassay.claim.manifest import read_split, write_split
from vcassay.claim.novelty import Novelty, find_novelty
from vcassay.claim.split import Role, Split

__all__ = [
    "GRANTS",
    "MAKERS",
    "MATRIX",
    "USES",
    "Claim",
    "Novelty",
    "Role",
    "Split",
    "find_novelty",
    "from_predicted",
    "granted",
    "legality",
    "make_claim",
    "make_split",
    "read_split",
    "write_split",
]


class _Room(ModuleType):
    """The room, which called makes a claim: ``va.claim(split, effects=...)``."""

    def __call__(self, split: Split, **stated: Any) -> Claim:
        """Make a claim (see `make_claim`)."""
        return make_claim(split, **stated)


sys.modules[__name__].__class__ = _Room
