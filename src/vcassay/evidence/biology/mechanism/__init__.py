"""Question: do drugs of one mechanism cluster more than drugs of one chemistry."""

__all__: list[str] = []
