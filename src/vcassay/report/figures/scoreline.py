"""The score line of a verdict card: chance, the best legal baseline, the model and the ceiling on one line."""

from __future__ import annotations

from dataclasses import dataclass

from vcassay.report.facts import Decisive

ROOM = 3.0
"""Room at both ends, in percent of the width."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A value on the line, in percent of its width."""

    at: float
    low: float | None
    high: float | None
    value: float

    @property
    def side(self) -> str:
        """Where its label is anchored, so that it stays on the page."""
        return "start" if self.at < 20 else "end" if self.at > 80 else "middle"


@dataclass(frozen=True, slots=True)
class Scoreline:
    """What the template draws; further right is better."""

    model: Spot
    baseline: Spot | None
    anchor: Spot | None
    ceiling: Spot | None


def score_line(facts: Decisive) -> Scoreline | None:
    """Place the decisive numbers; ``None`` where the model has no score or nothing to compare it with."""
    score, base, ceiling = facts.score, facts.baseline_score, facts.ceiling
    if score is None or score.value is None:
        return None
    sign = 1.0 if facts.metric.higher_is_better else -1.0
    raw: dict[str, tuple[float, float | None, float | None]] = {"model": (score.value, score.low, score.high)}
    if base is not None and base.value is not None:
        raw["baseline"] = (base.value, base.low, base.high)
    if facts.anchor is not None:
        raw["anchor"] = (facts.anchor, None, None)
    if ceiling.value is not None:
        raw["ceiling"] = (ceiling.value, ceiling.low, ceiling.high)
    ends = [sign * v for triple in raw.values() for v in triple if v is not None]
    left, right = min(ends), max(ends)
    if right - left <= 0 or len(raw) == 1:
        return None

    def place(value: float) -> float:
        return ROOM + (100 - 2 * ROOM) * (sign * value - left) / (right - left)

    spots = {}
    for name, (value, low, high) in raw.items():
        if low is not None and high is not None:
            bounds = sorted((place(low), place(high)))
            spots[name] = Spot(round(place(value), 2), round(bounds[0], 2), round(bounds[1], 2), value)
        else:
            spots[name] = Spot(round(place(value), 2), None, None, value)
    return Scoreline(spots["model"], spots.get("baseline"), spots.get("anchor"), spots.get("ceiling"))
