"""Rows and controls that training and scoring have in common, and what their numbers tell."""

from vcassay.evidence.leakage.cells import controls, nuisance, rows, seen_cells, target_controls

__all__ = ["controls", "nuisance", "rows", "seen_cells", "target_controls"]
