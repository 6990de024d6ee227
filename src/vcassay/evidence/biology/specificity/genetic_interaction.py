"""Genetic interaction: what two perturbations together do beyond the sum of what each does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.codes import codes_of
from vcassay.arrays.interaction import centre
from vcassay.arrays.two_terms import Half, common_share, fit_two, interaction_class
from vcassay.arrays.unit_rows import unit_rows
from vcassay.core import Finding, Threshold
from vcassay.effects.measure import halves_of
from vcassay.evidence.biology.bench import TRUTH, Arm, Bench
from vcassay.evidence.biology.contrast import Wording, judge, not_assessable
from vcassay.evidence.biology.diagnostic import diagnostic
from vcassay.evidence.biology.specificity.matched import Layout, compare

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

NAME = "genetic_interaction"
LEAST = Threshold("genetic_interaction_least", 5, "permutations of fewer pairs cannot be told from the true order")
ROWS = 200
WORDS = Wording(
    quantity="mean correlation over genes of what combinations do beyond the sum of their parts",
    unit="combinations",
    permuted="combinations",
    wanted="it would take more combinations whose parts were measured alone, or more rows of each",
    remedy="What it predicts of combinations is, in effect, the sum of their parts.",
)


@dataclass(frozen=True, slots=True, eq=False)
class Pairs(Layout):
    """Combinations of two whose parts were measured alone: ``ab, a, b`` are positions in the whole table."""

    ab: Codes = field(kw_only=True)
    a: Codes = field(kw_only=True)
    b: Codes = field(kw_only=True)


@diagnostic(
    NAME, title="Genetic interaction", source="Norman et al. 2019, Science 365:786; Roohani et al. 2023 (GEARS)"
)
def genetic_interaction(bench: Bench, rng: np.random.Generator) -> tuple[Finding, ...]:
    """Combinations are predicted to differ from the sum of their parts as they do.

    Of each test combination of two whose parts were measured alone in its context, the sum of the single effects,
    times a factor common to all combinations, is taken off, and so is what they have in common beyond it: that
    combinations in general fall short of the sum is no knowledge of a pair. The truth is asked by halves, combinations
    and parts alike, that share neither rows nor controls. A model's parts are its own predictions where it makes them,
    else the effects that training measured: a sum of these leaves nothing and counts 0. In that second case a model
    that knows single effects better than they were measured is credited for it too. Pairs are permuted, and the spread
    widened for what pairs with a part in common share. How many of the pairs come into the truth's class (synergy,
    suppression, new, by the fit c1 A + c2 B) is told, and decides nothing. Not assessable with fewer than five such
    combinations in the test set, or where the truth's halves do not agree.
    """
    if not bench.has_halves:
        return not_assessable(NAME, "the truth cannot be measured twice: it takes several rows.", bench.submissions)
    every, n_pairs = _find(bench), int(sum(len(p) == 2 for p in bench.table.parts))
    splits, controls = halves_of(bench.split.scored_shards)
    moments, effects = bench.effects.moments, bench.effects

    def lay(known: NDArray[np.bool_]) -> Pairs | None:
        at = np.flatnonzero(known[every.rows])
        if len(at) < LEAST.value:
            return None
        item, group = (np.unique(c[at], return_inverse=True)[1].astype(np.int64) for c in (every.item, every.group))
        block = np.arange(int(item.max()) + 1)
        return Pairs(every.rows[at], item, group, block, dependent=True, ab=every.ab[at], a=every.a[at], b=every.b[at])

    kept: dict[bytes, list[tuple[Half, Half]]] = {}

    def halves(pairs: Pairs) -> list[tuple[Half, Half]]:
        key = pairs.rows.tobytes()
        if key not in kept:
            kept[key] = []
            for k, (a, b) in enumerate(splits[:3]):
                left, right = (moments.effects(s, c) for s, c in zip((a, b), controls[k % len(controls)], strict=True))
                kept[key].append((_sums(bench, pairs, left, left), _sums(bench, pairs, right, right)))
        return kept[key]

    def beyond(pairs: Pairs, whole: Array, alone: Array, share: float) -> Array:
        return unit_rows(centre(whole - share * alone, bench.mask[pairs.rows], pairs.group), whole)

    def measure(arm: Arm, layout: Layout) -> list[tuple[Array, Array]]:
        assert isinstance(layout, Pairs)
        parts = halves(layout)
        share = common_share(parts)
        if arm.role == TRUTH:
            return [(beyond(layout, *a, share), beyond(layout, *b, share)) for a, b in parts]
        truth = beyond(layout, *_sums(bench, layout, effects.delta, effects.delta), share)
        whole, alone = _predicted(bench, arm, layout)
        return [(beyond(layout, whole, alone, common_share([((whole, alone), (whole, alone))])), truth)]

    def tell(layout: Layout, truth: Array, model: Array | None) -> list[Mapping[str, Any]]:
        return []

    contrast = compare(bench, rng, lay, measure, tell)
    if contrast is None:
        why = (
            f"{len(every.rows)} of the {n_pairs} test combinations of two have both parts measured alone in their "
            f"context; {LEAST.value:g} are needed."
        )
        return not_assessable(NAME, why, bench.submissions)
    whole = lay(bench.truth.known)
    assert whole is not None
    share = common_share(halves(whole))
    coverage = f"Combinations have {share:.2f} times the sum of their parts, taken off."
    if n_pairs > contrast.truth.n:
        coverage += f" {n_pairs - contrast.truth.n} of {n_pairs} combinations have a part that was not measured alone."
    kinds = {a.name: _classes(bench, a, lay) for a in (bench.truth, *bench.submissions)}
    rows = {name: found for name, found in kinds.items() if found}
    contrast = replace(contrast, rows=rows.pop(TRUTH, []), model_rows=rows, coverage=coverage)
    return tuple(_with_classes(f) for f in judge(NAME, bench, contrast, WORDS))


def _with_classes(found: Finding) -> Finding:
    """Say how many pairs come into the truth's class."""
    told = [row for row in found.evidence if "model class" in row]
    if not told:
        return found
    same = sum(row["class"] == row["model class"] for row in told)
    return replace(found, sentence=f"{found.sentence} {same} of {len(told)} come into the class that they are of.")


