"""Interaction: what is left beyond the terms of the perturbation and of its context."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.codes import codes_of
from vcassay.arrays.group_means import group_means
from vcassay.arrays.interaction import centre, crossed, interaction
from vcassay.arrays.matching import to_whole
from vcassay.arrays.shards import N_SHARDS, TRAINING
from vcassay.arrays.template import make_design
from vcassay.arrays.unit_rows import unit_rows
from vcassay.core import Finding, Threshold
from vcassay.evidence.biology.bench import TRUTH, Arm, Bench
from vcassay.evidence.biology.contrast import Wording, judge, not_assessable
from vcassay.evidence.biology.diagnostic import diagnostic
from vcassay.evidence.biology.specificity.matched import Layout, compare, treatments_of

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Mask = NDArray[np.bool_]

NAME = "interaction"
LEAST = Threshold("interaction_least", 5, "permutations of fewer perturbations cannot be told from the true order")
MANY = 10_000
"""Conditions beyond which one way of halving rows says as much as three."""
WORDS = Wording(
    quantity="mean correlation over genes of what is left beyond the terms of perturbation and context",
    unit="conditions",
    permuted="perturbations",
    wanted="it would take more rows a condition, or perturbations whose effects differ more between contexts",
    remedy="What it predicts is, in effect, a sum of a term of the perturbation and one of the context.",
)


@diagnostic(
    NAME,
    title="Interaction",
    source="Molina and Zhang: template decomposition; Viñas Torné et al. 2025 (Systema): perturbed reference",
)
def specific_interaction(bench: Bench, rng: np.random.Generator) -> tuple[Finding, ...]:
    """Beyond the means of perturbation and context, predictions agree with the truth.

    Where test perturbations meet in several test contexts, each arm's own terms are taken out by two-way least squares
    over these conditions: a prediction that is a sum of terms leaves exactly nothing, however well its terms fit, and
    no noise of training is in the product. With a single test context, the perturbation's mean effect over training
    contexts and the mean of the test context are taken out instead; of the truth as training halves that share no rows
    with each other, of a model by regression. A model that knows a mean effect better than training measures it is
    credited for that too in this second case. What is left is correlated condition by condition (nothing left counts
    0), and perturbations are permuted, alike in all contexts, the doses of one together. The truth's value is that of
    a perfect prediction, from the correlation of its halves. Not assessable where the truth's halves do not agree, or
    where neither terms can be known: one context and perturbations that training has not seen.
    """
    if not bench.has_halves:
        return not_assessable(NAME, "the truth cannot be measured twice: it takes several rows.", bench.submissions)
    table = bench.table
    context = codes_of(table.context.tolist())
    treatment = codes_of(treatments_of(table))
    within = _layout(crossed_rows(bench.truth.known, context, treatment), bench, context, treatment)
    template = None if within is not None else Template(bench)
    known = None if template is None else template.known

    def lay(answered: Mask) -> Layout | None:
        if known is None:
            return _layout(crossed_rows(answered, context, treatment), bench, context, treatment)
        at = np.flatnonzero(answered & known)
        return _layout(at[np.bincount(context[at])[context[at]] > 1] if len(at) else at, bench, context, treatment)

    kept: dict[bytes, Array] = {}

    def measure(arm: Arm, layout: Layout) -> list[tuple[Array, Array]]:
        return _within(bench, arm, layout, kept) if template is None else template.beyond(arm, layout)

    def tell(layout: Layout, truth: Array, model: Array | None) -> list[Mapping[str, Any]]:
        return _tell(bench, layout, truth, model)

    contrast = compare(bench, rng, lay, measure, tell)
    if contrast is None:
        why = (
            f"fewer than {LEAST.value:g} of the perturbations tested were measured in another context, be it among the "
            "test conditions or in training: it would take perturbations measured in several contexts."
        )
        return not_assessable(NAME, why, bench.submissions)
    taken = (
        "the perturbation's and the context's terms, by least squares over the test conditions"
        if template is None
        else "the perturbation's mean effect over training contexts, and the mean of the test context"
    )
    left_out = len(table) - contrast.truth.n
    coverage = f"Taken out: {taken}."
    if left_out:
        coverage += f" {left_out:,} of {len(table):,} test conditions have no counterpart in another context."
    return judge(NAME, bench, replace(contrast, coverage=coverage), WORDS)


def crossed_rows(known: Mask, context: Codes, treatment: Codes) -> Codes:
    """Known conditions whose perturbation and whose context have others of their kind."""
    at = np.flatnonzero(known)
    return np.asarray(at[crossed(context[at], treatment[at])])


def _layout(rows: Codes, bench: Bench, context: Codes, treatment: Codes) -> Layout | None:
    items, item = np.unique(treatment[rows], return_inverse=True)
    treatments, place = treatments_of(bench.table), dict(zip(treatment.tolist(), range(len(treatment)), strict=True))
    block = codes_of([treatments[place[i]][0] for i in items.tolist()])  # doses of one together
    if len(set(block.tolist())) < LEAST.value:
        return None
    group = np.unique(context[rows], return_inverse=True)[1]
    return Layout(rows, item.astype(np.int64), group.astype(np.int64), block)


def _ways(layout: Layout) -> int:
    """Ways of halving that are averaged: one where conditions are many enough to average over."""
    return 1 if len(layout.rows) > MANY else 3


def _within(bench: Bench, arm: Arm, layout: Layout, kept: dict[bytes, Array]) -> list[tuple[Array, Array]]:
    """Residuals of least squares over the layout's own conditions; those of the truth are kept for the next arm."""
    mask, design = bench.mask[layout.rows], make_design(layout.group, layout.item)

    def left(values: Array) -> Array:
        own = np.nan_to_num(values[layout.rows])
        return unit_rows(interaction(design, own, mask), own)

    if arm.role == TRUTH:
        return [(left(a), left(b)) for a, b in bench.halves(_ways(layout))]
    key = layout.rows.tobytes()
    if key not in kept:
        kept.clear()
        kept[key] = left(bench.truth.values)
    return [(left(arm.values), kept[key])]


