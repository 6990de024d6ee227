"""Audit: what the leakage checks, which every model goes through, say of the baselines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vcassay.core import Finding, Status
from vcassay.core.finding import SEVERITY

COPIES = "L26"
"""The check that no baseline can fail: a mean, a look-up of the nearest neighbours, and a learner that found nothing to
learn are copies of training effects or of their means, which the claim grants."""
NAMED = 6
"""Baselines that the sentence names; the evidence has all."""
TITLE = "Baselines pass the audit of a model"


@dataclass(frozen=True, slots=True)
class Audited:
    """What the checks said of one baseline.

    Attributes
    ----------
    name
        Of the baseline.
    findings
        Of the checks that read an answer.
    """

    name: str
    findings: tuple[Finding, ...]

    @property
    def barred(self) -> str:
        """Why it is no rival: the blocking checks that it fails; empty where there are none."""
        failed = [f for f in self.findings if f.blocks and f.status == Status.FAIL]
        return "; ".join(f"fails {f.check} ({f.title}): {f.sentence.rstrip('.')}" for f in failed)


def ladder_audit(audited: Sequence[Audited], exempt: Mapping[str, str] | None = None) -> Finding:
    """Say in one finding whether every legal baseline passes the checks of a model.

    FAIL where a baseline fails a blocking check, ERROR where a check crashed, WARN where another check is not passed.
    Copies of training effects (`COPIES`) are counted and never held against a baseline.

    Parameters
    ----------
    exempt
        Check to the reason why it is not put to a baseline.
    """
    if not audited:
        return Finding("ladder_audit", TITLE, Status.NA, "No legal baseline answered.", family="baselines")
    checks = sorted({f.check for a in audited for f in a.findings if f.status != Status.NA})
    copies = [a.name for a in audited if any(f.check == COPIES and f.status == Status.WARN for f in a.findings)]
    open_ = (Status.ERROR, Status.FAIL, Status.WARN)
    bad = [(a.name, f) for a in audited for f in a.findings if f.check != COPIES and f.status in open_]
    bad += [(a.name, f) for a in audited for f in a.findings if f.check == COPIES and f.status == Status.ERROR]
    bad.sort(key=lambda pair: (SEVERITY[pair[1].status], not pair[1].blocks, pair[1].check, pair[0]))
    evidence = [{"baseline": n, "check": f.check, "status": str(f.status), "found": f.sentence} for n, f in bad]
    evidence += [
        {"baseline": n, "check": COPIES, "status": "allowed", "found": "copies training effects"} for n in copies
    ]
    evidence += [
        {"baseline": "all", "check": c, "status": "not asked", "found": why} for c, why in (exempt or {}).items()
    ]
    what = f"{len(audited)} legal {'baseline' if len(audited) == 1 else 'baselines'}"
    asked = f"{len(checks)} {'check' if len(checks) == 1 else 'checks'} of an answer ({', '.join(checks)})"
    allowed = f" {len(copies)} answer with copies of training effects or means, as they may." if copies else ""
    if not bad:
        sentence = f"{what} {'passes' if len(audited) == 1 else 'pass'} {asked if checks else 'every check'}.{allowed}"
        return _made(Status.PASS, sentence, evidence)
    worst = bad[0][1]
    names = sorted({n for n, f in bad if f.status == worst.status and f.blocks == worst.blocks})
    barred = worst.status == Status.FAIL and worst.blocks
    status = worst.status if barred or worst.status == Status.ERROR else Status.WARN
    then = " It is no rival of the models." if barred and len(names) == 1 else ""
    then = " They are no rivals of the models." if barred and len(names) > 1 else then
    sentence = f"Of {what}, {_listing(names)} {'does' if len(names) == 1 else 'do'} not pass {worst.check}: "
    if len(names) == len(audited) > 1:
        sentence = f"None of {what} passes {worst.check}: "
    return _made(status, f"{sentence}{worst.sentence.rstrip('.')}.{then}{allowed}", evidence)


def _made(status: Status, sentence: str, evidence: list[dict[str, str]]) -> Finding:
    remedy = "" if status == Status.PASS else "Look for a way by which the test effects reached these baselines."
    return Finding("ladder_audit", TITLE, status, sentence, evidence=tuple(evidence), remedy=remedy, family="baselines")


def _listing(names: Sequence[str]) -> str:
    if len(names) > NAMED:
        return f"{', '.join(names[:NAMED])} and {len(names) - NAMED} more"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
