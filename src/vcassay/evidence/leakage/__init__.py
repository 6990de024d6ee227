"""Has anything leaked? One file a family of checks; importing the package fills the registry."""

from vcassay.evidence.leakage import controls, copies, identity, nuisance, protocol, rows, seen_cells, shortcut
from vcassay.evidence.leakage.check import CHECKS, check, finding

__all__ = [
    "CHECKS",
    "check",
    "controls",
    "copies",
    "finding",
    "identity",
    "nuisance",
    "protocol",
    "rows",
    "seen_cells",
    "shortcut",
]
