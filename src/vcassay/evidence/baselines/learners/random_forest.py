"""T3: random forest on prior features."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcassay.evidence.baselines.baseline import baseline
from vcassay.evidence.baselines.learners.learner import Learner, Params, Predict, grid_of, nothing

Array = NDArray[np.float64]

TREES = 100
TREES_TO_CHOOSE = 25
"""Trees that suffice to tell settings apart in inner validation."""


@baseline(
    "random_forest",
    title="random forest on prior features",
    tier="T3",
    reads=("train_effects", "target_controls", "controls_elsewhere", "features"),
    source="Breiman 2001; Csendes et al. 2025; scikit-learn RandomForestRegressor",
    needs="features of the perturbations ([knowledge] features)",
)
class RandomForest(Learner):
    """Responses averaged over 100 trees that split conditions by their features, for all components at once.

    The 50 leading components of the responses are learned, and a third of the columns is tried at each split. This is
    a deviation from the published recipe, which learns every gene with all columns (`csendes_forest`): it keeps to the
    budget. Where splits are, hangs on squared errors, which a rotation leaves alone: leaving out the trailing
    components is all that changes. On simulated screens of 240 conditions and 400 genes (50 components holding 78 % of
    the variance) the squared error was 0.847 of the mean's against 0.850 with every gene, in a fifth of the time.
    Conditions weigh by their number of rows; the least number of conditions in a leaf comes from inner validation with
    25 trees.
    """

    grid = tuple({"min_samples_leaf": n} for n in (15, 5, 1))

    def fit_one(self, x: Array, y: Array, weights: Array, params: Params, seed: int) -> Predict:
        """Grow all trees."""
        return grow(x, y, weights, TREES, params["min_samples_leaf"], seed)

    def tried(self, x: Array, y: Array, weights: Array, new: Array, seed: int) -> Iterator[Array]:
        """Grow fewer."""
        for params in self.grid:
            yield grow(x, y, weights, TREES_TO_CHOOSE, params["min_samples_leaf"], seed)(new)


def grow(x: Array, y: Array, weights: Array, trees: int, leaf: int, seed: int) -> Predict:
    """Grow so many trees; return what averages them."""
    if not y.shape[1]:
        return nothing(y)
    from sklearn.ensemble import RandomForestRegressor

    model: Any = RandomForestRegressor(trees, max_features=1 / 3, min_samples_leaf=leaf, random_state=seed, n_jobs=1)
    to_grid = grid_of(x)
    response = grid_of(y)(y)
    # scikit-learn warns of one response that is not flat
    model.fit(to_grid(x), response.ravel() if y.shape[1] == 1 else response, sample_weight=weights)
    return lambda rows: np.asarray(model.predict(to_grid(rows))).reshape(len(rows), y.shape[1])
