"""Scope: limits of the claim that follow from the data."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import numpy as np

from vcassay.arrays.agreement import pearson
from vcassay.arrays.resolution import resolvable_difference
from vcassay.claim.kind import drug_parts
from vcassay.claim.novelty import Novelty, is_stray
from vcassay.claim.related import Related
from vcassay.claim.split import Split
from vcassay.claim.strata import Stratum, names_of
from vcassay.claim.wording import Sentence, plural
from vcassay.core import STRENGTH, Conditions, Regime, Threshold
from vcassay.effects import Effects

MIN_CONTEXTS = Threshold("min_contexts", 5, "below it intervals are conditional on these contexts (methods 7)")
MIN_PERTURBATIONS = Threshold("min_perturbations", 8, "below it there is no interval within few contexts (methods 7)")
STRONG_MEDIAN = Threshold("strong_share", 0.5, "above it the set is mostly strong effects, as with essential genes")
ESSENTIAL_SHARE = Threshold("essential_share", 0.5, "above it aggregate scores are those of essential genes")
DRAWS = 1000
"""Bootstrap draws of the resolvable difference."""


def table_notes(
    split: Split, novelty: Novelty, strata: Sequence[Stratum], regime: Regime | None, covered: float
) -> Iterator[Sentence]:
    """Limits that follow from the tables alone.

    Parameters
    ----------
    regime, covered
        The overall regime, and the share of the test conditions that it covers at least.
    """
    if regime is None:
        return
    n, rank = sum(len(s.at) for s in strata), STRENGTH.index(regime)
    if split.assumed:
        yield Sentence("The training set is assumed, not declared.", split.assumed)
    for word, aside in (
        ("weaker", [s for s in strata if STRENGTH.index(s.regime) < rank]),
        ("stronger", [s for s in strata if STRENGTH.index(s.regime) > rank]),
    ):
        count = sum(len(s.at) for s in aside)
        if count and is_stray(count, n, covered):
            kinds = ", ".join(f"{len(s.at)} {s.regime}" for s in aside)
            head = (
                f"{count} of {n:,} test conditions ({count / n:.1%}) are of a {word} regime and set aside in the claim."
            )
            yield Sentence(head, kinds)
    for each in dict.fromkeys(s.regime for s in strata):
        own = [s for s in strata if s.regime is each]
        if not is_stray(sum(len(s.at) for s in own), n, covered):
            at = np.concatenate([s.at for s in own])
            table = split.conditions.take(novelty.test[at])
            for note in _limits(split, table, each):
                mixed = f"For the test conditions of {each}: " if each is not regime else ""
                yield Sentence(
                    mixed + (note.sentence[:1].lower() + note.sentence[1:] if mixed else note.sentence), note.reason
                )
    yield from _coverage(split)


def _limits(split: Split, table: Conditions, regime: Regime) -> Iterator[Sentence]:
    """Limits of the test conditions of one regime."""
    contexts, perturbations = len(names_of(table)), len(set(table.parts))
    if regime in (Regime.CEX, Regime.AEX, Regime.FEW_SHOT) and contexts < MIN_CONTEXTS.value:
        yield Sentence(
            f"A statement about these {contexts} contexts, not about contexts in general."
            if contexts > 1
            else "A statement about this one context, not about contexts in general.",
            f"fewer than {MIN_CONTEXTS.value:g} contexts are held out",
        )
    if perturbations < MIN_PERTURBATIONS.value:
        what = f"these {perturbations} perturbations" if perturbations > 1 else "this one perturbation"
        yield Sentence(
            f"A statement about {what}, not about perturbations in general.",
            f"fewer than {MIN_PERTURBATIONS.value:g} are scored, too few for an interval within few contexts",
        )
    trained = len(names_of(split.conditions.take(split.train)))
    if regime in (Regime.CEX, Regime.AEX) and trained == 1:
        yield Sentence(
            "What differs between contexts cannot have been learnt.", "one context is in training, so none varies"
        )
    if regime in (Regime.GEX, Regime.DEX) and contexts <= 2:
        reason = f"the test set has {plural(contexts, 'context')}"
        yield Sentence("Nothing here tests whether the model knows the context.", reason)


def _coverage(split: Split) -> Iterator[Sentence]:
    """Doses and times of the test conditions."""
    table = split.conditions
    for noun, value in (("Doses", table.dose), ("Times", table.time)):
        tested, trained = value[split.test], value[split.train]
        tested, trained = tested[np.isfinite(tested)], trained[np.isfinite(trained)]
        if not len(tested):
            continue
        levels = np.unique(tested)
        what = noun.lower()[:-1]
        if len(levels) == 1:
            head, reason = f"All test conditions have one {what}, {levels[0]:g}.", f"nothing is said of {what} response"
        else:
            head = f"{noun} from {levels[0]:g} to {levels[-1]:g} ({len(levels)} levels)."
            reason = f"no other {what} was measured"
        if len(trained):
            reason += (
                f"; training has {plural(len(np.unique(trained)), 'level')}, {trained.min():g} to {trained.max():g}"
            )
        yield Sentence(head, reason)


def target_notes(split: Split, novelty: Novelty, related: Related) -> Iterator[Sentence]:
    """Of compounds tested across modalities: how many act on a gene that was perturbed in training."""
    at = novelty.test[novelty.regime == Regime.MODALITY.value]
    tested = {p for i in at for p in split.conditions.parts[i]}
    known = sorted(tested & related.targets.keys())
    if not len(at) or not tested & drug_parts(split.conditions.take(at)):
        return
    if not known:
        reason = "no target of a test compound is known: hand in compounds under [knowledge]"
        yield Sentence("Whether the tested compounds act on what was perturbed in training cannot be told.", reason)
        return
    genes = {p for i in split.train for p in split.conditions.parts[i]}
    hits = sum(bool(genes.intersection(related.targets[name])) for name in known)
    counted = f"{hits} of {plural(len(known), 'test compound')} with a known target"
    yield Sentence(
        f"{counted} act on a gene that was perturbed in training.",
        f"the targets of {len(tested) - len(known)} of {len(tested)} test compounds are not known",
    )


def essential_notes(split: Split, effects: Effects | None, essential: Collection[str], name: str) -> Iterator[Sentence]:
    """How much of the test set is in a list of essential genes, and how much stronger these act."""
    listed = frozenset(essential)
    table = split.conditions.take(split.test)
    known = np.array([any(p in listed for p in parts) for parts in table.parts], dtype=bool)
    if not len(known):
        return
    share = float(known.mean())
    reason = f"{int(known.sum()):,} of {len(known):,} test conditions are in '{name}'"
    if effects is not None:
        size = effects.effect[split.test]
        inside, outside = (size[at & np.isfinite(size)] for at in (known, ~known))
        if len(inside) and len(outside):
            reason += f"; their median effect is {np.median(inside):.3g}, that of the others {np.median(outside):.3g}"
    if share > ESSENTIAL_SHARE.value:
        head = "Most test perturbations are essential genes, whose strong, stereotyped effects lift aggregate scores."
    else:
        head = f"{share:.0%} of the test conditions perturb essential genes."
    yield Sentence(head, reason)


def effect_notes(split: Split, effects: Effects) -> Iterator[Sentence]:
    """Limits that follow from the measured effects."""
    test = split.test
    assessed, found = effects.assessed[test], effects.detectable[test]
    size = effects.effect[test]
    if np.isfinite(size).any():
        low, middle, high = np.nanquantile(size, [0.1, 0.5, 0.9])
        yield Sentence(
            f"Effects of the test conditions have a median size of {middle:.3g} "
            f"(a tenth below {low:.3g}, a tenth above {high:.3g}).",
            f"{_size_in_words(effects)}, corrected for noise; below 0 where halves disagree",
        )
    if not assessed.any():
        yield Sentence(
            "Which test conditions have any effect cannot be told.",
            _why_unassessed(split, effects),
        )
    else:
        yield Sentence(
            f"{int(found.sum())} of {int(assessed.sum())} test conditions have a detectable effect.",
            "against pseudo-perturbations drawn from controls; scores on the others are scores on noise",
        )
        strong = effects.stratum[test] == "strong"
        if found.any() and strong.sum() / found.sum() > STRONG_MEDIAN.value:
            yield Sentence(
                "Most detectable effects are strong, which makes the task easier than typical targets.",
                f"{int(strong.sum())} of {int(found.sum())} detectable test conditions are in the strong third",
            )
    yield from _resolution(split, effects)


def _size_in_words(effects: Effects) -> str:
    return "root mean square over scored genes" if len(effects.genes) > 1 else "distance from 0 of the one value"


def _why_unassessed(split: Split, effects: Effects) -> str:
    if split.test_shards:
        return "cells of a condition are on both sides, so that halves are too small to draw a null for"
    if effects.moments.slots.n_groups:
        return "there are too few control rows for pseudo-perturbations"
    return "the rows are ready-made effects without controls"


def _resolution(split: Split, effects: Effects) -> Iterator[Sentence]:
    """Smallest difference between two models that this test set can show.

    The spread of paired differences between two unlike predictors stands for that between two models: the mean of the
    training effects, and a replicate (the other half of the cells, with controls of its own).
    """
    if not len(split.train):
        return
    if len(effects.genes) == 1:
        yield Sentence(
            "How small a difference between two models could be told apart is seen from the scores.",
            "one value a condition has no correlation of its own: see the intervals of the paired differences",
        )
        return
    at = split.test[effects.detectable[split.test]] if effects.assessed[split.test].any() else split.test
    mask = effects.mask[at] & np.isfinite(effects.half_a[at]) & np.isfinite(effects.half_b[at])
    delta = effects.delta_train[split.train]
    known = np.isfinite(delta)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(known, delta, 0.0).sum(axis=0) / known.sum(axis=0)
    mask &= np.isfinite(mean)
    truth, other = np.where(mask, effects.half_b[at], 0.0), np.where(mask, effects.half_a[at], 0.0)
    flat = np.broadcast_to(np.where(np.isfinite(mean), mean, 0.0), truth.shape)
    gap = pearson(truth, flat, mask) - pearson(truth, other, mask)
    ok = np.isfinite(gap)
    table = effects.conditions.take(at[ok])
    family = np.unique(table.perturbation, return_inverse=True)[1] if len(table) else np.zeros(0, dtype=np.int64)
    context = np.unique(table.context, return_inverse=True)[1] if len(table) else np.zeros(0, dtype=np.int64)
    smallest = resolvable_difference(gap[ok], context, family, DRAWS, np.random.default_rng([0, int(ok.sum())]))
    if np.isfinite(smallest):
        yield Sentence(
            f"Two models must differ by about {smallest:.2g} in Pearson delta for this test set to tell them apart.",
            f"5 % level, 80 % power, from the spread of paired differences between the training mean and a replicate "
            f"over {int(ok.sum())} conditions",
        )
    else:
        yield Sentence(
            "How small a difference between two models could be told apart is not measurable here.",
            f"{plural(int(ok.sum()), 'condition')} with a detectable effect and split halves, too few for an interval"
            if len(at)
            else "no test condition has a detectable effect",
        )
