"""Audit: leakage alone, from a split and the tables; from a screen's rows and effects where there is one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from vcassay.claim import Claim
from vcassay.claim.findings import claim_findings
from vcassay.core import Finding, InputError, Status
from vcassay.core.plugins import load_installed
from vcassay.core.progress import default_progress
from vcassay.core.registry import Entry
from vcassay.core.vocabulary import PER_MODEL
from vcassay.effects import accumulate, measure
from vcassay.evidence.leakage import CHECKS
from vcassay.knowledge import Knowledge
from vcassay.record.audit import AuditRecord, LaterRecord
from vcassay.run.checks import by_severity, run_checks, stored
from vcassay.run.declaration import Declaration, study_declarations
from vcassay.run.inputs import find_target_sum
from vcassay.run.stage1 import read_stage1

Progress = Callable[[str, int, int], None]

TABLES = frozenset({"conditions", "split", "claim", "knowledge", "disclosure", "materials", "rng"})
"""What a split and its tables provide."""
ROWS = TABLES | {"screen", "design"}
"""What a screen provides whose rows are only looked at."""
EFFECTS = ROWS | {"effects"}
"""What one pass over a screen provides."""

NEEDS = (
    (ROWS, "the rows of the screen (a study.toml that names it)"),
    (EFFECTS, "measured effects (a study.toml, without --tables)"),
)
"""What a check needs that does not find it, from little to much; predictions otherwise."""
PREDICTIONS = "predictions (`vcassay assess`)"


def audit_tables(
    claim: Claim, knowledge: Knowledge, models: Mapping[str, Declaration], *, name: str, seed: int = 0
) -> AuditRecord:
    """Audit a split that stands alone."""
    _refuse_untested(claim, name)
    provided = _tables(claim, knowledge)
    return _record(name, claim, TABLES, _run(TABLES, frozenset(), provided, models, seed), models, ())


def audit_study(
    path: str | Path,
    *,
    tables: bool = False,
    models: Mapping[str, Declaration] | None = None,
    progress: Progress | None = None,
) -> AuditRecord:
    """Audit the split of a study: its tables, then the rows of its screen, then its effects.

    Parameters
    ----------
    path
        study.toml.
    tables
        Look at the tables alone.
    models
        Declarations of further models, beside those of the study's.
    progress
        Called with the step, the units done and the units in all (0 if unknown); a bar in a notebook when ``None``.

    Raises
    ------
    InputError
        If the study or one of its files is wrong.
    """
    load_installed()
    step = progress or default_progress()
    step("reading the screen", 0, 0)
    stage = read_stage1(Path(path))
    study, screen, split, claim = stage.study, stage.screen, stage.split, stage.claim()
    _refuse_untested(claim, str(path))
    models = study_declarations(study, stage.folder) | dict(models or {})
    provided = _tables(claim, stage.knowledge)
    step("comparing the tables", 0, 0)
    found = _run(TABLES, frozenset(), provided, models, study.seed)
    if tables:
        return _record(study.name or screen.name, claim, TABLES, found, models, ())
    with screen:
        step("comparing rows", 0, 0)
        provided |= {"screen": screen, "design": screen.design}
        found += _run(ROWS, TABLES, provided, models, study.seed)
        depth, _ = find_target_sum(study, {})

        def report(done: int, total: int) -> None:
            step("measuring effects", done, total)

        moments = accumulate(screen, seed=study.seed, target_sum=depth, progress=report)
        step("comparing effects", 0, 0)
        effects = measure(
            screen,
            keep_targets=study.data.keep_targets,
            train=split.train,
            panel=split.test if len(split.test) else None,
            test_shards=split.test_shards,
            seed=study.seed,
            moments=moments,
        )
        provided |= {"effects": effects}
        found += _run(EFFECTS, ROWS, provided, models, study.seed)
    return _record(study.name or screen.name, stage.claim(effects), EFFECTS, found, models, ("rows", "effects"))


def _refuse_untested(claim: Claim, where: str) -> None:
    if not len(claim.split.test):
        left = "; ".join(_notes(claim))
        what = "holds no test condition, so that nothing could leak into it" + (f" ({left})" if left else "")
        raise InputError(what, where=where, mend="give test conditions a role, or name their word with --test WORD")


def _notes(claim: Claim) -> list[str]:
    """What was read otherwise than it stands, or left out, each with its reason."""
    rows = claim.split.meta.get("notes") or ()
    pairs = [(note, "") if isinstance(note, str) else tuple(note) for note in rows]
    return [f"{what.rstrip('.')}: {why.rstrip('.')}" if why else what.rstrip(".") for what, why in pairs]


def _tables(claim: Claim, knowledge: Knowledge) -> dict[str, Any]:
    return {"conditions": claim.split.conditions, "split": claim.split, "claim": claim, "knowledge": knowledge}


def _run(
    now: frozenset[str],
    before: frozenset[str],
    provided: Mapping[str, Any],
    models: Mapping[str, Declaration],
    seed: int,
) -> list[Finding]:
    """Run the checks that ask for no more than is there now, and for more than was there before."""
    entries = [e for e in CHECKS if _within(e, now) and not (before and _within(e, before))]
    return run_checks(entries, provided, models, seed, "leakage")


def _within(entry: Entry[Any], provided: Iterable[str]) -> bool:
    return set(entry.arguments) <= set(provided)


def _record(
    name: str,
    claim: Claim,
    provided: frozenset[str],
    findings: list[Finding],
    models: Mapping[str, Declaration],
    also: tuple[str, ...],
) -> AuditRecord:
    split = claim.split
    wanted = split.conditions.take(split.test)
    found = [*claim_findings(claim, kin=False), *findings]
    later = [e for e in CHECKS if not _within(e, provided)]
    undeclared = [e for e in CHECKS if _within(e, provided) and not models and PER_MODEL & set(e.arguments)]
    stage = claim.record()
    return AuditRecord(
        study=name,
        sentence=claim.sentence(),
        regime=claim.regime or "",
        declared=claim.declared or "",
        n_train=stage.n_train,
        n_val=stage.n_val,
        n_test=stage.n_test,
        n_contexts=len(set(wanted.context.tolist())),
        n_perturbations=len(set(wanted.parts)),
        notes=tuple(_notes(claim)),
        looked_at=("tables", *also, *(("disclosures",) if models else ())),
        models=tuple(models),
        findings=tuple(stored(f) for f in by_severity(found)),
        later=(*map(_later, later), *(_asks(e) for e in undeclared)),
        complete=not any(f.status is Status.ERROR for f in found),
    )


def _later(entry: Entry[Any]) -> LaterRecord:
    needs = next((words for given, words in NEEDS if _within(entry, given)), PREDICTIONS)
    return LaterRecord(check=entry.name, title=str(entry.meta["title"]), needs=needs)


def _asks(entry: Entry[Any]) -> LaterRecord:
    return LaterRecord(check=entry.name, title=str(entry.meta["title"]), needs="what a model's authors declare")
