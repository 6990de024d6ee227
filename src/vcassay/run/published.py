"""Published splits: the claim of a protocol by name, or of any split that stands alone, as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from vcassay.claim import (
    REGIME_GRANTS,
    Claim,
    Essential,
    Exposure,
    Split,
    find_related,
    legality,
    make_claim,
)
from vcassay.claim.findings import claim_findings, pretraining
from vcassay.claim.protocols import Protocol, Trap, read_protocol
from vcassay.claim.wording import Sentence, claim_sentence
from vcassay.core import Finding, Regime, Status
from vcassay.core.registry import Entry
from vcassay.evidence.baselines import ladder
from vcassay.evidence.leakage import CHECKS
from vcassay.knowledge import Knowledge
from vcassay.record.claim import NoveltyRecord
from vcassay.run.checks import by_severity, run_checks, stored

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
        "declared": "",
        "counts": {},
        "columns": {},
        "notes": [],
        "sentence": protocol.sentence(),
        "novelty": [_stratum(protocol, i) for i in range(len(protocol.strata))],
        "supports": _plain(protocol.supports()),
        "does_not_support": _plain(protocol.does_not_support()),
        "scope": _plain([Sentence(f"Provided that {s[:1].lower()}{s[1:]}", r) for s, r in protocol.provisos()]),
        "applications": _applications(protocol),
        "pretraining": protocol.pretraining,
        "truth": protocol.truth,
        "truth_since": protocol.truth_since,
        "make": dict(protocol.make) if protocol.make is not None else None,
        "findings": [_trap(trap) for trap in protocol.traps],
        "legal_baselines": _legal_by_regime(regime),
    }


def claim_of_split(
    split: Split,
    *,
    knowledge: Knowledge | None = None,
    essential: Essential | None = None,
    declared: Regime | None = None,
    use: str = "",
    cover: float | None = None,
    exposure: Exposure | None = None,
    tier: str = "structure",
) -> Claim:
    """Work out the claim of a split that stands alone: its own conditions, roles and batches.

    Raises
    ------
    InputError
        If ``use`` is not a known use.
    """
    related = find_related(split.conditions, knowledge, tier=tier)
    return make_claim(
        split,
        use=use,
        declared=declared,
        related=related,
        batches=split.meta.get("batches"),
        cover=cover,
        essential=essential,
        exposure=exposure,
    )


def claim_object(claim: Claim) -> dict[str, Any]:
    """Turn a claim into plain data: the record, with the findings of tables and the legal baselines.

    Returns
    -------
    As `claim_of_protocol`; the findings are those of stage 1 and of the checks that need tables alone.
    """
    split = claim.split
    provided = {"conditions": split.conditions, "split": split, "claim": claim}
    entries = [entry for entry in CHECKS if set(entry.arguments) <= TABLE_ARGUMENTS]
    found = [*claim_findings(claim), pretraining(claim.pretraining), *run_checks(entries, provided, {}, 0, "leakage")]
    record = claim.record().model_dump(mode="json")
    counts = ("n_train", "n_val", "n_test", "n_excluded")
    meta = split.meta
    return {
        **{k: v for k, v in record.items() if k not in counts},
        "findings": [stored(f).model_dump(mode="json") for f in by_severity(found)],
        "legal_baselines": _legal_by_table(claim),
        "counts": {**{k: record[k] for k in counts}, "n_both": len(split.both_sides)},
        "columns": dict(meta.get("columns", {})),
        "notes": [list(note) if not isinstance(note, str) else [note, ""] for note in meta.get("notes", ())],
    }


def _stratum(protocol: Protocol, at: int) -> dict[str, Any]:
    """A stratum with the keys of a table's, ``None`` where a protocol does not tell, and what only a protocol tells."""
    stratum = protocol.strata[at]
    facts = protocol.facts(stratum)
    told = {
        "regime": stratum.regime.value,
        "share": stratum.share,
        "kind": stratum.kind,
        "sentence": f"The model predicts {claim_sentence(stratum.regime, facts)}.",
        "n_perturbations": stratum.perturbations,
        "n_contexts": stratum.contexts_test,
        "pretraining": protocol.pretraining,
    }
    own = {k: v for k, v in stratum.model_dump(mode="json").items() if k not in told and v is not None}
    return {**dict.fromkeys(NoveltyRecord.model_fields), **told, **own, "contexts_named": list(protocol.contexts_test)}


def _trap(trap: Trap) -> dict[str, Any]:
    """A known trap, in the form of a finding."""
    own = Finding("known", trap.title, Status(trap.status), trap.sentence, evidence=({"read how": trap.evidence},))
    return stored(replace(own, family="claim")).model_dump(mode="json")


def _plain(sentences: Sequence[Sentence]) -> list[dict[str, str]]:
    return [{"sentence": s.sentence, "reason": s.reason} for s in sentences]


def _applications(protocol: Protocol) -> list[dict[str, str]]:
    return [{"use": use, **fit._asdict()} for use, fit in protocol.fits().items()]


def _legal_by_regime(regime: Regime) -> list[dict[str, Any]]:
    rows = []
    for entry in (e for e in ladder() if e.meta["kind"] == "baseline"):
        lacking = sorted(set(entry.meta["reads"]) - REGIME_GRANTS[regime])
        why = f"reads {', '.join(lacking)}, which {regime} does not grant" if lacking else ""
        rows.append(_rung(entry, legal=not lacking, why=why))
    return rows


def _legal_by_table(claim: Claim) -> list[dict[str, Any]]:
    rows = []
    for entry in (e for e in ladder() if e.meta["kind"] == "baseline"):
        ok, why = legality(entry.meta["reads"], claim.novelty)
        rows.append(_rung(entry, legal=bool(ok.any()), why=why) | {"n": int(ok.sum()), "of": len(ok)})
    return rows


def _rung(entry: Entry[Any], *, legal: bool, why: str) -> dict[str, Any]:
    """One baseline; ``n`` of the test conditions grant it, where there is a table."""
    needs = entry.meta["needs"] if legal else ""
    return {
        "name": entry.name,
        "tier": entry.meta["tier"],
        "legal": legal,
        "why": why,
        "needs": needs,
        "n": None,
        "of": None,
    }
