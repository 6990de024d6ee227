"""Leakage as a publication reports it: what is found, disclosed, answered by what was declared, or left open."""

from vcassay.evidence.leakage.reported.asked import ASKED, Asked, Benched, asked_of
from vcassay.evidence.leakage.reported.declared import declared, exposed
from vcassay.evidence.leakage.reported.judge import judge_leakage, judge_notes
from vcassay.evidence.leakage.reported.traps import TRAPS

__all__ = ["ASKED", "TRAPS", "Asked", "Benched", "asked_of", "declared", "exposed", "judge_leakage", "judge_notes"]
