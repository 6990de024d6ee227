"""Tables, files and screens such as other projects publish, with their column names."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import anndata as ad
import numpy as np
import pandas as pd
from hypothesis import strategies as st

from vcassay.claim import Split
from vcassay.core import Conditions
from vcassay.screen import Design, Screen, make_screen

PLAIN = st.text("ABCDab09-_ .γ'", min_size=1, max_size=5).filter(
    lambda x: x == x.strip() and x.casefold() not in ("ctrl", "control", "nan", "na", "none")
)
NAMES = PLAIN | PLAIN.map("(+)-{}".format) | PLAIN.map("{} (salt)".format)
"""Names of genes, drugs and contexts, with what is hard to quote."""


def adata(obs: Mapping[str, Any]) -> ad.AnnData:
    frame = pd.DataFrame(dict(obs))
    frame.index = [f"cell{i}" for i in range(len(frame))]
    return ad.AnnData(X=np.ones((len(frame), 3), dtype=np.float32), obs=frame)


def write(obs: Mapping[str, Any], path: Path) -> Path:
    data = adata(obs)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # which zarr format will be the default some day
        data.write_zarr(path) if path.suffix == ".zarr" else data.write_h5ad(path)
    return path


def cells(labels: Sequence[str], context: Sequence[str] | str = "K", **more: Any) -> Screen:
    """A screen of cells, with controls called control."""
    contexts = [context] * len(labels) if isinstance(context, str) else list(context)
    data = adata({"perturbation": list(labels), "context": contexts, **more})
    data.X = np.random.default_rng(0).poisson(5, (len(labels), 3)).astype(np.float32)
    batch = "batch" if "batch" in more else None
    return make_screen(data, Design("perturbation", context="context", batch=batch))


def roles(split: Split) -> dict[str, str]:
    return dict(zip(split.conditions.ids, split.roles.tolist(), strict=True))


def grid(contexts: Sequence[str], parts: Sequence[tuple[str, ...]], doses: Sequence[float] = ()) -> Conditions:
    """All combinations."""
    rows = [(c, p, d) for c in contexts for p in parts for d in (doses or (np.nan,))]
    return Conditions.make([c for c, _, _ in rows], [p for _, p, _ in rows], [d for _, _, d in rows])


def same(a: Split, b: Split) -> None:
    assert a.conditions.keys == b.conditions.keys
    assert a.roles.tolist() == b.roles.tolist()
    assert a.also_train.tolist() == b.also_train.tolist()
