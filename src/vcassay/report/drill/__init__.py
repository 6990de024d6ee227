"""One condition at a time: what is stored of each, packed for the page, and how it is linked to."""

from vcassay.report.drill.drill import Drill, find_drill
from vcassay.report.drill.link import condition_link

__all__ = ["Drill", "condition_link", "find_drill"]
