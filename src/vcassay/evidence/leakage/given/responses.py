"""Responses of perturbations as kernels, and how far a prior's kernel aligns with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from vcassay.arrays.agreement import pearson
from vcassay.arrays.alignment import (
    corrected_alignment,
    hsic,
    linear_kernel,
    neighbour_means,
    permuted,
    tamed,
    u_centred,
)
from vcassay.claim.kind import gene_of
from vcassay.effects import Effects
from vcassay.knowledge import Features, Genes, match

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Mask = NDArray[np.bool_]

DRAWS = 200
"""Permutations of the perturbations of a prior."""
PARTS = 30
"""Parts of the perturbations that the jackknife leaves out in turn."""
NEIGHBOURS = 5
MOSTLY = 0.5
"""Share of the perturbations that must have halves, for noise to be corrected."""


@dataclass(frozen=True, slots=True, eq=False)
class Responses:
    """Mean response of each of p perturbations, over conditions, of which the mean of their group is taken.

    Attributes
    ----------
    parts
        (p,) perturbations, sorted.
    whole, half_a, half_b
        (p, g) from all cells, and from disjoint halves of cells and controls; the whole twice without halves.
    halves
        Whether there are halves.
    """

    parts: tuple[tuple[str, ...], ...]
    whole: Array
    half_a: Array
    half_b: Array
    halves: bool

    def __len__(self) -> int:
        return len(self.parts)

    def take(self, at: Codes) -> Responses:
        """Some of the perturbations."""
        return Responses(
            tuple(self.parts[i] for i in at), self.whole[at], self.half_a[at], self.half_b[at], self.halves
        )

    def kernels(self) -> tuple[Array, Array]:
        """(p, p) of either half; strong responses are tamed by the size of the whole."""
        size = np.linalg.norm(self.whole, axis=1)
        return linear_kernel(tamed(self.half_a, size)), linear_kernel(tamed(self.half_b, size))

    @property
    def agreement(self) -> float:
        """Correlation of the two halves' kernels: how much structure the responses are known to have."""
        a, b = map(u_centred, self.kernels())
        scale = float(np.sqrt(max(hsic(a, a), 0.0) * max(hsic(b, b), 0.0)))
        return hsic(a, b) / scale if scale > 0 else float("nan")


def mean_responses(effects: Effects, index: Codes) -> Responses:
    """Average the effects of some conditions by perturbation.

    The mean effect of a context, dose and time is taken off first, so that perturbations which were measured in
    different contexts do not look different for it, and noise of shared controls goes with it. Conditions alone in
    their group, and those without halves where most have them, are left out.
    """
    table = effects.conditions.take(index)
    index = np.sort(index)
    keys = [f"{c}\n{d!r}\n{t!r}" for c, _, d, t in table.keys]
    group = np.unique(np.asarray(keys, dtype=str), return_inverse=True)[1]
    mask = effects.mask[index]

    def finite(values: Array) -> Mask:
        return np.asarray(np.isfinite(np.where(mask, values[index], 0.0)).all(axis=1))

    with_halves = finite(effects.half_a) & finite(effects.half_b)
    halves = bool(with_halves.mean() >= MOSTLY) if len(index) else False
    use = finite(effects.delta) & (with_halves if halves else True)
    use &= (np.bincount(group[use], minlength=len(keys) + 1) > 1)[group]
    parts = tuple(sorted({table.parts[i] for i in np.flatnonzero(use)}))
    place = {own: i for i, own in enumerate(parts)}
    code = np.asarray([place[table.parts[i]] for i in np.flatnonzero(use)], dtype=np.int64)
    by_group, by_part = _averaging(group[use]), _averaging(code, len(parts))

    def mean(values: Array) -> Array:
        own = np.where(mask, values[index], 0.0)[use]
        return np.asarray(by_part @ (own - (by_group @ own)[group_of]))

    group_of = np.unique(group[use], return_inverse=True)[1]
    whole = mean(effects.delta)
    return Responses(
        parts,
        whole,
        mean(effects.half_a) if halves else whole,
        mean(effects.half_b) if halves else whole,
        halves,
    )


def _averaging(code: Codes, n: int | None = None) -> sparse.csr_matrix:
    """(groups, rows) matrix that averages the rows of each group."""
    own = np.unique(code, return_inverse=True)[1] if n is None else code
    count = np.bincount(own, minlength=n or 0)
    weight = 1.0 / np.maximum(count, 1)[own]
    return sparse.csr_matrix((weight, (own, np.arange(len(own)))), shape=(len(count), len(own)))


