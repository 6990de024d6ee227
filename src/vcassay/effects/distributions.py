"""How the distribution of predicted cells compares with the measured one, condition by condition."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from vcassay.arrays.agreement import Ratio
from vcassay.arrays.dependence import dependence, dependence_error
from vcassay.arrays.dispersion import HalfVariances, half_variances, variance_log_ratio
from vcassay.arrays.pca import fit_components, project
from vcassay.arrays.responders import responder_error
from vcassay.arrays.sampled import sampled_means
from vcassay.core import Threshold
from vcassay.effects.distances import N_COMPONENTS, Kind, cell_distances

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Values = Array | Ratio

MIN_DETECTED = Threshold(
    "variance_min_detected", 0.5, "share of control cells with the gene: below it a variance is that of counting"
)
DEPENDENCE_COMPONENTS = 10
"""Components whose dependence is compared; each counts alike."""
DISTANCES: tuple[Kind, ...] = ("energy", "mmd", "sinkhorn", "sliced")
NAMES = (*DISTANCES, "variance", "dependence", "responders")
"""What is measured; see `Distributions.compare`."""


class DrawnCells(NamedTuple):
    """Cells of a set of conditions (or of control pools).

    Attributes
    ----------
    values
        (cells, g) on the scale of log1p of normalised counts, or as the readout has them.
    code
        (cells,) condition, 0..n-1.
    half
        (cells,) 0 or 1, dealt within each condition.
    """

    values: sp.csr_matrix
    code: Codes
    half: Codes

    def take(self, rows: Codes) -> DrawnCells:
        """Some of the cells, in the order asked for."""
        return DrawnCells(self.values[rows], self.code[rows], self.half[rows])


class Distributions:
    """Measured cells of n conditions, ready to be compared with the cells of one model after another.

    Parameters
    ----------
    truth
        Measured cells of n conditions.
    control
        Control cells by pool, of those that training may see.
    training
        Cells, perturbed and not, that training may see: principal components are fitted to them, never to a scored cell
        or a prediction.
    pool
        (n,) control pool of each condition.
    seed
        Of the drawing of cells, the components and the directions; every model is measured alike.
    n_max
        Most cells a half that the distances compare.
    """

    def __init__(
        self,
        truth: DrawnCells,
        control: DrawnCells,
        training: sp.csr_matrix,
        pool: Codes,
        *,
        seed: int,
        n_max: int,
    ) -> None:
        self.truth, self.control, self.pool, self.seed, self.n_max = truth, control, pool, seed, n_max
        self.components = fit_components(training, N_COMPONENTS, np.random.default_rng(seed))
        self.scores = project(truth.values, self.components)
        self.control_scores = project(control.values, self.components)
        self.control_variance = _steady_variance(control.values)
        self.cells = _variances(truth, len(pool))
        self.dependence = self._dependence(truth, self.scores, self.cells)

    def compare(self, model: DrawnCells) -> dict[str, Values]:
        """Compare a model's cells with the measured ones.

        Returns
        -------
        (n,) values or ratios of sums by name.

        ``energy``, ``mmd``, ``sinkhorn``, ``sliced``
            What a model closes of the distance from control to truth, over that distance; both less their noise floors.
            1 for a perfect model, 0 for a copy of the controls.
        ``variance``
            `vcassay.arrays.dispersion.variance_log_ratio`, over genes that enough of the controls have.
        ``dependence``
            `vcassay.arrays.dependence.dependence_error`, in the first components, each scaled by its variance.
        ``responders``
            `vcassay.arrays.responders.responder_error`, every component scaled by its variance, so that the line leads
            away from what varies in all cells.

        A denominator is NaN where the truth has too few cells, a numerator also where the prediction has.
        """
        answer, pool = project(model.values, self.components), self.pool
        out: dict[str, Values] = {}
        for kind in DISTANCES:
            found = cell_distances(
                self.scores,
                self.truth.code,
                [answer],
                [model.code],
                self.control_scores,
                kind=kind,
                rng=np.random.default_rng([self.seed, 1]),
                n_max=self.n_max,
                components=None,
                control_code=self.control.code,
                pool=pool,
                n_conditions=len(pool),
            )
            out[kind] = Ratio(found.control_corrected[0] - found.corrected[0], found.control_corrected[0])
        cells = _variances(model, len(pool))
        out["variance"] = variance_log_ratio(cells, self.cells, self.control_variance)
        out["dependence"] = dependence_error(self._dependence(model, answer, cells), self.dependence, cells, self.cells)
        unit = np.sqrt(self.components.variance)
        out["responders"] = responder_error(
            answer / unit,
            model.code,
            self.scores / unit,
            self.truth.code,
            self.truth.half,
            self.control_scores / unit,
            self.control.half,
            self.control.code,
            pool,
        )
        return out

    def _dependence(self, cells: DrawnCells, scores: Array, variances: HalfVariances) -> Array:
        scale = np.sqrt(self.components.variance[:DEPENDENCE_COMPONENTS])
        k = len(scale)
        halves = variances.halves.reshape(-1, variances.halves.shape[2])
        loadings = self.components.loadings[:, :k] / scale
        return dependence(scores[:, :k] / scale, 2 * cells.code + cells.half, halves, loadings)


def control_copy(control: DrawnCells, pool: Codes, cells: int) -> DrawnCells:
    """Answer every condition with control cells of its pool: what no change looks like as cells.

    Parameters
    ----------
    cells
        Cells a condition; fewer where the pool has fewer. Conditions take turns through their pool.
    """
    rows, codes, halves = [], [], []
    of_pool = [np.flatnonzero(control.code == p) for p in range(int(pool.max(initial=-1)) + 1)]
    for i, p in enumerate(pool.tolist()):
        own = of_pool[p]
        size = min(cells, len(own))
        picked = own[(np.arange(size) + i * size) % max(len(own), 1)]
        rows.append(picked)
        codes.append(np.full(size, i))
        halves.append(np.arange(size) % 2)
    at = np.concatenate([np.empty(0, np.int64), *rows])
    return DrawnCells(control.values[at], np.concatenate([at[:0], *codes]), np.concatenate([at[:0], *halves]))


def halved(cells: DrawnCells) -> tuple[DrawnCells, DrawnCells]:
    """The two halves of each condition's cells, as a measurement and an independent replicate of it."""
    sides = []
    for side in (0, 1):
        part = cells.take(np.flatnonzero(cells.half == side))
        order = np.argsort(part.code, kind="stable")
        start = np.searchsorted(part.code[order], part.code[order])
        half = np.empty(len(order), np.int64)
        half[order] = (np.arange(len(order)) - start) % 2
        sides.append(part._replace(half=half))
    return sides[0], sides[1]


def _steady_variance(control: sp.csr_matrix) -> Array:
    """(g,) variance of control cells; 0 for genes that too few of them have."""
    means = sampled_means(control, np.zeros(control.shape[0], np.int64), 1)
    detected = np.bincount(control.indices[control.data != 0], minlength=control.shape[1]) / max(control.shape[0], 1)
    return np.where(detected >= MIN_DETECTED.value, means.variance[0] * control.shape[0], 0.0)


def _variances(cells: DrawnCells, n: int) -> HalfVariances:
    return half_variances(sampled_means(cells.values, 2 * cells.code + cells.half, 2 * n))
