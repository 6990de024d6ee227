"""Question: does increasing dose move the predicted state consistently, and does it saturate as it should."""

from vcassay.evidence.biology.dose import agreement, direction, potency, response, saturation

__all__ = ["agreement", "direction", "potency", "response", "saturation"]
