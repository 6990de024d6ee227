"""Are the baselines strong and domain-informed: the model protocol and the ladder T0 to T4."""

from vcassay.evidence.baselines import (
    additive,
    csendes,
    elastic_net,
    feature_neighbours,
    gradient_boosting,
    kernel_ridge,
    linear,
    means,
    nearest,
    nothing,
    partial_least_squares,
    random_forest,
    responses,
    ridge,
)
from vcassay.evidence.baselines.baseline import BASELINES, TIERS, Model, baseline
from vcassay.evidence.baselines.ladder import Rung, climb, ladder
from vcassay.evidence.baselines.task import Task, make_task
from vcassay.evidence.baselines.template import Template

__all__ = [
    "BASELINES",
    "TIERS",
    "Model",
    "Rung",
    "Task",
    "Template",
    "additive",
    "baseline",
    "climb",
    "csendes",
    "elastic_net",
    "feature_neighbours",
    "gradient_boosting",
    "kernel_ridge",
    "ladder",
    "linear",
    "make_task",
    "means",
    "nearest",
    "nothing",
    "partial_least_squares",
    "random_forest",
    "responses",
    "ridge",
]
