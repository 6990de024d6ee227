"""Are the baselines strong and domain-informed: the model protocol and the ladder T0 to T4."""

from vcassay.evidence.baselines import (
    additive,
    cell_means,
    class_means,
    combinations,
    epistasis,
    informed,
    linear,
    magnitude,
    means,
    nearest,
    nothing,
    partial_least_squares,
    propensity,
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
    "cell_means",
    "class_means",
    "climb",
    "combinations",
    "epistasis",
    "informed",
    "ladder",
    "linear",
    "magnitude",
    "make_task",
    "means",
    "nearest",
    "nothing",
    "partial_least_squares",
    "propensity",
    "responses",
    "ridge",
]
