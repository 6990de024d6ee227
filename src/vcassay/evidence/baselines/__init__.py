"""Are the baselines strong and domain-informed: the model protocol and the ladder T0 to T4."""

from vcassay.evidence.baselines import combinations, doses, learners, linear, means, neighbours, probes
from vcassay.evidence.baselines.ablation import ablate
from vcassay.evidence.baselines.audit import Audited, ladder_audit
from vcassay.evidence.baselines.baseline import BASELINES, TIERS, Baseline, Model, baseline
from vcassay.evidence.baselines.ladder import Rung, climb, ladder
from vcassay.evidence.baselines.task import Task, make_task
from vcassay.evidence.baselines.template import Template, make_template

__all__ = [
    "BASELINES",
    "TIERS",
    "Audited",
    "Baseline",
    "Model",
    "Rung",
    "Task",
    "Template",
    "ablate",
    "baseline",
    "climb",
    "combinations",
    "doses",
    "ladder",
    "ladder_audit",
    "learners",
    "linear",
    "make_task",
    "make_template",
    "means",
    "neighbours",
    "probes",
]
