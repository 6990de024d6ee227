"""Question: do drugs act on the pathway of their target, and does training on that pathway help."""

from vcassay.evidence.biology.pathway import (
    context,
    engagement,
    expected,
    generalisation,
    known_pairs,
    target_neighbours,
)

__all__ = ["context", "engagement", "expected", "generalisation", "known_pairs", "target_neighbours"]
