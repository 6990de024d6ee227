"""Dose agreement: whether the steps between doses are predicted as they were measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import scipy
from numpy.typing import NDArray

from vcassay.core import Finding, Status
from vcassay.core.wording import capital
from vcassay.evidence.biology.bench import Bench
from vcassay.evidence.biology.contrast import Contrast, Wording, judge
from vcassay.evidence.biology.diagnostic import diagnostic
from vcassay.evidence.biology.dose.order import FLAT, dose_orders, draw_sums
from vcassay.evidence.biology.dose.repeats import Repeats, repeats, too_few
from vcassay.evidence.biology.dose.series import DOSE_SERIES
from vcassay.evidence.biology.tested import DRAWS, Tested, tested, truth_passes

NAME = "dose_agreement"
ROWS = 150

Array = NDArray[np.float64]
Index = NDArray[np.int64]
Mask = NDArray[np.bool_]


@diagnostic(NAME, title="Dose agreement", source="Spearman correlation within dose series, doses permuted")
def dose_agreement(bench: Bench, rng: np.random.Generator) -> tuple[Finding, ...]:
    """Predicted responses differ between the doses of a drug as the measured ones do.

    A response is the projection on the direction of the top dose, which comes from half of the rows. Responses less
    the mean of their drug in their context are ranked over all drugs, contexts and doses (Spearman): as they stand,
    that some drugs are strong would carry the agreement whatever becomes of the dose, and that figure is given beside
    it. Taking means leaves what the drugs' dose curves have in common in it, which a model must know too. The truth is
    one quarter of the rows against another, a model one quarter of the truth against its prediction: as a repeat of
    the experiment would be. The null permutes the doses within each series. Not assessable with fewer than three
    rows a condition, or where a repeat agrees no better than permuted doses.
    """
    missing = too_few(NAME, bench)
    if missing:
        return missing
    got = repeats(bench)
    seed = int(rng.integers(2**63))
    views = got.views()
    every = np.ones(len(got.series), dtype=bool)
    truth = agree([(v.first, v.second) for v in views], got.length, every, seed)
    models: dict[str, Agreement | str] = {}
    truths: dict[str, Tested] = {}
    for arm in (*bench.submissions, *bench.baselines) if truth_passes(truth.within) else ():
        known = got.known[arm.name]
        n = int(known.sum())
        if n < DOSE_SERIES.value:
            models[arm.name] = (
                f"it answers {n:,} of {len(got.series):,} dose series at every dose; {DOSE_SERIES.value:g} are needed"
            )
            continue
        pairs = [(s, v.model[arm.name]) for v in views for s in (v.first, v.second)]
        models[arm.name] = agree(pairs, got.length, known, seed)
        if not known.all():
            truths[arm.name] = agree([(v.first, v.second) for v in views], got.length, known, seed).within
    asked = {a.name for a in bench.submissions}
    found = judge(
        NAME,
        bench,
        Contrast(
            truth.within,
            {name: m if isinstance(m, str) else m.within for name, m in models.items() if name in asked},
            truths,
            {name: m.within for name, m in models.items() if name not in asked and not isinstance(m, str)},
            rows=_rows(got, None),
            model_rows={a.name: _rows(got, a.name) for a in bench.submissions},
            coverage=f"{capital(got.coverage)}.",
        ),
        Wording(
            "Spearman correlation of the deviations of doses from their series' mean",
            "dose series",
            "doses",
            "more rows a condition, stronger doses or more drugs would show it",
            "Check how the model reads the dose, and whether it scales all drugs alike.",
        ),
    )
    return tuple(_with_strength(f, truth, models) for f in found)


class Agreement(NamedTuple):
    """Of responses with each series' mean removed, and as they are."""

    within: Tested
    overall: float


