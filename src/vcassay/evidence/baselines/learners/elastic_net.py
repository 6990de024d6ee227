"""T3: elastic net on prior features."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from vcassay.evidence.baselines.baseline import baseline
from vcassay.evidence.baselines.learners.learner import Learner, Params, Predict

Array = NDArray[np.float64]

L1_RATIO = 0.5
"""Share of the penalty on absolute values (Csendes et al. 2025)."""
TOLERANCE = 1e-8
ITERATIONS = 20_000


@baseline(
    "elastic_net",
    title="elastic net on prior features",
    tier="T3",
    reads=("train_effects", "target_controls", "controls_elsewhere", "features"),
    source="Zou & Hastie 2005; Csendes et al. 2025; scikit-learn enet_path",
    needs="features of the perturbations ([knowledge] features)",
)
class ElasticNet(Learner):
    """Responses regressed on a selection of the features, penalised by absolute values and squares.

    Each of the 50 leading components of the responses has a fit, and thereby a selection, of its own, where the
    published recipe fits every gene: the deviation keeps to the budget. Half of the penalty is on absolute values. The
    penalty is the same for all components, as noise is, and given as a share of the least penalty at which nothing is
    selected for any of them; it comes from inner validation. Columns have a mean variance of 1 and components are taken
    in units of the largest, so that units do not matter. Conditions weigh by their number of rows.
    """

    grid = tuple({"penalty": p} for p in (1.0, 0.6, 0.35, 0.2, 0.1, 0.05, 0.02, 0.01))

    def fit_one(self, x: Array, y: Array, weights: Array, params: Params, seed: int) -> Predict:
        """Fit with one penalty."""
        return _path(x, y, weights, [params["penalty"]])[0]

    def tried(self, x: Array, y: Array, weights: Array, new: Array, seed: int) -> Iterator[Array]:
        """Fit the whole path of falling penalties, each from where the one before ended."""
        for predict in _path(x, y, weights, [p["penalty"] for p in self.grid]):
            yield predict(new)


def _path(x: Array, y: Array, weights: Array, shares: list[float]) -> list[Predict]:
    """Predictions by each of some falling penalties."""
    share_of = weights / weights.sum()
    x_mean, y_mean = share_of @ x, share_of @ y
    from sklearn.linear_model import enet_path

    x_unit = float(np.sqrt((share_of @ (x - x_mean) ** 2).mean())) or 1.0
    y_unit = float(np.sqrt((share_of @ (y - y_mean) ** 2).max(initial=0.0))) or 1.0
    root = np.sqrt(weights)[:, None]
    a, b = np.asfortranarray(root * (x - x_mean) / x_unit), root * (y - y_mean) / y_unit
    gram, cross = np.ascontiguousarray(a.T @ a), a.T @ b
    highest = float(np.abs(cross).max(initial=0.0)) / (len(x) * L1_RATIO)
    coefficients = np.zeros((len(shares), x.shape[1], y.shape[1]))
    if highest > 0.0:
        alphas = highest * np.array(shares)
        for k in range(y.shape[1]):
            _, found, *_ = enet_path(
                a,
                np.ascontiguousarray(b[:, k]),
                l1_ratio=L1_RATIO,
                alphas=alphas,
                precompute=gram,
                Xy=np.ascontiguousarray(cross[:, k]),
                tol=TOLERANCE,
                max_iter=ITERATIONS,
                check_input=False,
            )
            coefficients[:, :, k] = found.T

    def predict(c: Array) -> Predict:
        return lambda rows: np.asarray(y_mean + (rows - x_mean) @ (c * (y_unit / x_unit)))

    return [predict(c) for c in coefficients]
