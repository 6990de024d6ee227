"""The registry of leakage checks: `@check` adds one, `finding` fills in what it is called."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Any, TypeVar

from vcassay.claim import Split
from vcassay.core import Finding, Registry, Status
from vcassay.core.vocabulary import VOCABULARY

Check = Callable[..., Finding | tuple[Finding, ...]]
F = TypeVar("F", bound=Check)

CHECKS: Registry[Check] = Registry("check", VOCABULARY)
"""Every leakage check by name."""

EVIDENCE_ROWS = 20
"""Rows of evidence that a finding keeps."""

TRAINING_QUESTION = "Which conditions was the model trained on?"
BATCH_QUESTION = "In which batch (plate, run, lane) was each row measured, and which batches were trained on?"


def check(name: str, *, title: str, source: str, blocks: bool = False) -> Callable[[F], F]:
    """Register a leakage check.

    A check asks by argument name for what it needs (`vcassay.core.vocabulary.VOCABULARY`) and returns
    a `Finding`, or several. One that asks for ``answer`` or ``disclosure`` runs once a submission.

    Parameters
    ----------
    name
        Such as ``L01``.
    title
        The question in a few words.
    source
        Where the check comes from.
    blocks
        Whether a FAIL decides the verdict.
    """

    def register(function: F) -> F:
        CHECKS.register(name, function, source=source, title=title, blocks=blocks, family="leakage")
        return function

    return register


def room_of(name: str) -> str:
    """Room of a registered check, by the folder of its module; empty for a check from elsewhere."""
    if name not in CHECKS:
        return ""
    package = __name__.rpartition(".")[0]
    module = CHECKS[name].obj.__module__
    return module.removeprefix(f"{package}.").partition(".")[0] if module.startswith(f"{package}.") else ""


def finding(name: str, status: Status, sentence: str, **more: Any) -> Finding:
    """Make a finding of a registered check; its title and ``blocks`` are those of its registration.

    Parameters
    ----------
    more
        Further fields of `Finding`; ``blocks`` may be set anew, ``evidence`` is any iterable of rows,
        of which the first `EVIDENCE_ROWS` are kept.
    """
    meta = CHECKS[name].meta
    more["evidence"] = top_rows(more.get("evidence", ()))
    more.setdefault("blocks", meta["blocks"])
    return Finding(check=name, title=meta["title"], status=status, sentence=sentence, **more)


def top_rows(rows: Iterable[Mapping[str, Any]]) -> tuple[Mapping[str, Any], ...]:
    """Keep the first rows of evidence."""
    return tuple(islice(rows, EVIDENCE_ROWS))


def not_comparable(name: str, split: Split) -> Finding | None:
    """Say that roles cannot be compared: nothing is tested, or nobody declared what was trained on."""
    if not len(split.test):
        return finding(name, Status.NA, "There are no test conditions.")
    if not len(split.train):
        reason = split.assumed or "the split names no training condition"
        sentence = f"Nothing can be compared with the {len(split.test)} test conditions: {reason}."
        return finding(name, Status.UNKNOWN, sentence, question=TRAINING_QUESTION)
    return None


def assumption(split: Split) -> str:
    """Write what is assumed about the training set, as the beginning of a sentence."""
    return split.assumed[:1].upper() + split.assumed[1:]


def p_text(p: float) -> str:
    """Write a p-value: ``p = 0.03``, ``p < 0.001``."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.2g}"


def plural(n: int, noun: str) -> str:
    """Write a number and its noun."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"
