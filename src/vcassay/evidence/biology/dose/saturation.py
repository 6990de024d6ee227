"""Dose saturation: whether responses level off towards the top dose as often as they were measured to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.isotonic import isotonic
from vcassay.core import Finding, Status, Threshold
from vcassay.core.wording import capital
from vcassay.evidence.biology.bench import Arm, Bench
from vcassay.evidence.biology.contrast import NOT_ASSESSABLE, not_assessable
from vcassay.evidence.biology.diagnostic import diagnostic, finding
from vcassay.evidence.biology.dose.across_drugs import DOSE_DRUGS
from vcassay.evidence.biology.dose.order import judge_order
from vcassay.evidence.biology.dose.potency import DOSE_LOST, monotone
from vcassay.evidence.biology.dose.projection import projected
from vcassay.evidence.biology.dose.repeats import Repeats, repeats, too_few
from vcassay.evidence.biology.tested import DRAWS, TRUTH_P

NAME = "dose_saturation"
DOSE_LEVELS = Threshold("dose_levels", 0.2, "proposal: last step as a share of a response that levels off")
DOSE_LEVELS_GAP = Threshold("dose_levels_gap", 0.2, "share of series a model may be off by (proposal)")
ROWS = 150

Array = NDArray[np.float64]
Index = NDArray[np.int64]
Mask = NDArray[np.bool_]


@diagnostic(
    NAME, title="Dose saturation", source="last step of the isotonic response (Robertson et al. 1988), drugs resampled"
)
def dose_saturation(bench: Bench, rng: np.random.Generator) -> tuple[Finding, ...]:
    """As many dose responses level off before the top dose as were measured to.

    A series saturates if its last step is less than `DOSE_LEVELS` of its isotonic response at the top dose. Monotone
    series are compared. The truth is half of the rows along the direction of the other half. Its noise makes some
    series level off and others not, so the model is measured with it: brought to the truth's overall size, and with
    half the difference of the two quarters added, which varies as their mean does. A model is warned of, and
    never fails, if its share of saturating series differs from the truth's by more than `DOSE_LEVELS_GAP` with a 95 %
    interval over drugs that leaves out 0. Not assessable where responses do not rise with dose in the truth, as
    `dose_response` asks, or fewer than five drugs are monotone.
    """
    missing = too_few(NAME, bench)
    if missing:
        return missing
    got = repeats(bench)
    order = judge_order(projected(bench).response, DRAWS, rng)
    response = got.truth()
    rising = monotone(response, got.length)
    coverage = (
        f"{capital(got.coverage)}; {int(rising.sum()):,} of these lose at most "
        f"{DOSE_LOST.value:.0%} of their range on the way up."
    )
    if not order.p_rise < TRUTH_P.value:
        why = (
            f"responses do not rise with dose in the truth more than with permuted doses (mean Kendall tau "
            f"{order.tau:.2f} over {order.n:,} series, p = {order.p_rise:.2g}); more rows a condition or stronger "
            f"doses would show it. {coverage}"
        )
        return not_assessable(NAME, why, bench.submissions)
    drugs = len(np.unique(got.strata.drug[rising]))
    if drugs < DOSE_DRUGS.value:
        why = f"{drugs} drugs have a monotone response, {DOSE_DRUGS.value:g} are needed. {coverage}"
        return not_assessable(NAME, why, bench.submissions)
    seed = int(rng.integers(2**63))
    share = last_share(response, got.length)
    every = np.ones(len(got.series), dtype=bool)
    sums = sum(count_levels((v.first + v.second) / 2, got, every) for v in got.views())
    value, low, high = _share(np.asarray(sums), every, got, seed)
    sentence = (
        f"In the truth, {value:.0%} (95 % interval {low:.0%} to {high:.0%} over {drugs:,} drugs) of "
        f"{int(rising.sum()):,} monotone dose series level off before the top dose. {coverage}"
    )
    study = finding(NAME, Status.PASS, sentence, value=value, evidence=_rows(got, share, rising, None))
    return (study, *(_about(arm, got, share, rising, seed) for arm in bench.submissions))


def last_share(response: Array, length: Index) -> Array:
    """(m,) share of the isotonic response at the top dose that is gained in the last step, counted from no response.

    NaN where a dose is undefined, or the top not above 0.
    """
    share = np.full(len(length), np.nan)
    for k in np.unique(length).tolist():
        at = np.flatnonzero(length == k)
        fit = np.maximum(isotonic(response[at, :k]), 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            share[at] = np.where(fit[:, -1] > 0, (fit[:, -1] - fit[:, -2]) / fit[:, -1], np.nan)
    return share


def levels(share: Array) -> Array:
    """1 for a series that saturates; one that does not respond at the top dose does not."""
    with np.errstate(invalid="ignore"):
        return np.asarray(share < DOSE_LEVELS.value, dtype=np.float64)


def count_levels(response: Array, got: Repeats, use: Mask) -> Array:
    """(drugs, 2) series that are monotone, and those of them that saturate."""
    at = np.flatnonzero(use & monotone(response, got.length))
    out = np.zeros((int(got.strata.drug.max(initial=-1)) + 1, 2))
    saturated = levels(last_share(response[at], got.length[at]))
    np.add.at(out, got.strata.drug[at], np.stack([np.ones(len(at)), saturated], axis=1))
    return out


def count_with_noise(name: str, got: Repeats, use: Mask) -> tuple[Array, Array]:
    """(drugs, 2) counts of the truth, and of a model with the truth's noise, summed over views.

    NaN for a model that does not respond along the truth at the top dose.
    """
    i = np.arange(len(got.length))
    truth, model = np.zeros((2, int(got.strata.drug.max(initial=-1)) + 1, 2))
    mean, own = got.truth()[i, got.length - 1], got.model(name)[i, got.length - 1]
    scale = mean[use].sum() / size if (size := own[use].sum()) > 0 else np.nan
    for v in got.views():
        truth += count_levels((v.first + v.second) / 2, got, use)
        for noise in ((v.first - v.second) / 2, (v.second - v.first) / 2):
            model += count_levels(scale * v.model[name] + noise, got, use) / 2
    return truth, model if np.isfinite(scale) else np.full_like(model, np.nan)


def _weights(drug: Index, use: Mask, seed: int) -> Array:
    """(draws, drugs) how often each drug that takes part is drawn; the same for every arm."""
    drugs = int(drug.max(initial=-1)) + 1
    names = np.unique(drug[use])
    out = np.zeros((DRAWS, drugs))
    rng = np.random.default_rng(seed)
    out[:, names] = rng.multinomial(len(names), np.full(len(names), 1.0 / len(names)), size=DRAWS)
    return out


def _share(sums: Array, use: Mask, got: Repeats, seed: int) -> tuple[float, float, float]:
    """Share of monotone series that saturate, with its 95 % percentile interval over drugs."""
    total = sums.sum(axis=0)
    return (float(total[1] / total[0]), *_ends(_ratio(_weights(got.strata.drug, use, seed) @ sums)))


def _ratio(sums: Array) -> Array:
    """Second of the first; NaN without any."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(sums[:, 1] / sums[:, 0])


