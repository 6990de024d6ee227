"""Dyads: the likeness of pairs of drugs, regressed on what pairs have in common."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.dyadic import Rest, beyond, hinges, partial_association
from vcassay.evidence.biology.mechanism.alike import Alike
from vcassay.evidence.biology.mechanism.drugs import Drugs
from vcassay.evidence.biology.tested import Tested, tested

Array = NDArray[np.float64]
Codes = NDArray[np.int64]


def nuisance(drugs: Drugs, said: Alike) -> tuple[Array, ...]:
    """Covariates of pairs that are neither mechanism nor chemistry: plates, both magnitudes, both shares of stress."""
    out = [drugs.plate]
    for rank in (said.magnitude, said.stress):
        out += [rank[:, None] + rank[None], rank[:, None] * rank[None]]
    return tuple(out)


def chemistry(drugs: Drugs) -> tuple[Array, ...]:
    """Covariates of chemistry.

    Tanimoto as a broken line, how many bits the two fingerprints have, one Murcko scaffold, one group of structures.
    """
    size = np.log1p(drugs.size)
    return (
        *hinges(drugs.tanimoto, drugs.pairs),
        size[:, None] + size[None],
        np.abs(size[:, None] - size[None]),
        drugs.scaffold.astype(np.float64),
        (drugs.stratum[:, None] == drugs.stratum[None]).astype(np.float64),
    )


class Partial(NamedTuple):
    """Partial correlation of likeness with one mechanism.

    Attributes
    ----------
    tested
        Given structures and everything else, mechanisms permuted.
    before
        Given everything but structures, over pairs of any structure, mechanisms permuted among all drugs.
    ranks
        The first by ranks (Spearman).
    """

    tested: Tested
    before: Tested
    ranks: Tested


def partial(value: Array, drugs: Drugs, said: Alike, permutations: Codes, free: Codes) -> Partial:
    """Correlate likeness with one mechanism beyond structure, plates, magnitudes and stress.

    Pairs of similar structure take no part but in what is told without structures: no covariate makes up for them.

    Parameters
    ----------
    permutations, free
        (1 + draws, n) of mechanisms among drugs of like structure, and among all; the identity first.
    """
    base, more = nuisance(drugs, said), chemistry(drugs)
    apart = drugs.dissimilar
    return Partial(
        _tested(beyond(value, (*base, *more), apart), drugs, permutations),
        _tested(beyond(value, base, drugs.pairs), drugs, free),
        _tested(beyond(value, (*base, *more), apart, ranks=True), drugs, permutations),
    )


def _tested(rest: Rest, drugs: Drugs, permutations: Codes) -> Tested:
    drawn = partial_association(rest, drugs.same, permutations)
    return tested(float(drawn[0]), drawn[1:], int((rest.pairs & drugs.same).sum() // 2))


class Shares(NamedTuple):
    """Shares of the variance of likeness (beyond plates, magnitudes and stress), freed of what permuted labels have.

    Attributes
    ----------
    chemistry
        Explained by structures.
    mechanism
        Explained by one mechanism beyond structures.
    reliability
        Of likeness; both shares are of what is reliable.
    """

    chemistry: float
    mechanism: float
    reliability: float


def shares(value: Array, drugs: Drugs, said: Alike, permutations: Codes, shuffles: Codes) -> Shares:
    """Divide the variance of likeness between chemistry and mechanism.

    Parameters
    ----------
    permutations
        (1 + draws, n) of mechanisms, the identity first.
    shuffles
        (draws, n) of structures, for the share that any structures would explain.
    """
    base, more = nuisance(drugs, said), chemistry(drugs)
    pairs = drugs.pairs & np.isfinite(drugs.tanimoto)
    plain = beyond(value, base, pairs)
    if not plain.square > 0:
        return Shares(np.nan, np.nan, said.reliability)
    rest = beyond(value, (*base, *more), pairs)
    left = rest.square / plain.square
    own = rest.basis[:, :, plain.basis.shape[2] :]  # directions of chemistry beyond the other covariates
    chance = [
        float(((plain.left[np.ix_(p, p)] * own.transpose(2, 0, 1)).sum(axis=(1, 2)) ** 2).sum()) for p in shuffles
    ]
    by_chance = float(np.mean(chance)) / 4.0 / plain.square if chance else 0.0
    drawn = partial_association(rest, drugs.same, permutations)
    known = drawn[1:][np.isfinite(drawn[1:])]
    beyond_it = np.sign(drawn[0]) * drawn[0] ** 2 - (np.mean(np.sign(known) * known**2) if len(known) else 0.0)
    whole = said.reliability
    return Shares((1.0 - left - by_chance) / whole, float(beyond_it) * left / whole, whole)
