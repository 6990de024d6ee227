"""Retrieval: is the prediction nearest to its own perturbation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays import retrieval as kernels
from vcassay.evidence.metrics.candidates import Field, in_fields
from vcassay.evidence.metrics.metric import metric

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Codes = NDArray[np.int64]

MOST_MATCHED = 1000
"""Candidates up to which an assignment of all is sought."""
MOST_ABSOLUTE = 400
"""Candidates for absolute distances: more are thinned out evenly, which leaves the expected score as it is."""

EASY = "an easy panel; near-equal perturbations such as paralogs or neighbouring doses, which are true ties"
FEW = "fewer than two conditions share context, dose and time"


@metric(
    "pds_cosine",
    title="Perturbation discrimination (cosine)",
    family="retrieval",
    optimum=1.0,
    chance=0.5,
    higher_is_better=True,
    primary=True,
    source="Virtual Cell Challenge 2025; docs/methods.md, section 8",
    fooled_by=EASY,
    undefined=FEW,
)
def pds_cosine(fields: tuple[Field, ...]) -> Array:
    """Share of the panel that is farther from the prediction than its own truth, by cosine.

    Candidates are the test conditions of the same context, dose and time; genes are those scored
    for all of them. Ties take the mid-rank, a zero effect is at distance 1 from all, so no change
    scores .5. Undefined with fewer than two candidates.
    """
    return in_fields(fields, lambda f: kernels.discrimination(f.cosine))


@metric(
    "pds_cosine_reverse",
    title="Perturbation discrimination, other direction",
    family="retrieval",
    optimum=1.0,
    chance=0.5,
    higher_is_better=True,
    source="Wu et al. 2024 (PerturBench): rank of the prediction among predictions",
    fooled_by="as perturbation discrimination; a hub near to all fools one direction, not both",
    undefined=FEW,
)
def pds_cosine_reverse(fields: tuple[Field, ...]) -> Array:
    """Share of the panel's predictions that are farther from the truth than its own, by cosine."""
    return in_fields(fields, lambda f: kernels.discrimination(f.cosine.T))


@metric(
    "pds_cosine_kin",
    title="Perturbation discrimination, kin left out",
    family="retrieval",
    optimum=1.0,
    chance=0.5,
    higher_is_better=True,
    source="our own (docs/methods.md, section 8); near-ties of one family are true ties",
    fooled_by="an easy panel",
    undefined="no condition of another family shares context, dose and time",
)
def pds_cosine_kin(fields: tuple[Field, ...], family: Codes) -> Array:
    """Perturbation discrimination in which conditions of the same family are no rivals."""

    def apart(field: Field) -> Array:
        nearer, tied, rivals = kernels.place(field.cosine, family[field.rows])
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(rivals > 0, 1.0 - (nearer + tied / 2.0) / rivals, np.nan)

    return in_fields(fields, apart)


@metric(
    "pds_l2",
    title="Perturbation discrimination (Euclidean)",
    family="retrieval",
    optimum=1.0,
    chance=0.5,
    higher_is_better=True,
    source="cell-eval (Arc Institute)",
    fooled_by="its scale: shrinking costs, inflating hardly does (arXiv 2511.16954)",
    undefined=FEW,
)
def pds_l2(fields: tuple[Field, ...]) -> Array:
    """Perturbation discrimination by Euclidean distance."""
    return in_fields(fields, lambda f: kernels.discrimination(f.squared, _close(f.squared)))


@metric(
    "pds_l2_matched",
    title="Perturbation discrimination (Euclidean, sizes matched)",
    family="retrieval",
    optimum=1.0,
    chance=0.5,
    higher_is_better=True,
    source="arXiv 2511.16954: discrimination under matched norms",
    fooled_by=EASY,
    undefined=FEW,
)
def pds_l2_matched(fields: tuple[Field, ...]) -> Array:
    """Perturbation discrimination by Euclidean distance, predictions brought to the truths' median length.

    One factor for all of a context, dose and time: brought to its own truth's length, a prediction
    would tell which truth that is.
    """

    def matched(field: Field) -> Array:
        known = np.isfinite(field.pred).all(axis=1)
        if not known.any():
            return np.full(len(field.rows), np.nan)
        mine, theirs = (np.nanmedian(np.sqrt((m**2).sum(axis=1))) for m in (field.pred[known], field.truth))
        distance = kernels.squared_distances(field.pred * (theirs / mine if mine > 0 else 0.0), field.truth)
        return kernels.discrimination(distance, _close(distance))

    return in_fields(fields, matched)


