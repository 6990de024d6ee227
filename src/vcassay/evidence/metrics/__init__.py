"""Can the score measure the claim: metrics, ceilings, paired comparison, skill."""

from vcassay.evidence.metrics import (
    correlation,
    distribution,
    diversity,
    error,
    interaction,
    magnitude,
    null,
    pathway,
    raw,
    retrieval,
    weighted,
)
from vcassay.evidence.metrics.ceilings import Ceiling, find_ceilings
from vcassay.evidence.metrics.compare import best_baseline, compare, domain_share, primary_metrics, skills
from vcassay.evidence.metrics.metric import METRICS, metric
from vcassay.evidence.metrics.panel import Panel, make_panel
from vcassay.evidence.metrics.perfect import better_than_perfect
from vcassay.evidence.metrics.score import Scores, score_answers
from vcassay.evidence.metrics.shares import template_shares

__all__ = [
    "METRICS",
    "Ceiling",
    "Panel",
    "Scores",
    "best_baseline",
    "better_than_perfect",
    "compare",
    "correlation",
    "distribution",
    "diversity",
    "domain_share",
    "error",
    "find_ceilings",
    "interaction",
    "magnitude",
    "make_panel",
    "metric",
    "null",
    "pathway",
    "primary_metrics",
    "raw",
    "retrieval",
    "score_answers",
    "skills",
    "template_shares",
    "weighted",
]
