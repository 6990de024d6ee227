"""T3: means over what is most alike: contexts, genes, compounds, responses."""

from vcassay.evidence.baselines.neighbours import (
    coexpression,
    feature_neighbours,
    nearest_context,
    relatives,
    similar_responses,
    target_effect,
)

__all__ = [
    "coexpression",
    "feature_neighbours",
    "nearest_context",
    "relatives",
    "similar_responses",
    "target_effect",
]
