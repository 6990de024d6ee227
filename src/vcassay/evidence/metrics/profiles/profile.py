"""Profile: a peer's metrics under its own names, run on a pair."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.tiles import one_blas_thread
from vcassay.core.registry import Entry, Registry, call
from vcassay.evidence.metrics.profiles.pair import Pair

Array = NDArray[np.float64]
Provided = Mapping[str, Any]

ARGUMENTS = {
    "predicted": "(m,) places of the n measured perturbations that are scored",
    "own_gene": "(n,) gene that a perturbation is named after, -1 for none",
    "truth": "(n, g) measured profiles",
    "truth_delta": "(n, g) measured effects",
    "control": "(g,) measured control profile",
    "centre_real": "(m, g) measured means in double precision",
    "centre_pred": "(m, g) predicted means in double precision",
    "mean_real": "(m, g) measured means",
    "mean_pred": "(m, g) predicted means",
    "delta_real": "(m, g) measured effects",
    "delta_pred": "(m, g) predicted effects",
    "profile_real": "(m, g) measured profiles of pooled counts",
    "profile_pred": "(m, g) predicted profiles of pooled counts",
    "spread_real": "(m,) sampling variance of the measured profile, summed over genes",
    "spread_pred": "(m,) sampling variance of the predicted profile, summed over genes",
    "spread_control": "sampling variance of the control profile, summed over genes",
    "kept": "(m, g) genes other than the one a perturbation is named after",
    "panel_genes": "(g,) genes that no perturbation is named after",
    "energy_real": "(m,) measured energy distance to the controls",
    "energy_pred": "(m,) predicted energy distance to the controls",
    "sig_real": "(m, g) genes significant in the truth",
    "sig_pred": "(m, g) genes significant in the prediction",
    "fold_real": "(m, g) measured log2 fold changes",
    "fold_pred": "(m, g) predicted log2 fold changes",
    "padj_pred": "(m, g) adjusted p-values of the prediction, NaN for genes not adjusted",
    "place_real": "(m, g) places of the genes significant in the truth by absolute fold change, infinite for others",
    "place_pred": "(m, g) the same of the prediction",
    "pvalue_pred": "(m, g) p-values of the prediction",
    "name_order": "(g,) place of a gene's name in the alphabet",
    "real": "(m, g) measured means",
    "pred": "(m, g) predicted means",
    "others": "(m, g) mean of the other measured perturbations",
    "masks": "name to (m, g) genes",
    "degs": "(m, g) genes significant in the truth",
    "strength": "(m, g) absolute t of the truth",
    "strength_pred": "(m, g) absolute t of the prediction",
    "curves": "average precision and area under the ROC curve of the predicted ranking of genes, each (m,)",
    "squared_distance": "(m, c) squared distances of predicted means to the measured ones that compete in ranks",
    "own": "(m,) place of the scored perturbations among the candidates",
    "distances": "name to (m,) distance between measured and predicted cells",
}
"""What a metric may ask for by argument name; each profile prepares its own part."""

PROFILE_METRICS: Registry[Callable[..., Any]] = Registry("profile metric", ARGUMENTS)
"""Name ``profile:metric`` to a function of what its profile prepares, asked for by argument name."""

NOT_PREDICTED = "the prediction lacks this perturbation"


@dataclass(frozen=True, slots=True)
class Profile:
    """A peer's way of scoring.

    Attributes
    ----------
    name, title, source
        What it is called, whose numbers it reproduces, and where they are defined.
    prepare
        Turns a `Pair` into what the metrics ask for by name.
    aggregate
        (metric, (m,) values, what was prepared) to the value of the context.
    """

    name: str
    title: str
    source: str
    prepare: Callable[[Pair], Provided]
    aggregate: Callable[[str, Array, Provided], float]

    @property
    def metrics(self) -> tuple[Entry[Callable[..., Any]], ...]:
        """Its metrics."""
        return tuple(e for e in PROFILE_METRICS if e.meta["profile"] == self.name)


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """One metric on one pair.

    Attributes
    ----------
    metric
        The peer's name.
    value
        (n,) one a perturbation; NaN where undefined. Empty if the peer has a panel's value alone.
    status
        (n,) ``ok``, ``undefined: why`` or ``error: what``.
    total
        The panel's value.
    total_status
        As ``status``.
    """

    metric: str
    value: Array
    status: list[str]
    total: float
    total_status: str = field(default="ok")


def profile_metric(
    profile: str,
    name: str,
    *,
    optimum: float | None,
    chance: str,
    higher_is_better: bool | None,
    undefined: str = "",
    fooled_by: str = "",
    quirk: str = "",
    panel: bool = False,
    source: str = "",
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a metric of a profile.

    Parameters
    ----------
    optimum, chance
        Best value; what a prediction without information gets, in words.
    higher_is_better
        Direction; ``None`` for counts and other facts.
    undefined
        When it has no value: the reason in the table.
    fooled_by, quirk
        Known ways to fool it; what the peer does that one would not expect, and we do with it.
    panel
        Whether there is one value a panel.
    source
        Where it is defined; the profile's if absent.
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        meta = {
            "profile": profile,
            "metric": name,
            "optimum": optimum,
            "chance": chance,
            "higher_is_better": higher_is_better,
            "undefined": undefined,
            "fooled_by": fooled_by,
            "quirk": quirk,
            "panel": panel,
        }
        return PROFILE_METRICS.register(f"{profile}:{name}", function, source=source or SOURCES[profile], **meta)

    return decorate


SOURCES = {
    "cell-eval": "cell-eval 0.8.2 (Arc Institute), profile full, with pdex 0.3.0",
    "vcc2026": "cell-eval2 0.20.0 (Arc Institute), preset vcc2026, Wilcoxon by scanpy",
    "scperteval": "scperteval 0.2.0 (Schäfer et al. 2026), score, t-test",
}


def run_profile(profile: Profile, pair: Pair) -> list[Outcome]:
    """Score a pair; a metric that crashes becomes an error row and the others go on."""
    with one_blas_thread():
        return _run(profile, pair)


def _run(profile: Profile, pair: Pair) -> list[Outcome]:
    provided = profile.prepare(pair)
    predicted, n = np.asarray(provided["predicted"]), len(pair.names)
    excused: Mapping[int, str] = provided.get("left_out", {})
    out = []
    for entry in profile.metrics:
        name, why = entry.meta["metric"], f"undefined: {entry.meta['undefined'] or 'not a number'}"
        if not len(predicted):
            none = "undefined: no perturbation is left to score"
            status = [] if entry.meta["panel"] else [f"undefined: {excused.get(i, NOT_PREDICTED)}" for i in range(n)]
            out.append(Outcome(name, np.full(len(status), np.nan), status, np.nan, none))
            continue
        try:
            found = call(entry, provided)
        except Exception as error:  # noqa: BLE001 - whatever a metric raises becomes a row
            crash = f"error: {type(error).__name__}: {error}"
            out.append(Outcome(name, np.full(n, np.nan), [crash] * n, np.nan, crash))
            continue
        if entry.meta["panel"]:
            total = float(found)
            out.append(Outcome(name, np.empty(0), [], total, why if np.isnan(total) else "ok"))
            continue
        value = np.full(n, np.nan)
        value[predicted] = found
        status = [why if np.isnan(v) else "ok" for v in value]
        for i in np.setdiff1d(np.arange(n), predicted):
            status[i] = f"undefined: {excused.get(int(i), NOT_PREDICTED)}"
        total = profile.aggregate(name, value[predicted], provided)
        out.append(Outcome(name, value, status, total, why if np.isnan(total) else "ok"))
    return out
