"""For authors of plug-ins: the conformance suite of metrics, and the power and false alarms of checks."""

from vcassay.evidence.metrics.calibration.conformance import conforms, nonconformity
from vcassay.testing.power import Case, Power, measure_power

__all__ = ["Case", "Power", "conforms", "measure_power", "nonconformity"]
