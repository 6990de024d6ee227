"""Relatives of what is tested among what was trained: compounds, mechanisms, genes, contexts."""

__all__: list[str] = []
