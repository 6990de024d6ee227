"""T0 and T1: no change, and means over conditions, cells, classes."""

from vcassay.evidence.baselines.means import (
    cell_means,
    class_means,
    condition_means,
    informed,
    magnitude,
    no_change,
    propensity,
)

__all__ = [
    "cell_means",
    "class_means",
    "condition_means",
    "informed",
    "magnitude",
    "no_change",
    "propensity",
]
