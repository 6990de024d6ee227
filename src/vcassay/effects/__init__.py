"""What each perturbation did: one pass from rows to effects, split halves and strata."""

from vcassay.effects.accumulate import accumulate
from vcassay.effects.distances import CellDistances, cell_distances
from vcassay.effects.effects import Effects
from vcassay.effects.measure import measure
from vcassay.effects.moments import Moments
from vcassay.effects.strata import STRATA

__all__ = ["STRATA", "CellDistances", "Effects", "Moments", "accumulate", "cell_distances", "measure"]
