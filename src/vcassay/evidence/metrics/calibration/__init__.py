"""Calibration: can a metric measure the claim on the screen at hand."""
