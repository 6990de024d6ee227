"""Relatives of what is tested among what was trained: compounds, mechanisms, genes, contexts."""

from vcassay.evidence.leakage.kin import contexts, genes, profiles

__all__ = ["contexts", "genes", "profiles"]
