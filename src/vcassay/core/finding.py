"""Finding: what a check measured, beside its null and threshold, and what follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from vcassay.core.affected import Affected
from vcassay.core.panel import Panel, number


class Status(StrEnum):
    """How a check ended. ``UNKNOWN`` is an answer; ``ERROR`` is a crash and never a pass."""

    PASS = "PASS"
    WARN = "WARN"
    FAIL = "FAIL"
    UNKNOWN = "UNKNOWN"
    NA = "NA"
    ERROR = "ERROR"


SEVERITY = {Status.ERROR: 0, Status.FAIL: 1, Status.WARN: 2, Status.UNKNOWN: 3, Status.PASS: 4, Status.NA: 5}
"""Order in which findings are shown: what is wrong first."""

AMISS = (Status.FAIL, Status.WARN)
"""Statuses that accuse."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One answer of the review.

    Attributes
    ----------
    check
        Registered name, such as ``L01``.
    title
        The trouble in a few words.
    status
        The judgement.
    sentence
        One sentence that carries the numbers.
    value, null, threshold
        The measured value, what it would be if nothing were wrong, and the value at which the
        status changes. ``None`` where the check does not measure a number.
    model
        Which submission it speaks of; ``None`` when it speaks of the study.
    evidence
        Rows that show it: the culprits first.
    remedy
        What to do; empty when nothing is wrong.
    question
        What to ask the authors when the status is UNKNOWN.
    blocks
        Whether a FAIL of this check decides the verdict.
    family
        leakage, baselines, metrics or biology.
    affected
        Which test conditions it touches, where it speaks of some of them.
    """

    check: str
    title: str
    status: Status
    sentence: str
    value: float | None = None
    null: float | None = None
    threshold: float | None = None
    model: str | None = None
    evidence: tuple[Mapping[str, Any], ...] = ()
    remedy: str = ""
    question: str = ""
    blocks: bool = False
    family: str = "leakage"
    affected: Affected | None = field(default=None, compare=False)

    def panel(self) -> Panel:
        """The judgement, the measured value beside its null and threshold, and the first rows that show it."""
        columns = tuple(dict.fromkeys(key for row in self.evidence for key in row))
        return Panel(
            f"{self.status} {self.check}: {self.title}" + (f" ({self.model})" if self.model else ""),
            self.sentence,
            facts=(
                ("measured", "" if self.value is None else number(self.value)),
                ("if nothing were wrong", "" if self.null is None else number(self.null)),
                ("threshold", "" if self.threshold is None else number(self.threshold)),
                ("remedy", self.remedy),
                ("ask the authors", self.question),
            ),
            columns=columns,
            rows=[[_written(row.get(key)) for key in columns] for row in self.evidence],
        )

    def _repr_html_(self) -> str:
        return self.panel().html()

    def about(self, model: str | None) -> Finding:
        """Return the same finding, attributed to a model."""
        return replace(self, model=model)


@dataclass(frozen=True, slots=True)
class Titled:
    """Makes the findings of one family, each under the title of its name.

    Attributes
    ----------
    titles
        Name of a finding to its title.
    family
        Of all of them.
    """

    titles: Mapping[str, str]
    family: str

    def __call__(
        self,
        name: str,
        status: Status,
        sentence: str,
        *,
        title: str = "",
        question: str = "",
        remedy: str = "",
        value: float | None = None,
        threshold: float | None = None,
    ) -> Finding:
        """Make a finding; ``title`` stands in for a name that has none.

        Raises
        ------
        KeyError
            If neither is there.
        """
        return Finding(
            check=name,
            title=title or self.titles[name],
            status=status,
            sentence=sentence,
            value=value,
            threshold=threshold,
            remedy=remedy,
            question=question,
            family=self.family,
        )


def _written(value: Any) -> str:
    """A cell of a row of evidence."""
    return "" if value is None else number(value) if isinstance(value, float) else str(value)
