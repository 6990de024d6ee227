"""Question: is the predicted response due to plausible genes and inputs, rather than to batch or cell line."""

from vcassay.evidence.biology.attribution import decoder, genes, identity, inputs, nuisance, variance

__all__ = ["decoder", "genes", "identity", "inputs", "nuisance", "variance"]
