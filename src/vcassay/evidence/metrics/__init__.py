"""Can the score measure the claim: metrics, ceilings, paired comparison, skill."""

from vcassay.evidence.metrics import (
    call_sets,
    classification,
    correlation,
    direction,
    distribution,
    diversity,
    error,
    interaction,
    magnitude,
    null,
    overlap,
    pathway,
    phenotype,
    raw,
    retrieval,
    weighted,
)
from vcassay.evidence.metrics.ceilings import Ceiling, find_ceilings
from vcassay.evidence.metrics.compare import best_baseline, compare, domain_share, primary_metrics, skills
from vcassay.evidence.metrics.metric import METRICS, metric
from vcassay.evidence.metrics.panel import Panel, make_panel
from vcassay.evidence.metrics.perfect import better_than_perfect
from vcassay.evidence.metrics.ranking import rank_answers
from vcassay.evidence.metrics.score import Scores, score_answers
from vcassay.evidence.metrics.seeds import join_seeds, with_seeds
from vcassay.evidence.metrics.shares import template_shares

__all__ = [
    "METRICS",
    "Ceiling",
    "Panel",
    "Scores",
    "best_baseline",
    "better_than_perfect",
    "call_sets",
    "classification",
    "compare",
    "correlation",
    "direction",
    "distribution",
    "diversity",
    "domain_share",
    "error",
    "find_ceilings",
    "interaction",
    "join_seeds",
    "magnitude",
    "make_panel",
    "metric",
    "null",
    "overlap",
    "pathway",
    "phenotype",
    "primary_metrics",
    "rank_answers",
    "raw",
    "retrieval",
    "score_answers",
    "skills",
    "template_shares",
    "weighted",
    "with_seeds",
]