def _ends(draws: Array) -> tuple[float, float]:
    low, high = np.nanquantile(draws, (0.025, 0.975))
    return float(low), float(high)


class Gap(NamedTuple):
    """A model less the truth, with an interval.

    Attributes
    ----------
    value, low, high
        Share of series.
    """

    value: float
    low: float
    high: float

    @property
    def sense(self) -> int:
        """1 or -1 where the interval lies on one side of 0."""
        return int(self.low > 0) - int(self.high < 0)

    def __str__(self) -> str:
        """The value and its interval."""
        return f"{self.value:+.0%} ({self.low:+.0%} to {self.high:+.0%})"


def _about(arm: Arm, got: Repeats, truth: Array, rising: Mask, seed: int) -> Finding:
    """Make a submission's finding."""
    drug, known = got.strata.drug, got.known[arm.name]
    use = rising & known
    drugs = len(np.unique(drug[use]))
    if drugs < DOSE_DRUGS.value:
        why = f"it answers every dose of {drugs} drugs with a monotone response; {DOSE_DRUGS.value:g} are needed."
        return finding(NAME, Status.NA, f"{NOT_ASSESSABLE}{why}", model=arm.name)
    truth_sums, sums = count_with_noise(arm.name, got, known)
    mine, of_truth = (float(v[:, 1].sum() / n) if (n := v[:, 0].sum()) > 0 else np.nan for v in (sums, truth_sums))
    if not np.isfinite(mine):
        why = "it predicts no response along the measured direction of the top doses."
        return finding(NAME, Status.NA, f"{NOT_ASSESSABLE}{why}", model=arm.name)
    weights = _weights(drug, known, seed)
    gap = Gap(mine - of_truth, *_ends(_ratio(weights @ sums) - _ratio(weights @ truth_sums)))
    differs = gap.sense if abs(gap.value) > DOSE_LEVELS_GAP.value else 0
    words = {1: "Levels off much more often than the truth", -1: "Levels off much less often than the truth"}
    model = last_share(got.model(arm.name), got.length)
    sentence = (
        f"{words.get(differs, 'Levels off about as often as the truth')}: {mine:.0%} of monotone dose series with the "
        f"truth's noise, truth {of_truth:.0%}, difference {gap} over {drugs:,} drugs; without noise, "
        f"{levels(model)[use].mean():.0%} of {int(use.sum()):,}."
    )
    return finding(
        NAME,
        Status.WARN if differs else Status.PASS,
        sentence,
        value=mine,
        threshold=DOSE_LEVELS_GAP.value,
        model=arm.name,
        evidence=_rows(got, truth, use, model),
        remedy="Check how the model extends responses to the top dose." if differs else "",
    )


def _rows(got: Repeats, truth: Array, use: Mask, model: Array | None) -> list[Mapping[str, Any]]:
    """Last step's share of the response, strongest series first."""
    response = got.truth()
    at = np.flatnonzero(use & np.isfinite(truth))
    top = response[at, got.length[at] - 1]
    rows: list[Mapping[str, Any]] = []
    for i in at[np.argsort(-top, kind="stable")][:ROWS].tolist():
        s = got.series[i]
        row: dict[str, Any] = {"perturbation": s.perturbation, "context": s.context, "truth": float(truth[i])}
        if model is not None and np.isfinite(model[i]):
            row["model"] = float(model[i])
        rows.append(row)
    return rows
