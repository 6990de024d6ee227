"""Question: is there more to a prediction than general toxicity and stress."""

from vcassay.evidence.biology.stress.beyond import skill_beyond_stress
from vcassay.evidence.biology.stress.share import stress_share
from vcassay.evidence.biology.stress.toxicity import toxicity_order

__all__ = ["skill_beyond_stress", "stress_share", "toxicity_order"]
