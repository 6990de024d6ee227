"""Placing: where every gene's perturbation lies among all, by likeness to each compound."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.group_means import group_means
from vcassay.arrays.percentiles import matched_percentiles, percentiles
from vcassay.arrays.retrieval import cosine_distances
from vcassay.evidence.biology.modality.pairing import Pairing

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

LEAST_GENES = 5
"""Genetic perturbations (of one direction, in one context) below which nothing is ranked."""
LEAST_MEAN = 5
"""Compounds, or genetic perturbations, from which their mean in a context is taken off."""
STRENGTH = 20
"""As many perturbations of most similar effect size is a target's compared with, for the rank among equals."""
ROUNDING = 1e-9
"""Share of an effect's length below which what is left of it is rounding."""
TOP = 50
"""Genes that respond most to a compound, whose signs are compared."""


class Places(NamedTuple):
    """(d, G) matrices over compounds and genes, averaged over contexts; NaN where there is nothing to compare.

    Attributes
    ----------
    place
        Percentile of the gene's perturbation by cosine to the compound, 1 the most alike (or, where one lowers what
        the other raises, the most opposite).
    equal
        Percentile among perturbations of similar effect size.
    signs
        Percentile by the share of genes of the same sign, among the genes that respond most to the compound.
    inverse
        1 / rank.
    cosine
        Mean cosine, the sign such that larger is more alike.
    of
        Mean number of perturbations ranked.
    here
        Whether they were ranked in the compound's own contexts; elsewhere, means over contexts were compared.
    """

    place: Array
    equal: Array
    signs: Array
    inverse: Array
    cosine: Array
    of: Array
    here: NDArray[np.bool_]


class Side(NamedTuple):
    """Mean effects: (q, g) values of pairs of an item and a context, with the (q,) codes of both."""

    values: Array
    item: Codes
    context: Codes


def place_genes(
    pairing: Pairing,
    pairs: list[tuple[Side, Side]],
    without: Callable[[Array], Array] | None,
    *,
    thorough: bool = True,
) -> Places:
    """Rank all genes' perturbations by likeness to every compound.

    Within a context, compounds are ranked against the genetic perturbations of that context; a gene that is not
    perturbed there is placed by means over contexts.

    Parameters
    ----------
    pairs
        Mean effects of compounds and of genetic perturbations, one pair or several to be averaged over.
    without
        Takes off axes, after the means of compounds and of genetic perturbations in a context; both stay if ``None``.
    thorough
        Whether to compare equal sizes and signs too; NaN otherwise.
    """
    shape = (len(pairing.compound), len(pairing.genes))
    within, pooled = _Sums(shape), _Sums(shape)
    single = len(np.union1d(pairing.context, pairing.drug_context)) == 1
    for drugs, genes in pairs:
        if without is not None:
            drugs, genes = (s._replace(values=_left(s.values, without(centred(s)))) for s in (drugs, genes))
        for c in np.intersect1d(drugs.context, genes.context).tolist():
            a, b = np.flatnonzero(drugs.context == c), np.flatnonzero(genes.context == c)
            found = Side(drugs.values[a], drugs.item[a], drugs.context[a])
            _compare(within, pairing, found, Side(genes.values[b], genes.item[b], genes.context[b]), thorough=thorough)
        if not single:
            mean = [averaged(s.values, s.item, np.zeros_like(s.item)) for s in (drugs, genes)]
            _compare(pooled, pairing, mean[0], mean[1], thorough=thorough)
    here = within.count > 0
    one, two, three, four, five, six = (
        np.where(here, a, b) for a, b in zip(within.means(), pooled.means(), strict=True)
    )
    return Places(one, two, three, four, five, six, here)


