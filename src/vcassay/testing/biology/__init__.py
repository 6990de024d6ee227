"""Planted biology: what every diagnostic must see, and must not see."""

from vcassay.testing.biology import (
    attributions,
    doses,
    expectations,
    mechanisms,
    modalities,
    pathways,
    specifics,
    stresses,
    universals,
)
from vcassay.testing.biology.case import BiologyCase, BiologyPower, measure_biology

CASES: tuple[BiologyCase, ...] = (
    *attributions.CASES,
    *doses.CASES,
    *expectations.CASES,
    *mechanisms.CASES,
    *modalities.CASES,
    *pathways.CASES,
    *specifics.CASES,
    *stresses.CASES,
    *universals.CASES,
)
"""Of every diagnostic at least one."""

__all__ = ["CASES", "BiologyCase", "BiologyPower", "measure_biology"]
