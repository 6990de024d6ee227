"""Skill beyond stress: how much of a model's agreement with the truth is left without axes of stress."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.ceiling import spearman_brown
from vcassay.arrays.multiple import benjamini_hochberg
from vcassay.arrays.resample import NONE, Estimate, aggregate_many, interval
from vcassay.core import Finding, Status, Threshold
from vcassay.core.wording import capital
from vcassay.evidence.biology.axes import Axes, stress_axes
from vcassay.evidence.biology.bench import Arm, Bench
from vcassay.evidence.biology.contrast import NOT_ASSESSABLE, not_assessable
from vcassay.evidence.biology.diagnostic import diagnostic, finding
from vcassay.evidence.biology.stress.asked import CONTEXTS, HALVES, Asked, ask, twice
from vcassay.evidence.biology.stress.energy import measure_shares
from vcassay.evidence.biology.stress.rows import axes_words, axis_rows
from vcassay.evidence.biology.stress.skill import Skill, measure_skill
from vcassay.evidence.biology.stress.toxicity import harm_agreement
from vcassay.evidence.biology.tested import MODEL_Q, Tested, tested, truth_passes

Array = NDArray[np.float64]

NAME = "skill_beyond_stress"
REMAINS = Threshold("stress_skill_remains", 0.5, "proposal: share of the skill that must remain for PASS")
LEAST_PERTURBATIONS = Threshold("stress_min_perturbations", 5, "fewer cannot be permuted to p < .01 (5! = 120)")
ANY_SKILL = Threshold("stress_any_skill", 0.05, "Pearson delta below which there is no skill to divide (proposal)")


class Left(NamedTuple):
    """What is left of an arm's skill.

    Attributes
    ----------
    before, after
        Mean Pearson correlation as it is and beyond all axes.
    own
        ``after`` less that with other perturbations, with its interval.
    remains
        After over before, relative to what a perfect model could keep; NaN where one of these is not above 0.
    test
        ``after`` beside permuted perturbations.
    standard
        What it is relative to.
    """

    before: float
    after: float
    own: Estimate
    remains: Estimate
    test: Tested
    standard: str = "a perfect model"


@diagnostic(NAME, title="Skill beyond stress", source="Szalai 2019; Systema; CEVIChE")
def skill_beyond_stress(bench: Bench, rng: np.random.Generator) -> tuple[Finding, ...]:
    """Agreement with the truth survives when axes of stress are projected out of both.

    Axes (`vcassay.evidence.biology.axes.stress_axes`): viability where training conditions carry it, programmes of
    stress, the mean effect of training. Mean Pearson correlation over genes, truth and prediction alike without these
    axes; the null permutes perturbations within context, time and rank of the dose, the same way in all of them, among
    those of like strength along the axes. So what a context has in common beyond the axes is no skill either, nor is
    how strongly each perturbation has it. What remains is divided by what a perfect model
    would keep, by the truth's own halves (where there are none, by its agreement with the same treatments in training
    contexts). FAIL: within the null, or the interval of what is left above it holds 0. PASS: at least `REMAINS` of the
    skill remains, more than of any baseline. WARN otherwise. Abstentions count as chance. Not assessable where the
    truth's own measurements have nothing in common beyond the axes, with fewer than `LEAST_PERTURBATIONS` detectable
    perturbations, or where it was measured once.
    """
    axes = stress_axes(bench)
    if not len(axes):
        why = f"no programme of stress is measured and there is no training effect ({'; '.join(axes.missing)})."
        return not_assessable(NAME, why, bench.submissions)
    kind, pairs = twice(bench)
    if not kind:
        return _once(bench, axes, rng)
    asked = ask(bench, pairs, rng, silent=False, axes=axes)
    if asked.families < LEAST_PERTURBATIONS.value:
        why = (
            f"{asked.families} perturbations with a detectable effect can be compared with others of their context and "
            f"dose, {LEAST_PERTURBATIONS.value:g} are needed. {asked.left_out}"
        )
        return not_assessable(NAME, why.strip(), bench.submissions)
    truth_skill = measure_skill(pairs, bench.mask, axes, asked, truth=True)
    truth = _left(truth_skill, None, kind, asked)
    random = rng.spawn(1)[0]
    shares = measure_shares(bench, axes, asked, pairs if kind == HALVES else [], random)
    said = _truth_words(truth, kind, axes, asked)
    rows = axis_rows(axes, shares, None, truth_skill, None, asked)
    numbers = {"value": truth.after, "null": truth.test.null, "evidence": rows}
    if not truth_passes(truth.test):
        wanted = "more rows a condition or stronger perturbations would show whether there is more"
        why = f"{said}: nothing of a perturbation's own is left beyond stress; {wanted}. {asked.left_out}"
        return not_assessable(NAME, why.strip(), bench.submissions, **numbers)
    study = finding(NAME, Status.PASS, f"{said}. {asked.left_out}".strip(), **numbers)
    skills = {
        a.name: measure_skill([(a.values, bench.truth.values)], bench.mask, axes, asked, each=a in bench.submissions)
        for a in (*bench.submissions, *bench.baselines)
    }
    left = {name: _left(skill, truth_skill, kind, asked) for name, skill in skills.items()}
    adjusted = benjamini_hochberg(np.array([left[a.name].test.p for a in bench.submissions], dtype=np.float64))
    best = max(((left[a.name].own.value, a.name) for a in bench.baselines), default=(np.nan, ""))
    return (
        study,
        *(
            _about(
                bench,
                arm,
                left[arm.name],
                float(q),
                best,
                asked,
                axis_rows(axes, shares, arm.name, skills[arm.name], truth_skill, asked),
            )
            for arm, q in zip(bench.submissions, adjusted, strict=True)
        ),
    )


def _left(skill: Skill, truth: Skill | None, kind: str, asked: Asked) -> Left:
    """What is left of an arm's skill; of the truth's own with ``truth`` as ``None``."""
    weights = asked.weights
    columns = [skill.before, skill.after, skill.own]
    columns += [] if truth is None else [truth.before, truth.after]
    found = aggregate_many(np.column_stack(columns), weights, [None] * len(columns))
    (before, _, _), (after, _, _), (own, own_draws, by_context) = found[:3]
    values = np.array([f[0] for f in found])
    draws = np.array([f[1] for f in found])
    remains = float(_remains(values[:, None], kind)[0])
    method = NONE if weights.method == NONE else "these contexts"
    return Left(
        before,
        after,
        interval(own, own_draws, by_context, weights.method, families=weights.families),
        interval(remains, _remains(draws, kind), np.empty(0), method, families=weights.families),
        tested(after, skill.draws, asked.n),
        "a perfect model" if kind == HALVES else "what the same treatments keep in training contexts",
    )


def _remains(values: Array, kind: str) -> Array:
    """After over before, over the same of a perfect model; columns of before, after, own(, truth before, after).

    By halves, a perfect model reaches the root of the reliability at full depth; beside other contexts, what counts is
    what the same treatments keep there.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        kept = np.where(values[0] > 0, values[1] / values[0], np.nan)
        if len(values) == 3:
            return np.asarray(kept)
        full = np.where(values[3:] > 0, values[3:], np.nan)
        if kind == HALVES:
            full = np.sqrt(spearman_brown(full))
        return np.asarray(kept * full[0] / full[1])


