"""Few-shot context: some perturbations of a held-out context are shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcassay.claim.makers.draw import held_out, shuffled
from vcassay.claim.makers.exclusive import context_exclusive
from vcassay.claim.split import Role, Split
from vcassay.core import Conditions, InputError, Regime


def few_shot(
    conditions: Conditions,
    *,
    shots: float,
    fraction: float,
    seed: int,
    contexts: Sequence[str] = (),
    together: Sequence[Sequence[str]] = (),
) -> Split:
    """Hold out contexts, then show some of their perturbations at all doses.

    Parameters
    ----------
    shots
        A number of perturbations (1 or more), or the share of a context's perturbations (below 1).
        More shots of the same seed show the same perturbations and further ones.

    Raises
    ------
    InputError
        If nothing is shown, or nothing is left to test.
    """
    if shots <= 0:
        raise InputError(f"{shots:g} shots show nothing", where="[split] shots", mend="use cex for no shots at all")
    names = conditions.perturbation
    able = conditions
    if not contexts:  # a context too thin to show some and test others stays in training
        wide = [c for c in sorted(set(conditions.context.tolist())) if _shown(names[conditions.context == c], shots)]
        able = conditions.take(np.isin(conditions.context, wide))
        if len(wide) < 2:
            what = f"{shots:g} shots leave something to test in {len(wide)} contexts"
            raise InputError(what, where="[split] shots", mend="show fewer, or use a screen of more perturbations")
    base = context_exclusive(able, fraction=fraction, seed=seed, contexts=contexts, together=together)
    held = sorted(set(able.context[base.roles == Role.TEST].tolist()))
    test = np.isin(conditions.context, held)
    for context in sorted(set(conditions.context[test].tolist())):
        here = np.flatnonzero(test & (conditions.context == context))
        order = shuffled(names[here].tolist(), seed)
        k = _k(len(order), shots)
        if k >= len(order):
            what = f"{shots:g} shots show all {len(order)} perturbations of '{context}'"
            raise InputError(what, where="[split] shots", mend="show fewer")
        test[here[np.isin(names[here], order[:k])]] = False
    return Split(conditions, held_out(test), Regime.FEW_SHOT, seed, "context", meta={"shots": shots})


def _k(n: int, shots: float) -> int:
    """Number of perturbations shown of n."""
    return int(shots) if shots >= 1 else max(1, round(shots * n))


def _shown(names: NDArray[np.str_], shots: float) -> bool:
    """Whether something is left to test."""
    n = len(set(names.tolist()))
    return _k(n, shots) < n


def few_shot_sweep(
    conditions: Conditions,
    *,
    shots: Sequence[float],
    fraction: float,
    seed: int,
    contexts: Sequence[str] = (),
    together: Sequence[Sequence[str]] = (),
) -> dict[float, Split]:
    """One few-shot split a number of shots, nested, all scored on the conditions that none of them shows.

    The test set is that of the largest number, so that scores along the sweep are comparable; what
    the smaller ones do not show of the rest is excluded.
    """
    drawn: dict[str, Any] = {"fraction": fraction, "seed": seed, "contexts": contexts, "together": together}
    splits = {k: few_shot(conditions, shots=k, **drawn) for k in sorted(shots)}
    scored = splits[max(splits)].roles == Role.TEST
    out = {}
    for k, split in splits.items():
        test = split.roles == Role.TEST
        roles = held_out(test & scored, test & ~scored)
        out[k] = Split(conditions, roles, Regime.FEW_SHOT, seed, "context", meta={"shots": k})
    return out
