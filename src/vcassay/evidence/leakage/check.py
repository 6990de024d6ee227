"""The registry of leakage checks: `@check` adds one, `finding` fills in what it is called."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Any, TypeVar

import numpy as np

from vcassay.core import Finding, Registry, Status
from vcassay.core.vocabulary import VOCABULARY

Check = Callable[..., Finding | tuple[Finding, ...]]
F = TypeVar("F", bound=Check)

CHECKS: Registry[Check] = Registry("check", VOCABULARY)
"""Every leakage check by name."""

EVIDENCE_ROWS = 20
"""Rows of evidence that a finding keeps."""


def check(name: str, *, title: str, source: str, blocks: bool = False) -> Callable[[F], F]:
    """Register a leakage check.

    A check asks by argument name for what it needs (`vcassay.core.vocabulary.VOCABULARY`) and returns
    a `Finding`, or several. One that asks for ``answer`` or ``disclosure`` runs once a submission.

    Parameters
    ----------
    name
        Such as ``L01``.
    title
        The trouble in a few words.
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


def finite(value: float) -> float | None:
    """A number for a finding or a row of evidence: ``None`` where it is not defined."""
    return float(value) if np.isfinite(value) else None
