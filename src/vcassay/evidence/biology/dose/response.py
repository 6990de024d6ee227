"""Dose response: whether predicted effects grow along the top dose's direction as the truth does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.multiple import benjamini_hochberg
from vcassay.claim import Split
from vcassay.core import Finding, Status, Threshold
from vcassay.effects import Effects
from vcassay.effects.measure import halves_of
from vcassay.evidence.biology.diagnostic import diagnostic, finding
from vcassay.evidence.biology.dose.grade import DOSE_BELOW_TRUTH, DOSE_P, Steps, compare_steps, grade
from vcassay.evidence.biology.dose.series import (
    MIN_DOSES,
    Measured,
    Ordering,
    find_series,
    judge_order,
    measure_series,
    rises,
)
from vcassay.prediction import Answer

DOSE_SERIES = Threshold("dose_min_series", 5, "fewer drug x context series say nothing of a share")
DRAWS = 4999
ROWS = 60

Array = NDArray[np.float64]
NAME = "dose_response"


@diagnostic(NAME, title="Dose response", source="trend along the top dose's direction, split halves; CPA; tcplfit2")
def dose_response(
    effects: Effects, split: Split, answers: Mapping[str, Answer], rng: np.random.Generator
) -> tuple[Finding, ...]:
    """Predicted effects grow with dose along the direction of the measured top dose.

    The direction comes from one half of the cells, the truth's response from the other: on the same
    cells, a drug without any effect looks ordered. The truth must be more ordered than with permuted
    doses, else nothing is asked of a model; single drugs are never tested. Series without a detectable
    effect at any dose are left out, as far as detectability was assessed: a choice that permuting the
    doses would not change.
    """
    table = effects.conditions.take(split.test)
    mask = effects.mask[split.test]
    found = find_series(table)
    if not found:
        sentence = f"Not assessable: no perturbation has {MIN_DOSES} doses among the test conditions of a context."
        return (finding(NAME, Status.NA, sentence),)
    silent = effects.assessed[split.test] & ~effects.detectable[split.test]
    active = [s for s in found if not silent[s.rows].all()]
    measured = measure_series(_parts(effects, split, mask), active, mask.shape)
    submissions = [a for a in answers.values() if a.role == "submission"]
    if len(measured.series) < DOSE_SERIES.value:
        sentence = (
            f"Not assessable: of {len(found)} dose series (perturbation x context), {len(active)} have a detectable "
            f"effect, and {len(measured.series)} can be measured on other rows than their direction; "
            f"{DOSE_SERIES.value:g} are needed: more rows a condition, stronger doses or more drugs."
        )
        return (finding(NAME, Status.NA, sentence), *_not_assessable(submissions))
    truth = judge_order(measured.response, DRAWS, rng)
    numbers = {"value": truth.share, "null": truth.null_share}
    if truth.p_rise >= DOSE_P.value:
        wanted = _wanted(truth, int(np.median(effects.n_rows[split.test])))
        sentence = f"Not assessable: in the truth, {_share(truth)} (p = {truth.p_rise:.2g}); {wanted}."
        return (finding(NAME, Status.NA, sentence, **numbers), *_not_assessable(submissions))
    judged = {a.name: _judge(a, measured, mask, rng) for a in answers.values() if a.role in ("submission", "baseline")}
    baselines = [(j.model.share, a) for a, j in judged.items() if j is not None and answers[a].role == "baseline"]
    best = max(baselines, default=(np.nan, ""))
    rows = show_first(measured)
    rise = [np.nan if (j := judged[a.name]) is None else j.model.p_rise for a in submissions]
    adjusted = benjamini_hochberg(np.asarray(rise, dtype=np.float64))
    sentence = f"In the truth, {_share(truth)} (p = {truth.p_rise:.2g})."
    study = finding(NAME, Status.PASS, sentence, evidence=_curves(measured, rows, None), **numbers)
    models = (
        _about(a.name, judged[a.name], float(q), best, measured, rows)
        for a, q in zip(submissions, adjusted, strict=True)
    )
    return (study, *models)


def _not_assessable(submissions: Sequence[Answer]) -> Iterator[Finding]:
    """One finding a submission, where the truth does not pass."""
    sentence = "Not assessable: the truth itself cannot be shown to be ordered by dose."
    return (finding(NAME, Status.NA, sentence, model=a.name) for a in submissions)


class Judged(NamedTuple):
    """A model's order beside the truth's on the same series, and its projections (``None`` where not predicted)."""

    model: Ordering
    truth: Ordering
    steps: Steps
    response: list[Array | None]


def _judge(answer: Answer, measured: Measured, mask: NDArray[np.bool_], rng: np.random.Generator) -> Judged | None:
    """Project a model's predictions; ``None`` if it predicts too few series whole."""
    values = np.where(mask & answer.genes, np.nan_to_num(answer.values), 0.0)
    ok = answer.state == "ok"
    response = [measured.direction[s.rows] @ values[s.rows].T if ok[s.rows].all() else None for s in measured.series]
    pairs = [(t, m) for t, m in zip(measured.response, response, strict=True) if m is not None]
    if len(pairs) < DOSE_SERIES.value:
        return None
    of_truth, of_model = [t for t, _ in pairs], [m for _, m in pairs]
    truth, model = judge_order(of_truth, DRAWS, rng), judge_order(of_model, DRAWS, rng)
    return Judged(model, truth, compare_steps(of_truth, of_model), response)


