"""Question: is the predicted response due to plausible genes and inputs, rather than to batch or cell line."""

__all__: list[str] = []