@metric(
    "pds_l1",
    title="Perturbation discrimination (absolute)",
    family="retrieval",
    optimum=1.0,
    chance=0.5,
    higher_is_better=True,
    source="Virtual Cell Challenge 2025, its first form",
    fooled_by="its scale, as the Euclidean form",
    undefined=FEW,
)
def pds_l1(fields: tuple[Field, ...]) -> Array:
    """Perturbation discrimination by the sum of absolute differences, on at most 400 candidates."""

    def some(field: Field) -> Array:
        m = len(field.rows)
        out = np.full(m, np.nan)
        parts = -(-m // MOST_ABSOLUTE)
        for first in range(parts):  # each part is a panel of its own: every parts-th condition
            at = np.arange(first, m, parts)
            distance = kernels.absolute_distances(field.pred[at], field.truth[at])
            out[at] = kernels.discrimination(distance, _close(distance))
        return out

    return in_fields(fields, some)


@metric(
    "centroid_accuracy",
    title="Centroid accuracy",
    family="retrieval",
    optimum=1.0,
    chance=0.5,
    higher_is_better=True,
    source="Vinas Torne et al. 2025 (Systema), CellSimBench: a tie is lost",
    fooled_by="its scale, as Euclidean discrimination",
    undefined=FEW,
)
def centroid_accuracy(fields: tuple[Field, ...]) -> Array:
    """Share of the panel's profiles that are strictly farther from the predicted profile than its own."""

    def strict(field: Field) -> Array:
        nearer, tied, rivals = kernels.place(field.squared, tolerance=_close(field.squared))
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(rivals > 0, 1.0 - (nearer + tied) / rivals, np.nan)

    return in_fields(fields, strict)


@metric(
    "reciprocal_rank",
    title="Reciprocal rank, freed of chance",
    family="retrieval",
    optimum=1.0,
    chance=0.0,
    higher_is_better=True,
    source="Wu et al. 2024 (PerturBench); chance is taken off",
    fooled_by=EASY,
    undefined=FEW,
)
def reciprocal_rank(fields: tuple[Field, ...]) -> Array:
    """1 / rank of the own perturbation among the panel's, by cosine: 0 for a random order."""
    return in_fields(fields, lambda f: kernels.reciprocal_rank(f.cosine))


@metric(
    "top1",
    title="Nearest is its own, freed of chance",
    family="retrieval",
    optimum=1.0,
    chance=0.0,
    higher_is_better=True,
    source="companion of perturbation discrimination",
    fooled_by=EASY,
    undefined=FEW,
)
def top1(fields: tuple[Field, ...]) -> Array:
    """Whether the own perturbation is the nearest of all, by cosine; chance is taken off."""
    return in_fields(fields, lambda f: kernels.top_hits(f.cosine, 1))


@metric(
    "top5pct",
    title="Own perturbation among the nearest 5 %, freed of chance",
    family="retrieval",
    optimum=1.0,
    chance=0.0,
    higher_is_better=True,
    source="companion of perturbation discrimination",
    fooled_by=EASY,
    undefined=FEW,
)
def top5pct(fields: tuple[Field, ...]) -> Array:
    """Whether the own perturbation is among the nearest 5 % (at least one), by cosine; chance is taken off."""
    return in_fields(fields, lambda f: kernels.top_hits(f.cosine, max(1, round(len(f.rows) / 20))))


@metric(
    "matching_accuracy",
    title="Matching accuracy, freed of chance",
    family="retrieval",
    optimum=1.0,
    chance=0.0,
    higher_is_better=True,
    source="Kuhn 1955 (assignment); symmetric in prediction and truth",
    fooled_by=EASY,
    undefined=f"{FEW}, or more than {MOST_MATCHED} do",
)
def matching_accuracy(fields: tuple[Field, ...]) -> Array:
    """Share of predictions that the best one-to-one assignment to truths gives to their own, by cosine."""

    def matched(field: Field) -> Array:
        few = len(field.rows) <= MOST_MATCHED
        return kernels.matching(field.cosine) if few else np.full(len(field.rows), np.nan)

    return in_fields(fields, matched)


@metric(
    "population_retrieval",
    title="Retrieval by a classifier of real cells",
    family="retrieval",
    optimum=1.0,
    chance=0.5,
    higher_is_better=True,
    source="arXiv 2607.04595 (score distributions, not cells): average class probabilities over the population",
    fooled_by=EASY,
    undefined=f"{FEW}, or halves are not measurable",
)
def population_retrieval(fields: tuple[Field, ...], half_a: Array, half_b: Array, se: Array) -> Array:
    """Rank of the own class in the log-probabilities that a linear classifier gives to the population.

    The classifier is trained on one half of the real cells (diagonal discriminant, variances of all
    conditions together) and reads the prediction's mean: for a linear score the average over a
    population is the score of its mean. Mean over both halves.
    """
    rank = _classified(se)
    return in_fields(fields, lambda f: (rank(f, half_a) + rank(f, half_b)) / 2.0)


def _classified(se: Array) -> Callable[[Field, Array], Array]:
    def rank(field: Field, classes: Array) -> Array:
        at = np.ix_(field.rows, field.genes)
        variance = np.square(se[at]).mean(axis=0)
        distance = kernels.gaussian_distances(field.pred, classes[at], variance)
        return kernels.discrimination(distance, _close(distance))

    return rank


def _close(distance: Array) -> float:
    """Distances nearer than this are tied: rounding of a sum."""
    return 1e-12 * float(np.nanmax(distance, initial=0.0))