def averaged(values: Array, item: Codes, context: Codes) -> Side:
    """Mean of the rows of each item in each context; rows that are undefined are left out.

    A half of a condition may have no rows at all: it is undefined, and no effect of 0.
    """
    values, defined = _defined(values)
    if not defined.all():
        values, item, context = values[defined], item[defined], context[defined]
    key = np.stack([context, item])
    found, code = np.unique(key, axis=1, return_inverse=True)
    code, n = code.reshape(-1), found.shape[1]
    return Side(group_means(values, code, n), found[1].astype(np.int64), found[0].astype(np.int64))


def _defined(values: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Values with single gaps at 0, and (n,) which rows are more than gaps."""
    defined = np.ones(len(values), dtype=bool)
    at = np.flatnonzero(np.isnan(values.sum(axis=1)))
    if not len(at):
        return values, defined
    gaps = np.isnan(values[at])
    defined[at] = gaps.sum(axis=1) < ((values[at] != 0.0) & ~gaps).sum(axis=1)
    return np.nan_to_num(values), defined


def centred(side: Side) -> Array:
    """(q, g) effects less the mean of their context, where it has `LEAST_MEAN` of them."""
    mean = averaged(side.values, np.zeros_like(side.item), side.context)
    at = np.searchsorted(mean.context, side.context)
    mean.values[np.bincount(at, minlength=len(mean.context)) < LEAST_MEAN] = 0.0
    return np.asarray(side.values - mean.values[at])


def _left(values: Array, left: Array) -> Array:
    """What is left of effects; 0 where that is rounding."""
    before, after = ((v * v).sum(axis=1, keepdims=True) for v in (values, left))
    return np.where(after > ROUNDING**2 * before, left, 0.0)


class _Sums:
    """Sums of the matrices of `Places`, and how many they are of."""

    def __init__(self, shape: tuple[int, int]) -> None:
        self.total = np.zeros((6, *shape))
        self.count = np.zeros(shape)

    def add(self, at: tuple[NDArray[np.intp], ...], values: list[Array]) -> None:
        for total, own in zip(self.total, values, strict=True):
            total[at] += own  # no pair of a compound and a gene comes twice
        self.count[at] += 1.0

    def means(self) -> Iterator[Array]:
        with np.errstate(invalid="ignore", divide="ignore"):
            for total in self.total:
                yield np.where(self.count > 0, total / self.count, np.nan)


def _compare(sums: _Sums, pairing: Pairing, drugs: Side, genes: Side, *, thorough: bool) -> None:
    """Rank the perturbations of each direction among themselves, and add the results."""
    if not len(drugs.item):
        return
    for side in (-1, 1):
        use = pairing.side[genes.item] == side
        if use.sum() < LEAST_GENES:
            continue
        values, agent = genes.values[use], genes.item[use]
        sign = (pairing.act[drugs.item] * side).astype(np.float64)[:, None]
        cosine = sign * (1.0 - cosine_distances(drugs.values, values))
        place = percentiles(cosine)
        n = cosine.shape[1]
        nothing = np.full(cosine.shape, np.nan)
        equal = matched_percentiles(cosine, np.sqrt((values * values).sum(axis=1)), STRENGTH) if thorough else nothing
        signs = percentiles(sign * same_signs(drugs.values, values, TOP)) if thorough else nothing
        inverse = 1.0 / (1.0 + (1.0 - place) * (n - 1.0))
        at = (drugs.item[:, None], pairing.gene[agent][None, :])
        sums.add(at, [place, equal, signs, inverse, cosine, np.full(cosine.shape, float(n))])


def same_signs(left: Array, right: Array, top: int) -> Array:
    """(m, k) sign concordance: share of like signs less share of unlike ones, among the ``top`` largest of each left.

    Values equal to the last of them in size count as well; zeros have no sign.
    """
    size = np.round(np.abs(left), 12)
    k = min(top, left.shape[1])
    edge = -np.partition(-size, k - 1, axis=1)[:, k - 1 : k]
    marked = np.sign(left) * ((size >= edge) & (size > 0))
    n = np.abs(marked).sum(axis=1, keepdims=True)
    return np.asarray(marked @ np.sign(right).T / np.maximum(n, 1.0))
