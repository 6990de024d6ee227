"""Relatives of what is tested among what was trained: compounds, mechanisms, genes, contexts."""

from vcassay.evidence.leakage.kin import compounds, mechanisms, similarity

__all__ = ["compounds", "mechanisms", "similarity"]
