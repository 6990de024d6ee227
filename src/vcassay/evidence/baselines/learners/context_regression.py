"""T3: what is particular to a context, regressed on its control expression."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.core import Conditions, Regime
from vcassay.evidence.baselines.baseline import Array, Baseline, baseline
from vcassay.evidence.baselines.folds import inner_folds
from vcassay.evidence.baselines.inner import rotated
from vcassay.evidence.baselines.learners.residual_ridge import Kernels, residual_answers
from vcassay.evidence.baselines.linear.additive import Terms
from vcassay.evidence.baselines.response import components
from vcassay.evidence.baselines.task import Task

WIDTHS = (5, 20, 50)
"""Components of control profiles tried (20 to 50 in published context regressions)."""
RESPONSES = 50
"""Components of what the template leaves that are learned."""
PENALTIES = (0.03, 0.3, 3.0, 30.0, np.inf)
"""Ridge penalties in units of a context's mean likeness to itself; at the last one nothing is learned."""
TEMPLATE = 1e-9
"""Penalty of the template: none to speak of."""


class Chosen(NamedTuple):
    """Number of control components, and for each response component the two penalties, as positions in the grid."""

    width: int
    shared: NDArray[np.int64]
    own: NDArray[np.int64]


@baseline(
    "context_regression",
    title="context regressed on control expression",
    tier="T3",
    reads=("perturbation_elsewhere", "target_controls", "controls_elsewhere"),
    source="Molina and Zhang: context regression on expression components",
    needs="control profiles or features of at least four contexts",
)
class ContextRegression(Baseline):
    """Template mean + perturbation, and a ridge from control expression to what is particular to a line.

    The template (mean + context + perturbation by least squares) is fitted to training effects; its mean and
    perturbation terms are kept. What they leave is reduced to 50 components. For each component, the mean of a context
    is regressed on the leading components of control profiles and on what features of contexts are handed in (shared
    slopes), and what a perturbation differs by in a context likewise (slopes of its own, over the contexts that have
    it). The number of control components, and each response component's two ridge penalties, come from leaving
    contexts out; a component for which that gains less than a standard error over folds is left alone: a few contexts
    often look as if they followed their controls. A context that is trained keeps its own mean. A perturbation that is
    not trained, and a context that nothing is known of, have what the template says. The components are those of all
    training conditions, also where some are left out to choose. Conditions count alike, whatever their numbers of rows.
    """

    def fit(self, task: Task) -> ContextRegression:
        """Choose by leaving contexts out, then regress over all of them."""
        self.terms = Terms(task.train, task.effects)
        self.template = self.terms.fit(TEMPLATE)
        turned, whole = rotated(task)
        terms = Terms(whole.train, whole.effects)
        left = whole.effects - terms.without_context(terms.fit(TEMPLATE), whole.train)
        reduced = components(left, RESPONSES)
        self.loadings, self.task = turned.back(reduced.loadings), task
        self.scores = whole.effects @ reduced.loadings.T
        self.chosen = self._choose()
        return self

    def predict(self, wanted: Conditions) -> Array:
        """(n, g) template and what is particular to the context."""
        base = self.terms.without_context(self.template, wanted)
        if self.chosen is None:
            self.fell_back(len(wanted), "the template, too few contexts having a control profile or features,")
            return base
        described = self._kernels(self.chosen.width).position
        lost = ~self.terms.knows(wanted) | np.array([c not in described for c in wanted.context.tolist()])
        self.fell_back(int(lost.sum()), "what the template says of a treatment or a context that is not known")
        model = _Part(self.task.train, self.scores, self._kernels(self.chosen.width))
        answers = model.answers(wanted)
        each = np.arange(self.scores.shape[1])
        extra = answers[self.chosen.shared, self.chosen.own, :, each].T
        return np.asarray(base + extra @ self.loadings)

    def _kernels(self, width: int) -> Kernels:
        """Likeness of all contexts of which anything is known: control components, and blocks of their features."""
        task = self.task

        def make() -> Kernels:
            names = sorted(task.controls)
            found = []
            if len(names) > 1:
                found.append((names, components(np.array([task.controls[c] for c in names]), width).scores))
            found += [(list(f.ids), f.matrix) for f in task.context_features]
            trained = sorted(set(task.train.context.tolist()))
            return Kernels.of(found, trained)

        return task.memo.once(f"context kernel {width}", make)

    def _choose(self) -> Chosen | None:
        """Least error of each response component when contexts are left out; ``None`` if there are too few."""
        train, scores = self.task.train, self.scores
        most = len(set(train.context.tolist()) & set(self._kernels(WIDTHS[0]).position)) - 1
        folds = inner_folds(train, Regime.CEX, self.task.seed)
        if most < 3 or not folds or not scores.shape[1]:
            return None
        widths = [w for w in WIDTHS if w <= most] or [most]
        if widths[-1] < most < WIDTHS[-1]:
            widths.append(most)
        count, pairs = scores.shape[1], len(PENALTIES) ** 2
        error = np.zeros((len(widths), len(folds), pairs, count))
        for f, fold in enumerate(folds):
            rest = np.setdiff1d(np.arange(len(train)), fold)
            part, test = train.take(rest), train.take(fold)
            for i, width in enumerate(widths):
                model = _Part(part, scores[rest], self._kernels(width))
                gap = model.base(test) + model.answers(test) - scores[fold]
                error[i, f] = (gap * gap).sum(axis=2).reshape(pairs, count)
        least = error.sum(axis=1).min(axis=1).sum(axis=1)
        width = int(np.flatnonzero(least <= least.min() * (1.0 + 1e-9))[0])
        best = best_setting(error[width])
        return Chosen(widths[width], best // len(PENALTIES), best % len(PENALTIES))


def best_setting(error: Array) -> NDArray[np.int64]:
    """(k,) setting of each component; the last one, which learns nothing, unless another is better by a standard error.

    Parameters
    ----------
    error
        (F, S, k) squared error of F folds at S settings, the most shrunken last.
    """
    folds, settings, count = error.shape
    total = error.sum(axis=0)[::-1]  # ties go to the more shrunken
    floor = total.min(axis=0)
    best = settings - 1 - (total <= floor * (1.0 + 1e-9)).argmax(axis=0)
    gain = error[:, -1] - error[:, best, np.arange(count)]
    noise = gain.std(axis=0, ddof=1) * np.sqrt(folds) if folds > 1 else np.full(count, np.inf)
    return np.asarray(np.where(gain.sum(axis=0) > noise, best, settings - 1))


class _Part:
    """Template and regressions on the scores of some training conditions."""

    def __init__(self, train: Conditions, scores: Array, kernels: Kernels) -> None:
        self.terms = Terms(train, scores)
        self.fitted = self.terms.fit(TEMPLATE)
        self.train, self.kernels = train, kernels
        self.left = scores - self.terms.without_context(self.fitted, train)

    def base(self, wanted: Conditions) -> Array:
        return self.terms.without_context(self.fitted, wanted)

    def answers(self, wanted: Conditions) -> Array:
        """(L, L, m, k) what is particular to contexts at all pairs of penalties (shared, own)."""
        coding = self.terms.coding
        _, treatment = coding.of(wanted)
        trained = [self.kernels.position.get(c, -1) for c in coding.contexts]
        asked = [self.kernels.position.get(c, -1) for c in wanted.context.tolist()]
        return residual_answers(
            self.kernels.matrix, np.array(trained), coding.rows, self.left, np.array(asked), treatment, PENALTIES
        )
