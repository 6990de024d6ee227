"""Question: what is left of a prediction beyond the means of its perturbation and its context."""

__all__: list[str] = []