def agree(pairs: Sequence[tuple[Array, Array]], length: Index, use: Mask, seed: int) -> Agreement:
    """Spearman correlation of responses, averaged over pairs of measurements.

    Parameters
    ----------
    pairs
        (m, k) responses, NaN-padded; a series takes part in a pair where both define all of its doses.
    length
        (m,) doses.
    use
        (m,) series that take part.
    seed
        Of the orders of doses, the same for every call of as many series.
    """
    tables: dict[int, list[Array]] = {}
    values, overall = [], []
    took = np.zeros(len(length), dtype=bool)
    for left, right in pairs:
        ok = use & defined(left, length) & defined(right, length)
        if not ok.any():
            continue
        a, b = _ranks(centred(left, ok)), _ranks(centred(right, ok))
        scale = np.sqrt((a * a).sum() * (b * b).sum())
        scale = scale if scale > 0 else np.inf
        values.append(float((a * b).sum() / scale))
        overall.append(_spearman(left[ok], right[ok]))
        took |= ok
        for k in np.unique(length[use]).tolist():
            at = np.flatnonzero(use & (length == k))
            moved = b[at][:, dose_orders(k)]
            tables.setdefault(k, []).append(np.einsum("md,mod->mo", a[at, :k], moved) / scale)
    n = int(took.sum())
    if not values:
        return Agreement(Tested(np.nan, np.nan, np.nan, np.nan, np.nan, n), np.nan)
    known = [rho for rho in overall if np.isfinite(rho)]  # none of an answer that predicts no response at all
    rng = np.random.default_rng(seed)
    draws = sum(draw_sums(np.mean(tables[k], axis=0), DRAWS, rng) for k in sorted(tables))
    return Agreement(tested(float(np.mean(values)), np.asarray(draws), n), float(np.mean(known)) if known else np.nan)


def defined(values: Array, length: Index) -> Mask:
    """(m,) whether every dose of a series is defined."""
    return np.asarray(np.isfinite(values).sum(axis=1) == length)


def centred(values: Array, ok: Mask) -> Array:
    """(m, k) deviations from each series' mean, NaN for series that take no part; 0 where flat up to rounding."""
    inside = np.where(ok[:, None], values, np.nan)
    there = np.isfinite(inside)
    n = np.maximum(there.sum(axis=1, keepdims=True), 1)
    out = inside - np.where(there, inside, 0.0).sum(axis=1, keepdims=True) / n
    largest = np.where(there, np.abs(inside), 0.0).max(axis=1, keepdims=True)
    return np.asarray(np.where(there & (np.abs(out) <= FLAT * largest), 0.0, out))


def _ranks(values: Array) -> Array:
    """Ranks over all defined values, centred; 0 where undefined."""
    out = np.zeros(values.shape)
    there = np.isfinite(values)
    out[there] = scipy.stats.rankdata(values[there]) - (there.sum() + 1) / 2
    return out


def _spearman(left: Array, right: Array) -> float:
    there = np.isfinite(left) & np.isfinite(right)
    a, b = (_ranks(np.where(there, v, np.nan)) for v in (left, right))
    scale = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum() / scale) if scale > 0 else np.nan


def _with_strength(found: Finding, truth: Agreement, models: Mapping[str, Agreement | str]) -> Finding:
    """Say beside it what agrees where drugs that are strong at any dose count too."""
    model = truth if found.model is None else models.get(found.model)
    if (
        not isinstance(model, Agreement)
        or not np.isfinite(model.overall)
        or (found.model and found.status is Status.NA)
    ):
        return found
    beside = "" if found.model is None else f" (truth {truth.overall:.2f})"
    more = f" Responses as they stand, strong drugs beside weak ones, correlate {model.overall:.2f}{beside}."
    return replace(found, sentence=found.sentence + more)


def _rows(got: Repeats, model: str | None) -> list[Mapping[str, Any]]:
    """Responses of the series that change most over their doses."""
    truth = got.truth()
    predicted = None if model is None else got.model(model)
    spread = np.nanmax(truth, axis=1) - np.nanmin(truth, axis=1)
    rows: list[Mapping[str, Any]] = []
    for i in np.argsort(-spread, kind="stable").tolist():
        k = int(got.length[i])
        if len(rows) + k > ROWS:
            break
        for d in range(k):
            row: dict[str, Any] = {"perturbation": got.series[i].perturbation, "context": got.series[i].context}
            row |= {"dose": float(got.dose[i, d]), "truth": float(truth[i, d])}
            if predicted is not None and model is not None and got.known[model][i]:
                row["model"] = float(predicted[i, d])
            rows.append(row)
    return rows
