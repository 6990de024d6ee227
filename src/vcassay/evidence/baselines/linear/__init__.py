"""T2: additive models of context and perturbation, and bilinear models of genes and perturbations."""

from vcassay.evidence.baselines.linear import (
    additive,
    gene_loading,
    gene_loading_features,
    response_transfer,
)

__all__ = [
    "additive",
    "gene_loading",
    "gene_loading_features",
    "response_transfer",
]
