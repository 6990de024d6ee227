"""Question: do drugs act on the pathway of their target, and does training on that pathway help."""

from vcassay.evidence.biology.pathway import context, engagement, expected

__all__ = ["context", "engagement", "expected"]
