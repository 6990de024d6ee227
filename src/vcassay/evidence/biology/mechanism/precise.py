"""Precise: average precision of drugs of one mechanism in one arm, with mechanisms permuted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.multiple import benjamini_hochberg
from vcassay.arrays.precision import permuted_precision, rank_candidates, rank_permutation_p
from vcassay.core import Threshold
from vcassay.evidence.biology.mechanism.drugs import Drugs
from vcassay.evidence.biology.tested import Tested, tested

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

DRUG_Q = Threshold("moa_drug_q", 0.05, "random ranks a drug, Benjamini-Hochberg over drugs (copairs)")
CLASS_Q = Threshold("moa_class_q", 0.05, "mechanisms permuted, Benjamini-Hochberg over classes (proposal)")
RANK_DRAWS = 1999


@dataclass(frozen=True, slots=True, eq=False)
class Precise:
    """How early the drugs of one's mechanism come among all others.

    Attributes
    ----------
    tested
        Mean average precision, with mechanisms permuted.
    precision
        (n,) of each drug; NaN without a partner.
    chance
        (n,) mean with mechanisms permuted.
    drawn
        (1 + draws, n) with mechanisms as they are, and permuted.
    positives, total
        (n,) partners, and drugs that are ranked.
    """

    tested: Tested
    precision: Array
    chance: Array
    drawn: Array
    positives: Codes
    total: Codes

    def significant(self, rng: np.random.Generator) -> float:
        """Share of the drugs with partners that rank them earlier than random ranks would."""
        known = np.isfinite(self.precision)
        if not known.any():
            return np.nan
        p = rank_permutation_p(self.precision, self.positives, self.total, RANK_DRAWS, rng)
        return float((benjamini_hochberg(p)[known] < DRUG_Q.value).mean())


def precise(score: Array, drugs: Drugs, permutations: Codes) -> Precise:
    """Rank drugs by a score and find each one's partners.

    Parameters
    ----------
    score
        (n, n) symmetric; pairs with NaN take no part.
    permutations
        (1 + draws, n), the identity first.
    """
    counts = drugs.dissimilar & drugs.pairs
    ranking = rank_candidates(score, drugs.pairs)
    drawn = permuted_precision(ranking, drugs.same, counts, permutations)
    ranked = ranking.ahead >= 0
    positives = (ranked & drugs.same & counts).sum(axis=1)
    dropped = (ranked & drugs.same & ~counts).sum(axis=1)
    mean = mean_known(drawn, 1)
    return Precise(
        tested(float(mean[0]), mean[1:], int(np.isfinite(drawn[0]).sum())),
        drawn[0],
        mean_known(drawn[1:], 0),
        drawn,
        positives,
        ranking.total - dropped,
    )


class Class(NamedTuple):
    """Drugs of one mechanism: how many have partners, their mean average precision, and p with mechanisms permuted."""

    name: str
    members: Codes
    value: float
    null: float
    p: float


def by_class(result: Precise, drugs: Drugs, permutations: Codes) -> list[Class]:
    """Mean average precision of the drugs of each mechanism, those first that exceed permuted mechanisms most."""
    place = np.argsort(permutations, axis=1)
    out = []
    for name, members in drugs.classes:
        mean = mean_known(np.take_along_axis(result.drawn, place[:, members], axis=1), 1)
        if np.isfinite(mean[0]):
            held = tested(float(mean[0]), mean[1:], len(members))
            out.append(Class(name, members, held.value, held.null, held.p))
    return sorted(out, key=lambda c: (-(c.value - c.null) if np.isfinite(c.null) else 0.0, c.name))


def supported(classes: list[Class]) -> list[str]:
    """Names of the mechanisms that exceed permuted ones, in the order given."""
    q = benjamini_hochberg(np.asarray([c.p for c in classes], dtype=np.float64))
    return [c.name for c, own in zip(classes, q, strict=True) if own < CLASS_Q.value]


def mean_known(values: Array, axis: int) -> Array:
    """Mean of what is not NaN; NaN without any."""
    known = np.isfinite(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(known, values, 0.0).sum(axis=axis) / known.sum(axis=axis))
