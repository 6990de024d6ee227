"""Contexts: latent states, of which a part shows in control expression."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from vcassay.simulate.panel import Floats, Panel
from vcassay.simulate.plan import SimulationPlan

SIBLING_SUFFIX = "-T"
EXPRESSION_FROM_STATE = 0.6
"""Share of the variance of expression between contexts that their latent state explains."""


@dataclass(frozen=True, slots=True, eq=False)
class Contexts:
    """The cell contexts of a screen.

    Attributes
    ----------
    names
        (c,) names, sorted; a sibling's is its parent's with `SIBLING_SUFFIX`.
    siblings
        Pairs (parent, sibling).
    latent
        (c, 2 x dims) what sets contexts apart: the visible half shapes control expression, the
        hidden half only responses. Centred; the mean squared norm is 1.
    log_rate
        (c, g) log expression of unperturbed cells, up to a constant.
    """

    names: tuple[str, ...]
    siblings: tuple[tuple[str, str], ...]
    latent: Floats
    log_rate: Floats


def context_names(plan: SimulationPlan) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Sorted names of the contexts and the (parent, sibling) pairs, as a plan has them."""
    founders = [f"CL{i + 1:02d}" for i in range(plan.n_contexts - plan.n_siblings)]
    pairs = tuple((name, name + SIBLING_SUFFIX) for name in founders[: plan.n_siblings])
    return tuple(sorted(founders + [sibling for _, sibling in pairs])), pairs


def make_contexts(plan: SimulationPlan, panel: Panel, rng: Generator) -> Contexts:
    """Draw the contexts' latent states and control expression."""
    names, pairs = context_names(plan)
    parent = np.arange(len(names))
    for old, new in pairs:
        parent[names.index(new)] = names.index(old)
    visible = _related(plan.context_dims, parent, plan.sibling_similarity, rng)
    hidden = _related(plan.context_dims, parent, plan.sibling_similarity, rng)
    latent = np.hstack([np.sqrt(plan.visible_share) * _unit(visible), np.sqrt(1 - plan.visible_share) * _unit(hidden)])

    from_state = _unit(visible) @ rng.standard_normal((plan.context_dims, plan.n_genes))
    own = _related(plan.n_genes, parent, plan.sibling_similarity, rng)
    spread = np.sqrt(EXPRESSION_FROM_STATE) * from_state + np.sqrt(1 - EXPRESSION_FROM_STATE) * own
    return Contexts(names, pairs, latent, panel.log_expression + plan.context_sd * spread)


def _related(d: int, parent: NDArray[np.int64], similarity: float, rng: Generator) -> Floats:
    """(c, d) standard normal rows; a sibling's correlates with its parent's by ``similarity``."""
    own = rng.standard_normal((len(parent), d))
    is_sibling = (parent != np.arange(len(parent)))[:, None]
    return np.where(is_sibling, similarity * own[parent] + np.sqrt(1 - similarity**2) * own, own)


def _unit(latent: Floats) -> Floats:
    """Centre over contexts, unless there is only one, and scale the mean squared norm to 1."""
    centred = latent - latent.mean(axis=0) if len(latent) > 1 else latent
    return np.asarray(centred / np.sqrt(np.mean(np.sum(centred**2, axis=1))))
