"""Dose response: whether predicted effects grow along the top dose's direction as the truth does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.multiple import benjamini_hochberg
from vcassay.core import Finding, Status
from vcassay.core.wording import capital
from vcassay.evidence.biology.bench import Arm, Bench
from vcassay.evidence.biology.contrast import not_assessable
from vcassay.evidence.biology.diagnostic import diagnostic, finding
from vcassay.evidence.biology.dose.grade import DOSE_BELOW_TRUTH, DOSE_P, Steps, compare_steps, grade
from vcassay.evidence.biology.dose.order import Ordering, judge_order, rises
from vcassay.evidence.biology.dose.projection import Measured, project, projected
from vcassay.evidence.biology.dose.series import DOSE_SERIES, NO_SERIES, found_series

DRAWS = 4999
ROWS = 60

Array = NDArray[np.float64]
NAME = "dose_response"


@diagnostic(NAME, title="Dose response", source="trend along the top dose's direction, split halves; CPA; tcplfit2")
def dose_response(bench: Bench, rng: np.random.Generator) -> tuple[Finding, ...]:
    """Predicted effects grow with dose along the direction of the measured top dose.

    The direction comes from one half of the cells, the truth's response from the other: on the same
    cells, a drug without any effect looks ordered. The truth must be more ordered than with permuted
    doses, else nothing is asked of a model; single drugs are never tested. Series without a detectable
    effect at any dose are left out, as far as detectability was assessed: a choice that permuting the
    doses would not change. With one row a condition, directions come from other contexts, and the doses
    of a drug are permuted alike in all of them.
    """
    found = found_series(bench)
    if not found.all:
        return not_assessable(NAME, NO_SERIES, ())
    measured = projected(bench)
    if len(measured.series) < DOSE_SERIES.value:
        sentence = (
            f"{found.coverage}, and {len(measured.series)} can be measured on other rows than their direction; "
            f"{DOSE_SERIES.value:g} are needed: more rows a condition, stronger doses or more drugs."
        )
        return not_assessable(NAME, sentence, bench.submissions)
    seed = int(rng.integers(2**63))
    truth = _order(measured, list(range(len(measured.series))), measured.response, seed)
    numbers = {"value": truth.share, "null": truth.null_share}
    if truth.p_rise >= DOSE_P.value:
        wanted = _wanted(truth, int(np.median(bench.effects.n_rows[bench.split.test])))
        return not_assessable(
            NAME, f"in the truth, {_share(truth)} (p = {truth.p_rise:.2g}); {wanted}.", bench.submissions, **numbers
        )
    asked = (*bench.submissions, *bench.baselines)
    judged = {arm.name: _judge(arm, measured, truth, seed) for arm in asked}
    baselines = [(j.model.share, b.name) for b in bench.baselines if (j := judged[b.name]) is not None]
    best = max(baselines, default=(np.nan, ""))
    rows = show_first(measured)
    rise = [np.nan if (j := judged[a.name]) is None else j.model.p_rise for a in bench.submissions]
    adjusted = benjamini_hochberg(np.asarray(rise, dtype=np.float64))
    sentence = f"In the truth, {_share(truth)} (p = {truth.p_rise:.2g}); {found.coverage}."
    study = finding(NAME, Status.PASS, sentence, evidence=_curves(measured, rows, None), **numbers)
    models = (
        _about(a.name, judged[a.name], float(q), best, measured, rows)
        for a, q in zip(bench.submissions, adjusted, strict=True)
    )
    return (study, *models)


def _order(measured: Measured, use: Sequence[int], response: Sequence[Array], seed: int) -> Ordering:
    """Order of some series; contexts share measurements where directions come from other contexts."""
    block = None
    if measured.elsewhere:
        block = np.unique([measured.series[i].perturbation for i in use], return_inverse=True)[1]
    return judge_order(response, DRAWS, np.random.default_rng(seed), block)


class Judged(NamedTuple):
    """A model's order beside the truth's on the same series, and its projections (``None`` where not predicted)."""

    model: Ordering
    truth: Ordering
    steps: Steps
    response: list[Array | None]


def _judge(arm: Arm, measured: Measured, truth: Ordering, seed: int) -> Judged | None:
    """Project a model's predictions; ``None`` if it predicts too few series whole."""
    use = [i for i, s in enumerate(measured.series) if arm.known[s.rows].all()]
    if len(use) < DOSE_SERIES.value:
        return None
    values = project(arm.values, measured)
    of_truth, of_model = [measured.response[i] for i in use], [values[i] for i in use]
    if len(use) < len(measured.series):
        truth = _order(measured, use, of_truth, seed)
    kept = set(use)
    response = [m if i in kept else None for i, m in enumerate(values)]
    model = _order(measured, use, of_model, seed)
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
        f"{capital(verdict.reason)}; {_share(model)} ({beside}); mean Kendall tau "
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
