"""T3: partial least squares on prior features."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.cross_decomposition import PLSRegression

from vcassay.evidence.baselines.baseline import baseline
from vcassay.evidence.baselines.learner import Learner, Params, Predict

Array = NDArray[np.float64]


@baseline(
    "pls",
    title="partial least squares on prior features",
    tier="T3",
    reads=("train_effects", "target_controls", "controls_elsewhere", "features"),
    source="Wold et al. 2001; scikit-learn PLSRegression",
    quick=False,
    needs="features of the perturbations ([knowledge] features)",
)
class PartialLeastSquares(Learner):
    """Responses regressed on the few directions of the features that vary most together with them.

    Conditions weigh alike: the method has no weights. The number of directions comes from inner validation.
    """

    grid = tuple({"n_components": k} for k in (1, 2, 3, 5, 8, 12))
    components = 50

    def fit_one(self, x: Array, y: Array, weights: Array, params: Params, seed: int) -> Predict:
        """Fit with at most as many directions as features, responses and conditions allow."""
        k = min(params["n_components"], np.linalg.matrix_rank(x), len(x) - 1)
        if k < 1 or not y.shape[1]:
            return lambda rows: np.zeros((len(rows), y.shape[1]))
        model: Any = PLSRegression(n_components=int(k), scale=False, max_iter=5000, tol=1e-13).fit(x, y)
        return lambda rows: np.asarray(model.predict(rows)).reshape(len(rows), -1)
