"""Metrics as a publication reports them: what each can measure of the claim, and what the numbers show."""

from vcassay.evidence.metrics.reported.aliases import Recognised, recognise
from vcassay.evidence.metrics.reported.judge import judge_metrics, said_of_all, together, usable
from vcassay.evidence.metrics.reported.results import Outcome, judge_results, read_results
from vcassay.evidence.metrics.reported.suite import judge_suite

__all__ = [
    "Outcome",
    "Recognised",
    "judge_metrics",
    "judge_results",
    "judge_suite",
    "read_results",
    "recognise",
    "said_of_all",
    "together",
    "usable",
]