def _truth_words(truth: Left, kind: str, axes: Axes, asked: Asked) -> str:
    whom = "two halves of the truth" if kind == HALVES else "the truth and the same treatments in training contexts"
    return (
        f"Over {asked.n:,} conditions of {asked.families:,} perturbations, {whom} correlate by {truth.before:z.2f}, "
        f"and by {truth.after:z.2f} beyond {axes_words(axes)}; {truth.test.null:z.2f} with "
        f"permuted perturbations (p = {truth.test.p:.2g})"
    )


def _about(
    bench: Bench,
    arm: Arm,
    left: Left,
    q: float,
    best: tuple[float, str],
    asked: Asked,
    rows: Sequence[dict[str, float | str]],
) -> Finding:
    """Make a submission's finding."""
    answered = int(arm.known[asked.rows].sum())
    if not answered:
        return finding(NAME, Status.NA, f"{NOT_ASSESSABLE}it answers none of the conditions.", model=arm.name)
    status, reason = grade_left(left, q, best[0])
    if status is Status.FAIL:
        order = harm_agreement(bench, arm, asked)
        reason += f"; it orders perturbations by harm with Spearman {order:z.2f}" if np.isfinite(order) else ""
    beside = f"; best baseline '{best[1]}' {best[0]:z.2f}" if best[1] else ""
    whole = "" if answered == asked.n else f" {asked.n - answered:,} of {asked.n:,} are not answered: at chance."
    bounds = f" ({left.own.low:z.2f} to {left.own.high:z.2f})" if np.isfinite(left.own.low) else " (no interval)"
    kept = f", {left.remains.value:z.0%} of it relative to {left.standard}" if np.isfinite(left.remains.value) else ""
    sentence = (
        f"{capital(reason)}: Pearson delta {left.before:z.2f}, {left.after:z.2f} beyond stress{kept}; "
        f"{left.own.value:z.2f}{bounds} above others of its context and strength (q = {q:.2g}){beside}.{whole}"
    )
    return finding(
        NAME,
        status,
        sentence,
        value=left.remains.value,
        null=left.test.null,
        threshold=REMAINS.value,
        model=arm.name,
        evidence=rows,
        remedy="" if status is Status.PASS else "Judge the model by scores from which common responses are removed.",
    )


