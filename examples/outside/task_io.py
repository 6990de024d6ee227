"""Read a task folder and write predictions: all that the scripts of outside models share.

Runs where vcassay is not installed: needs anndata, numpy and pandas, and a parquet engine to write.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Task:
    """A task folder, with the obs columns named as in ``wanted.csv``.

    Attributes
    ----------
    cells
        Training rows: obs has ``perturbation`` (parts joined by +, controls are ``control``) and ``context``; X is
        log1p of values scaled to ``depth``, or the file's own log values where it holds no counts.
    wanted
        The conditions to answer for.
    depth
        Median depth of the rows, to which they were scaled; ``None`` where the file holds no counts.
    target_sum
        Depth at which effects are compared; ``None`` where the mean of the log values is the profile.
    """

    cells: ad.AnnData
    wanted: pd.DataFrame
    depth: float | None
    target_sum: float | None

    def control(self, context: str) -> np.ndarray:
        """(rows, genes) log values of the context's control rows left to training."""
        obs = self.cells.obs
        return self.dense((obs.perturbation == "control") & (obs.context == context))

    def dense(self, rows) -> np.ndarray:
        """(rows, genes) log values of some rows."""
        X = self.cells.X[np.flatnonzero(rows)]
        return np.asarray(X.toarray() if hasattr(X, "toarray") else X, dtype=np.float64)

    def effect(self, predicted: np.ndarray, control: np.ndarray) -> np.ndarray:
        """Effect in the scale of the assessment.

        Where the screen holds counts that is the difference of log1p(target_sum x mean rate): the logarithm of a
        mean. The mean of the cells' logarithms, which most models predict, is another quantity: in shallow screens its
        differences are several times smaller.

        Parameters
        ----------
        predicted, control
            (genes,) mean rate x depth for counts (see `rate`), else the mean of the log values.
        """
        if self.target_sum is None:
            return predicted - control
        scale = self.target_sum / self.depth
        return np.log1p(scale * np.maximum(predicted, 0)) - np.log1p(scale * np.maximum(control, 0))

    def rate(self, log_values: np.ndarray) -> np.ndarray:
        """Values whose mean is a profile: the logarithm is undone where the screen holds counts."""
        return log_values if self.target_sum is None else np.expm1(log_values)


def read_task(folder: str | Path) -> Task:
    """Read ``train.h5ad``, ``task.json`` and ``wanted.csv`` of a task folder."""
    folder = Path(folder)
    known = json.loads((folder / "task.json").read_text())
    if known["readout"] not in ("counts", "lognorm") or known["rows"] == "effects":
        raise SystemExit(f"{folder}: these models learn from cells or means of expression, not {known['readout']}")
    cells = ad.read_h5ad(folder / "train.h5ad")
    obs = pd.DataFrame({ours: cells.obs[theirs].astype(str) for ours, theirs in known["columns"].items()})
    if "context" not in obs:
        obs["context"] = known["context_name"]
    if known["delimiter"]:
        obs["perturbation"] = ["+".join(sorted(p.split(known["delimiter"]))) for p in obs.perturbation]
    obs.loc[obs.perturbation.isin(known["control"]), "perturbation"] = "control"
    X, depth = cells.X.astype(np.float64), None
    if known["readout"] == "counts":
        size = np.maximum(np.asarray(X.sum(axis=1)).reshape(-1, 1), 1.0)
        depth = float(np.median(size))
        X = X.multiply(depth / size).tocsr() if hasattr(X, "multiply") else X * (depth / size)
        X = np.log1p(X)
    cells = ad.AnnData(X.astype(np.float32), obs=obs, var=pd.DataFrame(index=cells.var_names))
    wanted = pd.read_csv(folder / "wanted.csv", dtype={"context": str, "perturbation": str})
    return Task(cells, wanted, depth, known["target_sum"])


def write_predictions(task: Task, effects: dict[int, np.ndarray], path: str | Path) -> None:
    """Write one row a condition that was answered; the others are left out, which is to abstain, and counted.

    Parameters
    ----------
    effects
        Row of ``task.wanted`` to (genes,) effect.
    path
        The parquet file.
    """
    rows = sorted(effects)
    values = np.array([effects[i] for i in rows]).reshape(len(rows), task.cells.n_vars)
    genes = pd.DataFrame(values, columns=task.cells.var_names, index=rows)
    pd.concat([task.wanted.loc[rows], genes], axis=1).to_parquet(path, index=False)
    left = len(task.wanted) - len(rows)
    print(f"{path}: {len(rows)} of {len(task.wanted)} conditions answered, {left} abstained from")
