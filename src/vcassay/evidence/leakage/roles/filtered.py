"""L19, L19m: test conditions that were left out because of what they did."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.codes import seen
from vcassay.arrays.stratified_rank_sum import lower_within
from vcassay.claim import Role, Split
from vcassay.claim.condition_codes import code_conditions
from vcassay.core import Finding, Status, Threshold
from vcassay.core.errors import first
from vcassay.core.wording import plural
from vcassay.effects import Effects
from vcassay.effects.linear import LinearEffects, linear_sizes
from vcassay.evidence.leakage.check import check, finding
from vcassay.evidence.leakage.refusal import not_tested
from vcassay.evidence.leakage.roles.held_out import find_held_out
from vcassay.evidence.leakage.wording import p_text
from vcassay.prediction import Disclosure
from vcassay.record.disclosure import Filtered

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

FILTERED_SHARE = Threshold("filtered_share", 0.1, "share of the test conditions that a filter takes away (proposal)")
FILTERED_P = Threshold("filtered_p", 0.01, "one-sided, whole perturbations exchanged")
FEWEST = 3
"""Perturbations on either side that a comparison needs."""
DRAWS = 1999
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)

ON_TRUTH = re.compile(
    r"effect|respon|\bde\b|\bdegs?\b|differential|knock|strength|\bactiv|signific|\bhits?\b|efficacy|energy|e-?dist|"
    r"distance|mixscape|signal|magnitude|correlat|reproducib|viab|toxic|\blfc\b|fold|phenotyp",
    re.IGNORECASE,
)
"""Words of filters that look at what a perturbation did."""
ON_QUALITY = re.compile(
    r"cells?\b|\bumis?\b|reads?\b|doublet|mito|quality|\bqc\b|depth|guides?\b|coverage|annotat|smiles|structure|"
    r"missing|replicates?\b|batch|contamin",
    re.IGNORECASE,
)
"""Words of filters that look at how it was measured, or what is known of it."""


def left_out(split: Split) -> Codes:
    """Positions of measured conditions that the split leaves out and that would have been tested.

    Where whole contexts are held out, those of contexts that are not trained; likewise with perturbations; where
    neither is, those of a context or perturbation that is tested.
    """
    coded, out = code_conditions(split.conditions), split.index(Role.EXCLUDED)
    train, test = split.train, split.test
    held = find_held_out(split, coded)
    if held.contexts or held.perturbations:
        new_context, new_perturbation = ~seen(coded.context, train)[out], ~seen(coded.parts, train)[out]
        return out[(new_context | (not held.contexts)) & (new_perturbation | (not held.perturbations))]
    return out[(seen(coded.context, test) | seen(coded.parts, test))[out]]


FILTERS_QUESTION = "Were test conditions left out by effect size, DE genes, knockdown or the like, and how many?"


@check(
    "L19", title="Weak conditions left out", source="filters by effect in Csendes 2025 and in the VCC's choice of genes"
)
def weak_left_out(effects: Effects, split: Split, rng: np.random.Generator) -> Finding:
    """The split leaves out no test conditions, or such as are no weaker than the tested ones.

    Of the measured conditions that would have been tested, the share that has no role, and whether their debiased
    effect sizes (on rates: sizes of log profiles depend on the number of rows) lie below those of the tested
    conditions of the same context; the null exchanges whole perturbations. WARN if more than 10 % are left out and
    lie lower, p < .01. UNKNOWN where more are left out and cannot be compared. Conditions that were taken out of the
    tables cannot be seen here: L19m asks for them.
    """
    if (stop := not_tested("L19", split)) is not None:
        return stop
    t, out = len(split.test), left_out(split)
    share = len(out) / (len(out) + t)
    more: dict[str, Any] = {"value": share, "null": 0.0, "threshold": FILTERED_SHARE.value}
    if not len(out):
        sentence = f"None of the measured conditions beside the {plural(t, 'test condition')} was left out."
        return finding("L19", Status.PASS, sentence, **more)
    at = np.concatenate([split.test, out])
    size = linear_sizes(LinearEffects(effects.moments, at, effects.mask[at]), split.scored_shards)
    table = effects.conditions
    codes = code_conditions(table)
    chosen = np.arange(len(at)) >= t
    found = lower_within(size, chosen, codes.context[at], codes.parts[at], DRAWS, rng)
    effect = np.sign(size) * np.sqrt(np.abs(size))
    counted = f"{len(out):,} of {len(out) + t:,} measured conditions that would have been tested ({share:.0%}) left out"
    families = [len(np.unique(codes.parts[at][flag & np.isfinite(size)])) for flag in (chosen, ~chosen)]
    more["evidence"] = _rows(effect, chosen, [table.take([i]).ids[0] for i in _weakest(at, effect, chosen)])
    if np.isnan(found.below) or min(families) < FEWEST:
        whole = np.isfinite(size).sum()
        sentence = (
            f"{counted}, and too few to compare their effects ({whole:,} measurable, {min(families)} perturbations)."
        )
        if share <= FILTERED_SHARE.value:
            return finding("L19", Status.PASS, sentence, **more)
        question = "Why were these conditions left out of the test set?"
        return finding("L19", Status.UNKNOWN, sentence, question=question, **more)
    medians = [float(np.nanmedian(effect[flag])) for flag in (chosen, ~chosen)]
    numbers = (
        f"median effect {medians[0]:.3f} against {medians[1]:.3f}, {found.below:.0%} of pairs in a context lower, "
        f"{p_text(found.p_value)}, {found.chosen:,} compared with {found.others:,}"
    )
    weaker = found.p_value < FILTERED_P.value
    if weaker and share > FILTERED_SHARE.value:
        remedy = "Score all measured conditions, or say that the estimand is the perturbations that act."
        return finding("L19", Status.WARN, f"{counted}, and they are weaker ({numbers}).", remedy=remedy, **more)
    judged = "weaker, but few" if weaker else "not shown to be weaker than those tested"
    return finding("L19", Status.PASS, f"{counted}; they are {judged} ({numbers}).", **more)


def _weakest(at: Codes, effect: Array, chosen: NDArray[np.bool_]) -> Codes:
    """Conditions left out, weakest first."""
    own = np.flatnonzero(chosen)
    return at[own[np.argsort(effect[own], kind="stable")]][: 20 - len(QUANTILES)]


def _rows(effect: Array, chosen: NDArray[np.bool_], names: list[str]) -> list[Mapping[str, Any]]:
    """Quantiles of the effects on either side, then examples."""
    sides = [effect[flag & np.isfinite(effect)] for flag in (chosen, ~chosen)]
    rows: list[Mapping[str, Any]] = []
    if all(map(len, sides)):
        quantiles = [np.quantile(side, QUANTILES).tolist() for side in sides]
        rows = [
            {"quantile": q, "effect, left out": a, "effect, tested": b}
            for q, a, b in zip(QUANTILES, *quantiles, strict=True)
        ]
    return rows + [{"left out": name} for name in names]


@check(
    "L19m", title="Conditions filtered by their effect", source="filters by effect change what a score is an average of"
)
def declared_filters(split: Split, disclosure: Disclosure) -> Finding:
    """No test condition was left out because of what was measured of it.

    Filters as declared. WARN if one looks at the test truth (effect, DE genes, knockdown ...), unless it took nothing;
    PASS if there was none, or such as look at how a condition was measured; UNKNOWN where nothing is declared, or the
    words do not tell.
    """
    if (stop := not_tested("L19m", split)) is not None:
        return stop
    return judge_filters(disclosure, len(split.test))


def judge_filters(disclosure: Disclosure, n_test: int | None) -> Finding:
    """L19m of what is declared, and of the number of test conditions, where it is known."""
    if disclosure.filters is None:
        sentence = "Not declared whether test conditions were left out because of what was measured of them."
        return finding("L19m", Status.UNKNOWN, sentence, question=FILTERS_QUESTION)
    took = [f for f in disclosure.filters if f.dropped != 0]
    truth = [f for f in took if ON_TRUTH.search(f.by)]
    unclear = [f for f in took if f not in truth and not ON_QUALITY.search(f.by)]
    rows = [{"filter": f.by, "dropped": f.dropped, "why": f.why} for f in (*truth, *unclear, *took)]
    rows = list({row["filter"]: row for row in rows}.values())
    if truth:
        known = [f.dropped for f in truth if f.dropped is not None]
        told = len(known) == len(truth)
        share = sum(known) / (sum(known) + n_test) if told and n_test is not None else None
        words = f"{sum(known):,} conditions" if told else "how many is not declared"
        words += "" if share is None else f", {share:.0%}"
        return finding(
            "L19m",
            Status.WARN,
            f"Test conditions were left out by {_named(truth)} ({words}): the score is one of what passed.",
            value=share,
            null=0.0,
            threshold=0.0,
            evidence=rows,
            remedy="Score all measured conditions beside it, or say that the estimand is the perturbations that act.",
        )
    if unclear:
        sentence = f"Test conditions were left out by {_named(unclear)}, which may look at what was measured of them."
        question = f"Does {_named(unclear)} look at the responses of test conditions?"
        return finding("L19m", Status.UNKNOWN, sentence, evidence=rows, question=question)
    sentence = f"Test conditions were left out by {_named(took)} alone." if took else "No filter took test conditions."
    return finding("L19m", Status.PASS, sentence, evidence=rows)


def _named(filters: list[Filtered]) -> str:
    return first((f"{f.by} ({f.why})" if f.why else f.by for f in filters), 3)
