"""Traps of published splits: which check each of them answers."""

from __future__ import annotations

TRAPS: dict[str, str] = {
    "Dose siblings": "L05",
    "Duplicate compounds": "L06",
    "Salts and hydrates": "L06",
    "Vehicle as a test drug": "L02",
    "Duplicated and overlapping entries": "L02",
    "Replicated plates": "L14",
    "Gene relatives": "L09",
    "Relatives on both axes": "L10",
    "Related lines": "L10",
    "Donors resemble each other": "L10",
    "Siblings in public sets": "L10",
    "Overlap with X-Atlas/Orion": "L10",
    "Overlap with X-Atlas/Pisces": "L10",
    "Compounds and scaffolds on both sides": "L07",
    "Scaffolds cross": "L07",
    "Siblings of the same mechanism": "L08",
    "Same-target drugs": "L08",
    "Mechanisms cross": "L08",
    "Controls are parted at random": "L15",
    "Filtered on truth": "L19m",
    "Filtered by hand": "L19m",
    "Chosen for strong responses": "L19m",
    "Chosen for strong effects": "L19m",
    "Features chosen on the test line": "L17m",
    "Cell numbers in the template": "L20m",
    "Transductive graph": "L32",
    "Annotations may know the answer": "L23m",
    "Response-derived features": "L31",
    "Pretraining": "L21",
    "Pretraining on the test cells": "L21",
    "The released model has seen Replogle": "L21",
    "Test drugs in pretraining": "L21",
    "External data": "L21",
}
"""Title of a trap to the check that asks for it."""

OF_ITS_MODEL = frozenset({"L17m", "L20m", "L21", "L23m", "L31", "L32"})
"""Checks of what a model was given: a trap speaks of the model that the split was made for, maybe not of this one."""
