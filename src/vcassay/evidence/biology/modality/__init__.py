"""Question: are an inhibitor and the knock-down of its target nearby, and does genetic evidence help."""

from vcassay.evidence.biology.modality import analogue, evidence, opposite

__all__ = ["analogue", "evidence", "opposite"]
