"""Question: is the predicted response due to plausible genes and inputs, rather than to batch or cell line."""

from vcassay.evidence.biology.attribution import decoder, identity, inputs, nuisance, variance

__all__ = ["decoder", "identity", "inputs", "nuisance", "variance"]
