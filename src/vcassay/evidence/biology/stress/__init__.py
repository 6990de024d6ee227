"""Question: is there more to a prediction than general toxicity and stress."""

__all__: list[str] = []
