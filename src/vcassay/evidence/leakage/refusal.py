"""Refusal: findings of checks that have nothing to judge, and why."""

from __future__ import annotations

from vcassay.claim import Split
from vcassay.core import Finding, Status, Threshold
from vcassay.core.wording import plural
from vcassay.effects import Effects
from vcassay.evidence.leakage.check import finding

TRAINING_QUESTION = "Which conditions was the model trained on?"
BATCH_QUESTION = "In which batch (plate, run, lane) was each row measured, and which batches were trained on?"

COMPARED = Threshold("share_compared", 0.5, "proposal: of fewer compared the others could turn the answer")


def not_tested(name: str, split: Split) -> Finding | None:
    """Say that nothing is tested."""
    return None if len(split.test) else finding(name, Status.NA, "There are no test conditions.")


def not_comparable(name: str, split: Split) -> Finding | None:
    """Say that roles cannot be compared: nothing is tested, or nobody declared what was trained on."""
    if (stop := not_tested(name, split)) is not None or len(split.train):
        return stop
    reason = split.assumed or "the split names no training condition"
    sentence = f"Nothing can be compared with the {len(split.test)} test conditions: {reason}."
    return finding(name, Status.UNKNOWN, sentence, question=TRAINING_QUESTION)


def no_controls(name: str, effects: Effects) -> Finding | None:
    """Say that effects came ready-made, without the rows of their controls."""
    if effects.moments.slots.n_groups:
        return None
    return finding(name, Status.NA, "Not measurable: ready-made effects, whose controls are not among the rows.")


def not_detectable(name: str, split: Split, model: str) -> Finding:
    """Say that there is no effect that a model's answers could agree with."""
    sentence = f"Not measurable: none of {plural(len(split.test), 'test condition')} has a detectable effect."
    return finding(name, Status.NA, sentence, model=model)


def too_few(compared: int, total: int) -> bool:
    """Whether so few could be compared that finding nothing among them says nothing."""
    return compared < COMPARED.value * total
