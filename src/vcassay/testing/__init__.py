"""For authors of plug-ins: the conformance suite that every registered metric passes."""

from vcassay.evidence.metrics.conformance import conforms, nonconformity

__all__ = ["conforms", "nonconformity"]
