"""Grants: what the claim says is known, so what a baseline may read (methods 12)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.claim.novelty import Novelty
from vcassay.core import Regime

GRANTS = {
    "target_controls": "control profiles of the test context",
    "train_effects": "effects of the training conditions",
    "train_effects:context": "training effects measured in the test context",
    "perturbation_elsewhere": "effects of the same treatment in other contexts",
    "other_doses": "effects of the same perturbation in the same context at other doses or times",
    "parts": "effects of the parts of a combination",
    "features": "prior features that the study hands in",
    "controls_elsewhere": "control profiles of the training contexts",
    "test_effects": "the effects that are scored",
    "cell_numbers": "numbers of rows and depth of the test conditions",
    "batches": "batches of the test conditions",
}
"""The vocabulary of what can be read."""

NEVER = ("test_effects", "cell_numbers", "batches")
"""What is granted to nobody."""


_ALWAYS = frozenset({"target_controls", "train_effects", "features", "controls_elsewhere"})
_HERE = _ALWAYS | {"train_effects:context"}

REGIME_GRANTS: dict[Regime, frozenset[str]] = {
    Regime.RANDOM_CELLS: _HERE,
    Regime.DOSE: _HERE | {"other_doses"},
    Regime.TIME: _HERE | {"other_doses"},
    Regime.FEW_SHOT: _HERE | {"perturbation_elsewhere"},
    Regime.COMBINATION: _HERE | {"parts"},
    Regime.GEX: _HERE,
    Regime.DEX: _HERE,
    Regime.MODALITY: _HERE,
    Regime.CEX: _ALWAYS | {"perturbation_elsewhere"},
    Regime.AEX: _ALWAYS,
}
"""What each regime grants by its nature, where there are no tables to work it out from."""


def granted(novelty: Novelty) -> dict[str, NDArray[np.bool_]]:
    """Work out for each test condition what may be read.

    Returns
    -------
    Grant name to (t,) booleans. Anything a claim grants is physically in the training view; this
    says for which conditions it answers anything.
    """
    t = len(novelty.test)
    always = np.ones(t, dtype=bool)
    return {
        "target_controls": always,
        "train_effects": always,
        "train_effects:context": novelty.shots + novelty.shots_val > 0,
        "perturbation_elsewhere": novelty.elsewhere,
        "other_doses": novelty.other_dose,
        "parts": novelty.parts_seen > 0,
        "features": always,
        "controls_elsewhere": always,
        **{name: np.zeros(t, dtype=bool) for name in NEVER},
    }


def legality(reads: tuple[str, ...], novelty: Novelty) -> tuple[NDArray[np.bool_], str]:
    """Say for which test conditions a baseline that reads this is legal.

    Returns
    -------
    (t,) booleans, and the reason where it is legal for none.
    """
    table = granted(novelty)
    ok = np.ones(len(novelty.test), dtype=bool)
    missing = []
    for name in reads:
        kind = "features" if name.startswith("features:") else name
        ok &= table[kind]
        if not table[kind].any():
            missing.append(kind)
    if missing:
        by = "is granted to nobody" if all(kind in NEVER for kind in missing) else "the claim does not grant"
        return ok, f"reads {' and '.join(GRANTS[kind] for kind in missing)}, which {by}"
    return ok, "" if ok.any() else "no test condition grants all that it reads"