def grade_left(left: Left, q: float, baseline: float) -> tuple[Status, str]:
    """Grade what is left of a model's skill; the truth must have passed before.

    Parameters
    ----------
    q
        p under permuted perturbations, adjusted over models.
    baseline
        Largest ``own`` of the baselines; NaN without any.
    """
    if not q < MODEL_Q.value or left.own.low <= 0:
        if left.before < ANY_SKILL.value:
            return Status.FAIL, "no skill to begin with"
        return Status.FAIL, "a general stress model: nothing that tells perturbations apart is left beyond stress"
    if not left.remains.value >= REMAINS.value:
        return Status.WARN, "most of its skill is stress"
    if left.own.value <= baseline:
        return Status.WARN, "there is skill beyond stress, but no more than of the best baseline"
    return Status.PASS, "its skill is more than stress"


def _once(bench: Bench, axes: Axes, rng: np.random.Generator) -> tuple[Finding, ...]:
    """Findings where the truth was measured once: numbers, no grades."""
    asked = ask(bench, [], rng, silent=False, axes=axes)
    why = (
        "the truth was measured once a condition, and none of its treatments in a training context, so that nobody "
        "knows what a perfect model would keep beyond stress; replicates or cells would tell."
    )
    own = finding(NAME, Status.NA, f"{NOT_ASSESSABLE}{why}")
    if not asked.n:
        return not_assessable(NAME, why, bench.submissions)
    shares = measure_shares(bench, axes, asked, [], rng)
    found = [own]
    for arm in bench.submissions:
        skill = measure_skill([(arm.values, bench.truth.values)], bench.mask, axes, asked)
        left = _left(skill, None, CONTEXTS, asked)
        sentence = (
            f"{NOT_ASSESSABLE}the truth was measured once. Over {asked.n:,} conditions, Pearson delta "
            f"{left.before:z.2f}, {left.after:z.2f} beyond stress, {left.test.null:z.2f} with permuted perturbations "
            f"(p = {left.test.p:.2g})."
        )
        rows = axis_rows(axes, shares, arm.name, skill, None, asked)
        found.append(finding(NAME, Status.NA, sentence, model=arm.name, evidence=rows))
    return tuple(found)
