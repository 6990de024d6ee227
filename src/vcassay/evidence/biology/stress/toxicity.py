"""Toxicity order: whether a model knows which perturbations harm cells."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy
from numpy.typing import NDArray

from vcassay.arrays.ceiling import spearman_brown
from vcassay.arrays.group_means import group_means
from vcassay.arrays.shuffles import Shuffles, draw_shuffles
from vcassay.core import Finding, Threshold
from vcassay.evidence.biology.axes import VIABILITY, Axes, stress_axes
from vcassay.evidence.biology.bench import Arm, Bench
from vcassay.evidence.biology.contrast import Contrast, Wording, judge, not_assessable
from vcassay.evidence.biology.diagnostic import diagnostic
from vcassay.evidence.biology.stress.asked import HALVES, LEAST_STRATUM, Asked, Pairs, ask, twice
from vcassay.evidence.biology.tested import DRAWS, Tested, tested

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

NAME = "toxicity_order"
LEAST_PERTURBATIONS = Threshold("toxicity_min_perturbations", 8, "fewer have no order worth a correlation (proposal)")
ROUNDING = 1e-9
"""Differences of scores, relative to the largest effect, that are ties."""


class Cells(NamedTuple):
    """Perturbations in contexts, their doses and times averaged.

    Attributes
    ----------
    of
        (t,) cell of each test condition; -1 where it takes no part.
    context, family
        (m,) codes.
    keys
        (draws, families) random order of the perturbations in each permutation.
    shuffles
        Perturbations permuted within contexts.
    """

    of: Codes
    context: Codes
    family: Codes
    keys: Array
    shuffles: Shuffles

    def defined(self, known: NDArray[np.bool_]) -> Shuffles:
        """Permutations among the cells that a pair of measurements defines."""
        if known.all():
            return self.shuffles
        return draw_shuffles(np.where(known, self.context, -1), self.family, self.keys, LEAST_STRATUM)


@diagnostic(NAME, title="Toxicity order", source="Szalai 2019 (viability signature); CEVIChE")
def toxicity_order(bench: Bench, rng: np.random.Generator) -> tuple[Finding, ...]:
    """Perturbations that harm cells are predicted to do so.

    Harm of a condition: the effect along the axis of viability, turned round, where one was learnt from training; else
    the mean over programmes of stress (proliferation turned round) of the effect along each, in units of its standard
    deviation over training conditions. Doses are averaged. Mean over contexts of the Spearman correlation between
    predicted and measured harm over perturbations; the truth by its halves (where there are none, by the same
    treatments in training contexts). The null permutes perturbations, the same way in every context. PASS here beside
    FAIL in `skill_beyond_stress` means that a model has learnt toxicity and no more. Not assessable with fewer than
    `LEAST_PERTURBATIONS` perturbations, or where the truth's own halves do not agree on the order.
    """
    axes = stress_axes(bench)
    if not any(axes.harm):
        why = f"no axis tells harm: neither viability nor a programme of stress ({'; '.join(axes.missing)})."
        return not_assessable(NAME, why, bench.submissions)
    kind, pairs = twice(bench)
    if not kind:
        why = "the truth was measured once a condition, and no treatment of it in a training context."
        return not_assessable(NAME, why, bench.submissions)
    asked = ask(bench, pairs, rng, silent=True)
    cells = _cells(bench, asked, rng)
    n = len(np.unique(cells.family))
    if n < LEAST_PERTURBATIONS.value:
        why = f"{n} perturbations can be ordered, {LEAST_PERTURBATIONS.value:g} are needed. {asked.left_out}"
        return not_assessable(NAME, why.strip(), bench.submissions)
    truth = _order(_scores(bench, axes, pairs, cells), cells)
    reach = float(np.sqrt(spearman_brown(truth.value))) if truth.value > 0 and kind == HALVES else truth.value
    factor = reach / truth.value if truth.value > 0 else 1.0
    best = truth._replace(value=reach, null=truth.null * factor, spread=truth.spread * factor)
    arms = {
        a.name: _order(_scores(bench, axes, [(a.values, bench.truth.values)], cells), cells)
        for a in (*bench.submissions, *bench.baselines)
    }
    if kind != HALVES:
        coverage = (
            "The truth is compared with the same treatments in training contexts; a perfect model may reach more."
        )
    elif truth.value > 0:
        coverage = f"The truth is compared with its halves; a perfect model would reach {reach:.2f}."
    else:
        coverage = "The truth is compared with its halves."
    words = Wording(
        quantity=f"Spearman correlation of harm ({_axis_words(axes)})",
        unit="perturbations",
        permuted="perturbations",
        wanted="more rows a condition, or perturbations that differ more in the harm they do, would show an order",
        remedy="See whether the model was trained on conditions that harm cells.",
    )
    contrast = Contrast(
        truth=truth,
        models={
            a.name: arms[a.name] if a.known[asked.rows].any() else "it answers none of the conditions"
            for a in bench.submissions
        },
        truths={a.name: best for a in bench.submissions},
        baselines={a.name: arms[a.name] for a in bench.baselines},
        coverage=f"{coverage} {asked.left_out}".strip(),
    )
    return judge(NAME, bench, contrast, words)


def harm_agreement(bench: Bench, arm: Arm, asked: Asked) -> float:
    """Spearman correlation of predicted and measured harm, without a test; NaN where no axis tells harm."""
    axes = stress_axes(bench)
    if not any(axes.harm):
        return np.nan
    cells = _cells(bench, asked, None)
    return _order(_scores(bench, axes, [(arm.values, bench.truth.values)], cells), cells).value


def harm(values: Array, axes: Axes, scale: Array) -> Array:
    """(n,) harm of (n, g) effects: along viability turned round if there is that axis, else the mean over programmes.

    Parameters
    ----------
    scale
        (k,) spread of training effects along each axis.
    """
    sign = _signs(axes)
    along = values @ axes.alone.T
    return np.asarray((along / scale) @ sign / max(1, int(np.count_nonzero(sign))))


def _signs(axes: Axes) -> Array:
    """(k,) signs of the axes that tell harm: viability alone where there is one."""
    sign = np.asarray(axes.harm, dtype=np.float64)
    if VIABILITY in axes.names:
        sign *= [name == VIABILITY for name in axes.names]
    return sign


def _axis_words(axes: Axes) -> str:
    told = int(np.count_nonzero(_signs(axes)))
    return VIABILITY if VIABILITY in axes.names else f"{told} programme{'s' if told > 1 else ''} of stress"


def _cells(bench: Bench, asked: Asked, rng: np.random.Generator | None) -> Cells:
    table = bench.table
    context = np.unique(table.context, return_inverse=True)[1].reshape(-1).astype(np.int64)
    key = context * (int(asked.family.max(initial=0)) + 1) + asked.family
    own, of = np.unique(key[asked.rows], return_inverse=True)
    where = np.full(len(table), -1, dtype=np.int64)
    where[asked.rows] = of.reshape(-1)
    width = int(asked.family.max(initial=0)) + 1
    code, family = own // width, own % width
    keys = np.zeros((1, width)) if rng is None else rng.random((DRAWS, width))
    shuffles = draw_shuffles(code, family, keys, LEAST_STRATUM)
    return Cells(where, code, family, keys, shuffles)


def _scores(bench: Bench, axes: Axes, pairs: Pairs, cells: Cells) -> list[tuple[Array, Array]]:
    """Harm of each cell, by both measurements of every pair."""
    trained = bench.trained[1]
    spread = (trained @ axes.alone.T).std(axis=0) if len(trained) > 2 else np.ones(len(axes))
    spread = np.where(spread > 0, spread, 1.0)
    out = []
    for pair in pairs:
        use = (cells.of >= 0) & np.isfinite(pair[0]).all(axis=1) & np.isfinite(pair[1]).all(axis=1)
        both = []
        for values in pair:
            score = np.zeros(len(values))
            score[use] = harm(values[use], axes, spread)
            both.append(group_means(score[:, None], np.where(use, cells.of, -1), len(cells.family))[:, 0])
        out.append((both[0], both[1]))
    return out


def _order(pairs: list[tuple[Array, Array]], cells: Cells) -> Tested:
    """Spearman correlation within contexts, contexts weighted by their perturbations, and with permuted ones."""
    value, null, total = 0.0, np.zeros(len(cells.keys)), 0
    seen = np.zeros(len(cells.family), dtype=bool)
    for left, right in pairs:
        shuffles = cells.defined(np.isfinite(left) & np.isfinite(right))
        for at, order in zip(shuffles.rows, shuffles.orders, strict=True):
            a, b = _ranks(left[at]), _ranks(right[at])
            value += len(at) * float(a @ b)
            null += len(at) * (b[order] @ a)
            total += len(at)
            seen[at] = True
    n = len(np.unique(cells.family[seen]))
    return tested(value / total if total else np.nan, null / max(total, 1), n)


def _ranks(score: Array) -> Array:
    """Centred ranks of length 1, ties up to rounding; 0 where all are tied."""
    unit = ROUNDING * float(np.abs(score).max(initial=0.0))
    rank = scipy.stats.rankdata(np.round(score / unit) if unit > 0 else np.zeros(len(score)))
    rank = rank - rank.mean()
    length = float(np.linalg.norm(rank))
    return np.asarray(rank / length) if length > 0 else np.zeros(len(rank))
