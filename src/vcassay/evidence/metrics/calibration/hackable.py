"""L28: whether a metric of this study can be earned by sabotage, or by scaling an answer up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.core import Finding, Status
from vcassay.core.registry import Entry
from vcassay.evidence.metrics.calibration.calibrated import LEAST
from vcassay.evidence.metrics.calibration.conformance import answered
from vcassay.evidence.metrics.calibration.outcome import Outcome
from vcassay.evidence.metrics.calibration.rules import beats, beats_chance
from vcassay.evidence.metrics.ceilings.agreement import choose
from vcassay.evidence.metrics.filled import on_truth, usable
from vcassay.evidence.metrics.inference.compare import primary_metrics
from vcassay.evidence.metrics.inputs import Inputs
from vcassay.evidence.metrics.metric import METRICS, MetricFunction, Values
from vcassay.evidence.metrics.panel import Panel
from vcassay.evidence.metrics.score import applies

Array = NDArray[np.float64]
MetricEntry = Entry[MetricFunction]

CHECK = "L28"
TITLE = "A metric can be hacked"
SCALES = (0.5, 2.0, 5.0)
"""Factors by which the mean training effect and the model's own answer are scaled."""
OF_ANSWERS = ("delta", "expression", "ranks", "calls", "scalar")
"""Spaces of metrics that read effects alone."""
MEAN, NONE, NOISE = "training mean", "no change", "constant + noise"


class Hack(NamedTuple):
    """How a metric is earned.

    Attributes
    ----------
    metric, trick
        The metric, and the trick in words.
    score, honest
        What the trick scores, and what the answer does that it starts from or competes with.
    """

    metric: str
    trick: str
    score: float
    honest: float


@dataclass(frozen=True, slots=True, eq=False)
class Sabotages:
    """Answers that know nothing, on the conditions that decide, and what every metric makes of them.

    Attributes
    ----------
    panel
        At most about 300 test conditions, in proportion from every context and stratum.
    rows
        (n,) their positions among the test conditions.
    slope
        Least-squares factor that would bring the training mean to the measured size.
    outcomes
        Metric to sabotage to outcome.
    """

    panel: Panel
    rows: NDArray[np.int64]
    perfect: Mapping[str, Values]
    slope: float
    outcomes: Mapping[str, Mapping[str, Outcome]]


def prepare_sabotages(panel: Panel, seed: int, metrics: Iterable[MetricEntry] | None = None) -> Sabotages | str:
    """Score what knows nothing in every metric that reads effects; or say why that cannot be done.

    Parameters
    ----------
    metrics
        Those of the registry if ``None``.
    """
    if panel.no_signal:
        return panel.no_signal
    rows = np.flatnonzero(panel.strata[panel.decision])
    part = panel.take(rows)
    keep = choose(part, seed)
    part, rows = part.take(keep), rows[keep]
    if len(rows) < LEAST:
        return f"{len(rows)} conditions are too few ({LEAST} are needed)"
    entries = [e for e in metrics or METRICS if applies(e, part) and e.meta["space"] in OF_ANSWERS]
    truth, mean = (np.asarray(part.inputs[k], dtype=np.float64) for k in ("truth", "reference"))
    if not np.isfinite(mean).all():
        mean = np.zeros(truth.shape)
    rng = np.random.default_rng([seed, *b"sabotages"])
    size = float(np.sqrt(np.mean(truth**2)))
    made = {NONE: np.zeros(truth.shape), NOISE: size * (1.0 + rng.normal(size=truth.shape)), MEAN: mean}
    made |= {scaled_name(MEAN, f): f * mean for f in SCALES}
    perfect = {e.name: on_truth(e, part) for e in entries}
    outcomes: dict[str, dict[str, Outcome]] = {e.name: {} for e in entries}
    for name, pred in made.items():
        _add(outcomes, name, pred, entries, part, perfect)
    return Sabotages(part, rows, perfect, slope(truth, mean, part.inputs["mask"]), outcomes)


def hackable(
    sabotages: Sabotages | str, model: str, values: Array, metrics: Sequence[MetricEntry] | None = None, seed: int = 0
) -> Finding:
    """No primary metric is earned by sabotage, or by scaling an answer away from the measured size.

    On the test conditions that decide: no change, a constant with noise, and the model's own answers under each other's
    labels must not beat the model and chance; the mean training effect, and the model's own answers, times 0.5, 2 and 5
    must not gain where the factor takes them farther from the least-squares size of the measured effects (nearer to
    it, a gain is earned). A gain counts if it exceeds four standard errors and 2 % of the metric's range. FAIL where a
    primary metric is earned so; other metrics that are earned so are rows of the table. NA where no test condition has
    a signal or too few are left.

    Parameters
    ----------
    values
        (t, g) the model's predicted effects.
    metrics
        What decides; the primary metrics if ``None``.
    """
    if isinstance(sabotages, str):
        return _finding(Status.NA, f"Not measurable: {sabotages}.", model)
    panel, rows = sabotages.panel, sabotages.rows
    judged = [METRICS[n] for n in primary_metrics(panel)] if metrics is None else list(metrics)
    judged = [e for e in judged if e.name in sabotages.outcomes]
    deciding = {e.name for e in judged}
    others = [] if metrics is not None else [METRICS[n] for n in sabotages.outcomes if n not in deciding]
    own = values[rows]
    filled, present = usable(panel, own)
    factor = slope(np.asarray(panel.inputs["truth"])[present], filled[present], panel.inputs["mask"][present])
    answers = {"own": own, "own, labels exchanged": own[exchange(panel, seed)]}
    answers |= {scaled_name("own", f): f * own for f in SCALES}
    outcomes: dict[str, dict[str, Outcome]] = {e.name: {} for e in (*judged, *others)}
    for name, pred in answers.items():
        _add(outcomes, name, pred, [*judged, *(others if name == "own" else ())], panel, sabotages.perfect)
    table, hacks = [], []
    for entry in (*judged, *others):
        all_of_it = {**sabotages.outcomes[entry.name], **outcomes[entry.name]}
        found = find_hack(entry, all_of_it, {MEAN: sabotages.slope, "own": factor})
        if found is not None:
            hacks.append(found)
        if found is not None or entry.name in deciding:
            table.append(_row(entry, all_of_it, found, primary=entry.name in deciding))
    return _judged(model, judged, hacks, table, len(rows))


