"""What a model was handed: features, graphs, corpora, and choices made with the test set in view."""

from vcassay.evidence.leakage.given import (
    barcodes,
    graphs,
    likelihood,
    pretraining,
    priors,
    response_priors,
    reuse,
    selection,
)

__all__ = ["barcodes", "graphs", "likelihood", "pretraining", "priors", "response_priors", "reuse", "selection"]
