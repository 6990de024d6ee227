"""Stage 1: specify the claim that a score on this split can support."""

from vcassay.claim.applications import MATRIX, USES
from vcassay.claim.claim import Claim, make_claim
from vcassay.claim.grants import GRANTS, granted, legality
from vcassay.claim.make import MAKERS, from_predicted, make_split
from vcassay.claim.manifest import read_split, write_split
from vcassay.claim.novelty import STRENGTH, Novelty, find_novelty
from vcassay.claim.split import Role, Split

__all__ = [
    "GRANTS",
    "MAKERS",
    "MATRIX",
    "STRENGTH",
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
