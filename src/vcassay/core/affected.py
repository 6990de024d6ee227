"""Affected: which test conditions a finding touches, and how much."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Affected:
    """How far each test condition is touched by what a check found.

    Scores are computed again without the affected conditions, and against ``degree`` where it has more than two
    values.

    Attributes
    ----------
    what
        The affected conditions in words, after "test conditions": ``whose drug was trained at another dose``.
    degree
        (t,) 1 and 0, or a likeness; NaN where it could not be compared. Such conditions are neither affected nor
        clean.
    at_least
        Degree from which a condition is affected.
    """

    what: str
    degree: NDArray[np.float64]
    at_least: float = 1.0

    @property
    def known(self) -> NDArray[np.bool_]:
        """(t,) conditions that could be compared."""
        return np.asarray(np.isfinite(self.degree))

    @property
    def touched(self) -> NDArray[np.bool_]:
        """(t,) affected conditions."""
        return np.asarray(self.known & (np.nan_to_num(self.degree) >= self.at_least))

    @property
    def clean(self) -> NDArray[np.bool_]:
        """(t,) conditions that were compared and are not affected."""
        return np.asarray(self.known & ~self.touched)

    @property
    def graded(self) -> bool:
        """Whether there are more than two degrees."""
        return len(np.unique(self.degree[self.known])) > 2


def affected_where(what: str, touched: NDArray[np.bool_], known: NDArray[np.bool_] | None = None) -> Affected:
    """Conditions that are affected or not; NaN where ``known`` is false."""
    degree = np.asarray(touched, dtype=np.float64)
    return Affected(what, degree if known is None else np.where(known, degree, np.nan))
