"""Figures of the biology diagnostics: each draws the evidence rows that a diagnostic stores."""

from vcassay.report.figures.biology.gallery import Gallery, galleries

__all__ = ["Gallery", "galleries"]
