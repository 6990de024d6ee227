"""Planted biology: what every diagnostic must see, and must not see."""

from vcassay.testing.biology import doses, expectations, mechanisms, modalities, stresses
from vcassay.testing.biology.case import BiologyCase, BiologyPower, measure_biology

CASES: tuple[BiologyCase, ...] = (
    *doses.CASES,
    *expectations.CASES,
    *mechanisms.CASES,
    *modalities.CASES,
    *stresses.CASES,
)
"""Of every diagnostic at least one."""

__all__ = ["CASES", "BiologyCase", "BiologyPower", "measure_biology"]
