"""Score: a value with its status, coverage and interval; never a bare float."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from vcassay.core.panel import Panel, number


class ScoreStatus(StrEnum):
    """Whether a score has a value."""

    OK = "ok"
    UNDEFINED = "undefined"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % interval and what it is conditional on.

    Attributes
    ----------
    low, high
        Bounds.
    method
        ``contexts`` (contexts resampled), ``t on contexts``, or ``these contexts`` (conditional).
    """

    low: float
    high: float
    method: str


@dataclass(frozen=True, slots=True)
class Score:
    """One aggregate of one metric.

    Attributes
    ----------
    metric, model, stratum, context
        What was scored; ``context`` is ``None`` for the mean over contexts, ``stratum`` is ``all``,
        ``detectable`` or a stratum's name.
    value
        ``None`` unless ``status`` is ``ok``.
    reason
        Why there is no value.
    n
        Conditions that entered.
    n_truth_undefined
        Left out for every model alike, because the truth does not define the metric there.
    n_at_chance
        Counted at the metric's chance level, because the prediction is missing or undefined.
    interval
        95 % interval, or ``None`` where it cannot be computed.
    """

    metric: str
    model: str
    stratum: str
    context: str | None
    value: float | None
    status: ScoreStatus
    n: int
    n_truth_undefined: int = 0
    n_at_chance: int = 0
    reason: str = ""
    interval: Interval | None = None

    def panel(self) -> Panel:
        """The value with its interval and coverage, or why there is none."""
        interval = self.interval
        span = f" [{interval.low:.3g}, {interval.high:.3g}] ({interval.method})" if interval else ""
        return Panel(
            f"{self.metric} of {self.model}",
            f"{number(self.value)}{span}" if self.status is ScoreStatus.OK else f"{self.status.value}: {self.reason}",
            facts=(
                ("conditions", f"{self.n:,} ({self.stratum}{f', {self.context}' if self.context else ''})"),
                (
                    "left out",
                    f"{self.n_truth_undefined:,}: the truth defines no value" if self.n_truth_undefined else "",
                ),
                ("at chance", f"{self.n_at_chance:,}: not predicted, or undefined" if self.n_at_chance else ""),
            ),
        )

    def _repr_html_(self) -> str:
        return self.panel().html()

    @property
    def low(self) -> float | None:
        """Lower bound of the interval."""
        return None if self.interval is None else self.interval.low

    @property
    def high(self) -> float | None:
        """Upper bound of the interval."""
        return None if self.interval is None else self.interval.high
