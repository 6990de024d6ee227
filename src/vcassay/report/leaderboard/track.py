"""Track: where a line of a board lies between the best legal baseline and the ceiling."""

from __future__ import annotations

from dataclasses import dataclass

from vcassay.record import BoardRecord, RowRecord

MARGIN = 0.04
"""Free on both sides, as a share of what is drawn."""
FARTHEST = 3.0
"""Skill is drawn to this many spans from either end; what lies beyond is cut, and marked so."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a track, in percent of its width."""

    left: float
    width: float


@dataclass(frozen=True, slots=True)
class Track:
    """Marks of one line, in percent of the track's width.

    Attributes
    ----------
    at, span
        The value and its interval; ``None`` where there is none.
    cut
        Whether something lies beyond the ends.
    """

    at: float | None
    span: Span | None
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Scale:
    """What tracks of a board are drawn on.

    Attributes
    ----------
    of
        ``skill``, or ``score`` where no skill could be measured.
    floor, ceiling
        Places of the best legal baseline and the ceiling, in percent; ``None`` where there is none.
    ends
        The values at both ends.
    flipped
        Whether smaller values are drawn further right, because they are better.
    """

    of: str
    floor: float | None
    ceiling: float | None
    ends: tuple[float, float]
    flipped: bool = False

    def place(self, value: float) -> float:
        """Percent of the width, within the ends."""
        low, high = self.ends
        share = (min(max(value, low), high) - low) / (high - low)
        return round(100 * (1 - share if self.flipped else share), 2)


def scale_of(board: BoardRecord) -> Scale | None:
    """The scale of a board; ``None`` where nothing can be drawn."""
    models = [r for r in board.rows if r.kind == "model"]
    if any(r.skill is not None for r in models):
        ends = [x for r in models for x in (r.skill, r.skill_low, r.skill_high) if x is not None]
        return _scale("skill", [0.0, 1.0, *(min(max(x, -FARTHEST), 1 + FARTHEST) for x in ends)], 0.0, 1.0)
    ends = [x for r in board.rows for x in (r.score, r.low, r.high) if x is not None]
    if not ends:
        return None
    base = next((r.score for r in board.rows if r.kind == "baseline"), None)
    best = next((r.score for r in board.rows if r.kind == "ceiling"), None)
    return _scale("score", ends, base, best, flipped=not board.metric.higher_is_better)


def _scale(of: str, ends: list[float], floor: float | None, ceiling: float | None, *, flipped: bool = False) -> Scale:
    low, high = min(ends), max(ends)
    room = MARGIN * (high - low) or 1.0
    scale = Scale(of, None, None, (low - room, high + room), flipped)
    places = [None if x is None else scale.place(x) for x in (floor, ceiling)]
    return Scale(of, places[0], places[1], scale.ends, flipped)


def track_of(scale: Scale, row: RowRecord) -> Track:
    """Marks of a model's line."""
    value, low, high = row.score, row.low, row.high
    if scale.of == "skill":
        value, low, high = row.skill, row.skill_low, row.skill_high
    if value is None:
        return Track(None, None)
    cut = any(x is not None and not scale.ends[0] <= x <= scale.ends[1] for x in (value, low, high))
    if low is None or high is None:
        return Track(scale.place(value), None, cut)
    one, other = sorted((scale.place(low), scale.place(high)))
    return Track(scale.place(value), Span(one, round(other - one, 2)), cut)
