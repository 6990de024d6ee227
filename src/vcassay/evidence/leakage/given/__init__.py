"""What a model was handed: features, graphs, corpora, and choices made with the test set in view."""

from vcassay.evidence.leakage.given import priors, response_priors, selection

__all__ = ["priors", "response_priors", "selection"]
