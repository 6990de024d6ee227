"""The ladder as reported: of each tier whether it stands beside the model, counts, or is not there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from vcassay.record.card import Benchmark
from vcassay.record.review import BenchmarkReview, ReviewRecord
from vcassay.report.wording import Mark

LADDER = ("T0", "T1", "T2", "T3", "T4")
CEILING = "a ceiling beside a number"

State = Literal["reported", "partly", "flawed", "missing"]

STATES: dict[State, Mark] = {
    "reported": Mark("check", "✓", "Reported", "good"),
    "partly": Mark("half", "◐", "On some", "part"),
    "flawed": Mark("bang", "!", "Flawed", "warn"),
    "missing": Mark("dash", "–", "Not reported", "mute"),
}
"""How a tier ends; ``partly`` on some benchmarks of several."""


class Rung(NamedTuple):
    """One tier of one benchmark, or of all of a model.

    Attributes
    ----------
    names
        Of what counts.
    idle
        Names of what does not count, with the reason.
    """

    tier: str
    state: State
    names: tuple[str, ...] = ()
    idle: tuple[tuple[str, str], ...] = ()

    @property
    def mark(self) -> Mark:
        """Icon and word of the state."""
        return STATES[self.state]


def rungs(review: BenchmarkReview, stated: Benchmark) -> tuple[Rung, ...]:
    """Every tier of the ladder on one benchmark."""
    out = []
    for tier in LADDER:
        listed = review.tiers.get(tier, ())
        names = tuple(n for n in listed if n not in review.uncounted)
        idle = tuple((n, review.uncounted[n]) for n in listed if n in review.uncounted)
        if tier == "T4" and not names and any(r.ceiling is not None for r in stated.results):
            names = (CEILING,)
        state: State = "reported" if names else "flawed" if idle else "missing"
        out.append(Rung(tier, state, names, idle))
    return tuple(out)


def ladders(record: ReviewRecord) -> tuple[tuple[Rung, ...], ...]:
    """The ladder of each benchmark."""
    return tuple(rungs(r, stated) for r, stated in zip(record.benchmarks, record.card.benchmark, strict=True))


def joined(of: Sequence[Sequence[Rung]]) -> tuple[Rung, ...]:
    """Every tier over all benchmarks of a model: reported where every one has it, partly where one has."""
    out = []
    for i, tier in enumerate(LADDER):
        own = [ladder[i] for ladder in of]
        states = [r.state for r in own]
        if "reported" in states:
            state: State = "reported" if set(states) == {"reported"} else "partly"
        else:
            state = "flawed" if "flawed" in states else "missing"
        names = tuple(dict.fromkeys(n for r in own for n in r.names))
        idle = tuple(dict.fromkeys(pair for r in own for pair in r.idle))
        out.append(Rung(tier, state, names, idle))
    return tuple(out)
