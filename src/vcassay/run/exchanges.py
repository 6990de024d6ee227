"""Exchanges: the table that tells authors which input to give in place of each condition's own."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vcassay.claim import Split
from vcassay.core import Conditions
from vcassay.evidence.baselines.prior import prior_features
from vcassay.knowledge import Knowledge
from vcassay.prediction import make_exchanges
from vcassay.prediction.exchange import nearest_by_features, nearest_by_profile

FIELDS = ("context", "perturbation", "dose", "time")


def exchange_table(
    split: Split, knowledge: Knowledge, controls: Mapping[str, NDArray[np.float64]], seed: int
) -> pd.DataFrame:
    """One row a kind and wanted condition: its own columns, and what the model is given in their place.

    Parameters
    ----------
    controls
        Context to the profile of its controls that are left to training.
    seed
        Of the study.
    """
    conditions = split.conditions
    wanted, train = conditions.take(split.test), conditions.take(split.train)
    features, _ = prior_features(conditions, knowledge)
    made, _ = make_exchanges(
        wanted,
        train,
        near_perturbation=nearest_by_features(wanted, features),
        near_context=nearest_by_profile(controls, wanted.context),
        seed=seed,
    )
    fields = [f for f in FIELDS if f not in ("dose", "time") or np.isfinite(getattr(wanted, f)).any()]
    frames = []
    for kind, exchange in made.items():
        own, given = _columns(wanted.take(exchange.at), fields), _columns(exchange.given, fields)
        own.insert(0, "kind", kind)
        frames.append(own.join(given.add_prefix("given_")))
    empty = ["kind", *fields, *(f"given_{f}" for f in fields)]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=empty)


def _columns(table: Conditions, fields: list[str]) -> pd.DataFrame:
    columns = table.columns()
    return pd.DataFrame({name: columns[name] for name in fields})
