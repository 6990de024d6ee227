"""Question: do drugs act on the pathway of their target, and does training on that pathway help."""

__all__: list[str] = []
