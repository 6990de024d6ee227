"""Inputs: what a metric is given for one answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.across import interactions
from vcassay.arrays.agreement import masked_ranks, row_order
from vcassay.arrays.calls import predicted_calls
from vcassay.arrays.weighted import response_weights
from vcassay.core.registry import Entry
from vcassay.evidence.metrics.candidates import find_fields
from vcassay.evidence.metrics.gene_sets import find_activities, find_calls
from vcassay.evidence.metrics.metric import MetricFunction, Values
from vcassay.evidence.metrics.panel import Panel
from vcassay.evidence.metrics.spectra import find_spectra

Array = NDArray[np.float64]


def _specific(given: Mapping[str, Any]) -> Array:
    return interactions(given["truth"], given["mask"], given["context"], given["perturbation"])


def _ranks(given: Mapping[str, Any]) -> Array:
    return masked_ranks(given["truth"], given["mask"])


def _weights(half: str, *, perturbed: bool) -> Callable[[Mapping[str, Any]], Array | None]:
    """Weights of genes by the size of t in one half, of effects or of what differs from the perturbed reference."""

    def of(given: Mapping[str, Any]) -> Array | None:
        values, se, reference = given.get(half), given.get("se"), given.get("reference")
        if values is None or se is None or (perturbed and reference is None):
            return None
        with np.errstate(divide="ignore", invalid="ignore"):
            size = np.abs(values - reference if perturbed else values)
            return response_weights(np.where(se > 0, size / se, 0.0), given["mask"])

    return of


OF_TRUTH: dict[str, Callable[[Mapping[str, Any]], Any]] = {
    "truth_specific": _specific,
    "truth_ranks": _ranks,
    "weights_a": _weights("half_a", perturbed=False),
    "weights_b": _weights("half_b", perturbed=False),
    "weights_a_perturbed": _weights("half_a", perturbed=True),
    "weights_b_perturbed": _weights("half_b", perturbed=True),
}
"""What follows from the truth alone: worked out once a panel, for all answers."""


class Inputs(dict[str, Any]):
    """Arguments of metrics for one answer; what follows from the prediction is worked out when first asked for.

    Parameters
    ----------
    panel
        The test conditions.
    pred
        (t, g) predicted effects, no NaN.
    noise
        (t, g) sampling variances of predicted means; ``None`` for a deterministic prediction.
    cells
        Name to (t,) comparison of predicted with measured cells; ``None`` for a model without cells.
    present
        (t,) rows that were predicted: the others are no rivals in retrieval. All if ``None``.
    """

    def __init__(
        self,
        panel: Panel,
        pred: Array,
        noise: Array | None = None,
        cells: Mapping[str, Values] | None = None,
        present: NDArray[np.bool_] | None = None,
    ) -> None:
        super().__init__(panel.inputs)
        self["pred"] = np.ascontiguousarray(pred, dtype=np.float64)  # else kernels compile, and walk, for columns too
        self["pred_noise"] = np.broadcast_to(0.0, pred.shape) if noise is None else noise
        self["cells"] = cells
        self._missing = panel.missing
        self._memo = panel.memo
        self._present = present
        self["present"] = np.ones(len(pred), dtype=bool) if present is None else present

    def __missing__(self, name: str) -> Any:
        value: Any = None
        if name == "pred_order":
            value = row_order(np.where(self["mask"], -np.abs(self["pred"]), np.inf))
        elif name == "pred_called":
            line = self.get("threshold")
            value = None if line is None else predicted_calls(self["pred"], line, self["mask"])
        elif name in ("pathway_activities", "pathway_calls") and self.get("pathways") is not None:
            calls = name == "pathway_calls"
            value = (
                find_calls(self, self["pathway_activities"], self._memo) if calls else find_activities(self, self._memo)
            )
        elif name == "fields":
            pred = self["pred"] if self._present is None else np.where(self._present[:, None], self["pred"], np.nan)
            value = find_fields(pred, self["truth"], self["mask"], self["dose_time"], self.get("detectable"))
        elif name == "spectra":
            value = find_spectra(
                self["pred"], self.get("half_a"), self.get("half_b"), self["mask"], self["context"], self._memo
            )
        elif name == "pred_specific":
            value = interactions(self["pred"], self["mask"], self["context"], self["perturbation"])
        elif name in OF_TRUTH:
            if name not in self._memo:
                self._memo[name] = OF_TRUTH[name](self)
            value = self._memo[name]
        self[name] = value
        return value

    def lacking(self, entry: Entry[MetricFunction]) -> str:
        """Why a metric cannot be computed; empty where it can."""
        absent = next((name for name in entry.arguments if self[name] is None), "")
        return self._missing.get(absent, f"'{absent}' is not known here") if absent else ""
