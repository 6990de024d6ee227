"""Every threshold of the package, for the record: the same whatever else was imported."""

from __future__ import annotations

from vcassay.claim import prospects
from vcassay.core import Threshold
from vcassay.core.threshold import registered
from vcassay.evidence.metrics.inference import between
from vcassay.evidence.metrics.reported import suite
from vcassay.run import review_questions

HOLDERS = (prospects, between, suite, review_questions)
"""Modules that an assessment does not need and that register thresholds when they are imported."""


def every_threshold() -> tuple[Threshold, ...]:
    """Thresholds by the order of their names."""
    return registered()
