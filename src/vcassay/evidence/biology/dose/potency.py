"""Dose potency: whether the drugs that act at low doses are predicted to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.isotonic import half_response, isotonic
from vcassay.core import Finding, Threshold
from vcassay.core.wording import capital
from vcassay.evidence.biology.bench import TRUTH, Arm, Bench
from vcassay.evidence.biology.contrast import Rows, Wording, judge
from vcassay.evidence.biology.diagnostic import diagnostic
from vcassay.evidence.biology.dose.across_drugs import DOSE_DRUGS, across_drugs, ask_arms, comparable
from vcassay.evidence.biology.dose.repeats import Repeats, repeats, too_few
from vcassay.evidence.biology.tested import Tested

NAME = "dose_potency"
DOSE_LOST = Threshold(
    "dose_monotone_lost", 0.1, "range that a series may lose on the way up and be called monotone (proposal)"
)
ROWS = 150

Array = NDArray[np.float64]
Index = NDArray[np.int64]
Mask = NDArray[np.bool_]


@diagnostic(NAME, title="Dose potency", source="isotonic half-maximal doses (Robertson et al. 1988), drugs permuted")
def dose_potency(bench: Bench, rng: np.random.Generator) -> tuple[Finding, ...]:
    """Drugs are ordered by the dose at which they act as they were measured to be.

    The potency of a drug in a context is the log dose at half of its largest response, on straight lines between
    the doses of an isotonic regression that starts at no response without a dose; with three doses no slope can be
    told, and none is fitted. Drugs whose measured response is monotone are compared, those that lose more than
    `DOSE_LOST` of their range on the way up are not. Ranks are taken within contexts among drugs that were given the
    same doses: others differ in potency by design. The null permutes drugs, alike in all contexts, so that a drug
    in fifty contexts counts once. The truth is one quarter of the rows against another, and must pass.
    """
    missing = too_few(NAME, bench)
    if missing:
        return missing
    got = repeats(bench)
    rising = monotone(got.truth(), got.length)
    use = rising & comparable(got.strata.stratum, rising)
    coverage = (
        f"{capital(got.coverage)}; {int(rising.sum()):,} of these are monotone, and "
        f"{int(use.sum()):,} have two others of the same doses to be compared with."
    )
    potency = [(half_dose(v.first, got), half_dose(v.second, got)) for v in got.views()]
    seed = int(rng.integers(2**63))

    def ask(arm: Arm, among: Mask) -> Tested:
        if arm.role == TRUTH:
            return across_drugs(potency, got.strata, among, seed)
        of_model = [half_dose(v.model[arm.name], got) for v in got.views()]
        pairs = [(x, m) for halves, m in zip(potency, of_model, strict=True) for x in halves]
        return across_drugs(pairs, got.strata, among, seed)

    def tell(arm: Arm) -> Rows:
        return _rows(got, use, None) if arm.role == TRUTH else _rows(got, use & got.known[arm.name], arm.name)

    return judge(
        NAME,
        bench,
        ask_arms(bench, got, use, got.strata.stratum, ask, tell, coverage),
        Wording(
            "rank correlation of half-maximal doses within contexts",
            "dose series",
            "drugs",
            f"more drugs ({DOSE_DRUGS.value:g} at least), more rows a condition, or doses closer to where drugs differ "
            "would show it",
            "Check whether the model scales all drugs by the same dose curve.",
        ),
    )


def monotone(response: Array, length: Index) -> Mask:
    """(m,) whether a series ends above 0 and loses at most `DOSE_LOST` of its range on the way up."""
    there = np.arange(response.shape[1]) < length[:, None]
    steps = np.where(there[:, 1:], np.diff(response, axis=1), 0.0)
    lost = np.maximum(-steps, 0.0).sum(axis=1)
    span = np.where(there, response, -np.inf).max(axis=1) - np.where(there, response, np.inf).min(axis=1)
    last = response[np.arange(len(length)), length - 1]
    with np.errstate(invalid="ignore"):
        return np.asarray((last > 0) & (steps.sum(axis=1) > 0) & (lost <= DOSE_LOST.value * span))


def half_dose(response: Array, got: Repeats) -> Array:
    """(m,) log10 of the dose at half of the isotonic response; NaN where one is undefined, or the top not above 0."""
    out = np.full(len(got.length), np.nan)
    for k in np.unique(got.length).tolist():
        at = np.flatnonzero(got.length == k)
        out[at] = half_response(isotonic(response[at, :k]), np.log10(got.dose[at, :k]))
    return out


def _rows(got: Repeats, use: Mask, model: str | None) -> list[Mapping[str, Any]]:
    """Half-maximal doses of the strongest series."""
    truth = got.truth()
    dose = half_dose(truth, got)
    predicted = None if model is None else half_dose(got.model(model), got)
    at = np.flatnonzero(use & np.isfinite(dose))
    top = truth[at, got.length[at] - 1]
    rows: list[Mapping[str, Any]] = []
    for i in at[np.argsort(-top, kind="stable")][:ROWS].tolist():
        row: dict[str, Any] = {"perturbation": got.series[i].perturbation, "context": got.series[i].context}
        row["truth"] = float(10 ** dose[i])
        if predicted is not None and np.isfinite(predicted[i]):
            row["model"] = float(10 ** predicted[i])
        rows.append(row)
    return rows
