"""The perturbed reference: the mean effect of the training perturbations."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.claim import Split
from vcassay.effects import Effects


def perturbed_reference(effects: Effects, split: Split) -> NDArray[np.float64]:
    """(t, g) mean training effect for each test condition.

    The mean over the training perturbations of the condition's own context, without the
    perturbation itself; where the context has none, the mean over training contexts of their means
    (the test context's own would be an oracle). Effects against the controls left to training.
    """
    table, train = effects.conditions, split.train
    delta = effects.delta_train
    contexts = table.context[train]
    parts = np.array(["+".join(p) for p in table.parts])
    ok: NDArray[np.bool_] = np.asarray(np.isfinite(np.where(effects.mask, delta, 0.0)).all(axis=1))
    means = {
        c: delta[train[(contexts == c) & ok[train]]].mean(axis=0) for c in sorted(set(contexts[ok[train]].tolist()))
    }
    g = delta.shape[1]
    overall = np.mean(list(means.values()), axis=0) if means else np.full(g, np.nan)
    out = np.empty((len(split.test), g))
    for i, row in enumerate(split.test):
        context = str(table.context[row])
        if context not in means:
            out[i] = overall
            continue
        others = train[(contexts == context) & (parts[train] != parts[row]) & ok[train]]
        out[i] = delta[others].mean(axis=0) if len(others) else means[context]
    return out
