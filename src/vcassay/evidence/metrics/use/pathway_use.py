"""Pathways in use: agreement and hallucinations as figures of utility, beside a replicate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from vcassay.core import ScoreStatus
from vcassay.evidence.metrics.ceilings.ceiling import Ceiling
from vcassay.evidence.metrics.score import Scores
from vcassay.evidence.metrics.use.rivals import Rivals
from vcassay.evidence.metrics.use.wording import Told, beside
from vcassay.record.evidence import UtilityRecord

Key = tuple[str, str]


class _Figure(NamedTuple):
    metric: str
    uses: tuple[str, ...]
    sign: float
    shares: bool
    fact: str
    chance: float


FIGURES = {
    "pathway_agreement": _Figure(
        metric="pathway_pearson",
        uses=("moa",),
        sign=1.0,
        shares=False,
        fact="Predicted and measured pathway activities of a perturbation correlate at {}",
        chance=0.0,
    ),
    "pathway_hallucination": _Figure(
        metric="pathway_hallucination",
        uses=(),
        sign=-1.0,
        shares=True,
        fact="Of the pathways that the model moves, {} are not moved so in the truth",
        chance=np.nan,
    ),
    "pathway_missed": _Figure(
        metric="pathway_missed",
        uses=(),
        sign=-1.0,
        shares=True,
        fact="Of the pathways that the perturbations move, {} are not moved so by the model",
        chance=1.0,
    ),
}
"""What is told of pathways: the metric, the intended uses, the direction, and the fact."""


def pathway_figures(scores: Scores, ceilings: Mapping[Key, Ceiling], rivals: Rivals) -> list[UtilityRecord]:
    """Tell of every answer how far it moves the right pathways, in the stratum that decides."""
    stratum = scores.panel.decision
    out = []
    for name, f in FIGURES.items():
        values = {a: scores.estimate(a, f.metric, stratum) for a in scores.predicted}
        reasons = {
            s.model: s.reason
            for s in scores.aggregates
            if (s.metric, s.stratum, s.context) == (f.metric, stratum, None) and s.status is not ScoreStatus.OK
        }
        c = ceilings.get((f.metric, stratum))
        ceiling, kind = (np.nan, "") if c is None or not np.isfinite(c.value) else (c.value, c.kind)
        plain = {a: e.value for a, e in values.items()}
        for answer, e in values.items():
            reason = "" if np.isfinite(e.value) else _reason(scores) or reasons.get(answer, "not measurable")
            rival, title, other = rivals.best(answer, plain, f.sign)
            told = Told(e.value, e.low, e.high, f.chance, ceiling, kind, title, other)
            value, rest = beside(told, shares=f.shares)
            out.append(
                UtilityRecord(
                    name=name,
                    value=e.value,
                    low=e.low,
                    high=e.high,
                    sentence="" if reason else f"{f.fact.format(value)} ({rest}).",
                    model=answer,
                    uses=f.uses,
                    chance=f.chance,
                    ceiling=ceiling,
                    ceiling_kind=kind,
                    baseline=rival,
                    baseline_value=other,
                    n=0 if reason else len(scores.weights[f.metric, stratum][0]),
                    reason=reason,
                )
            )
    return out


def _reason(scores: Scores) -> str:
    """Why no answer has pathways."""
    panel = scores.panel
    return panel.missing.get("pathways", "") if panel.inputs.get("pathways") is None else ""
