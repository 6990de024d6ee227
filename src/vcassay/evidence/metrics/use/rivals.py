"""Rivals: the legal baselines that a figure of utility stands beside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np


class Rivals(NamedTuple):
    """Legal baselines.

    Attributes
    ----------
    baselines
        Their names.
    titles
        Answer to its name in words.
    sources
        Model to the baseline it is, which is then not compared with it.
    """

    baselines: Sequence[str]
    titles: Mapping[str, str]
    sources: Mapping[str, str]

    def best(self, answer: str, values: Mapping[str, float], sign: float) -> tuple[str, str, float]:
        """Name, title and value of the best baseline that is not the answer itself; empty and NaN if there is none."""
        own = (answer, self.sources.get(answer))
        known = [b for b in self.baselines if b not in own and np.isfinite(values.get(b, np.nan))]
        name = max(known, key=lambda b: sign * values[b], default="")
        return name, self.titles.get(name, name), values[name] if name else np.nan
