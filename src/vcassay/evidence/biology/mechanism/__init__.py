"""Question: do drugs of one mechanism cluster more than drugs of one chemistry."""

from vcassay.evidence.biology.mechanism import beyond, sensitivity, similarity

__all__ = ["beyond", "sensitivity", "similarity"]
