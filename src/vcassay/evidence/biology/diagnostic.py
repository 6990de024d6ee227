"""The registry of biology diagnostics: `@diagnostic` adds one, `finding` fills in what it is called."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from math import isfinite
from typing import Any, TypeVar

from vcassay.core import Finding, Registry, Status, Threshold
from vcassay.core.vocabulary import VOCABULARY

Diagnostic = Callable[..., Finding | tuple[Finding, ...]]
F = TypeVar("F", bound=Diagnostic)

LEAST_GENES = Threshold("biology_least_genes", 2, "one number has no direction: every cosine is 1 or -1")

DIAGNOSTICS: Registry[Diagnostic] = Registry("diagnostic", VOCABULARY)
"""Every biology diagnostic by name."""
NUMBERS = ("value", "null", "threshold")


def diagnostic(name: str, *, title: str, source: str) -> Callable[[F], F]:
    """Register a biology diagnostic; it never decides a verdict.

    A diagnostic asks by argument name for what it needs (`vcassay.core.vocabulary.VOCABULARY`) and
    returns a `Finding` a submission, or one of the study. It counts only where the truth itself
    passes.

    Parameters
    ----------
    name
        Such as ``dose_response``.
    title
        What is asked about, as a noun phrase: it stands in lists of what warns.
    source
        Where the diagnostic comes from.
    """

    def register(function: F) -> F:
        room = _folder(function.__module__)

        @wraps(function)
        def asked(*args: Any, **given: Any) -> Finding | tuple[Finding, ...]:
            bench = given.get("bench")
            scalar = bench is not None and len(bench.genes) < LEAST_GENES.value
            return _scalar(name, bench) if scalar else function(*args, **given)

        DIAGNOSTICS.register(name, asked, source=source, title=title, family="biology", room=room)
        return function

    return register


def _scalar(name: str, bench: Any) -> tuple[Finding, ...]:
    """Findings where a condition is one number: nothing has a direction."""
    n = len(bench.genes)
    sentence = f"Not assessable: a condition is {n} number{'s' if n != 1 else ''}, without the direction of an effect."
    return tuple(finding(name, Status.NA, sentence, model=m) for m in (None, *(a.name for a in bench.submissions)))


def _folder(module: str) -> str:
    """Folder of this package that a module lies in; empty for one from elsewhere."""
    package = f"{__name__.rpartition('.')[0]}."
    return module.removeprefix(package).partition(".")[0] if module.startswith(package) else ""


def room_of(name: str) -> str:
    """Room of a registered diagnostic, by the folder of its module; empty for one from elsewhere."""
    return str(DIAGNOSTICS[name].meta["room"]) if name in DIAGNOSTICS else ""


def finding(name: str, status: Status, sentence: str, **more: Any) -> Finding:
    """Make a finding of a registered diagnostic; numbers that are not defined are left out."""
    more["evidence"] = tuple(more.get("evidence", ()))
    more |= {key: _defined(more[key]) for key in NUMBERS if key in more}
    title = DIAGNOSTICS[name].meta["title"]
    return Finding(check=name, title=title, status=status, sentence=sentence, family="biology", **more)


def _defined(value: float | None) -> float | None:
    return float(value) if value is not None and isfinite(value) else None
