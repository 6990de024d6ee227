"""For authors of plug-ins: the conformance suite that every registered metric passes."""

from vcassay.evidence.metrics.calibration.conformance import conforms, nonconformity

__all__ = ["conforms", "nonconformity"]
