"""Asked: which test conditions are asked about stress, the truth measured twice on them, and how they are permuted."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.bands import even_bands
from vcassay.arrays.group_means import group_means
from vcassay.arrays.resample import Weights, draw_weights
from vcassay.arrays.shuffles import Shuffles, draw_shuffles
from vcassay.core import Conditions
from vcassay.core.conditions import MISSING
from vcassay.evidence.biology.axes import Axes
from vcassay.evidence.biology.bench import Bench
from vcassay.evidence.biology.tested import DRAWS

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Mask = NDArray[np.bool_]
Pairs = list[tuple[Array, Array]]

HALVES, CONTEXTS = "halves", "contexts"
HALVINGS, MOST_HALVINGS = 2, 35
"""Ways of halving that are averaged over, and that are tried for conditions of few rows."""
LARGE = 50_000_000
"""Numbers in the effects from which one way of halving is enough: two would double the memory."""
LIKE = 6
"""Perturbations of like strength that are permuted among each other."""
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
    shuffles
        Perturbations permuted within strata, among those that take part.
    by_pair
        The same for each pair of measurements of the truth, among those that it defines.
    share
        (t,) weight of a condition in each of the pairs that define it.
    weights
        Of a bootstrap over perturbations (and contexts), for the rows that take part.
    """

    rows: Mask
    left_out: str
    family: Codes
    shuffles: Shuffles
    by_pair: tuple[Shuffles, ...]
    share: Array
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

    With few rows a condition, not every way of halving leaves rows on both sides: further ones are taken while they
    define conditions that none before did.

    Returns
    -------
    `HALVES`, `CONTEXTS` or an empty string; pairs of (t, g) with NaN rows where one is missing.
    """
    if bench.has_halves:
        enough = 1 if bench.mask.size > LARGE else HALVINGS
        pairs = list(bench.halves(enough))
        wanted = bench.truth.known & np.isfinite(bench.effects.size[bench.split.test])
        wanted &= ~np.any([_defined(pair) for pair in pairs], axis=0)
        for pair in islice(bench.halves(MOST_HALVINGS), enough, None) if wanted.any() else ():
            new = wanted & _defined(pair)
            if new.any():
                pairs.append(pair)
            wanted &= ~new
            if not wanted.any():
                break
        return HALVES, pairs
    table, effects = bench.trained
    place = {t: i for i, t in enumerate(dict.fromkeys(bench.table.treatments))}
    code = np.asarray([place.get(t, -1) for t in table.treatments], dtype=np.int64)
    own = np.asarray([place[t] for t in bench.table.treatments], dtype=np.int64)
    elsewhere = group_means(effects, code, len(place))[own]
    if not np.isfinite(elsewhere).any():
        return "", []
    missing = np.isnan(elsewhere)
    return CONTEXTS, [(np.where(missing, np.nan, np.where(bench.mask, elsewhere, 0.0)), bench.truth.values)]


def _defined(pair: tuple[Array, Array]) -> Mask:
    """(t,) conditions that both measurements define."""
    return np.asarray(np.isfinite(pair[0]).all(axis=1) & np.isfinite(pair[1]).all(axis=1))


def ask(
    bench: Bench,
    pairs: Pairs,
    rng: np.random.Generator,
    *,
    silent: bool,
    least: int = LEAST_STRATUM,
    axes: Axes | None = None,
) -> Asked:
    """Find the conditions that can be asked: measured twice, and among others of the same context and dose.

    Parameters
    ----------
    silent
        Whether conditions without a detectable effect take part.
    least
        Conditions that a stratum needs for any of them to take part; 1 where nothing is permuted.
    axes
        Perturbations are permuted among those that are as strong along these axes. What all have in common beyond
        them is better measured in strong ones, which would make it look like their own.
    """
    table = bench.table
    defined = [_defined(pair) for pair in pairs]
    measured = bench.truth.known & (np.any(defined, axis=0) if pairs else True)
    heard = measured if silent else measured & ~bench.silent
    family = np.unique(table.perturbation, return_inverse=True)[1].reshape(-1).astype(np.int64)
    code = strata(table)
    block = None if axes is None else like_strength(bench, axes, np.where(heard, code, -1), family)
    keys = rng.random((DRAWS if least > 1 else 1, int(family.max(initial=-1)) + 1))
    by_pair = tuple(draw_shuffles(np.where(heard & d, code, -1), family, keys, least, block) for d in defined)
    times = np.zeros(len(table))
    for own in by_pair:
        for at in own.rows:
            times[at] += 1.0
    rows = times > 0 if pairs else heard
    shuffles = draw_shuffles(np.where(rows, code, -1), family, keys, least, block)
    if not pairs:
        rows = np.zeros(len(table), dtype=bool)
        rows[np.concatenate([*shuffles.rows, np.zeros(0, dtype=np.int64)])] = True
    context = np.unique(table.context, return_inverse=True)[1].reshape(-1)
    counts = {
        "were not measured twice": int((~measured).sum()),
        "have no detectable effect": int((measured & ~heard).sum()),
        f"are fewer than {least} of their context and dose": int((heard & ~rows).sum()),
    }
    words = "; ".join(f"{n:,} {why}" for why, n in counts.items() if n)
    return Asked(
        rows=rows,
        left_out=f"Of {len(table):,} test conditions, left out: {words}." if words else "",
        family=family,
        shuffles=shuffles,
        by_pair=by_pair,
        share=1.0 / np.maximum(times, 1.0),
        weights=draw_weights(context[rows], family[rows], DRAWS, rng),
    )


def like_strength(bench: Bench, axes: Axes, stratum: Codes, family: Codes) -> Codes:
    """(m,) blocks of about `LIKE` perturbations of like strength along the axes, in units of their noise.

    Strength is relative to the median of each stratum, and averaged over strata. Coordinates along the axes say
    nothing of the noise beyond them.
    """
    m = int(family.max(initial=-1)) + 1
    at = np.flatnonzero(stratum >= 0)
    along = bench.truth.values[at] @ axes.matrix.T
    rows = bench.effects.n_rows[bench.split.test][at]
    size = np.sqrt((along * along).sum(axis=1) * np.maximum(rows, 1))
    strength = np.log(np.maximum(size, 1e-12 * max(float(size.max(initial=0.0)), 1e-300)))
    order = np.argsort(stratum[at], kind="stable")
    for part in np.split(order, np.flatnonzero(np.diff(stratum[at][order])) + 1):
        strength[part] -= np.median(strength[part]) if len(part) else 0.0
    count = np.bincount(family[at], minlength=m)
    mean = np.bincount(family[at], weights=strength, minlength=m) / np.maximum(count, 1)
    out = np.zeros(m, dtype=np.int64)
    held = np.flatnonzero(count)
    out[held] = even_bands(mean[held], max(1, len(held) // LIKE))
    return out


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
    """(g,) level of each counted gene's mean expression in controls over contexts; -1 for genes that do not count."""
    counted = np.asarray(bench.mask.any(axis=0))
    first = np.unique(bench.table.context, return_index=True)[1]
    profile = bench.effects.control[bench.split.test[first]]
    defined = np.isfinite(profile)
    mean = np.where(defined, profile, 0.0).sum(axis=0) / np.maximum(defined.sum(axis=0), 1)
    level = np.full(len(counted), -1, dtype=np.int64)
    at = np.flatnonzero(counted)
    level[at] = even_bands(mean[at], LEVELS)
    return level
