"""Relatives of what is tested among what was trained: compounds, mechanisms, genes, contexts."""

from vcassay.evidence.leakage.kin import compounds, contexts, genes, mechanisms, profiles, similarity

__all__ = ["compounds", "contexts", "genes", "mechanisms", "profiles", "similarity"]
