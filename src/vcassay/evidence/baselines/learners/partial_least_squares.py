"""T3: partial least squares on prior features."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from vcassay.evidence.baselines.baseline import baseline
from vcassay.evidence.baselines.learners.learner import Learner, Params, Predict

Array = NDArray[np.float64]

EXHAUSTED = 1e-12
"""Share of the first covariance below which nothing is left that features and responses have in common."""


def pls_coefficients(x: Array, y: Array, most: int) -> list[Array]:
    """Coefficients of partial least squares with 1, 2, ... directions.

    Parameters
    ----------
    x, y
        (n, d) centred features and (n, k) centred responses.
    most
        At most so many directions; fewer where features and responses have no more in common.

    Returns
    -------
    (d, k) coefficients by number of directions. Each direction is the leading singular vector of the covariance of
    what is left (Wegelin 2000), by a singular value decomposition rather than by iteration.
    """
    rest, left = x.copy(), y.copy()
    directions, loadings, responses, found = [], [], [], []
    first = 0.0
    for _ in range(min(most, *x.shape) if y.shape[1] else 0):
        u, s, _ = np.linalg.svd(rest.T @ left, full_matrices=False)
        first = first or float(s[0])
        if s[0] <= EXHAUSTED * first or s[0] == 0.0:
            break
        score = rest @ u[:, 0]
        size = float(score @ score)
        loading, response = rest.T @ score / size, left.T @ score / size
        rest -= np.outer(score, loading)
        left -= np.outer(score, response)
        directions.append(u[:, 0])
        loadings.append(loading)
        responses.append(response)
        w, p = np.array(directions).T, np.array(loadings).T
        found.append(w @ np.linalg.solve(p.T @ w, np.array(responses)))
    return found


@baseline(
    "pls",
    title="partial least squares on prior features",
    tier="T3",
    reads=("train_effects", "target_controls", "controls_elsewhere", "features"),
    source="Wold et al. 2001; Wegelin 2000",
    needs="features of the perturbations ([knowledge] features)",
)
class PartialLeastSquares(Learner):
    """Responses regressed on the few directions of the features that vary most together with them.

    The 50 leading components of the responses are learned. Conditions weigh by their number of rows. The number of
    directions comes from inner validation.
    """

    grid = tuple({"n_components": k} for k in (1, 2, 3, 5, 8, 12, 20))

    def fit_one(self, x: Array, y: Array, weights: Array, params: Params, seed: int) -> Predict:
        """Fit with as many directions, or as many as there are."""
        return _Path(x, y, weights, params["n_components"])(params["n_components"])

    def tried(self, x: Array, y: Array, weights: Array, new: Array, seed: int) -> Iterator[Array]:
        """Fit the most directions; fewer are the first of them."""
        path = _Path(x, y, weights, max(p["n_components"] for p in self.grid))
        for params in self.grid:
            yield path(params["n_components"])(new)


class _Path:
    """Predictions by any number of directions, from one fit."""

    def __init__(self, x: Array, y: Array, weights: Array, most: int) -> None:
        root = np.sqrt(weights)[:, None]
        self.x_mean, self.y_mean = weights @ x / weights.sum(), weights @ y / weights.sum()
        self.coefficients = pls_coefficients(root * (x - self.x_mean), root * (y - self.y_mean), most)

    def __call__(self, k: int) -> Predict:
        if not self.coefficients:
            return lambda rows: np.tile(self.y_mean, (len(rows), 1))
        coefficients = self.coefficients[min(k, len(self.coefficients)) - 1]
        return lambda rows: np.asarray(self.y_mean + (rows - self.x_mean) @ coefficients)
