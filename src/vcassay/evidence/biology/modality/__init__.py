"""Question: are an inhibitor and the knock-down of its target nearby, and does genetic evidence help."""

__all__: list[str] = []
