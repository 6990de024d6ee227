"""Target neighbours: whether a drug acts like perturbing the partners of its target."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.group_means import group_means
from vcassay.arrays.matched_ranks import centred_ranks, matched_auroc
from vcassay.arrays.permutations import permute_within
from vcassay.core import Finding, Threshold
from vcassay.evidence.biology.bench import Bench
from vcassay.evidence.biology.contrast import Contrast, Wording, judge, not_assessable
from vcassay.evidence.biology.diagnostic import diagnostic
from vcassay.evidence.biology.pathway.entities import Entities, target_entities
from vcassay.evidence.biology.pathway.matrix import matrix_rows
from vcassay.evidence.biology.pathway.neighbourhood import (
    Genetic,
    Partners,
    find_genetic,
    find_partners,
    towards_genes,
)
from vcassay.evidence.biology.tested import DRAWS, Tested, tested

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

NAME = "target_neighbours"

NEIGHBOUR_GENES = Threshold("neighbours_perturbed", 20, "fewer perturbed genes leave no matched ones (proposal)")
NEIGHBOUR_TARGETS = Threshold("neighbours_targets", 8, "fewer families of targets have few permutations (proposal)")
NEIGHBOUR_LEAST = Threshold("neighbours_least", 2, "partners of a target that are perturbed in training (proposal)")

WORDS = Wording(
    quantity="mean AUROC of partners of the target against matched genes, by likeness to the drug,",
    unit="families of targets",
    permuted="targets",
    wanted=(
        "it would take more drugs whose targets have partners perturbed in training, in the same contexts, "
        "or stronger effects"
    ),
    remedy="Check that predicted effects of drugs lie near measured effects of genes in the pathway of their target.",
)


@diagnostic(NAME, title="Neighbourhood of the target", source="known-inhibitor recall of LPM; connectivity of CMap")
def target_neighbours(bench: Bench, rng: np.random.Generator) -> tuple[Finding, ...]:
    """Drugs act like perturbing the partners of their target, more than like perturbing matched other genes.

    For drugs with known targets, three at most, the cosine of their effect in test (measured, or predicted) with the
    measured training effect of every perturbed gene, in the same context where it was tried there. Cosines are turned
    by directions: an inhibitor should be like a knock-down and opposite to an activation; where a direction is not
    known, without sign. Partners are genes of one relation or one moderate gene set with a target; the target itself
    takes no part, whether or not it is perturbed. The AUROC compares partners with other genes of like strength and
    expression; drugs of the same targets and direction are one, and those of half the same targets a family, which
    counts once. The null moves targets between families of one direction, so that what all drugs, or hubs, have in
    common is in it.

    Not assessable with fewer than 20 genes perturbed in training, fewer than 8 families of targets with two such
    partners or more, and where the truth's AUROC is not above the null.
    """
    entities, genetic = target_entities(bench), find_genetic(bench)
    why = _missing(bench, entities, genetic)
    if why:
        return not_assessable(NAME, f"{why}.", bench.submissions)
    partners = find_partners(bench, entities, genetic)
    kept = np.flatnonzero((partners.member != 0).sum(axis=1) >= NEIGHBOUR_LEAST.value)
    known = "; ".join(p.coverage for p in partners.pairs)
    coverage = (
        f"{len(kept)} of {len(entities.members)} sets of targets{entities.left_out} have {NEIGHBOUR_LEAST.value:g} "
        f"partners or more among {len(genetic.genes)} genes perturbed in training ({known})"
    )
    if len(kept) < NEIGHBOUR_TARGETS.value or len(np.unique(entities.families(kept))) < NEIGHBOUR_TARGETS.value:
        return not_assessable(
            NAME, f"{coverage}; {NEIGHBOUR_TARGETS.value:g} families of them are needed.", bench.submissions
        )
    drawn = draw_families(entities, kept, rng)
    ranks = {(a.role, a.name): _ranks(towards_genes(bench, a, entities), partners, genetic) for a in bench.arms}
    inner = {
        a.name: _ranks(towards_genes(bench, a, entities, embedding=True), partners, genetic)
        for a in bench.submissions
        if a.embedding is not None
    }
    member = partners.member[kept]
    areas = {key: _areas(own[kept], member, genetic) for key, own in ranks.items()}
    truth = areas["truth", bench.truth.name]
    models: dict[str, Tested | str] = {}
    truths = {}
    for arm in bench.submissions:
        area = areas[arm.role, arm.name]
        both = np.isfinite(np.diag(area)) & np.isfinite(np.diag(truth))
        enough = len(np.unique(drawn[0][both])) >= NEIGHBOUR_TARGETS.value
        models[arm.name] = (
            hold(area, both, *drawn) if enough else f"it answers {both.sum()} of {len(both)} sets of targets"
        )
        if not np.array_equal(both, np.isfinite(np.diag(truth))):
            truths[arm.name] = hold(truth, both, *drawn)
    everything = np.isfinite(np.diag(truth))
    contrast = Contrast(
        truth=hold(truth, everything, *drawn),
        models=models,
        truths=truths,
        baselines={a.name: hold(areas[a.role, a.name], everything, *drawn) for a in bench.baselines},
        embeddings={name: hold(_areas(own[kept], member, genetic), everything, *drawn) for name, own in inner.items()},
        rows=matrix_rows(bench, entities, genetic, ranks["truth", bench.truth.name], None),
        model_rows={
            a.name: matrix_rows(bench, entities, genetic, ranks["truth", bench.truth.name], ranks[a.role, a.name])
            for a in bench.submissions
        },
        coverage=coverage + ".",
    )
    return judge(NAME, bench, contrast, WORDS)


def _missing(bench: Bench, entities: Entities, genetic: Genetic) -> str:
    """Why nothing can be asked; empty where it can."""
    if not entities.members:
        return f"no drug with a known target has a measured effect in the test set{entities.left_out}"
    if len(genetic.genes) < NEIGHBOUR_GENES.value:
        return f"{len(genetic.genes)} genes are perturbed in training, {NEIGHBOUR_GENES.value:g} are needed"
    if not bench.knowledge.relations and not bench.knowledge.gene_sets:
        return "no relations or gene sets are handed in under [knowledge]"
    return ""


def _ranks(likeness: Array, partners: Partners, genetic: Genetic) -> Array:
    """(n, m) matched ranks; the targets themselves tie with all, and a row that is not answered is NaN."""
    answered = np.isfinite(likeness).any(axis=1, keepdims=True)
    ranks = centred_ranks(np.where(partners.own, np.nan, likeness), genetic.stratum)
    return np.asarray(np.where(answered, ranks, np.nan))


def _areas(ranks: Array, member: Array, genetic: Genetic) -> Array:
    """(n, n) AUROC of each set of partners for each entity."""
    return matched_auroc(ranks, member, genetic.stratum)


def draw_families(entities: Entities, used: Codes, rng: np.random.Generator) -> tuple[Codes, Codes]:
    """Families of the entities used, and (draws, families) whose partners each is given: one of its direction."""
    family = entities.families(used)
    first = np.unique(family, return_index=True)[1]
    direction = entities.direction[used][first]
    return family, permute_within(direction, DRAWS, rng)


def hold(areas: Array, use: NDArray[np.bool_], family: Codes, order: Codes) -> Tested:
    """Hold the mean AUROC of a family's own partners beside that of other families' partners.

    Parameters
    ----------
    areas
        (n, n) of entity and set of partners; families are averaged first, every member with every set.
    use
        (n,) entities that count.
    family, order
        From `draw_families`.
    """
    at = np.flatnonzero(use)
    if not len(at):
        return Tested(np.nan, np.nan, np.nan, np.nan, np.nan, 0)
    some = np.unique(family[at])
    sets = group_means(np.ascontiguousarray(areas[at].T), family, order.shape[1])
    mean = group_means(np.ascontiguousarray(sets.T), family[at], order.shape[1])
    drawn = mean[some, order[:, some]].mean(axis=1)
    return tested(float(mean[some, some].mean()), drawn, len(some))
