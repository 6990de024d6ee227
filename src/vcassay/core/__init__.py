"""The frozen types that every stage speaks, the registry, the error tree and provenance.

Nothing here knows AnnData, pandas or a file format: a stage may always import ``core``.
"""

from vcassay.core.conditions import Conditions
from vcassay.core.errors import InputError, PluginError, VcassayError
from vcassay.core.finding import Finding, Status
from vcassay.core.panel import Panel, Shown
from vcassay.core.regime import STRENGTH, Level, Regime
from vcassay.core.registry import Registry
from vcassay.core.score import Interval, Score, ScoreStatus
from vcassay.core.threshold import Threshold

__all__ = [
    "STRENGTH",
    "Conditions",
    "Finding",
    "InputError",
    "Interval",
    "Level",
    "Panel",
    "PluginError",
    "Regime",
    "Registry",
    "Score",
    "ScoreStatus",
    "Shown",
    "Status",
    "Threshold",
    "VcassayError",
]
