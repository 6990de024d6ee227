"""Applications: how far each regime speaks to a use in drug discovery, with the reason."""

from __future__ import annotations

from typing import NamedTuple

from vcassay.core import Regime

USES = {
    "target-id": "target identification",
    "selectivity": "selectivity across contexts",
    "screening": "few-shot screening",
    "unseen-compound": "screening of unseen compounds",
    "moa": "mechanism of action",
    "combination": "combinations",
    "dose-finding": "dose finding",
}
"""Uses a study may intend, and their names in a sentence."""

FITS = ("direct", "partial", "diagnostic", "none")


class Fit(NamedTuple):
    """How far a regime speaks to a use."""

    fit: str
    reason: str


_RANDOM = Fit("none", "the scored conditions were trained on; only their cells are new")
_AEX = Fit("direct", "context and perturbation are both new, the hardest and broadest case")

MATRIX: dict[str, dict[Regime, Fit]] = {
    "target-id": {
        Regime.RANDOM_CELLS: _RANDOM,
        Regime.DOSE: Fit("none", "the perturbation was seen in the same context at another dose"),
        Regime.FEW_SHOT: Fit("partial", "a new disease context with some perturbations already measured"),
        Regime.COMBINATION: Fit("diagnostic", "new combinations in contexts that were trained on"),
        Regime.GEX: Fit("diagnostic", "targets in deployment are new contexts, not unseen genes in known ones"),
        Regime.DEX: Fit("diagnostic", "new compounds in contexts that were trained on"),
        Regime.CEX: Fit("direct", "the question of target identification: known perturbations in a new context"),
        Regime.AEX: _AEX,
    },
    "selectivity": {
        Regime.RANDOM_CELLS: _RANDOM,
        Regime.DOSE: Fit("none", "no context is new"),
        Regime.FEW_SHOT: Fit("partial", "the context is new but for the perturbations shown in it"),
        Regime.COMBINATION: Fit("none", "no context is new"),
        Regime.GEX: Fit("diagnostic", "the same few contexts in training and test"),
        Regime.DEX: Fit("diagnostic", "the same few contexts in training and test"),
        Regime.CEX: Fit("direct", "whether one perturbation acts differently in a context never perturbed"),
        Regime.AEX: _AEX,
    },
    "screening": {
        Regime.RANDOM_CELLS: _RANDOM,
        Regime.DOSE: Fit("partial", "other doses of what was already measured in the context"),
        Regime.FEW_SHOT: Fit("direct", "some perturbations are measured in the context, the rest is predicted"),
        Regime.COMBINATION: Fit("partial", "new combinations of what was measured"),
        Regime.GEX: Fit("partial", "new genes in a context in which others were measured"),
        Regime.DEX: Fit("partial", "new compounds in a context in which others were measured"),
        Regime.CEX: Fit("direct", "stricter than few-shot screening: nothing was measured in the context"),
        Regime.AEX: _AEX,
    },
    "unseen-compound": {
        Regime.RANDOM_CELLS: _RANDOM,
        Regime.DOSE: Fit("none", "every compound was seen"),
        Regime.FEW_SHOT: Fit("none", "every compound was seen in another context"),
        Regime.COMBINATION: Fit("none", "the parts may have been seen"),
        Regime.GEX: Fit("none", "genes, not compounds"),
        Regime.DEX: Fit("direct", "compounds with no assay data, in known contexts"),
        Regime.CEX: Fit("none", "every compound was seen in another context"),
        Regime.AEX: _AEX,
    },
    "moa": {
        Regime.RANDOM_CELLS: _RANDOM,
        Regime.DOSE: Fit("none", "every mechanism was seen in the same context"),
        Regime.FEW_SHOT: Fit("partial", "known mechanisms in a partly known context"),
        Regime.COMBINATION: Fit("partial", "how known mechanisms add up"),
        Regime.GEX: Fit("diagnostic", "needs drugs to say anything of mechanisms of drugs"),
        Regime.DEX: Fit("partial", "unless compounds of the same mechanism are held out together"),
        Regime.CEX: Fit("partial", "known mechanisms in a new context"),
        Regime.AEX: _AEX,
    },
    "combination": {
        Regime.RANDOM_CELLS: _RANDOM,
        **dict.fromkeys(
            (Regime.DOSE, Regime.FEW_SHOT, Regime.GEX, Regime.DEX, Regime.CEX, Regime.AEX),
            Fit("none", "no unseen combination is scored"),
        ),
        Regime.COMBINATION: Fit("direct", "combinations that were never measured"),
    },
    "dose-finding": {
        Regime.RANDOM_CELLS: _RANDOM,
        **dict.fromkeys(
            (Regime.FEW_SHOT, Regime.COMBINATION, Regime.GEX, Regime.DEX, Regime.CEX, Regime.AEX),
            Fit("diagnostic", "no dose is held out on its own"),
        ),
        Regime.DOSE: Fit("direct", "doses that were never measured"),
    },
}
"""Use x regime, with the reasons of Csendes 2026."""
