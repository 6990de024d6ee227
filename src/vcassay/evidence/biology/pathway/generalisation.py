"""Pathway generalisation: whether drugs are predicted better where training perturbed the pathway of their target."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.adjusted import adjusted_slopes, resampled_slopes
from vcassay.arrays.agreement import pearson
from vcassay.arrays.group_means import group_means
from vcassay.arrays.matched_ranks import centred_ranks, matched_auroc
from vcassay.arrays.multiple import benjamini_hochberg
from vcassay.arrays.permutations import permute_within
from vcassay.arrays.resample import widening
from vcassay.core import Finding, Status, Threshold
from vcassay.evidence.biology.bench import Bench
from vcassay.evidence.biology.contrast import NOT_ASSESSABLE, not_assessable
from vcassay.evidence.biology.diagnostic import diagnostic, finding
from vcassay.evidence.biology.pathway.entities import Entities, target_entities
from vcassay.evidence.biology.pathway.evidence_near import NONE, PATHWAY, WORDS, Near, find_near
from vcassay.evidence.biology.pathway.neighbourhood import Partners, find_genetic, find_partners, towards_genes
from vcassay.evidence.biology.pathway.target_neighbours import draw_families, hold
from vcassay.evidence.biology.tested import DRAWS, MODEL_Q, Tested, tested, truth_passes

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Mask = NDArray[np.bool_]

NAME = "pathway_generalisation"

GENERAL_EACH = Threshold("generalisation_each", 8, "sets of targets with and without evidence near (proposal)")
GAIN_MATTERS = Threshold("generalisation_gain", 0.1, "least gain in Pearson delta worth the genetic arm (proposal)")
LEVEL = 0.95

REMEDY = "Ask whether the genetic arm of training reaches the model's drugs at all: train without it and compare."
WANTED = (
    "it would take more drugs with known targets, some with and some without a genetic perturbation of their target's "
    "pathway in training"
)


class Gain(NamedTuple):
    """What evidence near adds to skill.

    Attributes
    ----------
    gain
        Adjusted difference in mean Pearson delta, beside permuted pathways.
    low, high
        Interval by resampling sets of targets.
    step, step_p
        What every step nearer adds (none, pathway, target), and its p-value.
    draws
        (draws,) resampled differences.
    """

    gain: Tested
    low: float
    high: float
    step: float
    step_p: float
    draws: Array


@diagnostic(
    NAME, title="Pathway generalisation", source="Csendes 2026 (Turbine), from genes to drugs; Frisch & Waugh 1933"
)
def pathway_generalisation(bench: Bench, rng: np.random.Generator) -> tuple[Finding, ...]:
    """Drugs are predicted better where the pathway of their target was genetically perturbed in training.

    Skill is the Pearson correlation with the measured effect, of drugs with a detectable effect and three known targets
    at most, less the context's mean; conditions without an answer count 0. Drugs of the same targets are one. The
    gain is the difference of skill between those of which a partner of the target (one relation or one moderate gene
    set) was perturbed in training and those of which none was, adjusted by least squares for effect size, numbers of
    targets and of known partners, expression of the target, the nearest training drug by structure and training drugs
    of the same target. Drugs whose target itself was perturbed are a stratum of their own, and join the first only
    where that is too small; where a large library perturbs something of every pathway, larger shares of known partners
    are compared with smaller ones. The null gives each drug the pathway of another with like number of partners and
    expression, so that training covers as many; the interval resamples sets of targets.

    The truth must show that such training is informative: drugs must be more like the perturbation of their target's
    partners than like that of other genes, beyond permuted targets. PASS: the gain beats the null, and exceeds the
    largest gain of a baseline by its interval. WARN: the null only: a baseline that cannot transfer gains as much.
    FAIL: the gain does not beat the null and its interval ends below 0.1, or it is reversed. Otherwise, and with fewer
    than 8 sets of targets on either side, not assessable.
    """
    entities, genetic = target_entities(bench), find_genetic(bench)
    if not entities.members or not genetic.genes:
        lack = f"no drug with a known target has a measured effect in the test set{entities.left_out}"
        why = lack if not entities.members else "no gene is perturbed in training"
        return not_assessable(NAME, f"{why}.", bench.submissions)
    if not bench.knowledge.relations and not bench.knowledge.gene_sets:
        return not_assessable(NAME, "no relations or gene sets are handed in under [knowledge].", bench.submissions)
    partners = find_partners(bench, entities, genetic)
    near = find_near(bench, entities, genetic, partners)
    counts = np.bincount(near.level, minlength=len(WORDS))
    told = ", ".join(f"{WORDS[k]} {counts[k]} ({near.drugs[near.level == k].sum()} drugs)" for k in range(len(WORDS)))
    coverage = f"{len(entities.members)} sets of targets{entities.left_out}: {told}"
    use, exposed, what = _sides(near)
    if min((exposed & use).sum(), (~exposed & use).sum()) < GENERAL_EACH.value:
        why = f"of {coverage}; {GENERAL_EACH.value:g} are needed on either side: {WANTED}."
        return not_assessable(NAME, why, bench.submissions)
    gate = _informative(bench, entities, partners, use & exposed, rng)
    seen = f"mean AUROC of perturbed partners among matched genes, by likeness to the drug, {gate.value:.2f} over"
    seen = f"{seen} {gate.n} families of targets, {gate.null:.2f} with permuted targets (p = {gate.p:.2g})"
    if not np.isfinite(gate.p) or not truth_passes(gate):
        why = f"in the truth, {seen}: perturbing a pathway does not tell what its drugs do; {WANTED}. {coverage}."
        return not_assessable(NAME, why, bench.submissions, value=gate.value, null=gate.null)
    arms = (*bench.submissions, *bench.baselines)
    skill = np.column_stack([np.zeros((len(near.level), 0)), *(skill_of(bench, entities, a.values) for a in arms)])
    gains = dict(zip([(a.role, a.name) for a in arms], measure_gains(skill, near, use, exposed, rng), strict=True))
    best = max((a for a in bench.baselines), key=lambda a: gains[a.role, a.name].gain.value, default=None)
    rival = None if best is None else gains[best.role, best.name]
    base = None if best is None else skill_of(bench, entities, best.values)
    given = f"adjusted for {', '.join(near.names)}" if near.names else "not adjusted"
    sentence = f"In the truth, {seen}. {coverage}; gains compare {what}, {given}."
    seed = int(rng.integers(2**63))  # no model's interval depends on how many others there are
    numbers = {"value": gate.value, "null": gate.null, "evidence": _rows(near, None, base, seed)}
    study = finding(NAME, Status.PASS, sentence, **numbers)
    adjusted = benjamini_hochberg(np.array([gains[a.role, a.name].gain.p for a in bench.submissions]))
    about = []
    for k, (arm, q) in enumerate(zip(bench.submissions, adjusted.tolist(), strict=True)):
        own = gains[arm.role, arm.name]
        status, words = grade_gain(own, rival, q)
        beside = "" if best is None or rival is None else f"; baseline '{best.name}' {rival.gain.value:.2f}"
        text = f"{words}: {tell(own)}{beside}."
        more: dict[str, Any] = {"value": own.gain.value, "null": own.gain.null}
        more |= {"evidence": _rows(near, skill[:, k], base, seed), "model": arm.name}
        more |= {"remedy": REMEDY if status in (Status.WARN, Status.FAIL) else ""}
        about.append(finding(NAME, status, text, **more))
    return (study, *about)


def _sides(near: Near) -> tuple[Mask, Mask, str]:
    """Sets of targets that count, which of them have evidence near, and what is compared in words."""
    pathway, none = (near.level == PATHWAY).sum(), (near.level == NONE).sum()
    if min(pathway, none) >= GENERAL_EACH.value:
        return near.level <= PATHWAY, near.level == PATHWAY, f"{WORDS[PATHWAY]}, with {WORDS[NONE]}"
    if min((near.level > NONE).sum(), none) >= GENERAL_EACH.value:
        words = f"pathway or target perturbed, with {WORDS[NONE]}"
        return np.ones(len(near.level), dtype=np.bool_), near.level > NONE, words
    # a large library perturbs something of nearly every pathway, but not as much of each
    use = near.level <= PATHWAY
    middle = float(np.median(near.share[use])) if use.any() else np.nan
    return use, near.share > middle, f"more than {middle:.0%} of the known partners perturbed, with fewer"


def _informative(bench: Bench, entities: Entities, partners: Partners, use: Mask, rng: np.random.Generator) -> Tested:
    """Whether measured drugs are more like perturbing their target's partners (or the target) than other genes."""
    genetic = find_genetic(bench)
    at = np.flatnonzero(use)
    ranks = centred_ranks(towards_genes(bench, bench.truth, entities), genetic.stratum)[at]
    member = np.where(partners.own, 1.0, partners.member)[at]
    areas = matched_auroc(ranks, member, genetic.stratum)
    return hold(areas, np.isfinite(np.diag(areas)), *draw_families(entities, at, rng))