def rows_of(features: Features, parts: Sequence[tuple[str, ...]], genes: Genes | None = None) -> tuple[Array, Mask]:
    """(p, d) features of perturbations, a combination's being the sum of its parts', and (p,) where all are known."""
    names = list(dict.fromkeys(name for own in parts for name in own))
    matched = match(names, features.ids, resource=features.name, genes=genes)
    if any(gene_of(name) != name for name in matched.unmatched):
        plain = match(dict.fromkeys(map(gene_of, names)), features.ids, resource=features.name, genes=genes)
        matched = matched.also(plain, gene_of)
    known = np.asarray([all(name in matched.found for name in own) for own in parts], dtype=bool)
    rows = np.zeros((len(parts), features.matrix.shape[1]))
    flat = [(i, matched.found[name]) for i in np.flatnonzero(known).tolist() for name in parts[i]]
    if flat:
        values, _ = features.rows(name for _, name in flat)
        np.add.at(rows, np.asarray([i for i, _ in flat]), values)
    return rows, known


def prior_kernel(rows: Array) -> Array:
    """(p, p) kernel of centred features, of which the outlying are tamed."""
    return linear_kernel(tamed(rows - rows.mean(axis=0)))


@dataclass(frozen=True, slots=True)
class Alignment:
    """How far a prior aligns with responses.

    Attributes
    ----------
    value, error, spread
        Alignment freed of noise, its jackknife standard error, and its standard deviation over permutations.
    n
        Perturbations compared.
    neighbours, neighbours_null, neighbours_p
        Mean Pearson correlation of a response with the mean of its nearest neighbours' in the prior, the same for
        permuted priors, and the permutation p-value.
    """

    value: float
    error: float
    spread: float
    n: int
    neighbours: float = float("nan")
    neighbours_null: float = float("nan")
    neighbours_p: float = float("nan")


def align(prior: Array, responses: Responses, rng: np.random.Generator) -> Alignment:
    """Compare a (p, p) prior kernel with the responses to the same perturbations."""
    a, b = responses.kernels()
    at = np.arange(len(prior))
    value = _alignment(prior, a, b, at)
    error = jackknife_error(lambda keep: _alignment(prior, a, b, keep), len(prior))
    kernel, one, two = u_centred(prior), u_centred(a), u_centred(b)
    scale = np.sqrt(max(hsic(kernel, kernel), 0.0) * max(hsic(one, two), 0.0))
    draws = permuted(kernel, (one + two) / 2.0, DRAWS, rng) / scale if scale > 0 else np.full(DRAWS, np.nan)
    own = _neighbour_score(prior, responses.whole)
    null = np.asarray(
        [_neighbour_score(prior[order][:, order], responses.whole) for order in _orders(len(prior), DRAWS // 4, rng)]
    )
    p = (1.0 + float((null >= own).sum())) / (1.0 + len(null))
    return Alignment(value, error, float(draws.std()), len(prior), own, float(null.mean()), p)


def paired_error(first: Callable[[Codes], float], second: Callable[[Codes], float], n: int) -> float:
    """Jackknife standard error of the difference of two alignments over the same perturbations."""
    return jackknife_error(lambda keep: first(keep) - second(keep), n)


def alignment_on(prior: Array, responses: Responses) -> Callable[[Codes], float]:
    """Alignment as a function of the perturbations that are kept."""
    a, b = responses.kernels()
    return lambda keep: _alignment(prior, a, b, keep)


def jackknife_error(statistic: Callable[[Codes], float], n: int) -> float:
    """Delete-a-part jackknife standard error (Efron & Tibshirani 1993, chapter 11); NaN where a part is undefined."""
    part = np.arange(n) % PARTS
    values = np.asarray([statistic(np.flatnonzero(part != k)) for k in range(min(PARTS, n))])
    m = len(values)
    return float(np.sqrt((m - 1) / m * ((values - values.mean()) ** 2).sum())) if m else float("nan")


def _alignment(prior: Array, a: Array, b: Array, keep: Codes) -> float:
    at = np.ix_(keep, keep)
    return corrected_alignment(u_centred(prior[at]), u_centred(a[at]), u_centred(b[at]))


def _neighbour_score(prior: Array, values: Array) -> float:
    """Mean agreement of each response with the mean of its neighbours'; an undefined one counts 0."""
    near = neighbour_means(prior, values, NEIGHBOURS)
    return float(np.nan_to_num(pearson(values, near, np.ones(values.shape, dtype=bool))).mean())


def _orders(n: int, draws: int, rng: np.random.Generator) -> Iterable[Codes]:
    return (rng.permutation(n) for _ in range(draws))
