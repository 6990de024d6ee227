"""T3: what is learned from prior features of perturbations and contexts."""

from vcassay.evidence.baselines.learners import (
    context_regression,
    csendes,
    elastic_net,
    gradient_boosting,
    kernel_ridge,
    partial_least_squares,
    random_forest,
    ridge,
)

__all__ = [
    "context_regression",
    "csendes",
    "elastic_net",
    "gradient_boosting",
    "kernel_ridge",
    "partial_least_squares",
    "random_forest",
    "ridge",
]
