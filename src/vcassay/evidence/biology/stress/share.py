"""Stress share: how much of the size of effects lies along axes of stress, in the truth and in a prediction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.resample import NONE, Estimate, aggregate_many, interval
from vcassay.arrays.subspace import energy_along, inner, random_shares
from vcassay.core import Finding, Status, Threshold
from vcassay.evidence.biology.axes import Axes, stress_axes
from vcassay.evidence.biology.bench import SUBMISSION, Arm, Bench
from vcassay.evidence.biology.contrast import NOT_ASSESSABLE, not_assessable
from vcassay.evidence.biology.diagnostic import diagnostic, finding
from vcassay.evidence.biology.stress.asked import HALVES, Asked, Pairs, ask, expression_levels, twice
from vcassay.evidence.biology.stress.skill import Skill

Array = NDArray[np.float64]
Row = dict[str, float | str]

NAME = "stress_share"
LEAST_DETECTABLE = Threshold("stress_share_min_perturbations", 8, "bootstrap over fewer perturbations has no interval")
ROOM = Threshold("stress_share_room", 0.9, "of a truth that is more stress than that, no excess can be seen (proposal)")
WARN_EXCESS = Threshold("stress_share_warn", 0.2, "share of the truth's rest that is stress in the model (proposal)")
FAIL_EXCESS = Threshold("stress_share_fail", 0.5, "share of the truth's rest that is stress in the model (proposal)")
LACKING = Threshold("stress_share_lacking", 0.5, "share of the truth's excess over random axes for WARN (proposal)")
RANDOM_DRAWS = 199
RANDOM_ROWS = 2000
"""Conditions on which random axes are tried."""
ALL = "all"


class Energy(NamedTuple):
    """Squared size of the conditions that take part: (n,) in all and (n, k) along each axis."""

    whole: Array
    along: Array

    @property
    def stress(self) -> Array:
        """(n,) along all axes."""
        return np.asarray(self.along.sum(axis=1))


class Shares(NamedTuple):
    """Energy of the truth and of each arm, and the shares that random axes of the same kind hold.

    Attributes
    ----------
    truth
        By products of halves; of single measurements, with their noise, where there are none.
    arms
        Submissions and baselines by name.
    answered
        (n,) of each arm.
    random
        Of the truth and of each submission: (k + 1,) mean share along each axis and along all.
    p
        Probability that random axes hold at least the truth's share.
    """

    truth: Energy
    arms: Mapping[str, Energy]
    answered: Mapping[str, NDArray[np.bool_]]
    random: Mapping[str, Array]
    p: float


@diagnostic(NAME, title="Stress share", source="Szalai 2019; Systema (systematic variation); spec 6.6")
def stress_share(bench: Bench, rng: np.random.Generator) -> tuple[Finding, ...]:
    """As much of a predicted effect is stress as of a measured one.

    The share of squared size along axes of stress (see `skill_beyond_stress`), as a ratio of sums over conditions with
    a detectable effect; the truth by products of disjoint halves, so that noise is in neither sum. Excess = (model -
    truth) / (1 - truth). FAIL: excess of at least `FAIL_EXCESS` and its interval over perturbations above 0. WARN: the
    same with `WARN_EXCESS`; or less than `LACKING` of the truth's share above random axes, which are the same axes with
    genes permuted within levels of expression. PASS otherwise. The truth passes when its share is known: halves, at
    least `LEAST_DETECTABLE` perturbations with a detectable effect, an energy whose interval lies above 0, and a share
    whose interval ends below `ROOM`. It need not be above random axes: a model may bring stress to a screen that has
    none.
    """
    axes = stress_axes(bench)
    if not len(axes):
        why = f"no programme of stress is measured and there is no training effect ({'; '.join(axes.missing)})."
        return not_assessable(NAME, why, bench.submissions)
    kind, pairs = twice(bench)
    halves = pairs if kind == HALVES else []
    asked = ask(bench, halves, rng, silent=False, least=1)
    if not asked.n:
        why = f"no condition has a detectable effect. {asked.left_out}"
        return not_assessable(NAME, why.strip(), bench.submissions)
    shares = measure_shares(bench, axes, asked, halves, rng)
    truth = _ratio(shares.truth.stress, shares.truth.whole, asked)
    rows = axis_rows(axes, shares, None, None, None, asked)
    random = shares.random["truth"][-1]
    said = (
        f"{truth.value:z.0%}{_bounds(truth)} of the squared size of {asked.n:,} conditions of {asked.families:,} "
        f"perturbations lies along {axes_words(axes)}, {random:z.0%} along random "
        f"axes of as many genes of the same expression (p = {shares.p:.2g})"
    )
    numbers = {"value": _finite(truth.value), "null": _finite(random), "evidence": rows}
    energy = _mean(shares.truth.whole, asked)
    if not halves:
        why = f"the truth has no halves, and its noise counts as its own: {said}. {asked.left_out}".strip()
        own = finding(NAME, Status.NA, f"{NOT_ASSESSABLE}{why}", **numbers)
        return (own, *(_beside_noise(arm, axes, shares, asked, truth) for arm in bench.submissions))
    if asked.families < LEAST_DETECTABLE.value or not energy.low > 0:
        why = (
            f"{asked.families} perturbations have a detectable effect, {LEAST_DETECTABLE.value:g} are needed, with a "
            f"mean squared size above 0 ({energy.value:.3g}{_bounds(energy, '.3g')}): more rows, or perturbations. In "
            f"those, {said}."
        )
    elif not truth.high < ROOM.value:
        why = f"in the truth, {said}: no room for a model that has more."
    else:
        why = ""
    if why:
        return not_assessable(NAME, f"{why} {asked.left_out}".strip(), bench.submissions, **numbers)
    study = finding(NAME, Status.PASS, f"In the truth, {said}. {asked.left_out}".strip(), **numbers)
    return (study, *(_about(arm, bench, axes, shares, asked) for arm in bench.submissions))


def measure_shares(bench: Bench, axes: Axes, asked: Asked, halves: Pairs, rng: np.random.Generator) -> Shares:
    """Energy of truth and arms along the axes, and along random ones on at most `RANDOM_ROWS` conditions."""
    at = np.flatnonzero(asked.rows)
    own = bench.truth.values
    pairs = halves or [(own, own)]
    some = at if len(at) <= RANDOM_ROWS else np.sort(rng.choice(at, RANDOM_ROWS, replace=False))
    weight = asked.spread()[some]
    level = expression_levels(bench)
    seed = int(rng.integers(2**32))
    random: dict[str, Array] = {}
    first = [np.nan_to_num(m[some]) for pair in pairs for m in pair]
    drawn = random_shares(
        list(zip(first[::2], first[1::2], strict=True)),
        weight,
        axes.matrix,
        level,
        RANDOM_DRAWS,
        np.random.default_rng(seed),
    )
    random["truth"] = np.append(drawn.each.mean(axis=0), drawn.total.mean())
    truth = _mean_energy([_energy(a, b, at, axes) for a, b in pairs])
    place = np.searchsorted(at, some)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = float(weight @ truth.stress[place] / (weight @ truth.whole[place]))
    p = float((1 + (drawn.total >= share - 1e-12).sum()) / (RANDOM_DRAWS + 1)) if np.isfinite(share) else np.nan
    arms = (*bench.submissions, *bench.baselines)
    for arm in arms:
        if arm.role == SUBMISSION:
            values = arm.values[some]
            found = random_shares(
                [(values, values)], weight, axes.matrix, level, RANDOM_DRAWS, np.random.default_rng(seed)
            )
            random[arm.name] = np.append(found.each.mean(axis=0), found.total.mean())
    return Shares(
        truth,
        {a.name: _energy(a.values, a.values, at, axes) for a in arms},
        {a.name: a.known[at] for a in arms},
        random,
        p,
    )


def _energy(left: Array, right: Array, at: NDArray[np.int64], axes: Axes) -> Energy:
    whole, along = np.empty(len(at)), np.empty((len(at), len(axes)))
    for start in range(0, len(at), BLOCK):
        part = slice(start, start + BLOCK)
        a = left[at[part]]
        b = a if right is left else right[at[part]]
        whole[part], along[part] = inner(a, b), energy_along(a, b, axes.matrix)
    return Energy(whole, along)


def _mean_energy(parts: list[Energy]) -> Energy:
    """Mean over the pairs that define a condition."""
    ok = np.isfinite([p.whole for p in parts])
    count = np.maximum(ok.sum(axis=0), 1)
    whole = np.nan_to_num([p.whole for p in parts]).sum(axis=0) / count
    along = np.nan_to_num([p.along for p in parts]).sum(axis=0) / count[:, None]
    return Energy(np.asarray(whole), np.asarray(along))


BLOCK = 4096


def _ratio(above: Array, below: Array, asked: Asked) -> Estimate:
    return excess_of(above, below, None, asked)


def excess_of(above: Array, below: Array, truth: Energy | None, asked: Asked) -> Estimate:
    """A ratio of sums with its interval; with ``truth``, how much of what is no stress there is stress here."""
    columns, dens = [above], [below]
    if truth is not None:
        columns.append(truth.stress)
        dens.append(truth.whole)
    found = aggregate_many(np.column_stack(columns), asked.weights, dens)
    value, draws = found[0][0], found[0][1]
    if truth is not None:
        with np.errstate(divide="ignore", invalid="ignore"):
            base, base_draws = found[1][0], found[1][1]
            value = (value - base) / (1.0 - base) if base < 1 else np.nan
            draws = np.where(base_draws < 1, (draws - base_draws) / (1.0 - base_draws), np.nan)
    method = NONE if asked.weights.method == NONE else "these contexts"
    return interval(value, draws, np.empty(0), method, families=asked.weights.families)


def _mean(values: Array, asked: Asked) -> Estimate:
    value, draws, by_context = aggregate_many(values[:, None], asked.weights, [None])[0]
    return interval(value, draws, by_context, asked.weights.method, families=asked.weights.families)


def _beside_noise(arm: Arm, axes: Axes, shares: Shares, asked: Asked, truth: Estimate) -> Finding:
    """A submission's finding where the truth's share is not known without its noise."""
    own = shares.arms[arm.name]
    share = _ratio(own.stress, own.whole, asked)
    of = f"{share.value:z.0%}{_bounds(share)} of its squared size" if np.isfinite(share.value) else "nothing of it"
    sentence = f"{NOT_ASSESSABLE}{of} is stress, {truth.value:z.0%} of the truth's, which holds its noise."
    rows = axis_rows(axes, shares, arm.name, None, None, asked)
    return finding(NAME, Status.NA, sentence, value=_finite(share.value), model=arm.name, evidence=rows)


def _about(arm: Arm, bench: Bench, axes: Axes, shares: Shares, asked: Asked) -> Finding:
    """Make a submission's finding."""
    own, answered = shares.arms[arm.name], shares.answered[arm.name]
    rows = axis_rows(axes, shares, arm.name, None, None, asked)
    if not (own.whole > 0).any():
        why = "it predicts no effect in any of the conditions"
        return finding(NAME, Status.NA, f"{NOT_ASSESSABLE}{why}.", model=arm.name, evidence=rows)
    truth = Energy(shares.truth.whole * answered, shares.truth.along * answered[:, None])
    base, share = _ratio(truth.stress, truth.whole, asked), _ratio(own.stress, own.whole, asked)
    excess = excess_of(own.stress, own.whole, truth, asked)
    random = float(shares.random["truth"][-1])
    status, reason = grade_share(base, share, excess, random)
    others = ", ".join(
        f"'{b.name}' {_ratio(e.stress, e.whole, asked).value:z.0%}"
        for b in bench.baselines
        if ((e := shares.arms[b.name]).whole > 0).any()
    )
    sentence = (
        f"{reason[:1].upper()}{reason[1:]}: {share.value:z.0%}{_bounds(share)} of its squared size over "
        f"{int(answered.sum()):,} of {asked.n:,} conditions is stress, {base.value:z.0%} of the truth's, "
        f"{shares.random[arm.name][-1]:z.0%} along random axes; of what is no stress in the truth, "
        f"{excess.value:z.0%}{_bounds(excess)} is stress here" + (f"; baselines {others}." if others else ".")
    )
    return finding(
        NAME,
        status,
        sentence,
        value=_finite(share.value),
        null=_finite(shares.random[arm.name][-1]),
        threshold=_finite(base.value + WARN_EXCESS.value * (1.0 - base.value)),
        model=arm.name,
        evidence=rows,
        remedy="" if status is Status.PASS else "See what is left of its skill beyond stress.",
    )