def skill_of(bench: Bench, entities: Entities, values: Array) -> Array:
    """(n,) mean Pearson correlation with the truth of each set of targets, less the mean of its contexts."""
    at = np.flatnonzero(entities.item >= 0)
    found = np.nan_to_num(pearson(bench.truth.values[at], values[at], bench.mask[at]))
    _, context = np.unique(bench.table.context[at], return_inverse=True)
    mean = group_means(found[:, None], context, int(context.max()) + 1)[:, 0]
    level = float(found.mean())
    return group_means((found - mean[context] + level)[:, None], entities.item[at], len(entities.members))[:, 0]


def measure_gains(skill: Array, near: Near, use: Mask, exposed: Mask, rng: np.random.Generator) -> list[Gain]:
    """Adjusted differences of skill, with the same permutations and resamples for every arm.

    Parameters
    ----------
    skill
        (n, k) of k arms.
    """
    at = np.flatnonzero(use)
    side, given = exposed[at].astype(np.float64), near.covariates[at]
    value = adjusted_slopes(skill[at], side[None], given)[0]
    null = adjusted_slopes(skill[at], side[permute_within(near.stratum[at], DRAWS, rng)], given)
    draws = resampled_slopes(skill[at], side, given, np.arange(len(at)), DRAWS, rng)
    level = near.level.astype(np.float64)
    step = adjusted_slopes(skill, level[None], near.covariates)[0]
    steps = adjusted_slopes(skill, level[permute_within(near.stratum, DRAWS, rng)], near.covariates)
    out = []
    for k in range(skill.shape[1]):
        low, high = limits(draws[:, k], value[k], len(at))
        own = tested(step[k], steps[:, k], len(level))
        out.append(Gain(tested(value[k], null[:, k], len(at)), low, high, own.value, own.p, draws[:, k]))
    return out


