"""Clean: score again without the conditions that the findings touch, and keep these with the conditions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from vcassay.core import Finding, Status
from vcassay.evidence.metrics.inference.clean import clean_scores
from vcassay.prediction import Answer
from vcassay.record.clean import CleanRecord
from vcassay.run.scoring import Scoring


def rescore(
    scoring: Scoring, findings: Sequence[Finding], submissions: Mapping[str, Answer], legal: Sequence[str], seed: int
) -> tuple[CleanRecord, ...]:
    """Score every model and its best legal baseline on the clean conditions of every finding.

    Parameters
    ----------
    legal
        Legal baselines; those better than perfect are no rivals, and a model is none to itself.
    """
    names = [n for n in legal if n not in scoring.perfect or scoring.perfect[n].status != Status.FAIL]
    rivals = {name: [b for b in names if b != answer.source] for name, answer in submissions.items()}
    return tuple(clean_scores(scoring.scores, findings, rivals, seed))


def degrees(findings: Sequence[Finding]) -> dict[str, NDArray[np.float64]]:
    """Column name to the (t,) degree to which each test condition is touched, NaN where it could not be compared.

    One a check, named like it, and one a model where it speaks of models, such as ``L28 (net)``; the higher degree
    where several of its findings touch a condition.
    """
    out: dict[str, NDArray[np.float64]] = {}
    for f in findings:
        if f.affected is None:
            continue
        name = f.check if f.model is None else f"{f.check} ({f.model})"
        degree = f.affected.degree
        out[name] = np.fmax(out[name], degree) if name in out else degree
    return out
