"""Task: the censored training view of a study, for a model trained outside."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import anndata as ad
import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

from vcassay.arrays.profile import to_profile
from vcassay.arrays.shards import TRAINING, hash_names
from vcassay.claim import Split, write_split
from vcassay.effects.moments import TARGET_SUM
from vcassay.effects.slots import make_slots
from vcassay.run.exchanges import exchange_table
from vcassay.run.handout import describe, instructions
from vcassay.run.stage1 import read_stage1
from vcassay.run.study import read_study
from vcassay.screen import CONTROL, Readout, Rows, Screen


def write_task(study: Path, folder: Path) -> dict[str, int]:
    """Write what the study's claim says is known: training rows, the conditions wanted, instructions.

    Returns
    -------
    Numbers of rows, training conditions and wanted conditions.

    Raises
    ------
    InputError
        If the study states no split, or its files are wrong.
    """
    settings, _ = read_study(study)
    stage = read_stage1(study)
    split, screen = stage.split, stage.screen
    keep = training_rows(screen, split, settings.seed)
    folder.mkdir(parents=True, exist_ok=True)
    view = training_view(screen, keep, settings.seed)
    part = folder / f".train.h5ad.{os.getpid()}.part"
    view.write_h5ad(part)
    part.replace(folder / "train.h5ad")
    wanted = split.conditions.take(split.test)
    write_split(replace(split, meta={}), folder / "split.json")  # what was noted on reading it is not for the modeller
    columns = {k: v for k, v in wanted.columns().items() if k not in ("dose", "time") or np.isfinite(v).any()}
    _write(folder / "wanted.csv", pd.DataFrame(columns).to_csv(index=False))
    described = describe(screen, view.obs)
    exchanged = exchange_table(split, stage.knowledge, control_profiles(screen, keep), settings.seed)
    _write(folder / "ablations.csv", exchanged.to_csv(index=False))
    _write(folder / "task.json", json.dumps(described, indent=2, ensure_ascii=False) + "\n")
    counts = {"n_rows": view.n_obs, "n_train": len(split.train), "n_wanted": len(wanted)}
    _write(folder / "README.md", instructions(screen.name, described, counts))
    return counts


def training_rows(screen: Screen, split: Split, seed: int) -> NDArray[np.int64]:
    """Positions of the rows a model may see: training conditions, and controls left to training.

    In a random-cell split these are the rows of the shards that are not test. Where a context has too
    few controls to reserve any, all of them are left to training, as in scoring.
    """
    slots = make_slots(screen, seed)
    table = screen.table
    allowed = np.zeros(len(split.conditions), dtype=bool)
    allowed[split.train] = True
    perturbed = table.condition >= 0
    keep = np.zeros(screen.n_rows, dtype=bool)
    keep[perturbed] = allowed[table.condition[perturbed]]
    if split.test_shards:
        keep &= ~np.isin(slots.shard, split.test_shards)
    control = table.condition == CONTROL
    if screen.design.rows is not Rows.EFFECTS and control.any():
        shared = slots.shared_pool[np.maximum(table.pool, 0)]
        keep |= control & (np.isin(slots.shard, TRAINING) | shared)
    return np.flatnonzero(keep)


def training_view(screen: Screen, keep: NDArray[np.int64], seed: int) -> ad.AnnData:
    """Rows ``keep`` with the design's obs columns and the gene names, and nothing else of the file.

    The rows are ordered by a hash of their names and named anew: order, barcodes and row numbers with gaps would tell
    how many rows a held-out condition has.
    """
    blocks = []
    for start, block in screen.chunks():
        at = keep[(keep >= start) & (keep < start + block.shape[0])] - start
        blocks.append(block[at])
    matrix = sp.vstack(blocks).tocsr() if blocks and sp.issparse(blocks[0]) else np.concatenate(blocks)
    columns = dict.fromkeys(screen.design.columns().values())
    obs = screen.adata.obs.iloc[keep][list(columns)].copy()
    order = np.argsort(hash_names(np.asarray(obs.index, dtype=str), seed + 1), kind="stable")
    obs = obs.iloc[order]
    obs.index = pd.Index([f"row_{i:07d}" for i in range(len(obs))])
    for name in obs.columns:  # categories of held-out labels would name what is not shown
        if isinstance(obs[name].dtype, pd.CategoricalDtype):
            obs[name] = obs[name].cat.remove_unused_categories()
    return ad.AnnData(X=matrix[order], obs=obs, var=pd.DataFrame(index=pd.Index(screen.genes.tolist())))


def control_profiles(screen: Screen, keep: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
    """Context to the profile of its control rows among those kept; none where there are no control rows."""
    table = screen.table
    rows = keep[table.condition[keep] == CONTROL]
    names = np.asarray(table.pool_context, dtype=str)[np.maximum(table.pool[rows], 0)]
    contexts, code = np.unique(names, return_inverse=True)
    sums, sizes = np.zeros((len(contexts), len(screen.genes))), np.bincount(code, minlength=len(contexts))
    for start, block in screen.chunks():
        inside = (rows >= start) & (rows < start + block.shape[0])
        shape = (len(contexts), block.shape[0])
        own: Any = sp.csr_array((np.ones(inside.sum()), (code[inside], rows[inside] - start)), shape)
        added: Any = own @ block
        sums += np.asarray(added.todense() if hasattr(added, "todense") else added)
    depth = TARGET_SUM if screen.design.readout is Readout.COUNTS else None
    return dict(zip(contexts.tolist(), to_profile(sums / np.maximum(sizes, 1)[:, None], depth), strict=True))


def _write(path: Path, text: str) -> None:
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)
