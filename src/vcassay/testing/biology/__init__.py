"""Planted biology: what every diagnostic must see, and must not see."""

from vcassay.testing.biology.case import BiologyCase, BiologyPower, measure_biology
from vcassay.testing.biology.pathways import PATHWAY_CASES

CASES: tuple[BiologyCase, ...] = (*PATHWAY_CASES,)
"""Of every diagnostic at least one."""

__all__ = ["CASES", "BiologyCase", "BiologyPower", "measure_biology"]
