"""The one pass over the screen, kept on disk so that a repeated run need not make it again."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from vcassay.core import InputError
from vcassay.effects import Moments, accumulate
from vcassay.effects.cluster import accumulate_on
from vcassay.effects.slots import make_slots
from vcassay.run.cache import Cache
from vcassay.run.checkpoint import FileCheckpoint
from vcassay.screen import Screen

MAX_BYTES = 2**31
"""Sums larger than this are not kept: reading them back would gain little over the pass."""
DERIVED = "slots"
"""The field of `Moments` that follows from the labels alone."""
NOTES = "notes"
EXTRAS = frozenset({"squares", "nonzeros", "control_squares", "control_nonzeros"})
"""Fields that are ``None`` where the pass was not asked for them."""
MEMORY, THREADS = "VCASSAY_MEMORY", "VCASSAY_THREADS"
"""Environment variables: GiB of memory that the sums may take (1 unless set), and threads that read ahead."""


def pass_over(
    screen: Screen,
    cache: Cache,
    depends: Mapping[str, Any],
    *,
    seed: int,
    target_sum: float,
    progress: Callable[[int, int], None],
    scheduler: str | None = None,
) -> Moments:
    """Walk over the screen's rows, or take what an earlier run kept; go on with a pass that was ended.

    Parameters
    ----------
    depends
        What the sums depend on beside the seed and the depth: the file's hash and how it is read.
    scheduler
        Address of a scheduler of dask.distributed whose workers make the pass; threads of this process if ``None``.
    """
    made: list[Moments] = []
    key = {**depends, "seed": seed, "target_sum": target_sum}

    def compute() -> dict[str, NDArray[Any]]:
        checkpoint = FileCheckpoint(cache.path("pass", key if scheduler is None else {**key, "by": "cluster"}))
        given: dict[str, Any] = {
            "seed": seed,
            "target_sum": target_sum,
            "memory": int(_setting(MEMORY, 1.0) * 2**30),
            "folder": cache.folder,
            "checkpoint": checkpoint,
            "progress": progress,
        }
        if scheduler is None:
            made.append(accumulate(screen, threads=int(_setting(THREADS, 0.0)) or None, **given))
        else:
            made.append(accumulate_on(scheduler, screen, **given))
        checkpoint.remove()
        moments = made[0]
        size = sum(v.nbytes for v in (moments.sums, moments.control_sums, moments.atoms))
        return pack(moments) if size <= MAX_BYTES else {}

    stored = cache.arrays("moments", key, compute, max_bytes=MAX_BYTES)
    if made:
        return made[0]
    try:
        return unpack(stored, screen, seed)
    except (KeyError, ValueError, TypeError, AttributeError):  # kept by something else under this name
        cache.forget("moments")
        compute()
        return made[0]


def pack(moments: Moments) -> dict[str, NDArray[Any]]:
    """Write the sums as plain arrays; a sparse matrix becomes three and its shape."""
    out: dict[str, NDArray[Any]] = {}
    for field in fields(moments):
        value = getattr(moments, field.name)
        if field.name == DERIVED or (value is None and field.name in EXTRAS):
            continue
        if field.name == NOTES:
            out[NOTES] = np.asarray(json.dumps(value))
        elif isinstance(value, tuple):
            for k, matrix in enumerate(value):
                pack_sparse(out, f"{field.name}.{k}", matrix)
        elif sp.issparse(value):
            pack_sparse(out, field.name, value)
        else:
            out[field.name] = np.asarray(np.nan if value is None else value)
    return out


def unpack(stored: Mapping[str, NDArray[Any]], screen: Screen, seed: int) -> Moments:
    """Read what `pack` wrote, bit by bit the same."""
    values: dict[str, Any] = {DERIVED: make_slots(screen, seed)}
    for field in fields(Moments):
        name = field.name
        if name == DERIVED or (name in EXTRAS and name not in stored):
            continue
        if name == NOTES:
            values[name] = tuple((str(a), str(b)) for a, b in json.loads(str(stored[NOTES])))
        elif f"{name}.0.data" in stored:
            count = sum(key.startswith(f"{name}.") and key.endswith(".data") for key in stored)
            values[name] = tuple(unpack_sparse(stored, f"{name}.{k}") for k in range(count))
        elif f"{name}.data" in stored:
            values[name] = unpack_sparse(stored, name)
        elif stored[name].ndim == 0:
            values[name] = None if np.isnan(stored[name]) else float(stored[name])
        else:
            values[name] = stored[name]
    return Moments(**values)


def pack_sparse(out: dict[str, NDArray[Any]], name: str, matrix: Any) -> None:
    """Write a sparse matrix as its arrays and its shape."""
    csr = sp.csr_matrix(matrix)
    out |= {
        f"{name}.data": csr.data,
        f"{name}.indices": csr.indices,
        f"{name}.indptr": csr.indptr,
        f"{name}.shape": np.asarray(csr.shape),
    }


def unpack_sparse(stored: Mapping[str, NDArray[Any]], name: str) -> sp.csr_matrix:
    """Read a matrix that `pack_sparse` wrote."""
    parts = tuple(stored[f"{name}.{part}"] for part in ("data", "indices", "indptr"))
    return sp.csr_matrix(parts, shape=tuple(stored[f"{name}.shape"].tolist()))


def _setting(name: str, usual: float) -> float:
    """A number from the environment.

    Raises
    ------
    InputError
        If it is no number above 0.
    """
    text = os.environ.get(name)
    if not text:
        return usual
    try:
        value = float(text)
    except ValueError:
        value = np.nan
    if not (np.isfinite(value) and value > 0):
        raise InputError(
            f"is '{text}', which is no number above 0", where=name, mend=f"set it as in {name}=2, or unset it"
        )
    return value
