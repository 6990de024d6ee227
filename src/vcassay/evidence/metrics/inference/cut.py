"""Cut: the conditions of a metric parted in affected, clean and unknown ones, and every answer on each part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.part import Basis, Part, Statistic, basis, by_cells, combine, estimate, part_means
from vcassay.arrays.resample import FAMILIES_TO_RESAMPLE, NONE, Estimate, Weights, aggregate
from vcassay.core import Threshold
from vcassay.evidence.metrics.ceilings.ceiling import Ceiling
from vcassay.evidence.metrics.ceilings.replicate import NAME, Replicates
from vcassay.evidence.metrics.inference.orient import orient
from vcassay.evidence.metrics.metric import METRICS
from vcassay.evidence.metrics.score import MAX_UNDEFINED_DRAWS, Scores, transformed
from vcassay.record.clean import ROUNDING, PartsRecord

Mask = NDArray[np.bool_]

CLEAN_CONDITIONS = Threshold(
    "clean_min_conditions", 10, "below, a mean over the clean conditions says little of a model (proposal)"
)
REPLICATE_CONDITIONS = 5000
"""Of more scored conditions a replicate is not parted: its draws, condition by condition, would fill the memory."""


@dataclass(frozen=True, slots=True, eq=False)
class AnswerParts:
    """An answer on all, affected and clean conditions: raw values, and statistics turned so that more is better."""

    raw: tuple[float, float, float]
    whole: Statistic
    affected: Statistic | None
    clean: Statistic


@dataclass(slots=True, eq=False)
class Cut:
    """One metric's conditions parted in affected, clean and unknown ones; each answer is aggregated once."""

    scores: Scores
    metric: str
    touched: Mask
    untouched: Mask
    part: dict[str, Part] = field(init=False)
    known: dict[str, AnswerParts | None] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        family = self.scores.panel.family[self.at]
        sides = (("affected", self.touched), ("clean", self.untouched))
        self.part = {name: Part(self.weights, keep, family) for name, keep in sides if keep.any()}

    @property
    def at(self) -> NDArray[np.int64]:
        """Positions of the scored conditions in the test set."""
        return self.scores.weights[self.metric, self.scores.panel.decision][0]

    @property
    def weights(self) -> Weights:
        """Resampling weights that all answers share."""
        return self.scores.weights[self.metric, self.scores.panel.decision][1]

    @property
    def across(self) -> Basis:
        """What differences between parts rest on: the weaker of the two."""
        return basis(*(self.part[side].weights for side in ("affected", "clean")))

    def refused(self) -> str:
        """Why scores are not computed again; empty if they are."""
        n = int(self.untouched.sum())
        if not self.touched.any():
            return "no scored condition is affected"
        if n < CLEAN_CONDITIONS.value:
            return f"{_count(n, 'clean condition')} among those scored ({CLEAN_CONDITIONS.value:g} are needed)"
        if self.part["clean"].weights.method == NONE:
            m = self._families(self.untouched)
            return f"{_count(m, 'clean perturbation')} among those scored ({FAMILIES_TO_RESAMPLE} are needed)"
        return ""

    def no_interval(self) -> str:
        """Why differences between parts have no interval."""
        if self.across.method != NONE:
            return ""
        m = self._families(self.touched)
        return f"{_count(m, 'perturbation')} among the affected conditions ({FAMILIES_TO_RESAMPLE} are needed)"

    def _families(self, keep: Mask) -> int:
        return len(np.unique(self.scores.panel.family[self.at][keep]))

    def parts(self, name: str) -> AnswerParts | None:
        """An answer on the parts; ``None`` where it has no value on the clean conditions."""
        if name not in self.known:
            self.known[name] = self._replicate() if name == NAME else self._aggregate(name)
        return self.known[name]

    def _aggregate(self, name: str) -> AnswerParts | None:
        filled = self.scores.filled[name, self.metric]
        below = None if filled.denominator is None else filled.denominator[self.at]
        values = filled.values[self.at][:, None]
        made = {side: part.statistics(values, [below])[0] for side, part in self.part.items()}
        whole = Statistic(
            *aggregate(values[:, 0], by_cells(self.weights), below)
        )  # of a model's seeds, their mean: no draw of one
        kind = METRICS[self.metric].meta["transform"]
        return self._oriented(Statistic(*transformed(kind, *whole)), made)

    def _replicate(self) -> AnswerParts | None:
        """A replicate, where it follows from the halves of each condition."""
        if len(self.at) > REPLICATE_CONDITIONS:
            return None
        stratum = self.scores.panel.decision
        none = {(self.metric, side): _NO_CURVE for side in self.part}
        sub = Scores(
            self.scores.panel,
            weights={(self.metric, side): (self.at[part.keep], part.weights) for side, part in self.part.items()}
            | {(self.metric, stratum): (self.at, self.weights)},
        )
        found = Replicates(sub, {**none, (self.metric, stratum): _NO_CURVE})
        whole = found.of(self.metric, stratum)
        made = {side: found.of(self.metric, side) for side in self.part}
        if whole is None or any(m is None for m in made.values()):
            return None
        return self._oriented(Statistic(*whole[:3]), {s: Statistic(*m[:3]) for s, m in made.items() if m is not None})

    def _oriented(self, whole: Statistic, made: Mapping[str, Statistic]) -> AnswerParts | None:
        kind = METRICS[self.metric].meta["transform"]
        turned: dict[str, Statistic] = {}
        raw = {"affected": np.nan, "clean": np.nan}
        for side, found in made.items():
            shown = transformed(kind, *found)
            lost = self.part[side].weights.method != NONE and self._lost(side, found)
            if not np.isfinite(shown[0]) or lost:
                continue
            raw[side], turned[side] = shown[0], Statistic(*orient(self.metric, *shown))
        if "clean" not in turned:
            return None
        ends = whole.value, raw["affected"], raw["clean"]
        return AnswerParts(ends, Statistic(*orient(self.metric, *whole)), turned.get("affected"), turned["clean"])

    def _lost(self, side: str, found: Statistic) -> bool:
        """Whether a denominator is not above noise in too many of the draws that hold conditions of the part."""
        held = ~np.isnan(self.part[side].weights.share).any(axis=1)
        return bool(np.isnan(found.draws[held]).mean() > MAX_UNDEFINED_DRAWS.value) if held.any() else False

    def record(self, name: str) -> PartsRecord | None:
        """An answer on the parts, as it is stored."""
        p = self.parts(name)
        if p is None:
            return None
        clean = self.part["clean"].spread(p.clean)
        change = estimate(combine((1.0, clean), (-1.0, p.whole)), self.across)
        gap = Estimate(np.nan, np.nan, np.nan, np.nan)
        if p.affected is not None:
            affected = self.part["affected"].spread(p.affected)
            gap = estimate(combine((1.0, affected), (-1.0, clean)), self.across)
        return PartsRecord(
            name=name,
            score=p.raw[0],
            affected=p.raw[1],
            clean=p.raw[2],
            change=change.value,
            low=change.low,
            high=change.high,
            gap=gap.value,
            gap_low=gap.low,
            gap_high=gap.high,
        )

    def leads(self, model: str, best: str, rivals: Sequence[str]) -> dict[str, float | str]:
        """Lead over the best baseline on all and on clean conditions, and what the affected ones add to it."""
        mine, base = self.parts(model), self.parts(best)
        if mine is None or base is None:
            return {}
        whole = combine((1.0, mine.whole), (-1.0, base.whole))
        clean = combine((1.0, mine.clean), (-1.0, base.clean))
        beyond = combine((1.0, whole), (-1.0, self.part["clean"].spread(clean)))
        lead, left = estimate(whole, basis(self.weights)), estimate(clean, basis(self.part["clean"].weights))
        excess = estimate(beyond, self.across)
        found: dict[str, float | str] = {
            **dict(zip(("lead", "lead_low", "lead_high"), lead[:3], strict=True)),
            **dict(zip(("clean_lead", "clean_low", "clean_high"), left[:3], strict=True)),
            **dict(zip(("excess", "low", "high"), excess[:3], strict=True)),
        }
        rival = self._best_clean(best, rivals)
        theirs = self.parts(rival)
        if rival != best and theirs is not None:
            over = estimate(combine((1.0, mine.clean), (-1.0, theirs.clean)), basis(self.part["clean"].weights))
            found |= {"rival": rival, **dict(zip(("rival_lead", "rival_low", "rival_high"), over[:3], strict=True))}
        return found

    def _best_clean(self, best: str, rivals: Sequence[str]) -> str:
        """The best legal baseline on the clean conditions; the one that is best on all unless it is truly better."""
        stratum, part = self.scores.panel.decision, self.part["clean"]
        names = [n for n in rivals if (n, self.metric, stratum) in self.scores.draws]
        worth = {name: self._clean_value(name, part) for name in names}
        top = max(names, key=lambda n: worth[n] if np.isfinite(worth[n]) else -np.inf)
        return top if worth[top] > worth[best] + ROUNDING else best

    def _clean_value(self, name: str, part: Part) -> float:
        """Oriented value on the clean conditions, without draws."""
        filled = self.scores.filled[name, self.metric]
        below = None if filled.denominator is None else filled.denominator[self.at]
        value = part_means(filled.values[self.at][:, None], [below], self.weights, part.keep)[0]
        none = np.empty(0)
        return orient(self.metric, *transformed(METRICS[self.metric].meta["transform"], value, none, none))[0]


_NO_CURVE = Ceiling("", "", "", np.nan, np.nan, np.nan, np.empty(0), reason="known for all conditions together alone")


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"
