"""T3: gradient boosting on prior features."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from vcassay.evidence.baselines.baseline import baseline
from vcassay.evidence.baselines.learners.learner import Learner, Params, Predict, grid_of, nothing

Array = NDArray[np.float64]

RATE = 0.1
LEAVES = 8
"""At most so many leaves a tree, and one for every 20 conditions."""
BINS = 63
"""Bins of a column, of about as many conditions each."""
LEAF = 20
"""Least number of conditions in a leaf, or a tenth of all where that is fewer."""
COMPONENTS_TO_CHOOSE = 5
"""Leading components that suffice to choose the number of rounds."""
CONDITIONS_A_COMPONENT = 10
"""Conditions for each component that is learned."""


@baseline(
    "gradient_boosting",
    title="gradient boosting on prior features",
    tier="T3",
    reads=("train_effects", "target_controls", "controls_elsewhere", "features"),
    source="Friedman 2001; LPM 2025; scikit-learn HistGradientBoostingRegressor",
    quick=False,
    needs="features of the perturbations ([knowledge] features)",
)
class GradientBoosting(Learner):
    """Responses built up of small trees, each fitted to what the ones before left over.

    Each of the 20 leading components of the responses has trees of its own: at most 8 leaves (one for 20 conditions),
    half of the columns at each split, learning rate 0.1, on 20 components of each block of features as the large
    perturbation model's baseline has it; that one boosts every gene, a deviation that keeps to the budget. Components
    are at most a tenth as many as conditions. The number of rounds, none among them, comes from inner validation on the
    5 leading components. Conditions weigh by their number of rows.
    """

    grid = tuple({"rounds": n} for n in (0, 15, 30, 60))
    components = 20
    width = 20

    def fit_one(self, x: Array, y: Array, weights: Array, params: Params, seed: int) -> Predict:
        """Boost by so many rounds."""
        if not params["rounds"]:
            return nothing(y)
        boosted = _Boosted(x, y[:, : _worthwhile(len(x))], weights, params["rounds"], seed)
        return lambda rows: _padded(boosted(rows), y.shape[1])

    def tried(self, x: Array, y: Array, weights: Array, new: Array, seed: int) -> Iterator[Array]:
        """Boost by the most rounds; fewer are the first of them."""
        some = y[:, : min(COMPONENTS_TO_CHOOSE, _worthwhile(len(x)))]
        stages = _Boosted(x, some, weights, max(p["rounds"] for p in self.grid), seed).stages(new)
        for params in self.grid:
            answer = stages[params["rounds"] - 1] if params["rounds"] else np.zeros((len(new), 0))
            yield _padded(answer, y.shape[1])


def _worthwhile(n: int) -> int:
    """Components that so many conditions can tell from noise."""
    return max(1, n // CONDITIONS_A_COMPONENT)


def _padded(scores: Array, k: int) -> Array:
    """(m, k) scores, the mean for components that are not learned."""
    return np.pad(scores, ((0, 0), (0, k - scores.shape[1])))


def bins_of(x: Array) -> Callable[[Array], Array]:
    """Return what puts rows into `BINS` bins a column, between quantiles: the library's own are slow with weights."""
    to_grid = grid_of(x)
    edges = np.quantile(to_grid(x), np.linspace(0.0, 1.0, BINS + 1)[1:-1], axis=0, method="lower")

    def to_bins(rows: Array) -> Array:
        columns = zip(edges.T, to_grid(rows).T, strict=True)
        return np.array([np.searchsorted(e, c) for e, c in columns], dtype=np.float64).T

    return to_bins


class _Boosted:
    """One boosted model a component."""

    def __init__(self, x: Array, y: Array, weights: Array, rounds: int, seed: int) -> None:
        from sklearn.base import clone
        from sklearn.ensemble import HistGradientBoostingRegressor

        self.to_bins, self.rounds = bins_of(x), rounds
        self.models: list[Any] = []
        table, responses = self.to_bins(x), grid_of(y)(y)
        model = HistGradientBoostingRegressor(
            learning_rate=RATE,
            max_iter=rounds,
            max_leaf_nodes=max(2, min(LEAVES, len(x) // LEAF)),
            min_samples_leaf=max(1, min(LEAF, len(x) // 10)),
            max_features=0.5,
            max_bins=BINS,
            early_stopping=False,
            random_state=seed,
        )
        with threadpool_limits(1, user_api="openmp"):  # rungs run side by side
            for k in range(y.shape[1]):
                self.models.append(clone(model).fit(table, responses[:, k], sample_weight=weights))

    def __call__(self, rows: Array) -> Array:
        out = np.zeros((len(rows), len(self.models)))
        with threadpool_limits(1, user_api="openmp"):
            for k, model in enumerate(self.models):
                out[:, k] = model.predict(self.to_bins(rows))
        return out

    def stages(self, rows: Array) -> Array:
        """(rounds, m, k) predictions after each round."""
        out = np.zeros((self.rounds, len(rows), len(self.models)))
        with threadpool_limits(1, user_api="openmp"):
            for k, model in enumerate(self.models):
                for i, values in enumerate(islice(model.staged_predict(self.to_bins(rows)), self.rounds)):
                    out[i:, :, k] = values  # a model that can split no further has fewer rounds
        return out
