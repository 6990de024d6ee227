"""The bias model of a scalar readout: what training conditions alone tell without any model of the two together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.template import fit_template, make_design, predict_template
from vcassay.claim import Split
from vcassay.effects import Effects

Array = NDArray[np.float64]


def bias_model(effects: Effects, split: Split) -> Array | None:
    """Mean + context + perturbation of each test condition, by least squares on the training conditions.

    A perturbation is one at a dose and time. A term that training does not know is 0: an unseen context is an average
    one, an unseen perturbation has an average effect. Effects are against the controls left to training.

    Returns
    -------
    (t,) values; ``None`` without training conditions that have one.
    """
    value, table = effects.delta_train[:, 0], effects.conditions
    train = split.train[np.isfinite(value[split.train])]
    if not len(train):
        return None
    contexts, treatments = table.context.tolist(), table.treatments
    known_contexts = {c: i for i, c in enumerate(sorted({contexts[i] for i in train}))}
    known_treatments = {t: i for i, t in enumerate(sorted({treatments[i] for i in train}))}
    context = np.array([known_contexts.get(c, -1) for c in contexts], dtype=np.int64)
    treatment = np.array([known_treatments.get(t, -1) for t in treatments], dtype=np.int64)
    terms = fit_template(make_design(context[train], treatment[train]), value[train][:, None])
    return predict_template(terms, context[split.test], treatment[split.test])[:, 0]