class Template:
    """Mean effect of each test treatment over training contexts, whole and as halves without rows in common."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        effects, train = bench.effects, bench.split.train
        treatments = treatments_of(effects.conditions)
        known = {t: i for i, t in enumerate(dict.fromkeys(treatments[i] for i in train.tolist()))}
        self.code = np.array([known.get(t, -1) for t in treatments_of(bench.table)], dtype=np.int64)
        self.known: Mask = self.code >= 0
        mask = bench.mask
        of = np.array([known[treatments[i]] for i in train.tolist()], dtype=np.int64)

        def mean(values: Array) -> Array:
            means = group_means(np.nan_to_num(values[train]), of, len(known))
            return np.where(self.known[:, None], means[self.code], 0.0) if len(means) else np.zeros(mask.shape)

        self.whole = mean(effects.delta_train)
        shards, controls = tuple(range(N_SHARDS)), TRAINING
        parts = [(shards[k::2], controls[k::2]) for k in (0, 1)]
        self.halves = [mean(effects.moments.effects(s, c)) for s, c in parts]

    def beyond(self, arm: Arm, layout: Layout) -> list[tuple[Array, Array]]:
        """Residuals beyond the template and the mean of the context."""
        rows, mask = layout.rows, self.bench.mask[layout.rows]

        def middle(values: Array) -> Array:
            return centre(np.nan_to_num(values[rows]), mask, layout.group)

        template = middle(self.whole)

        def less(values: Array) -> Array:
            own = middle(values)
            of = np.einsum("ij,ij->i", template, template)
            share = np.einsum("ij,ij->i", own, template) / np.where(of > 0, of, 1.0)
            return unit_rows(own - share[:, None] * template, np.nan_to_num(values[rows]))

        if arm.role != TRUTH:
            return [(less(arm.values), less(self.bench.truth.values))]
        s, t = self.halves
        halves = ((a - x, b - y) for a, b in self.bench.halves(_ways(layout)) for x, y in ((s, t), (t, s)))
        return [(unit_rows(middle(a)), unit_rows(middle(b))) for a, b in halves]


def _tell(bench: Bench, layout: Layout, truth: Array, model: Array | None) -> list[Mapping[str, Any]]:
    """Evidence by context and by stratum of effect size."""
    rows: list[Mapping[str, Any]] = []
    strata = bench.effects.stratum[bench.split.test][layout.rows]
    for kind, labels in (("context", bench.table.context[layout.rows]), ("stratum", strata)):
        for label in sorted(set(labels.tolist()))[:100]:
            at = labels == label
            row = {"kind": kind, kind: label, "conditions": float(at.sum()), "truth": float(to_whole(truth[at].mean()))}
            rows.append(row if model is None else row | {"model": float(model[at].mean())})
    return rows
