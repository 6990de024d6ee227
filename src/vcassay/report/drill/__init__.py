"""One condition at a time: what is stored of each, packed for the page."""

from vcassay.report.drill.drill import Drill, find_drill

__all__ = ["Drill", "find_drill"]