def _about(
    name: str, judged: Judged | None, q: float, best: tuple[float, str], measured: Measured, rows: list[int]
) -> Finding:
    """Make a submission's finding."""
    if judged is None:
        sentence = f"Not assessable: fewer than {DOSE_SERIES.value:g} dose series are predicted at every dose."
        return finding(NAME, Status.NA, sentence, model=name)
    verdict = grade(judged.truth, judged.model, judged.steps, q, best[0])
    beside = f"truth {judged.truth.share:.0%}" + (f", best baseline '{best[1]}' {best[0]:.0%}" if best[1] else "")
    model = judged.model
    return finding(
        NAME,
        verdict.status,
        f"{verdict.reason[:1].upper()}{verdict.reason[1:]}; {_share(model)} ({beside}); mean Kendall tau "
        f"{model.tau:.2f} (truth {judged.truth.tau:.2f}), range lost on the way up {model.violation:.0%} "
        f"(truth {judged.truth.violation:.0%}).",
        value=model.share,
        null=model.null_share,
        threshold=max(judged.truth.share - DOSE_BELOW_TRUTH.value, 0.0),
        model=name,
        evidence=_curves(measured, rows, judged.response),
        remedy="" if verdict.status is Status.PASS else "Check how the model reads the dose.",
    )


def _share(order: Ordering) -> str:
    return f"{order.share:.0%} of {order.n} dose series rise at every step, {order.null_share:.0%} with permuted doses"


def _wanted(truth: Ordering, rows: int) -> str:
    """What data would let the truth pass: more series of this kind, or less noise in each."""
    gap, p = truth.share - truth.null_share, truth.null_share
    less_noise = f"more than the {rows} rows a condition that there are (median), or stronger doses"
    if gap <= 0 or not 0 < p < 1:
        return f"it would take {less_noise}"
    series = int(np.ceil(1.645**2 * p * (1 - p) / gap**2)) + 1
    return f"it would take about {max(series, truth.n + 1):,} such series, {less_noise}"


def _parts(effects: Effects, split: Split, mask: NDArray[np.bool_]) -> Iterator[tuple[Array, Array]]:
    """Pairs of effects of the test conditions from disjoint rows, 0 outside the mask.

    Split halves with their own controls, either way round. Where no test condition has them (one row
    a condition), the same treatment's mean over other contexts, and the effect itself.
    """
    test = split.test
    if np.isfinite(effects.size[test]).any():
        splits, controls = halves_of(split.scored_shards)
        for k, (a, b) in enumerate(splits):
            c_a, c_b = controls[k % len(controls)]
            t_a = np.where(mask, effects.moments.effects(a, c_a)[test], 0.0)
            t_b = np.where(mask, effects.moments.effects(b, c_b)[test], 0.0)
            yield t_a, t_b
            yield t_b, t_a
        return
    groups: dict[object, list[int]] = {}
    for i, treatment in enumerate(effects.conditions.treatments):
        groups.setdefault(treatment, []).append(i)
    treatments, context = effects.conditions.treatments, effects.conditions.context
    elsewhere = np.full(mask.shape, np.nan)
    for row, i in enumerate(test):
        others = [j for j in groups[treatments[i]] if context[j] != context[i]]
        if others:
            elsewhere[row] = effects.delta[others].mean(axis=0)
    yield np.where(mask, elsewhere, 0.0), np.where(mask, effects.delta[test], 0.0)


def show_first(measured: Measured) -> list[int]:
    """Series to draw: those that rise furthest in the truth, one of each perturbation before a second."""
    top = [m[-1, -1] - m[-1, 0] + (1e9 if rises(m) else 0.0) for m in measured.response]
    order = sorted(range(len(top)), key=lambda i: -top[i])
    seen: Counter[str] = Counter()
    place = {}
    for i in order:
        place[i] = seen[measured.series[i].perturbation]
        seen[measured.series[i].perturbation] += 1
    return sorted(order, key=lambda i: place[i])


def _curves(
    measured: Measured, order: Sequence[int], response: Sequence[Array | None] | None
) -> list[Mapping[str, Any]]:
    """Rows of the first series: truth with the range over its parts, and the model's response."""
    rows: list[Mapping[str, Any]] = []
    for i in order:
        series, spread = measured.series[i], measured.spread[i]
        if len(rows) + len(series.rows) > ROWS:
            break
        model = None if response is None else response[i]
        for d, dose in enumerate(series.dose):
            row = {"perturbation": series.perturbation, "context": series.context, "dose": float(dose)}
            row |= {"truth": float(measured.response[i][-1, d])}
            row |= {"low": float(spread[:, d].min()), "high": float(spread[:, d].max())}
            rows.append(row if model is None else row | {"model": float(model[-1, d])})
    return rows