def find_hack(entry: MetricEntry, outcomes: Mapping[str, Outcome], slopes: Mapping[str, float]) -> Hack | None:
    """Find the first trick that earns a metric something, or ``None``.

    Parameters
    ----------
    outcomes
        Sabotage, or answer, to its outcome.
    slopes
        Answer that is scaled to the factor that would bring it to the measured size.
    """
    own = outcomes["own"]
    for name in (NONE, NOISE, "own, labels exchanged"):
        if name in outcomes and beats(entry, outcomes[name], own) > 0 and beats_chance(entry, outcomes[name]) > 0:
            return Hack(entry.name, f"'{_words(name)}'", outcomes[name].value, own.value)
    for base, right in slopes.items():
        for f in SCALES:
            name = scaled_name(base, f)
            away = np.isfinite(right) and abs(f - right) > abs(1.0 - right)
            if name in outcomes and away and beats(entry, outcomes[name], outcomes[base]) > 0:
                trick = f"scaling {'the model' if base == 'own' else f'the {base}'} by {f:g}"
                return Hack(entry.name, trick, outcomes[name].value, outcomes[base].value)
    return None


def slope(truth: Array, pred: Array, mask: NDArray[np.bool_]) -> float:
    """Least-squares factor that brings (n, g) predictions to the truth on the mask; NaN for zeros."""
    t, p = np.where(mask, truth, 0.0), np.where(mask, pred, 0.0)
    below = float((p * p).sum())
    return float((t * p).sum()) / below if below > 0 else np.nan


def exchange(panel: Panel, seed: int) -> NDArray[np.int64]:
    """(n,) another condition of the same context, dose and time for each, where there is one."""
    rng = np.random.default_rng([seed, *b"labels"])
    group = np.unique(np.stack([panel.inputs["context"], panel.inputs["dose_time"]]), axis=1, return_inverse=True)[1]
    out = np.arange(len(group))
    for code in np.unique(group).tolist():
        rows = rng.permutation(np.flatnonzero(group == code))
        out[rows] = np.roll(rows, 1)
    return out


def scaled_name(base: str, factor: float) -> str:
    """Name of a scaled answer."""
    return f"{base} x {factor:g}"


def _add(
    outcomes: Mapping[str, dict[str, Outcome]],
    name: str,
    pred: Array,
    entries: Iterable[MetricEntry],
    panel: Panel,
    perfect: Mapping[str, Values],
) -> None:
    filled, present = usable(panel, pred)
    inputs = Inputs(panel, filled, None, present=present)
    for entry in entries:
        outcomes[entry.name][name] = answered(entry, perfect[entry.name], inputs, present)


def _judged(
    model: str, judged: Sequence[MetricEntry], hacks: Sequence[Hack], table: list[dict[str, Any]], n: int
) -> Finding:
    names = {e.name: e.meta["title"] for e in judged}
    decisive = [h for h in hacks if h.metric in names]
    further = [h.metric for h in hacks if h.metric not in names]
    also = f" Of the other metrics, {', '.join(further)} can be." if further else ""
    table.sort(key=lambda row: (not row["primary"], not row["hack"]))
    value = float(len(decisive))
    if decisive:
        what = "; ".join(
            f"{names[h.metric]}: {h.trick} scores {h.score:.3g} instead of {h.honest:.3g}" for h in decisive
        )
        sentence = (
            f"{len(decisive)} of {len(judged)} primary metrics can be hacked on these {n} conditions: {what}.{also}"
        )
        remedy = "Do not rank models by these metrics on this screen."
        return _finding(Status.FAIL, sentence, model, value, table, remedy)
    listed = ", ".join(names.values()) or "none applies"
    sentence = (
        f"No primary metric ({listed}) is earned by no change, a constant with noise, exchanged labels or scaling, on "
        f"{n} conditions.{also}"
    )
    return _finding(Status.PASS, sentence, model, value, table)


def _row(entry: MetricEntry, outcomes: Mapping[str, Outcome], hack: Hack | None, *, primary: bool) -> dict[str, Any]:
    scores = {_words(name): _known(found.value) for name, found in outcomes.items()}
    return {"metric": entry.name, "primary": primary, "hack": "" if hack is None else hack.trick, **scores}


def _words(name: str) -> str:
    return "model" + name[len("own") :] if name.startswith("own") else name


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _finding(
    status: Status,
    sentence: str,
    model: str,
    value: float | None = None,
    table: Sequence[Mapping[str, Any]] = (),
    remedy: str = "",
) -> Finding:
    null = None if value is None else 0.0
    rows = tuple(table)
    return Finding(CHECK, TITLE, status, sentence, value, null, None, model, rows, remedy=remedy, family="leakage")