def _find(bench: Bench) -> Pairs:
    """All test combinations of two whose parts were measured alone in their context."""
    place = {key: i for i, key in enumerate(bench.effects.conditions.keys)}
    found = []
    for row, (c, parts, dose, time) in enumerate(bench.table.keys):
        if len(parts) != 2:
            continue
        a, b = (place.get((c, (part,), dose, time), -1) for part in parts)
        if a >= 0 and b >= 0:
            found.append((row, int(bench.split.test[row]), a, b))
    rows, ab, first, second = np.asarray(found, dtype=np.int64).reshape(-1, 4).T
    treatments, context = bench.table.treatments, bench.table.context
    item = codes_of([treatments[i] for i in rows.tolist()])
    group = codes_of(context[rows].tolist())
    return Pairs(rows, item, group, np.arange(int(item.max(initial=-1)) + 1), dependent=True, ab=ab, a=first, b=second)


def _sums(bench: Bench, pairs: Pairs, whole: Array, single: Array) -> tuple[Array, Array]:
    """Effects of combinations, and the sums of their parts'."""
    mask = bench.mask[pairs.rows]
    both = np.nan_to_num(whole[pairs.ab]), np.nan_to_num(single[pairs.a] + single[pairs.b])
    return np.where(mask, both[0], 0.0), np.where(mask, both[1], 0.0)


def _singles(bench: Bench, arm: Arm) -> Array:
    """(n, g) effects of all conditions as an arm has them: predicted, else as training measured them."""
    out = bench.effects.delta_train.copy()
    if arm.answer is not None:
        at = bench.split.test[arm.known]
        out[at] = np.where(arm.answer.genes, arm.answer.values[arm.known], 0.0)
    return out


def _predicted(bench: Bench, arm: Arm, pairs: Pairs) -> tuple[Array, Array]:
    own = np.zeros_like(bench.effects.delta)
    own[bench.split.test] = arm.values
    whole, alone = _sums(bench, pairs, own, _singles(bench, arm))
    if arm.answer is not None:
        alone = np.where(arm.answer.genes, alone, 0.0)
    return whole, alone


def _classes(bench: Bench, arm: Arm, lay: Any) -> list[Mapping[str, Any]]:
    """Coefficients and class of each combination, of the truth and of an arm."""
    pairs = lay(bench.truth.known & arm.known)
    if pairs is None:
        return []
    mask = bench.mask[pairs.rows]

    def fit(whole: Array, single: Array) -> tuple[Array, list[str]]:
        ab, a, b = (np.where(mask, np.nan_to_num(v), 0.0) for v in (whole, single[pairs.a], single[pairs.b]))
        found = fit_two(ab, a, b)
        return found, [interaction_class(*row) for row in found.tolist()]

    effects = bench.effects
    truth, kind = fit(effects.delta[pairs.ab], effects.delta)
    model, own = (truth, kind) if arm.role == TRUTH else fit(arm.values[pairs.rows], _singles(bench, arm))
    rows: list[Mapping[str, Any]] = []
    for i, row in enumerate(pairs.rows[:ROWS].tolist()):
        c1, c2, r2 = truth[i].tolist()
        told = {"kind": "pair", "perturbation": str(bench.table.perturbation[row])}
        told |= {"context": str(bench.table.context[row]), "class": kind[i]}
        told |= {"c1": c1, "c2": c2, "r2": r2}
        if arm.role != TRUTH:
            m1, m2, m3 = model[i].tolist()
            told |= {"model c1": m1, "model c2": m2, "model r2": m3, "model class": own[i]}
        rows.append(told)
    return rows
