"""Inflation: what an answer scores because it stands on control rows that the truth stands on, too.

A measured effect is a signal less the noise of the controls that it was taken against: n for the controls left to
training, m for those kept for scoring. The difference of the two control profiles, m - n, is measured. So an answer can
be moved: one that stands on n, or on nothing, plus half of n - m carries the noise of all controls as an answer taken
against all of them does; one that stands on all of them less the same half stands on n alone. The change of its score
is the inflation, measured and not assumed. What no data can tell is whether an answer that was handed in carries the
noise at all, if its authors saw every control: no control row is left to compare with.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.resample import Estimate
from vcassay.arrays.shards import RESERVED, TRAINING
from vcassay.claim import Role, Split
from vcassay.core import Status, Threshold
from vcassay.effects import Effects
from vcassay.evidence.leakage.yardstick import Yardstick, make_yardstick

INFLATION_WARN = Threshold("control_inflation_warn", 0.05, "below the margin that models are compared by (proposal)")
INFLATION_FAIL = Threshold("control_inflation_fail", 0.2, "more than most published gains over a mean (proposal)")
FEWEST_DETECTABLE = 10
"""Detectable conditions from which they alone are scored: fewer may be false detections of a screen without effects."""

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


def expected_inflation(n_control: NDArray[np.integer], n_rows: NDArray[np.integer]) -> Array:
    """Correlation that two effects without any signal have because they share controls.

    Rows of equal variance, the same controls on both sides: (1 / n_c) / (1 / n_c + 1 / n_p).
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        of_control, of_rows = 1.0 / np.asarray(n_control, dtype=float), 1.0 / np.asarray(n_rows, dtype=float)
        return np.asarray(of_control / (of_control + of_rows))


def control_difference(effects: Effects, split: Split) -> Array:
    """(t, g) control profile left to training less that kept for scoring: n - m; 0 where both are the same rows."""
    shards, test = split.scored_shards, split.test
    if not split.test_shards:
        return np.asarray(effects.control_train[test] - effects.control[test])
    moments = effects.moments
    return np.asarray((moments.control(shards, TRAINING) - moments.control(shards, RESERVED))[test])


def training_mean(effects: Effects, split: Split) -> Array:
    """(t, g) mean of the training effects in each test condition's context; of all where it was not trained."""
    train, test = split.train, split.test
    effect = effects.delta_train[train]
    whole = np.isfinite(np.where(effects.mask[train], effect, 0.0)).all(axis=1)
    train, effect = train[whole], np.nan_to_num(effect[whole])
    if not len(train):
        return np.full((len(test), len(effects.genes)), np.nan)
    names, code = np.unique(effects.conditions.context[np.concatenate([train, test])], return_inverse=True)
    of_train, of_test = code[: len(train)], code[len(train) :]
    means = np.tile(effect.mean(axis=0), (len(names), 1))
    for c in np.unique(of_train):
        means[c] = effect[of_train == c].mean(axis=0)
    return np.asarray(means[of_test])


class Inflation(NamedTuple):
    """Scores of one answer by the controls on both sides; Pearson delta, see `vcassay.evidence.leakage.yardstick`.

    Attributes
    ----------
    score
        Against the truth that is scored.
    against_training
        Change if the truth were measured against the controls left to training.
    gained
        Change if the answer, standing on all controls, stood on those left to training alone, the other way round.
    placed
        Change if the answer, standing on none of the scoring controls, stood on all.
    n, detectable
        Conditions compared, and whether these are the detectable ones or, where they are fewer than ten, all.
    """

    score: Estimate
    against_training: Estimate
    gained: Estimate
    placed: Estimate
    n: int
    detectable: bool

    @property
    def at_least(self) -> float:
        """What of the score standing on all controls surely gained, and never more than the score; NaN: no interval."""
        return float(min(self.gained.low, self.score.low)) if np.isfinite(self.gained.low) else np.nan


def measure_inflation(
    effects: Effects, split: Split, values: Array, rng: np.random.Generator, genes: Mask | None = None
) -> Inflation:
    """Score an answer as it is, and moved between controls.

    Parameters
    ----------
    values
        (t, g) effects; rows with NaN in scored genes are left out.
    genes
        (g,) genes that were answered; all if ``None``.
    """
    test = split.test
    mask = effects.mask[test] if genes is None else effects.mask[test] & genes
    ok = np.isfinite(np.where(mask, values, 0.0)).all(axis=1)
    roles = split.roles.astype("<U8")
    roles[test[~ok]] = Role.EXCLUDED.value
    detectable = int(effects.detectable[test[ok]].sum()) >= FEWEST_DETECTABLE
    if not detectable:
        effects = replace(effects, assessed=np.zeros_like(effects.assessed))
    half = control_difference(effects, split)[ok] / 2
    yard = make_yardstick(effects, replace(split, roles=roles), rng, genes=genes)
    own = values[ok]
    plain = yard.each(own)
    shared: Yardstick = replace(yard, truth=yard.truth - 2 * half[yard.at])
    return Inflation(
        score=yard.estimate(plain),
        against_training=yard.estimate(shared.each(own) - plain),
        gained=yard.estimate(plain - yard.each(own - half)),
        placed=yard.estimate(yard.each(own + half) - plain),
        n=len(yard.at),
        detectable=detectable,
    )


def judge(value: float, at_least: float) -> Status:
    """Status of an inflation by the lower end of its interval; without one, WARN is the most."""
    if not np.isfinite(at_least):
        return Status.WARN if value > INFLATION_WARN.value else Status.PASS
    if at_least > INFLATION_FAIL.value:
        return Status.FAIL
    return Status.WARN if at_least > INFLATION_WARN.value else Status.PASS


def span(e: Estimate) -> str:
    """Write an estimate with its interval."""
    return f"{e.value:.2f}" + (f" [{e.low:.2f}, {e.high:.2f}]" if np.isfinite(e.low) else " (no interval)")
