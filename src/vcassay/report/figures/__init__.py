"""Figures: one file each, a plain Vega-Lite dict over tables that the page embeds once."""

from vcassay.report.figures.figure import Figure, Table

__all__ = ["Figure", "Table"]
