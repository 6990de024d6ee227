"""Baselines as a publication reports them: which rungs they are, and which are missing under its split."""

from vcassay.evidence.baselines.reported.aliases import RIVALS, Recognised, recognise
from vcassay.evidence.baselines.reported.ladder import Reported, judge_baselines, report_ladder
from vcassay.evidence.baselines.reported.wanted import NEEDED, Wanted, legal_under, wanted_under

__all__ = [
    "NEEDED",
    "RIVALS",
    "Recognised",
    "Reported",
    "Wanted",
    "judge_baselines",
    "legal_under",
    "recognise",
    "report_ladder",
    "wanted_under",
]
