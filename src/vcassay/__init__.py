"""vcassay, the virtual cell assay: tells whether a virtual cell's claim holds.

    import vcassay as va

    screen = va.read_screen("screen.h5ad")
    effects = va.measure(screen)
    split = va.split(effects.conditions, "cex", seed=0)
    claim = va.claim(effects.conditions, split, effects)
    record = va.assess("study.toml", "assessment")

Names are imported when they are first used, so that the command line answers at once.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vcassay.claim import Claim, Split, read_split, write_split
    from vcassay.claim import make_claim as claim
    from vcassay.claim import make_split as split
    from vcassay.core import Conditions, Finding, InputError, Score, Status
    from vcassay.core.plugins import load_plugin
    from vcassay.effects import Effects
    from vcassay.effects.de import de
    from vcassay.effects.measure import measure
    from vcassay.evidence.baselines import ablate
    from vcassay.evidence.baselines import make_task as task
    from vcassay.evidence.baselines.baseline import baseline
    from vcassay.evidence.biology.diagnostic import diagnostic
    from vcassay.evidence.leakage.check import check
    from vcassay.evidence.metrics.metric import metric
    from vcassay.prediction import Prediction, read_prediction
    from vcassay.record import read_assessment
    from vcassay.report.gallery import figures
    from vcassay.run.assess import assess
    from vcassay.run.audit import audit_study as audit
    from vcassay.run.study import read_study
    from vcassay.screen import Design, Screen, make_screen, read_screen
    from vcassay.simulate import SimulationPlan, simulate_screen

_HOME = {
    "Claim": "vcassay.claim",
    "Conditions": "vcassay.core",
    "Design": "vcassay.screen",
    "Effects": "vcassay.effects",
    "Finding": "vcassay.core",
    "InputError": "vcassay.core",
    "Prediction": "vcassay.prediction",
    "Score": "vcassay.core",
    "Screen": "vcassay.screen",
    "SimulationPlan": "vcassay.simulate",
    "Split": "vcassay.claim",
    "Status": "vcassay.core",
    "ablate": "vcassay.evidence.baselines",
    "assess": "vcassay.run.assess",
    "audit": "vcassay.run.audit:audit_study",
    "baseline": "vcassay.evidence.baselines",
    "check": "vcassay.evidence.leakage",
    "claim": "vcassay.claim:make_claim",
    "de": "vcassay.effects.de",
    "diagnostic": "vcassay.evidence.biology",
    "load_plugin": "vcassay.core.plugins",
    "make_screen": "vcassay.screen",
    "figures": "vcassay.report.gallery",
    "measure": "vcassay.effects",
    "metric": "vcassay.evidence.metrics",
    "read_assessment": "vcassay.record",
    "read_prediction": "vcassay.prediction",
    "read_screen": "vcassay.screen",
    "read_split": "vcassay.claim",
    "read_study": "vcassay.run.study",
    "simulate_screen": "vcassay.simulate",
    "split": "vcassay.claim:make_split",
    "task": "vcassay.evidence.baselines:make_task",
    "write_split": "vcassay.claim",
}
"""Public name to the module that holds it (and its name there, where it differs)."""

__all__ = [
    "Claim",
    "Conditions",
    "Design",
    "Effects",
    "Finding",
    "InputError",
    "Prediction",
    "Score",
    "Screen",
    "SimulationPlan",
    "Split",
    "Status",
    "ablate",
    "assess",
    "audit",
    "baseline",
    "check",
    "claim",
    "de",
    "diagnostic",
    "figures",
    "load_plugin",
    "make_screen",
    "measure",
    "metric",
    "read_assessment",
    "read_prediction",
    "read_screen",
    "read_split",
    "read_study",
    "simulate_screen",
    "split",
    "task",
    "testing",
    "write_split",
]


def __getattr__(name: str) -> Any:
    if name == "testing":
        return import_module("vcassay.testing")
    if name not in _HOME:
        raise AttributeError(f"module 'vcassay' has no attribute '{name}'")
    module, _, theirs = _HOME[name].partition(":")
    return getattr(import_module(module), theirs or name)


def __dir__() -> list[str]:
    return sorted(__all__)
