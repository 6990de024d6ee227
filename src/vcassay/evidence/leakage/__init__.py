"""Has anything leaked? The checks, in the order of the questions; importing the package fills the registry.

``roles``: what the split lists. ``kin``: relatives in training. ``cells``: rows and controls on both sides. ``given``:
what a model was handed. ``answers``: what it makes of it.
"""

from vcassay.evidence.leakage import answers, cells, given, kin, roles
from vcassay.evidence.leakage.check import CHECKS, check, finding

__all__ = ["CHECKS", "answers", "cells", "check", "finding", "given", "kin", "roles"]
