"""PerturBench's transfer split: each held-out perturbation is hidden in a few contexts only."""

from __future__ import annotations

import numpy as np

from vcassay.claim.makers.draw import held_out, shuffled
from vcassay.claim.split import Split
from vcassay.core import Conditions, InputError, Regime


def perturbench_transfer(
    conditions: Conditions, *, seed: int, max_fraction: float = 0.3, max_contexts: int = 1, min_train: int = 1
) -> Split:
    """Hide up to a share of each context's perturbations, each in at most ``max_contexts`` contexts.

    Every hidden perturbation stays in training in at least ``min_train`` other contexts, so this is
    few-shot context by another name.

    Raises
    ------
    InputError
        If no perturbation was measured in enough contexts.
    """
    where: dict[str, list[str]] = {}
    for context, name in zip(conditions.context.tolist(), conditions.perturbation.tolist(), strict=True):
        if context not in where.setdefault(name, []):
            where[name].append(context)
    room = {
        c: int(max_fraction * len(set(conditions.perturbation[conditions.context == c].tolist())))
        for c in sorted(set(conditions.context.tolist()))
    }
    hidden: set[tuple[str, str]] = set()
    rng = np.random.default_rng([seed, len(where)])
    for name in shuffled(where, seed):
        able = min(max_contexts, max(len(where[name]) - min_train, 0))
        order = [sorted(where[name])[i] for i in rng.permutation(len(where[name]))]
        for context in [c for c in order if room[c] > 0][:able]:
            room[context] -= 1
            hidden.add((context, name))
    if not hidden:
        what = "no perturbation was measured in enough contexts"
        raise InputError(what, where="[split] make", mend="use gex, or a screen of several contexts")
    pairs = zip(conditions.context.tolist(), conditions.perturbation.tolist(), strict=True)
    return Split(conditions, held_out(np.array([p in hidden for p in pairs])), Regime.FEW_SHOT, seed, "transfer")
