"""Leaks: each function plants one, and returns new objects.

Functions that change cells take a `Simulation`; those that change roles take a `Split`; ``amount``
is the share of what could be affected, 0 (nothing is planted) to 1. L-numbers name the checks that
ought to find the leak.
"""

from vcassay.simulate.leaks.cells import (
    VEHICLE,
    batches_follow_split,
    cell_counts_follow_effect,
    control_as_test,
    copied_cells,
    repeated_cells,
    response_features,
)
from vcassay.simulate.leaks.nuisances import depth_follows_effect, quality_follows_effect, rows_follow_effect
from vcassay.simulate.leaks.roles import (
    dose_siblings,
    duplicate_conditions,
    few_shot_hidden,
    shared_controls,
    sibling_contexts,
)

__all__ = [
    "VEHICLE",
    "batches_follow_split",
    "cell_counts_follow_effect",
    "control_as_test",
    "copied_cells",
    "depth_follows_effect",
    "dose_siblings",
    "duplicate_conditions",
    "few_shot_hidden",
    "quality_follows_effect",
    "repeated_cells",
    "response_features",
    "rows_follow_effect",
    "shared_controls",
    "sibling_contexts",
]
