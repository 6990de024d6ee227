"""Can the score measure the claim: metrics, ceilings, paired comparison, skill."""

from vcassay.evidence.metrics import catalogue
from vcassay.evidence.metrics.ceilings.ceiling import Ceiling, find_ceilings
from vcassay.evidence.metrics.ceilings.perfect import better_than_perfect
from vcassay.evidence.metrics.inference.compare import best_baseline, compare, domain_share, primary_metrics, skills
from vcassay.evidence.metrics.inference.ranking import rank_answers
from vcassay.evidence.metrics.inference.seeds import join_seeds, with_seeds
from vcassay.evidence.metrics.metric import METRICS, metric
from vcassay.evidence.metrics.panel import Panel, make_panel
from vcassay.evidence.metrics.score import Scores, score_answers
from vcassay.evidence.metrics.shares import template_shares

__all__ = [
    "METRICS",
    "Ceiling",
    "Panel",
    "Scores",
    "best_baseline",
    "better_than_perfect",
    "catalogue",
    "compare",
    "domain_share",
    "find_ceilings",
    "join_seeds",
    "make_panel",
    "metric",
    "primary_metrics",
    "rank_answers",
    "score_answers",
    "skills",
    "template_shares",
    "with_seeds",
]
