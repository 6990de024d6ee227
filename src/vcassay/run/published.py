"""Published splits: the claim of a protocol by name, or of a table of conditions with roles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from vcassay.claim import MATRIX, REGIME_GRANTS, USES, Claim, legality, make_claim
from vcassay.claim.formats import read_condition_table
from vcassay.claim.protocols import Protocol, read_protocol
from vcassay.claim.wording import Sentence
from vcassay.core import Regime
from vcassay.evidence.baselines import ladder
from vcassay.evidence.leakage import CHECKS
from vcassay.run.checks import run_checks, stored

TABLE_ARGUMENTS = frozenset({"conditions", "split", "claim", "rng"})
"""Checks that ask for no more than these need the tables alone."""


def claim_of_protocol(name: str) -> dict[str, Any]:
    """Work out the claim of a published protocol from its declared structure.

    Returns
    -------
    Plain data: ``regime``, ``novelty``, ``supports``, ``does_not_support``, ``findings`` (the known
    traps), ``legal_baselines``, and where it comes from.

    Raises
    ------
    InputError
        If no protocol has that name.
    """
    protocol = read_protocol(name)
    regime = protocol.regime
    return {
        "protocol": protocol.name,
        "title": protocol.title,
        "dataset": protocol.dataset,
        "source": protocol.source,
        "note": protocol.note,
        "definition": protocol.definition,
        "regime": regime.value,
        "sentence": protocol.sentence(),
        "novelty": [_stratum(protocol, i) for i in range(len(protocol.strata))],
        "supports": _plain(protocol.supports()),
        "does_not_support": _plain(protocol.does_not_support()),
        "applications": _applications(regime),
        "findings": [trap.model_dump() for trap in protocol.traps],
        "legal_baselines": _legal_by_regime(regime),
    }


def claim_of_table(
    path: Path, role: str, columns: Mapping[str, str], *, expect: Regime | None = None
) -> dict[str, Any]:
    """Work out the claim of a table whose rows are conditions (or cells) with roles.

    Returns
    -------
    As `claim_of_protocol`; the findings are those of the checks that need the tables alone.

    Raises
    ------
    InputError
        If the table cannot be read, or a column or role is not known.
    """
    split = read_condition_table(path, role, columns)
    claim = make_claim(split, declared=expect)
    record = claim.record()
    provided = {"conditions": split.conditions, "split": split, "claim": claim}
    entries = [entry for entry in CHECKS if set(entry.arguments) <= TABLE_ARGUMENTS]
    findings = [stored(f).model_dump(mode="json") for f in run_checks(entries, provided, {}, 0, "leakage")]
    data = record.model_dump(mode="json")
    return {
        "table": str(path),
        "regime": data["regime"],
        "declared": data["declared"],
        "sentence": data["sentence"],
        "novelty": data["novelty"],
        "supports": data["supports"],
        "does_not_support": data["does_not_support"],
        "scope": data["scope"],
        "applications": data["applications"],
        "findings": findings,
        "legal_baselines": _legal_by_table(claim),
        "counts": {k: data[k] for k in ("n_train", "n_val", "n_test", "n_excluded")},
    }


def _stratum(protocol: Protocol, at: int) -> dict[str, Any]:
    stratum = protocol.strata[at]
    known = {k: v for k, v in stratum.model_dump(mode="json").items() if v is not None}
    return {**known, "contexts_named": list(protocol.contexts_test)}


def _plain(sentences: Sequence[Sentence]) -> list[dict[str, str]]:
    return [{"sentence": s.sentence, "reason": s.reason} for s in sentences]


def _applications(regime: Regime) -> list[dict[str, str]]:
    return [{"use": use, "fit": MATRIX[use][regime].fit, "reason": MATRIX[use][regime].reason} for use in USES]


def _legal_by_regime(regime: Regime) -> list[dict[str, Any]]:
    rows = []
    for entry in ladder():
        lacking = sorted(set(entry.meta["reads"]) - REGIME_GRANTS[regime])
        why = f"reads {', '.join(lacking)}, which {regime} does not grant" if lacking else ""
        rows.append({"name": entry.name, "tier": entry.meta["tier"], "legal": not lacking, "why": why})
    return rows


def _legal_by_table(claim: Claim) -> list[dict[str, Any]]:
    rows = []
    for entry in ladder():
        ok, why = legality(entry.meta["reads"], claim.novelty)
        rows.append({"name": entry.name, "tier": entry.meta["tier"], "legal": bool(ok.any()), "why": why})
    return rows
