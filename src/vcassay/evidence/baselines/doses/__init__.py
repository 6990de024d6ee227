"""Other doses and times of the same perturbation in the same context."""

from vcassay.evidence.baselines.doses import (
    dose_interpolation,
    nearest_dose,
)

__all__ = [
    "dose_interpolation",
    "nearest_dose",
]
