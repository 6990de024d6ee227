"""Clean: scores without the conditions that leakage checks touch, and what these add to a model's lead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from vcassay.core import Finding
from vcassay.core.affected import Affected
from vcassay.core.finding import AMISS, SEVERITY, Status
from vcassay.evidence.metrics.ceilings.replicate import NAME
from vcassay.evidence.metrics.inference.compare import best_baseline, primary_metrics
from vcassay.evidence.metrics.inference.cut import Cut
from vcassay.evidence.metrics.inference.degree import along
from vcassay.evidence.metrics.score import Scores
from vcassay.record.clean import COMBINED, CleanRecord


@dataclass(frozen=True, slots=True, eq=False)
class Touch:
    """What one finding, or several together, touches.

    Attributes
    ----------
    model
        Whom it speaks of; ``None`` for the study.
    """

    check: str
    title: str
    status: Status
    affected: Affected
    model: str | None = None


def touches(findings: Sequence[Finding], models: Sequence[str]) -> list[Touch]:
    """Findings that touch some test conditions; of each model also what warns or fails taken together.

    A finding that touches none is left out, unless its degree is graded.
    """
    own = [
        Touch(f.check, f.title, f.status, f.affected, f.model)
        for f in findings
        if f.affected is not None and (f.affected.graded or f.affected.touched.any())
    ]
    return own + [t for model in models if (t := _combined(own, model)) is not None]


def _combined(own: Sequence[Touch], model: str) -> Touch | None:
    """Everything that warns or fails and touches a model's conditions; ``None`` unless two findings differ in it."""
    amiss = [t for t in own if t.status in AMISS and t.model in (None, model) and t.affected.touched.any()]
    if len({t.affected.touched.tobytes() for t in amiss}) < 2:
        return None
    touched = np.any([t.affected.touched for t in amiss], axis=0)
    known = np.all([t.affected.known for t in amiss], axis=0)
    names = ", ".join(dict.fromkeys(t.check for t in amiss))
    degree = np.where(touched, 1.0, np.where(known, 0.0, np.nan))
    worst = min((t.status for t in amiss), key=SEVERITY.__getitem__)
    return Touch(COMBINED, "Everything that warns or fails", worst, Affected(f"that {names} touch", degree), model)


def clean_scores(
    scores: Scores,
    findings: Sequence[Finding],
    rivals: Mapping[str, Sequence[str]],
    seed: int,
) -> list[CleanRecord]:
    """Score every model and its best legal baseline without the conditions that each finding touches.

    In the primary metrics, on the conditions that decide. All statistics use the resampling weights of the scores
    themselves, so that changes, gaps and leads are paired: whole perturbations, and contexts where there are enough,
    are drawn for all alike. Clean conditions may be harder for anyone. So the change of the baseline stands beside the
    model's, and what leakage adds to a lead is the difference of the two. Conditions that a check could not compare
    count among all, but neither as affected nor as clean.

    Parameters
    ----------
    findings
        Those without affected conditions are passed over.
    rivals
        Model to the legal baselines that it is compared with.

    Returns
    -------
    One a finding, model and primary metric; refused, with a reason, where too few conditions or families are clean.
    """
    panel = scores.panel
    out: list[CleanRecord] = []
    cuts: dict[tuple[str, bytes], Cut] = {}
    for touch in touches(findings, list(rivals)):
        for metric in primary_metrics(panel):
            if (metric, panel.decision) not in scores.weights:
                continue
            at, _ = scores.weights[metric, panel.decision]
            degree = touch.affected.degree[at]
            here = Affected(touch.affected.what, degree, touch.affected.at_least)
            key = metric, here.touched.tobytes() + here.clean.tobytes()
            if key not in cuts:
                cuts[key] = Cut(scores, metric, here.touched, here.clean)
            names = [name for name in rivals if touch.model in (None, name)]
            out += [_judge(scores, cuts[key], touch, here, name, rivals[name], seed) for name in names]
    return out


def _judge(
    scores: Scores, cut: Cut, touch: Touch, here: Affected, model: str, rivals: Sequence[str], seed: int
) -> CleanRecord:
    metric, stratum = cut.metric, scores.panel.decision
    row = CleanRecord(
        check=touch.check,
        title=touch.title,
        status=touch.status.value,
        what=touch.affected.what,
        model=model,
        metric=metric,
        stratum=stratum,
        n=len(here.degree),
        n_affected=int(here.touched.sum()),
        n_clean=int(here.clean.sum()),
        n_unknown=int((~here.known).sum()),
    )
    if (model, metric, stratum) not in scores.draws:
        return row.model_copy(update={"reason": "the model has no score in this metric"})
    best = best_baseline(scores, rivals, metric, stratum)
    trends, bins = along(scores, metric, here, model, best, seed) if here.graded else ((), ())
    found: dict[str, Any] = {"trends": trends, "bins": bins}
    refused = cut.refused()
    if refused:
        return row.model_copy(update=found | {"reason": refused})
    own = cut.parts(model)
    if own is None:
        return row.model_copy(update=found | {"reason": "its denominator, the true effect, is not above noise here"})
    found |= {"own": cut.record(model), "replicate": cut.record(NAME)}
    found |= {"interval": cut.across.method, "no_interval": cut.no_interval()}
    if best is not None and cut.parts(best) is not None:
        found |= {"baseline": cut.record(best), **cut.leads(model, best, rivals)}
    return CleanRecord.model_validate(row.model_dump() | found)
