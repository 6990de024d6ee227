"""Folds of the training conditions, drawn by the rule of the outer split."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.core import Conditions, Regime

MAX_FOLDS = 5
MAX_CONTEXT_FOLDS = 10
"""Contexts are few: left out nearly one by one, so that related contexts seldom leave together."""


def inner_folds(train: Conditions, regime: Regime, seed: int, most: int | None = None) -> list[NDArray[np.int64]]:
    """Positions held out in each inner fold.

    Whole contexts where the outer split holds out contexts, whole perturbations where it holds out
    genes or compounds, all doses of a perturbation in a context where a context is shown with some
    perturbations, and single conditions otherwise.

    Parameters
    ----------
    most
        At most so many folds.

    Returns
    -------
    Up to `MAX_FOLDS` folds (of contexts `MAX_CONTEXT_FOLDS`); none if there is nothing to part (one
    context, one perturbation).
    """
    usual = MAX_FOLDS
    if regime in (Regime.CEX, Regime.AEX):
        usual = MAX_CONTEXT_FOLDS
        keys = train.context.tolist()
    elif regime in (Regime.GEX, Regime.DEX, Regime.COMBINATION, Regime.MODALITY):
        keys = train.perturbation.tolist()
    elif regime is Regime.FEW_SHOT:
        keys = [f"{c}\x1f{p}" for c, p in zip(train.context.tolist(), train.perturbation.tolist(), strict=True)]
    else:
        keys = [str(i) for i in range(len(train))]
    names = sorted(set(keys))
    if len(names) < 2:
        return []
    order = np.random.default_rng([seed, len(names)]).permutation(len(names))
    count = min(usual, len(names), most or usual)
    fold = {names[k]: i % count for i, k in enumerate(order)}
    of = np.array([fold[k] for k in keys])
    return [np.flatnonzero(of == f) for f in range(count)]
