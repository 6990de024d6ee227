"""Relatives of what is tested among what was trained: compounds, mechanisms, genes, contexts."""


__all__ = ["compounds", "mechanisms", "similarity"]
__all__ = ["contexts", "genes", "profiles"]
from vcassay.evidence.leakage.kin import compounds, mechanisms, similarity
from vcassay.evidence.leakage.kin import contexts, genes, profiles
