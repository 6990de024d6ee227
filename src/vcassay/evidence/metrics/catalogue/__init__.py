"""The catalogue: every registered metric, one file a question that is put to a prediction."""

from vcassay.evidence.metrics.catalogue import (
    call_sets,
    classification,
    correlation,
    direction,
    distribution,
    diversity,
    error,
    interaction,
    magnitude,
    null,
    overlap,
    pathway,
    phenotype,
    raw,
    retrieval,
    weighted,
)

__all__ = [
    "call_sets",
    "classification",
    "correlation",
    "direction",
    "distribution",
    "diversity",
    "error",
    "interaction",
    "magnitude",
    "null",
    "overlap",
    "pathway",
    "phenotype",
    "raw",
    "retrieval",
    "weighted",
]
