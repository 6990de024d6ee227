"""Asked: which test conditions are asked about stress, the truth measured twice on them, and how they are permuted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.resample import Weights, draw_weights
from vcassay.arrays.shuffles import Shuffles, draw_shuffles
from vcassay.core import Conditions
from vcassay.core.conditions import MISSING
from vcassay.evidence.biology.bench import Bench
from vcassay.evidence.biology.likeness import collapse
from vcassay.evidence.biology.tested import DRAWS

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Mask = NDArray[np.bool_]
Pairs = list[tuple[Array, Array]]

HALVES, CONTEXTS = "halves", "contexts"
HALVINGS = 2
"""Ways of halving that are averaged over."""
LEAST_STRATUM = 3
"""Perturbations of one context and dose, below which none of them can be told from the others."""
LEVELS = 10
"""Levels of expression within which random axes take their genes."""


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What is asked.

    Attributes
    ----------
    rows
        (t,) test conditions that take part.
    left_out
        Why the others do not, with their numbers.
    family
        (t,) codes of perturbations.
    stratum
        (t,) codes of context, time and rank of the dose; -1 where a condition takes no part.
    shuffles
        Perturbations permuted within strata.
    weights
        Of a bootstrap over perturbations (and contexts), for the rows that take part.
    """

    rows: Mask
    left_out: str
    family: Codes
    stratum: Codes
    shuffles: Shuffles
    weights: Weights

    @property
    def n(self) -> int:
        """Conditions."""
        return int(self.rows.sum())

    @property
    def families(self) -> int:
        """Perturbations."""
        return len(np.unique(self.family[self.rows]))

    def spread(self) -> Array:
        """(t,) weight of each condition, 0 for those that take no part."""
        out = np.zeros(len(self.rows))
        out[self.rows] = self.weights.base
        return out


def twice(bench: Bench) -> tuple[str, Pairs]:
    """The truth measured twice: by halves, else beside the same treatments in training contexts, else not at all.

    Returns
    -------
    `HALVES`, `CONTEXTS` or an empty string; pairs of (t, g) with NaN rows where one is missing.
    """
    if bench.has_halves:
        return HALVES, list(bench.halves(HALVINGS))
    table, effects = bench.trained
    place = {t: i for i, t in enumerate(dict.fromkeys(bench.table.treatments))}
    code = np.asarray([place.get(t, -1) for t in table.treatments], dtype=np.int64)
    own = np.asarray([place[t] for t in bench.table.treatments], dtype=np.int64)
    elsewhere = collapse(effects, code, len(place))[own]
    if not np.isfinite(elsewhere).any():
        return "", []
    missing = np.isnan(elsewhere)
    return CONTEXTS, [(np.where(missing, np.nan, np.where(bench.mask, elsewhere, 0.0)), bench.truth.values)]


def ask(bench: Bench, pairs: Pairs, rng: np.random.Generator, *, silent: bool) -> Asked:
    """Find the conditions that can be asked: measured twice, and among others of the same context and dose.

    Parameters
    ----------
    silent
        Whether conditions without a detectable effect take part.
    """
    table = bench.table
    measured = bench.truth.known.copy()
    for a, b in pairs:
        measured &= np.isfinite(a).all(axis=1) & np.isfinite(b).all(axis=1)
    heard = measured if silent else measured & ~bench.silent
    family = np.unique(table.perturbation, return_inverse=True)[1].reshape(-1).astype(np.int64)
    stratum = np.where(heard, strata(table), -1)
    shuffles = draw_shuffles(stratum, family, DRAWS, rng, least=LEAST_STRATUM)
    rows = np.zeros(len(table), dtype=bool)
    for at in shuffles.rows:
        rows[at] = True
    context = np.unique(table.context, return_inverse=True)[1].reshape(-1)
    counts = {
        "were not measured twice": int((~measured).sum()),
        "have no detectable effect": int((measured & ~heard).sum()),
        f"are fewer than {LEAST_STRATUM} of their context and dose": int((heard & ~rows).sum()),
    }
    words = "; ".join(f"{n:,} {why}" for why, n in counts.items() if n)
    return Asked(
        rows=rows,
        left_out=f"Of {len(table):,} test conditions, left out: {words}." if words else "",
        family=family,
        stratum=np.where(rows, stratum, -1),
        shuffles=shuffles,
        weights=draw_weights(context[rows], family[rows], DRAWS, rng),
    )


def strata(table: Conditions) -> Codes:
    """(t,) codes of context, time and rank of the dose among those of the same perturbation, context and time.

    Permuting perturbations over all doses would credit a model with knowing that higher doses do more.
    """
    keys = table.keys
    rank: dict[tuple[object, ...], int] = {}
    place: dict[tuple[object, ...], int] = {}
    out = np.empty(len(table), dtype=np.int64)
    for i in sorted(range(len(table)), key=lambda i: (keys[i][0], keys[i][3], keys[i][1], keys[i][2])):
        context, parts, dose, time = keys[i]
        step = rank.get((context, parts, time), 0) if dose != MISSING else 0
        rank[context, parts, time] = step + 1
        out[i] = place.setdefault((context, time, step), len(place))
    return out


def expression_levels(bench: Bench) -> Codes:
    """(g,) level of each counted gene's expression in controls; -1 for genes that do not count."""
    counted = np.asarray(bench.mask.any(axis=0))
    profile = bench.effects.control[bench.split.test]
    defined = np.isfinite(profile)
    mean = np.where(defined, profile, 0.0).sum(axis=0) / np.maximum(defined.sum(axis=0), 1)
    level = np.full(len(counted), -1, dtype=np.int64)
    at = np.flatnonzero(counted)
    order = np.argsort(np.argsort(mean[at], kind="stable"), kind="stable")
    level[at] = order * LEVELS // max(len(at), 1) if np.ptp(mean[at]) > 0 else 0
    return level
