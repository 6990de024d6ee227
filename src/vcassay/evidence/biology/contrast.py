"""Contrast: one statistic of truth, models and baselines, turned into findings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from vcassay.arrays.multiple import benjamini_hochberg
from vcassay.core import Finding, Status
from vcassay.core.wording import capital
from vcassay.evidence.biology.bench import Arm, Bench
from vcassay.evidence.biology.diagnostic import finding
from vcassay.evidence.biology.tested import SHARE_OF_TRUTH, TRUTH_P, Grade, Tested, grade, truth_passes

Rows = Sequence[Mapping[str, Any]]
NOT_ASSESSABLE = "Not assessable: "


@dataclass(frozen=True, slots=True)
class Wording:
    """What sentences call things.

    Attributes
    ----------
    quantity
        Such as ``mean average precision of drugs of one mechanism``.
    unit
        What it is made of, in the plural: ``drugs``.
    permuted
        What the null permutes: ``mechanisms``.
    wanted
        What data would make it assessable.
    remedy
        What to do where a model does not pass.
    digits
        Format of values, such as ``.2f`` or ``.0%``.
    """

    quantity: str
    unit: str
    permuted: str
    wanted: str
    remedy: str
    digits: str = ".2f"

    def value(self, tested: Tested) -> str:
        """A value with its coverage, null and p."""
        d = self.digits
        of = f"{self.quantity} {tested.value:{d}} over {tested.n:,} {self.unit}"
        return f"{of}, {tested.null:{d}} with permuted {self.permuted} (p = {tested.p:.2g})"


@dataclass(frozen=True, slots=True)
class Contrast:
    """What was measured.

    Attributes
    ----------
    truth
        Of the truth.
    models
        Submission to its statistic, or to the reason why it has none.
    truths
        Submission to the truth on the conditions that it answered, where these are fewer; ``truth`` otherwise.
    baselines
        Baseline to its statistic.
    embeddings
        Submission to the statistic of its embedding, where it handed one in.
    rows, model_rows
        Evidence of the study, and of each submission.
    coverage
        What was left out and why, as a sentence; empty where nothing was.
    """

    truth: Tested
    models: Mapping[str, Tested | str]
    truths: Mapping[str, Tested] = field(default_factory=dict)
    baselines: Mapping[str, Tested] = field(default_factory=dict)
    embeddings: Mapping[str, Tested] = field(default_factory=dict)
    rows: Rows = ()
    model_rows: Mapping[str, Rows] = field(default_factory=dict)
    coverage: str = ""


def not_assessable(name: str, why: str, submissions: Iterable[Arm], **more: Any) -> tuple[Finding, ...]:
    """Findings where the truth cannot be asked, or does not pass: one of the study, one a submission."""
    own = finding(name, Status.NA, f"{NOT_ASSESSABLE}{why}", **more)
    sentence = f"{NOT_ASSESSABLE}the truth itself does not show it."
    return (own, *(finding(name, Status.NA, sentence, model=a.name) for a in submissions))


def judge(name: str, bench: Bench, contrast: Contrast, words: Wording) -> tuple[Finding, ...]:
    """One finding of the study and one a submission, graded relative to truth, null and the best baseline."""
    truth = contrast.truth
    numbers = {"value": truth.value, "null": truth.null, "evidence": contrast.rows}
    more = f" {contrast.coverage}" if contrast.coverage else ""
    if not np.isfinite(truth.p) or not truth_passes(truth):
        if not np.isfinite(truth.value):
            return not_assessable(name, f"{words.wanted}.{more}", bench.submissions, **numbers)
        asked = f"not clearly more than chance (p < {TRUTH_P.value:g} is asked)"
        why = f"in the truth, {words.value(truth)}: {asked}; {words.wanted}.{more}"
        return not_assessable(name, why, bench.submissions, **numbers)
    study = finding(name, Status.PASS, f"In the truth, {words.value(truth)}.{more}", **numbers)
    answered = {n: t for n, t in contrast.models.items() if isinstance(t, Tested) and np.isfinite(t.p)}
    adjusted = dict(zip(answered, benjamini_hochberg(np.array([t.p for t in answered.values()])), strict=True))
    about = [_about(name, arm, contrast, words, adjusted) for arm in bench.submissions]
    return (study, *about)


def _about(name: str, arm: Arm, contrast: Contrast, words: Wording, q: Mapping[str, float]) -> Finding:
    """Make a submission's finding."""
    model = contrast.models.get(arm.name, "it was not asked")
    truth = contrast.truths.get(arm.name, contrast.truth)
    rows = contrast.model_rows.get(arm.name, ())
    if isinstance(model, str) or not np.isfinite(model.p):
        why = model if isinstance(model, str) else "its answers do not define the measure"
        return finding(name, Status.NA, f"{NOT_ASSESSABLE}{why}.", model=arm.name, evidence=rows)
    if not truth_passes(truth):
        why = "on the conditions that it answers, the truth itself does not show it"
        return finding(name, Status.NA, f"{NOT_ASSESSABLE}{why}.", model=arm.name, evidence=rows)
    best, value = max(
        ((b, t.value) for b, t in contrast.baselines.items() if np.isfinite(t.value)),
        key=lambda pair: pair[1],
        default=("", np.nan),
    )
    given = grade(truth, model, float(q[arm.name]), value)
    d = words.digits
    beside = f"truth {truth.value:{d}}" + (f", best baseline '{best}' {value:{d}}" if best else "")
    sentence = f"{capital(given.reason)}: {words.value(model)}; {beside}."
    inside = contrast.embeddings.get(arm.name)
    if inside is not None:
        sentence += f" {_inside(inside, truth, given, words)}"
    return finding(
        name,
        given.status,
        sentence,
        value=model.value,
        null=model.null,
        threshold=model.null + SHARE_OF_TRUTH.value * truth.excess,
        model=arm.name,
        evidence=rows,
        remedy="" if given.status is Status.PASS else given.remedy or words.remedy,
    )


def _inside(inside: Tested, truth: Tested, effects: Grade, words: Wording) -> str:
    """Which of effects and embedding carries the biology."""
    if not np.isfinite(inside.p):
        return "Its embedding does not define the measure."
    d = words.digits
    measured = f"{inside.value:{d}} over {inside.n:,} {words.unit}, {inside.null:{d}} permuted, p = {inside.p:.2g}"
    carries = truth_passes(inside)
    if carries and effects.status is Status.FAIL:
        return f"Its embedding carries it ({measured}), its predicted effects do not."
    if carries:
        return f"Its embedding carries it too ({measured})."
    where = "only its predicted effects do" if effects.status is not Status.FAIL else "neither do its predicted effects"
    return f"Its embedding does not carry it ({measured}), {where}."
