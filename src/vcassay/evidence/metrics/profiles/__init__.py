"""Profiles: the field's scorers under their own metric names, for numbers that can be compared with theirs."""

from vcassay.evidence.metrics.profiles import cell_eval_bulk, cell_eval_genes, scperteval_metrics, vcc2026_metrics
from vcassay.evidence.metrics.profiles.cell_eval import CELL_EVAL
from vcassay.evidence.metrics.profiles.pair import CONTROL, Cells, Pair
from vcassay.evidence.metrics.profiles.profile import PROFILE_METRICS, Outcome, Profile, run_profile
from vcassay.evidence.metrics.profiles.scperteval import SCPERTEVAL
from vcassay.evidence.metrics.profiles.vcc2026 import VCC2026

PROFILES: dict[str, Profile] = {p.name: p for p in (CELL_EVAL, VCC2026, SCPERTEVAL)}
"""Name to profile."""

__all__ = [
    "CONTROL",
    "PROFILES",
    "PROFILE_METRICS",
    "Cells",
    "Outcome",
    "Pair",
    "Profile",
    "cell_eval_bulk",
    "cell_eval_genes",
    "run_profile",
    "scperteval_metrics",
    "vcc2026_metrics",
]