def grade_share(truth: Estimate, share: Estimate, excess: Estimate, random: float) -> tuple[Status, str]:
    """Grade a model's share of stress by the truth's.

    Parameters
    ----------
    excess
        Of what is no stress in the truth, the share that is in the model.
    random
        Share of the truth along random axes.
    """
    if excess.low > 0 and excess.value >= FAIL_EXCESS.value:
        return Status.FAIL, "a general stress model"
    if excess.low > 0 and excess.value >= WARN_EXCESS.value:
        return Status.WARN, "more stress than the truth"
    above = truth.value - random
    if truth.low > random and share.high < random + LACKING.value * above:
        return Status.WARN, "less stress than the truth"
    return Status.PASS, "as much stress as the truth"


def axis_rows(
    axes: Axes, shares: Shares, model: str | None, skill: Skill | None, truth: Skill | None, asked: Asked
) -> list[Row]:
    """Rows that the page draws: one an axis, and one of all.

    ``share`` is along the axis less those before it; ``skill_after`` is the skill beyond this axis alone. ``truth`` is
    the agreement of the truth's own measurements.
    """
    base = asked.weights.base
    energy = None if model is None else shares.arms[model]
    rows: list[Row] = []
    for i, name in enumerate((*axes.names, ALL)):
        last = i == len(axes)
        row: Row = {"kind": "axis", "axis": name}
        row["source"] = "; ".join(f"no axis of {m}" for m in axes.missing) if last else axes.sources[i]
        row["genes"] = float(np.any(axes.matrix != 0, axis=0).sum() if last else axes.size[i])
        row["truth_share"] = _share(shares.truth, i, base)
        row["random"] = float(shares.random["truth"][i])
        if energy is not None:
            row["model_share"] = _share(energy, i, base)
        for prefix, own in (("", skill), ("truth_", truth)):
            if own is not None:
                row[f"{prefix}skill_before"] = float(base @ own.before)
                row[f"{prefix}skill_after"] = float(base @ (own.after if last else own.alone[:, i]))
        rows.append(row)
    return rows


def _share(energy: Energy, i: int, base: Array) -> float:
    above = energy.stress if i == energy.along.shape[1] else energy.along[:, i]
    below = float(base @ energy.whole)
    return float(base @ above) / below if below > 0 else float("nan")


def axes_words(axes: Axes) -> str:
    """How many axes, and which."""
    return f"{len(axes)} {'axis' if len(axes) == 1 else 'axes'} of stress ({', '.join(axes.names)})"


def _bounds(estimate: Estimate, digits: str = "z.0%") -> str:
    return f" ({estimate.low:{digits}} to {estimate.high:{digits}})" if np.isfinite(estimate.low) else ""


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
