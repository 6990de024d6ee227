"""The words of stage 1 and of the verdict."""

from __future__ import annotations

from enum import StrEnum


class Regime(StrEnum):
    """What is new about a test condition, in the field's words, from weakest to strongest.

    RANDOM_CELLS: the same condition was seen, other cells of it are scored.
    FEW_SHOT: the context was seen with some perturbations.
    DOSE: the same perturbation was seen in the same context at another dose.
    TIME: the same perturbation was seen in the same context at the same dose, at another time.
    COMBINATION: the combination is new; parts may be seen.
    GEX / DEX: the gene / compound is new, the context is not.
    MODALITY: nothing was trained with this kind of perturbation (genes against compounds, knock-down
    against activation); the context is not new.
    CEX: the context is new, the perturbation is not.
    AEX: both are new.
    """

    RANDOM_CELLS = "random cells"
    DOSE = "unseen dose"
    TIME = "unseen time"
    FEW_SHOT = "few-shot context"
    COMBINATION = "combination"
    GEX = "GEX"
    DEX = "DEX"
    MODALITY = "cross-modality"
    CEX = "CEX"
    AEX = "AEX"


STRENGTH = (
    Regime.RANDOM_CELLS,
    Regime.DOSE,
    Regime.TIME,
    Regime.FEW_SHOT,
    Regime.COMBINATION,
    Regime.GEX,
    Regime.DEX,
    Regime.MODALITY,
    Regime.CEX,
    Regime.AEX,
)
"""Regimes from weakest to strongest claim about use in drug discovery."""

NEW_CONTEXT = (Regime.CEX, Regime.AEX)
"""Regimes whose contexts are new."""
NEW_PERTURBATION = (Regime.GEX, Regime.DEX, Regime.AEX, Regime.COMBINATION, Regime.MODALITY)
"""Regimes whose perturbations, or combinations of them, are new at any dose and time."""


class Level(StrEnum):
    """How a claim ends."""

    SUPPORTED = "supported"
    SPLIT_LIMITED = "split-limited"
    DIAGNOSTIC_ONLY = "diagnostic only"
    NOT_SUPPORTED = "not supported"
    CANNOT_TELL = "cannot tell"
