"""A large synthetic assessment, made quickly: a small one whose test contexts are repeated under other names."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from tests.report.conftest import Planted, make
from vcassay.report.tables import KEY

PLACES = 5


def with_genes(planted: Planted) -> Planted:
    """Add what is new about each test condition, and the genes that each model gets most wrong."""
    rng = np.random.default_rng(23)
    conditions = planted.conditions.copy()
    tested = (conditions["role"] == "test").to_numpy()
    new = {"novel_perturbation": "seen", "novel_context": "sibling", "novel_modality": "seen", "novel_batch": "unseen"}
    for name, word in new.items():
        conditions[name] = np.where(tested, word, "")
    conditions["kin"] = np.where(tested, "MCF7", "")
    conditions["shots"] = pd.array(np.where(tested, 0, -1), dtype="Int64")
    conditions.loc[~tested, "shots"] = pd.NA
    keys = conditions.loc[tested, KEY].reset_index(drop=True)
    n = len(keys)
    parts = []
    for model in planted.record.models:
        gap = -np.sort(-rng.exponential(0.6, (n, PLACES)), axis=1)
        measured = rng.normal(0, 0.8, (n, PLACES))
        predicted = measured + gap * rng.choice([-1.0, 1.0], (n, PLACES))
        genes = rng.integers(0, 2000, (n, 1)) + 7 * np.arange(PLACES)
        rows = keys.loc[keys.index.repeat(PLACES)].reset_index(drop=True)
        rows = rows.assign(model=model.name, place=np.tile(np.arange(1, PLACES + 1), n))
        rows["gene"] = np.char.add("GENE", genes.ravel().astype(str))
        rows["predicted"], rows["measured"] = predicted.ravel(), measured.ravel()
        parts.append(rows.assign(se=0.1))
    return replace(planted, conditions=conditions, genes=pd.concat(parts, ignore_index=True))


def large(
    n: int, models: tuple[str, ...] = ("Kestrel-2", "PertFormer-XL", "EchoCell"), *, contexts: int = 4
) -> Planted:
    """Build an assessment with n test conditions: drugs at three doses in some contexts, again and again."""
    drugs = max(1, min(379, n // (3 * contexts)))
    test = tuple(f"line {i}" for i in range(contexts))
    planted = with_genes(make(test=test, n_perturbations=drugs, light=True, models=models))
    tested = planted.conditions["role"] == "test"
    times = -(-n // int(tested.sum()))
    conditions = pd.concat([planted.conditions[~tested], _again(planted.conditions[tested], times).head(n)])
    kept = conditions[KEY].drop_duplicates()
    genes = _again(planted.genes, times).merge(kept, on=KEY)
    scores = _again(planted.scores, times).merge(kept, on=KEY)
    return replace(planted, conditions=conditions.reset_index(drop=True), scores=scores, genes=genes)


def _again(rows: pd.DataFrame | None, times: int) -> pd.DataFrame:
    """Repeat rows under other names of their contexts, each number a little different."""
    assert rows is not None
    rng = np.random.default_rng(29)
    parts = []
    for i in range(times):
        part = rows.assign(context=rows["context"] + ("" if i == 0 else f" clone {i}"))
        for name in ("value", "effect", "predicted", "measured", "reliability", "p_value", "se"):
            if name in part and i:
                part[name] = part[name] * rng.normal(1, 0.05, len(part))
        if "gene" in part and i:
            part["gene"] = np.char.add("GENE", rng.integers(0, 2000, len(part)).astype(str))
        parts.append(part)
    return pd.concat(parts, ignore_index=True)
