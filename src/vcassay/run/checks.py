"""Run checks and diagnostics: inject what each asks for; a crash becomes an ERROR finding."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

import numpy as np

from vcassay.claim.findings import FUNCTIONS, TITLES
from vcassay.core import Finding, Status
from vcassay.core.finding import SEVERITY
from vcassay.core.registry import Entry, call
from vcassay.core.vocabulary import PER_MODEL
from vcassay.evidence.biology.diagnostic import room_of as biology_room
from vcassay.evidence.leakage.check import room_of
from vcassay.evidence.metrics import better_than_perfect
from vcassay.evidence.metrics.calibration.hackable import CHECK, TITLE, hackable
from vcassay.prediction import Disclosure, Materials
from vcassay.record.evidence import FindingRecord

CEILING_CHECK: Entry[Callable[..., Finding]] = Entry(
    name="better_than_perfect",
    summary="No score exceeds what a perfect model reaches.",
    source="noise ceilings: Nili et al. 2014, PLoS Comput Biol 10:e1003553; a score beyond one needs the cells' noise",
    obj=better_than_perfect,
    arguments=(),
    meta={"title": "Better than a perfect model", "blocks": True, "family": "leakage"},
)
"""The check that belongs to the metrics: it is run for every model, beside those of the leakage room."""

HACK_CHECK: Entry[Callable[..., Finding]] = Entry(
    name=CHECK,
    summary=(hackable.__doc__ or "").strip().split("\n")[0],
    source="Virtual Cell Challenge 2025: scaling and noise topped the board; arXiv 2511.16954",
    obj=hackable,
    arguments=(),
    meta={"title": TITLE, "blocks": False, "family": "leakage"},
)
"""The other one: whether the metrics of the study can be earned without knowing anything."""

STAGE1 = tuple(
    Entry(
        name=name,
        summary=(function.__doc__ or "").strip().split("\n")[0],
        source="Csendes 2026 (Turbine), step 1",
        obj=function,
        arguments=(),
        meta={"title": TITLES[name], "blocks": False, "family": "claim"},
    )
    for name, function in FUNCTIONS.items()
)
"""The findings of stage 1: made for every claim, never blocking."""


class Disclosing(Protocol):
    """A submission: its answer, or, where it has none yet, what is declared of it."""

    @property
    def disclosure(self) -> Disclosure:
        """What its authors declare."""

    @property
    def materials(self) -> Materials:
        """The files that they name."""


def run_checks(
    entries: Iterable[Entry[Callable[..., Any]]],
    provided: Mapping[str, Any],
    submissions: Mapping[str, Disclosing],
    seed: int,
    family: str,
) -> list[Finding]:
    """Run every check once for the study, or once a submission if it asks for a model's answer.

    Parameters
    ----------
    provided
        Vocabulary name to object.
    """
    findings: list[Finding] = []
    for entry in entries:
        runs: list[tuple[str | None, dict[str, Any]]] = [(None, {})]
        if PER_MODEL & set(entry.arguments):
            runs = [
                (name, {"answer": a, "disclosure": a.disclosure, "materials": a.materials})
                for name, a in submissions.items()
            ]
        for model, own in runs:
            rng = np.random.default_rng([seed, *entry.name.encode(), *(model or "").encode()])
            findings += _guarded(entry, {**provided, **own, "rng": rng}, model, family)
    return findings


def _guarded(
    entry: Entry[Callable[..., Any]], provided: Mapping[str, Any], model: str | None, family: str
) -> list[Finding]:
    try:
        result = call(entry, provided)
    except Exception as error:  # noqa: BLE001 - the one place where any failure becomes an ERROR row
        title = str(entry.meta.get("title", entry.name))
        sentence = f"{entry.name} failed with {type(error).__name__}: {error}"
        return [Finding(entry.name, title, Status.ERROR, sentence, model=model, family=family)]
    found = [result] if isinstance(result, Finding) else list(result)
    return [f if f.model or model is None else f.about(model) for f in found]


def by_severity(findings: Iterable[Finding]) -> list[Finding]:
    """What is wrong first."""
    return sorted(findings, key=lambda f: (SEVERITY[f.status], f.family, f.check, f.model or ""))


def stored(finding: Finding) -> FindingRecord:
    """Return a finding as it is stored."""
    return FindingRecord(
        check=finding.check,
        title=finding.title,
        status=finding.status.value,
        sentence=finding.sentence,
        value=finding.value,
        null=finding.null,
        threshold=finding.threshold,
        model=finding.model,
        evidence=tuple({str(k): _plain(v) for k, v in row.items()} for row in finding.evidence),
        remedy=finding.remedy,
        question=finding.question,
        blocks=finding.blocks,
        family=finding.family,
        room="answers"
        if finding.check == CEILING_CHECK.name
        else room_of(finding.check) or biology_room(finding.check),
    )


def _plain(value: Any) -> Any:
    """Turn numpy scalars into plain ones; NaN into None."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return None
    if isinstance(value, (list, tuple, set)):
        return [_plain(v) for v in value]
    return value if isinstance(value, (str, int, float, bool)) or value is None else str(value)