def limits(draws: Array, value: float, clusters: int) -> tuple[float, float]:
    """Interval of `LEVEL` by percentiles, widened for few clusters."""
    kept = draws[np.isfinite(draws)]
    if len(kept) < len(draws) / 2 or not np.isfinite(value):
        return np.nan, np.nan
    low, high = np.quantile(kept, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    wide = widening(float(clusters), LEVEL)
    return float(value - wide * (value - low)), float(value + wide * (high - value))


def grade_gain(own: Gain, rival: Gain | None, q: float) -> tuple[Status, str]:
    """Grade a gain beside permuted pathways and the largest gain of a baseline."""
    if not np.isfinite(own.gain.p):
        return Status.NA, f"{NOT_ASSESSABLE}covariates tell where evidence is near"
    if own.gain.p_reversed <= MODEL_Q.value / 2:
        return Status.FAIL, "Skill is lower where the pathway was perturbed than where it was not"
    if q < MODEL_Q.value:
        if rival is None:
            return Status.PASS, "Skill is higher where the pathway was perturbed"
        low, _ = limits(own.draws - rival.draws, own.gain.value - rival.gain.value, own.gain.n)
        if low > 0:
            return Status.PASS, "Skill is higher where the pathway was perturbed, by more than any baseline's"
        return Status.WARN, "Skill is higher where the pathway was perturbed, but a baseline's is as well"
    if own.high < GAIN_MATTERS.value:
        return Status.FAIL, f"Genetic evidence near the target adds nothing that matters ({GAIN_MATTERS.value:g})"
    return Status.NA, f"{NOT_ASSESSABLE}the gain is within permuted pathways, and its interval leaves both answers"


def tell(own: Gain) -> str:
    """A gain in words."""
    gain = own.gain
    return (
        f"gain in Pearson delta {gain.value:.2f} ({own.low:.2f} to {own.high:.2f}) over {gain.n} sets of targets, "
        f"{gain.null:.2f} with permuted pathways (p = {gain.p:.2g}), {own.step:.2f} a step nearer "
        f"(p = {own.step_p:.2g})"
    )


def _rows(near: Near, model: Array | None, base: Array | None, seed: int) -> list[Mapping[str, Any]]:
    """Evidence: skill by how near training came."""
    rng = np.random.default_rng(seed)
    rows: list[Mapping[str, Any]] = []
    for k, words in enumerate(WORDS):
        at = np.flatnonzero(near.level == k)
        if not len(at):
            continue
        row: dict[str, Any] = {"kind": "stratum", "stratum": words, "drugs": int(near.drugs[at].sum())}
        if model is not None:
            row["model"] = float(model[at].mean())
            times = rng.multinomial(len(at), np.full(len(at), 1 / len(at)), size=DRAWS) / len(at)
            low, high = limits(times @ model[at], row["model"], len(at))
            row |= {"low": low, "high": high} if np.isfinite(low) else {}
        if base is not None:
            row["baseline"] = float(base[at].mean())
        rows.append(row)
    return rows
