"""Planted biology: what every diagnostic must see, and must not see."""

from vcassay.testing.biology import doses, expectations, modalities, pathways, stresses
from vcassay.testing.biology.case import BiologyCase, BiologyPower, measure_biology

CASES: tuple[BiologyCase, ...] = (
    *doses.CASES,
    *expectations.CASES,
    *modalities.CASES,
    *pathways.CASES,
    *stresses.CASES,
)
"""Of every diagnostic at least one."""

__all__ = ["CASES", "BiologyCase", "BiologyPower", "measure_biology"]
