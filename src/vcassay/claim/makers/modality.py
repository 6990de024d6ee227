"""Cross-modality: trained on one kind of perturbation, tested on another."""

from __future__ import annotations

import numpy as np

from vcassay.claim.makers.draw import held_out
from vcassay.claim.split import Split
from vcassay.core import Conditions, InputError, Regime
from vcassay.core.errors import first


def cross_modality(conditions: Conditions, *, modality: str, seed: int = 0) -> Split:
    """Hold out every condition of one modality; the others are training.

    Parameters
    ----------
    modality
        The modality to predict, as the screen names it (``drug``, ``CRISPRi``, ...).

    Raises
    ------
    InputError
        If the screen has no such modality, or no other.
    """
    known = sorted(set(conditions.modality.tolist()))
    if modality not in known or len(known) < 2:
        what = f"cannot hold out the modality '{modality}': the screen has {first(k or 'none named' for k in known)}"
        raise InputError(what, where="[split] modality", mend="name one of several modalities")
    return Split(conditions, held_out(np.asarray(conditions.modality == modality)), Regime.MODALITY, seed, "modality")
