"""Stress share: how much of the size of effects lies along axes of stress, in the truth and in a prediction."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.resample import NONE, Estimate, aggregate_many, interval
from vcassay.core import Finding, Status, Threshold
from vcassay.core.wording import capital
from vcassay.evidence.biology.axes import Axes, stress_axes
from vcassay.evidence.biology.bench import Arm, Bench
from vcassay.evidence.biology.contrast import NOT_ASSESSABLE, not_assessable
from vcassay.evidence.biology.diagnostic import diagnostic, finding
from vcassay.evidence.biology.stress.asked import HALVES, Asked, ask, twice
from vcassay.evidence.biology.stress.energy import Energy, Shares, measure_shares
from vcassay.evidence.biology.stress.rows import axes_words, axis_rows

Array = NDArray[np.float64]

NAME = "stress_share"
LEAST_DETECTABLE = Threshold("stress_share_min_perturbations", 8, "bootstrap over fewer perturbations has no interval")
ROOM = Threshold("stress_share_room", 0.9, "of a truth that is more stress than that, no excess can be seen (proposal)")
WARN_EXCESS = Threshold("stress_share_warn", 0.2, "share of the truth's rest that is stress in the model (proposal)")
FAIL_EXCESS = Threshold("stress_share_fail", 0.5, "share of the truth's rest that is stress in the model (proposal)")
LACKING = Threshold("stress_share_lacking", 0.5, "share of the truth's excess over random axes for WARN (proposal)")


@diagnostic(NAME, title="Stress share", source="Szalai 2019; Systema (systematic variation)")
def stress_share(bench: Bench, rng: np.random.Generator) -> tuple[Finding, ...]:
    """As much of a predicted effect is stress as of a measured one.

    The share of squared size along axes of stress (see `skill_beyond_stress`), as a ratio of sums over conditions with
    a detectable effect; the truth by products of disjoint halves, so that noise is in neither sum. Excess = (model -
    truth) / (1 - truth). FAIL: excess of at least `FAIL_EXCESS` and its interval over perturbations above 0. WARN: the
    same with `WARN_EXCESS`; or less than `LACKING` of the truth's share above random axes, which are the same axes with
    genes permuted within levels of expression. PASS otherwise. The truth passes when its share is known: halves, at
    least `LEAST_DETECTABLE` perturbations with a detectable effect, an energy whose interval lies above 0, and a share
    whose interval ends below `ROOM`. It need not be above random axes: a model may bring stress to a screen that has
    none.
    """
    axes = stress_axes(bench)
    if not len(axes):
        why = f"no programme of stress is measured and there is no training effect ({'; '.join(axes.missing)})."
        return not_assessable(NAME, why, bench.submissions)
    kind, pairs = twice(bench)
    halves = pairs if kind == HALVES else []
    asked = ask(bench, halves, rng, silent=False, least=1)
    if not asked.n:
        why = f"no condition has a detectable effect. {asked.left_out}"
        return not_assessable(NAME, why.strip(), bench.submissions)
    shares = measure_shares(bench, axes, asked, halves, rng)
    truth = _ratio(shares.truth.stress, shares.truth.whole, asked)
    rows = axis_rows(axes, shares, None, None, None, asked)
    random = shares.random["truth"][-1]
    said = (
        f"{truth.value:z.0%}{_bounds(truth)} of the squared size of {asked.n:,} conditions of {asked.families:,} "
        f"perturbations lies along {axes_words(axes)}, {random:z.0%} along random "
        f"axes of as many genes of the same expression (p = {shares.p:.2g})"
    )
    numbers = {"value": truth.value, "null": random, "evidence": rows}
    energy = _mean(shares.truth.whole, asked)
    if not halves:
        why = f"the truth has no halves, and its noise counts as its own: {said}. {asked.left_out}".strip()
        own = finding(NAME, Status.NA, f"{NOT_ASSESSABLE}{why}", **numbers)
        return (own, *(_beside_noise(arm, axes, shares, asked, truth) for arm in bench.submissions))
    if asked.families < LEAST_DETECTABLE.value or not energy.low > 0:
        why = (
            f"{asked.families} perturbations have a detectable effect, {LEAST_DETECTABLE.value:g} are needed, with a "
            f"mean squared size above 0 ({energy.value:.3g}{_bounds(energy, '.3g')}): more rows, or perturbations. In "
            f"those, {said}."
        )
    elif not truth.high < ROOM.value:
        why = f"in the truth, {said}: no room for a model that has more."
    else:
        why = ""
    if why:
        return not_assessable(NAME, f"{why} {asked.left_out}".strip(), bench.submissions, **numbers)
    study = finding(NAME, Status.PASS, f"In the truth, {said}. {asked.left_out}".strip(), **numbers)
    return (study, *(_about(arm, bench, axes, shares, asked) for arm in bench.submissions))


def _ratio(above: Array, below: Array, asked: Asked) -> Estimate:
    return excess_of(above, below, None, asked)


def excess_of(above: Array, below: Array, truth: Energy | None, asked: Asked) -> Estimate:
    """A ratio of sums with its interval; with ``truth``, how much of what is no stress there is stress here."""
    columns, dens = [above], [below]
    if truth is not None:
        columns.append(truth.stress)
        dens.append(truth.whole)
    found = aggregate_many(np.column_stack(columns), asked.weights, dens)
    value, draws = found[0][0], found[0][1]
    if truth is not None:
        with np.errstate(divide="ignore", invalid="ignore"):
            base, base_draws = found[1][0], found[1][1]
            value = (value - base) / (1.0 - base) if base < 1 else np.nan
            draws = np.where(base_draws < 1, (draws - base_draws) / (1.0 - base_draws), np.nan)
    method = NONE if asked.weights.method == NONE else "these contexts"
    return interval(value, draws, np.empty(0), method, families=asked.weights.families)


def _mean(values: Array, asked: Asked) -> Estimate:
    value, draws, by_context = aggregate_many(values[:, None], asked.weights, [None])[0]
    return interval(value, draws, by_context, asked.weights.method, families=asked.weights.families)


def _beside_noise(arm: Arm, axes: Axes, shares: Shares, asked: Asked, truth: Estimate) -> Finding:
    """A submission's finding where the truth's share is not known without its noise."""
    own = shares.arms[arm.name]
    share = _ratio(own.stress, own.whole, asked)
    of = f"{share.value:z.0%}{_bounds(share)} of its squared size" if np.isfinite(share.value) else "nothing of it"
    sentence = f"{NOT_ASSESSABLE}{of} is stress, {truth.value:z.0%} of the truth's, which holds its noise."
    rows = axis_rows(axes, shares, arm.name, None, None, asked)
    return finding(NAME, Status.NA, sentence, value=share.value, model=arm.name, evidence=rows)


def _about(arm: Arm, bench: Bench, axes: Axes, shares: Shares, asked: Asked) -> Finding:
    """Make a submission's finding."""
    own, answered = shares.arms[arm.name], shares.answered[arm.name]
    rows = axis_rows(axes, shares, arm.name, None, None, asked)
    if not (own.whole > 0).any():
        why = "it predicts no effect in any of the conditions"
        return finding(NAME, Status.NA, f"{NOT_ASSESSABLE}{why}.", model=arm.name, evidence=rows)
    truth = Energy(shares.truth.whole * answered, shares.truth.along * answered[:, None])
    base, share = _ratio(truth.stress, truth.whole, asked), _ratio(own.stress, own.whole, asked)
    excess = excess_of(own.stress, own.whole, truth, asked)
    random = float(shares.random["truth"][-1])
    status, reason = grade_share(base, share, excess, random)
    others = ", ".join(
        f"'{b.name}' {_ratio(e.stress, e.whole, asked).value:z.0%}"
        for b in bench.baselines
        if ((e := shares.arms[b.name]).whole > 0).any()
    )
    sentence = (
        f"{capital(reason)}: {share.value:z.0%}{_bounds(share)} of its squared size over "
        f"{int(answered.sum()):,} of {asked.n:,} conditions is stress, {base.value:z.0%} of the truth's, "
        f"{shares.random[arm.name][-1]:z.0%} along random axes; of what is no stress in the truth, "
        f"{excess.value:z.0%}{_bounds(excess)} is stress here" + (f"; baselines {others}." if others else ".")
    )
    return finding(
        NAME,
        status,
        sentence,
        value=share.value,
        null=shares.random[arm.name][-1],
        threshold=base.value + WARN_EXCESS.value * (1.0 - base.value),
        model=arm.name,
        evidence=rows,
        remedy="" if status is Status.PASS else "See what is left of its skill beyond stress.",
    )


def grade_share(truth: Estimate, share: Estimate, excess: Estimate, random: float) -> tuple[Status, str]:
    """Grade a model's share of stress by the truth's.

    Parameters
    ----------
    excess
        Of what is no stress in the truth, the share that is in the model.
    random
        Share of the truth along random axes.
    """
    if excess.low > 0 and excess.value >= FAIL_EXCESS.value:
        return Status.FAIL, "a general stress model"
    if excess.low > 0 and excess.value >= WARN_EXCESS.value:
        return Status.WARN, "more stress than the truth"
    above = truth.value - random
    if truth.low > random and share.high < random + LACKING.value * above:
        return Status.WARN, "less stress than the truth"
    return Status.PASS, "about as much stress as the truth"


def _bounds(estimate: Estimate, digits: str = "z.0%") -> str:
    return f" ({estimate.low:{digits}} to {estimate.high:{digits}})" if np.isfinite(estimate.low) else ""
