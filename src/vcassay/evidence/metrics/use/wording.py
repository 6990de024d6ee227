"""Wording: a figure of utility as one sentence that a user can act on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from vcassay.arrays.choosing import group_sizes
from vcassay.evidence.metrics.use.ranked import Ranking


class Told(NamedTuple):
    """The numbers of a sentence; NaN for what is not known."""

    value: float
    low: float
    high: float
    chance: float
    ceiling: float
    ceiling_kind: str
    baseline: str
    baseline_value: float


def tell(ranking: Ranking, figure: str, t: Told, wish: str) -> str:
    """Write a figure as a sentence.

    Parameters
    ----------
    ranking
        What was ranked: its groups say among how many.
    figure
        ``hits``, ``spearman``, ``enrichment`` or ``regret``.
    wish
        Name of the signature; empty without one.
    """
    value, rest = beside(t, shares=figure in ("hits", "regret"))
    return f"{_fact(ranking, figure, value, wish)} ({rest})."


def beside(t: Told, *, shares: bool) -> tuple[str, str]:
    """Write the value with its interval, and what stands beside it: chance, the ceiling, the best legal baseline."""
    rest = []
    if np.isfinite(t.chance):
        rest.append(f"{_number(t.chance, shares=shares)} by chance")
    if np.isfinite(t.ceiling):
        rest.append(f"{_number(t.ceiling, shares=shares)} for a {t.ceiling_kind}")
    if t.baseline:
        rest.append(f"{_number(t.baseline_value, shares=shares)} for the best legal baseline, '{t.baseline}'")
    value = _number(t.value, shares=shares)
    if np.isfinite(t.low):
        value += f" [{_number(t.low, shares=shares)}, {_number(t.high, shares=shares)}]"
    return value, ", ".join(rest) or "nothing to compare with"


def _fact(ranking: Ranking, figure: str, value: str, wish: str) -> str:
    k, n = _typical(ranking.k, ranking), _typical(group_sizes(ranking.group), ranking)
    by = f"shift towards '{wish}'" if wish and ranking.name != "size" else "size of effect"
    if ranking.name in ("contexts", "selectivity"):
        own = "" if ranking.name == "contexts" else " beyond what the contexts show to all of them"
        if figure == "hits":
            return f"For {value} of perturbations the model picks the context of the largest {by}{own}, of {n}"
        return f"The order of {n} contexts by {by}, for a perturbation, is predicted with a Spearman of {value}{own}"
    if ranking.name == "dose":
        return f"The order of {n} doses by size of effect is predicted with a Spearman of {value}"
    if figure == "hits":
        return f"Of the {k} perturbations of {n} with the largest {by} the model's first {k} hold {value}"
    if figure == "spearman":
        return f"The order of {n} perturbations by {by} is predicted with a Spearman of {value}"
    if figure == "enrichment":
        return f"The model's first {k} perturbations of {n} are enriched {value}-fold in those with the largest {by}"
    return f"Choosing the model's first {k} perturbations of {n} loses {value} of the {by} that the best {k} would gain"


def _typical(values: np.ndarray, ranking: Ranking) -> str:
    """One number where all groups share it, else the range."""
    inside = values[ranking.group >= 0]
    low, high = int(inside.min()), int(inside.max())
    return f"{low}" if low == high else f"{low} to {high}"


def _number(value: float, *, shares: bool) -> str:
    return f"{value:.0%}" if shares else f"{value:.2f}"
