"""Question: what is left of a prediction beyond the means of its perturbation and its context."""

from vcassay.evidence.biology.specificity import genetic_interaction, interaction, selectivity

__all__ = ["genetic_interaction", "interaction", "selectivity"]
