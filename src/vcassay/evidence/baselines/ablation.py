"""Ablation: a model that is a Python object, asked again with each of its inputs disturbed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from vcassay.core import InputError
from vcassay.core.errors import did_you_mean
from vcassay.evidence.baselines.baseline import Array, Model
from vcassay.evidence.baselines.task import Task
from vcassay.prediction import Disclosure, Exchange, Prediction, make_exchanges
from vcassay.prediction.exchange import KINDS, nearest_by_features, nearest_by_profile


def ablate(
    model: Model,
    task: Task,
    *,
    name: str = "model",
    kinds: Collection[str] | None = None,
    disclosure: Disclosure | None = None,
    folder: str | Path | None = None,
) -> Prediction:
    """Fit a model once, and have it predict the wanted conditions as they are and with each input disturbed.

    What is exchanged with what follows from the task alone (`exchanges_of`) and equals ``ablations.csv`` of
    ``vcassay task``. An input that is taken away is named ``zeroed``, a dose NaN: a model that cannot answer for these,
    or refuses a kind, has no prediction of that kind, and a note says why.

    Parameters
    ----------
    model
        With ``fit(task)`` and ``predict(conditions)``, which returns (n, g) effects in the order of the conditions.
    task
        What it may learn from, and what is asked.
    kinds
        Of `vcassay.prediction.exchange.KINDS`; all that the task allows if ``None``.
    folder
        Where to write ``predictions.parquet`` and one file a kind, to be named in study.toml.

    Returns
    -------
    The prediction, its ``ablations`` by kind; conditions that have no other to be exchanged with are left out of them.

    Raises
    ------
    InputError
        If a kind is unknown, or the model's answer has the wrong shape.
    """
    for kind in kinds or ():
        if kind not in KINDS:
            mend = did_you_mean(kind, KINDS)
            raise InputError(f"no input is disturbed by '{kind}'", where="ablate, kinds", mend=mend)
    fitted: Any = model.fit(task) or model
    exchanges, missing = exchanges_of(task)
    wanted = [k for k in KINDS if kinds is None or k in kinds]
    notes = [f"no {kind}: {missing[kind]}" for kind in wanted if kind in missing]
    whole = Prediction(
        name,
        task.wanted,
        task.genes,
        _checked(fitted.predict(task.wanted), len(task.wanted), task, name),
        disclosure=disclosure or Disclosure(),
    )
    ablations = {}
    for kind in (k for k in wanted if k in exchanges):
        exchange = exchanges[kind]
        given, rows = exchange.unique
        try:
            answered = fitted.predict(given)
        except Exception as error:  # noqa: BLE001 - a model need not know what to do without an input
            notes.append(f"no {kind}: the model refuses it ({type(error).__name__}: {error})")
            continue
        values = _checked(answered, len(given), task, f"{name}, {kind}")[rows]
        ablations[kind] = replace(
            whole, name=f"{name}, {kind}", conditions=task.wanted.take(exchange.at), values=values
        )
    made = replace(whole, ablations=ablations, notes=tuple(notes))
    if folder is not None:
        _write(made, Path(folder))
    return made


def exchanges_of(task: Task) -> tuple[dict[str, Exchange], dict[str, str]]:
    """What is exchanged with what in a task, by kind, and why a kind is not possible.

    The nearest perturbation is that of the first prior features that know it; how genes vary together in controls is
    left out, since it is no input that an author would look up.
    """
    return make_exchanges(
        task.wanted,
        task.train,
        near_perturbation=nearest_by_features(task.wanted, [f for f in task.features if f.kind != "coexpression"]),
        near_context=nearest_by_profile(task.controls, task.wanted.context),
        seed=task.seed,
    )


def _checked(values: Array, n: int, task: Task, who: str) -> Array:
    out = np.asarray(values, dtype=np.float64)
    if out.shape != (n, len(task.genes)):
        mend = f"return one row a condition and one column a gene: {(n, len(task.genes))}"
        raise InputError(f"predicts an array of shape {out.shape}", where=who, mend=mend)
    return out


def _write(made: Prediction, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for stem, own in {"predictions": made, **made.ablations}.items():
        columns = own.conditions.columns()
        keys = {k: columns[k] for k in ("context", "perturbation", "dose", "time")}
        labels = pd.DataFrame({k: v for k, v in keys.items() if v.dtype.kind != "f" or np.isfinite(v).any()})
        frame = pd.concat([labels, pd.DataFrame(own.values, columns=made.genes.tolist())], axis=1)
        frame.to_parquet(folder / f"{stem}.parquet", index=False)
