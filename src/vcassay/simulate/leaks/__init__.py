"""Leaks: each function plants one, and returns new objects.

Functions that change cells take a `Simulation`; those that change roles take a `Split`; ``amount``
is the share of what could be affected, 0 (nothing is planted) to 1. L-numbers name the checks that
ought to find the leak.
"""

from vcassay.simulate.leaks.cells import (
    VEHICLE,
    batches_follow_effect,
    batches_follow_split,
    cell_counts_follow_effect,
    control_as_test,
    copied_cells,
    repeated_cells,
    response_features,
)
from vcassay.simulate.leaks.compounds import analogue_in_training, salt_in_training, siblings_in_training
from vcassay.simulate.leaks.kin import context_renamed, gene_renamed, relatives_trained
from vcassay.simulate.leaks.nuisances import depth_follows_effect, quality_follows_effect, rows_follow_effect
from vcassay.simulate.leaks.roles import (
    dose_siblings,
    duplicate_conditions,
    few_shot_hidden,
    replicate_plates,
    shared_controls,
    shown_perturbations,
    sibling_contexts,
    time_siblings,
    weakest_left_out,
)

__all__ = [
    "VEHICLE",
    "analogue_in_training",
    "batches_follow_effect",
    "batches_follow_split",
    "cell_counts_follow_effect",
    "context_renamed",
    "control_as_test",
    "copied_cells",
    "depth_follows_effect",
    "dose_siblings",
    "duplicate_conditions",
    "few_shot_hidden",
    "gene_renamed",
    "quality_follows_effect",
    "relatives_trained",
    "repeated_cells",
    "replicate_plates",
    "response_features",
    "rows_follow_effect",
    "salt_in_training",
    "shared_controls",
    "shown_perturbations",
    "sibling_contexts",
    "siblings_in_training",
    "time_siblings",
    "weakest_left_out",
]
