"""Stage 2: gather the evidence of all four rooms, handing over what one needs of another."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from vcassay.claim import Claim
from vcassay.claim.findings import claim_findings
from vcassay.core import Finding
from vcassay.effects import Effects
from vcassay.effects.classes import Classes
from vcassay.effects.crossed import Crossed
from vcassay.evidence.baselines import Rung, ladder_audit
from vcassay.evidence.biology import DIAGNOSTICS, make_bench
from vcassay.evidence.leakage import CHECKS
from vcassay.evidence.metrics import better_than_perfect
from vcassay.evidence.metrics.calibration.hackable import hackable, prepare_sabotages
from vcassay.knowledge import Knowledge
from vcassay.prediction import Answer
from vcassay.record.clean import CleanRecord
from vcassay.record.evidence import BaselineRecord, FindingRecord
from vcassay.run.checks import by_severity, run_checks, stored
from vcassay.run.clean import degrees, rescore
from vcassay.run.contest import contests
from vcassay.run.genetic import NO_GENETIC, Genetic
from vcassay.run.ladder import crashes
from vcassay.run.ladder_audit import EXEMPT, audit, without_barred
from vcassay.run.lookups import find_lookups
from vcassay.run.references import reference_records
from vcassay.run.scoring import Scoring, Settings, score
from vcassay.screen import Screen


@dataclass(frozen=True, slots=True, eq=False)
class Stage2:
    """The evidence, as the record stores it."""

    scoring: Scoring
    findings: tuple[FindingRecord, ...]
    baselines: tuple[BaselineRecord, ...]
    clean: tuple[CleanRecord, ...]
    degrees: Mapping[str, NDArray[np.float64]]
    """Of the test conditions, how much each check touches them."""


def gather(
    screen: Screen,
    effects: Effects,
    claim: Claim,
    knowledge: Knowledge,
    submissions: Mapping[str, Answer],
    rungs: list[Rung],
    full_mask: NDArray[np.bool_],
    settings: Settings,
    *,
    progress: Callable[[str], None],
    classes: Classes | None = None,
    crossed: tuple[Mapping[str, Crossed], Mapping[str, str]] = ({}, {}),
    genetic: Genetic = NO_GENETIC,
) -> Stage2:
    """Audit the ladder, score every answer, compare, and run every check and diagnostic.

    Checks and diagnostics read a model's own predictions; its further seeds enter the scores alone.
    """
    progress("auditing the ladder")
    provided = {
        "screen": screen,
        "conditions": effects.conditions,
        "design": screen.design,
        "split": claim.split,
        "claim": claim,
        "effects": effects,
        "knowledge": knowledge,
    }
    audited = audit(rungs, provided, settings.seed)
    rungs = without_barred(rungs, audited)
    scoring = score(
        screen,
        effects,
        claim,
        knowledge,
        submissions,
        rungs,
        full_mask,
        settings,
        progress=progress,
        classes=classes,
        crossed=crossed,
    )
    progress("looking for leakage")
    provided |= {"answers": scoring.answers, "scores": scoring.scores}
    audited = [replace(a, findings=(*a.findings, *_perfect(scoring, a.name))) for a in audited]
    rungs = without_barred(rungs, audited)
    legal = [rung.record.name for rung in rungs if rung.record.legal]
    provided["lookups"] = find_lookups(rungs, effects.conditions.take(claim.split.test))
    findings = [*crashes(rungs), *claim_findings(claim, kin=False)]
    findings += run_checks(CHECKS, provided, submissions, settings.seed, "leakage")
    findings += [better_than_perfect(scoring.scores, scoring.reach.within, name) for name in submissions]
    findings += _hacks(scoring, list(submissions), settings)
    findings += scoring.reach.findings
    progress("scoring without what leaked")
    clean = rescore(scoring, findings, submissions, legal, settings.seed)
    touched = degrees(findings)
    progress("letting probes and sabotage compete")
    findings += contests(scoring.scores, rungs, list(submissions), legal, settings.margin)
    findings.append(ladder_audit(audited, EXEMPT))
    progress("asking for biology")
    tiers = {r.record.name: r.record.tier for r in rungs if r.record.legal and r.record.kind == "baseline"}
    provided["bench"] = make_bench(effects, claim, knowledge, scoring.answers, tiers)
    retrained = {n: a.ablations["without_genetic"] for n, a in submissions.items() if "without_genetic" in a.ablations}
    provided |= {"without_genetic": {**genetic.without, **retrained}, "permuted_genetic": genetic.permuted}
    findings += run_checks(DIAGNOSTICS, provided, submissions, settings.seed, "biology")
    return Stage2(
        scoring=scoring,
        findings=tuple(stored(f) for f in by_severity(findings)),
        baselines=(*(rung.record for rung in rungs), *reference_records(scoring.references, scoring.scores.panel)),
        clean=clean,
        degrees=touched,
    )


def _hacks(scoring: Scoring, submissions: Sequence[str], settings: Settings) -> list[Finding]:
    """Whether the metrics can be earned without knowing anything, beside each model."""
    panel = scoring.scores.panel
    known = "left out by --quick" if settings.quick else prepare_sabotages(panel, settings.seed)
    return [hackable(known, name, scoring.scores.predicted[name], seed=settings.seed) for name in submissions]


def _perfect(scoring: Scoring, name: str) -> tuple[Finding, ...]:
    return (scoring.perfect[name],) if name in scoring.perfect else ()
