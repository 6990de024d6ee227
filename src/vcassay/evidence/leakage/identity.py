"""L01: the same condition in more than one role."""

from __future__ import annotations

from vcassay.claim import Claim, Role, Split
from vcassay.core import Finding, Regime, Status
from vcassay.core.errors import first
from vcassay.evidence.leakage.check import TRAINING_QUESTION, check, finding, not_comparable, plural


@check(
    "L01",
    title="Conditions in more than one role",
    blocks=True,
    source="duplicates in training and test: Kapoor and Narayanan 2023, Patterns 4:100804",
)
def same_condition(split: Split, claim: Claim) -> Finding:
    """No condition (context, perturbation, dose, time) has more than one role.

    In a random-cell split every condition is in training and in test, which only a declared
    random-cell regime allows.
    """
    if (stop := not_comparable("L01", split)) is not None:
        return stop
    if split.conflicts:
        leaked = [c for c in split.conflicts if Role.TEST.value in c[1:]]
        rows = sorted(split.conflicts, key=lambda c: Role.TEST.value not in c[1:])
        return finding(
            "L01",
            Status.FAIL,
            f"{plural(len(rows), 'condition')} named in more than one role, {len(leaked)} of them as test "
            f"({first((c[0] for c in rows), 3)}).",
            value=float(len(rows)),
            null=0.0,
            threshold=0.0,
            evidence=({"condition": c, "role": a, "also": b} for c, a, b in rows),
            remedy="Give every condition one role, train again and score again.",
        )
    n = len(split.test)
    if split.test_shards:
        claimed = claim.declared not in (None, Regime.RANDOM_CELLS)
        return finding(
            "L01",
            Status.FAIL if claimed else Status.PASS,
            f"All {n} test conditions are in training and in test: only their cells are divided"
            + (f", although {claim.declared} is declared." if claimed else "."),
            value=float(n),
            null=0.0,
            threshold=0.0,
            evidence=({"condition": c, "role": "train", "also": "test"} for c in split.conditions.take(split.test).ids)
            if claimed
            else (),
            remedy="Hold out whole conditions." if claimed else "",
        )
    sentence = f"None of the {n} test conditions is among the {len(split.train)} training conditions."
    if split.assumed:
        sentence = f"Whether a test condition was trained on is not known: {split.assumed}."
        return finding("L01", Status.UNKNOWN, sentence, question=TRAINING_QUESTION)
    return finding("L01", Status.PASS, sentence, value=0.0, null=0.0, threshold=0.0)
