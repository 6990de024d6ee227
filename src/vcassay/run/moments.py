"""The one pass over the screen, kept on disk so that a repeated run need not make it again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from vcassay.effects import Moments, accumulate
from vcassay.effects.slots import make_slots
from vcassay.run.cache import Cache
from vcassay.screen import Screen

MAX_BYTES = 2**31
"""Sums larger than this are not kept: reading them back would gain little over the pass."""
DERIVED = "slots"
"""The field of `Moments` that follows from the labels alone."""


def pass_over(
    screen: Screen,
    cache: Cache,
    depends: Mapping[str, Any],
    *,
    seed: int,
    target_sum: float,
    progress: Callable[[int, int], None],
) -> Moments:
    """Walk over the screen's rows, or take what an earlier run kept.

    Parameters
    ----------
    depends
        What the sums depend on beside the seed and the depth: the file's hash and how it is read.
    """
    made: list[Moments] = []

    def compute() -> dict[str, NDArray[Any]]:
        made.append(accumulate(screen, seed=seed, target_sum=target_sum, progress=progress))
        return pack(made[0])

    key = {**depends, "seed": seed, "target_sum": target_sum}
    stored = cache.arrays("moments", key, compute, max_bytes=MAX_BYTES)
    if made:
        return made[0]
    try:
        return unpack(stored, screen, seed)
    except (KeyError, ValueError, TypeError):  # kept by something else under this name
        cache.forget("moments")
        compute()
        return made[0]


def pack(moments: Moments) -> dict[str, NDArray[Any]]:
    """Write the sums as plain arrays; a sparse matrix becomes three and its shape."""
    out: dict[str, NDArray[Any]] = {}
    for field in fields(moments):
        value = getattr(moments, field.name)
        if field.name == DERIVED:
            continue
        if isinstance(value, tuple):
            for k, matrix in enumerate(value):
                _pack_sparse(out, f"{field.name}.{k}", matrix)
        elif sp.issparse(value):
            _pack_sparse(out, field.name, value)
        else:
            out[field.name] = np.asarray(np.nan if value is None else value)
    return out


def unpack(stored: Mapping[str, NDArray[Any]], screen: Screen, seed: int) -> Moments:
    """Read what `pack` wrote, bit by bit the same."""
    values: dict[str, Any] = {DERIVED: make_slots(screen, seed)}
    for field in fields(Moments):
        name = field.name
        if name == DERIVED:
            continue
        if f"{name}.0.data" in stored:
            count = sum(key.startswith(f"{name}.") and key.endswith(".data") for key in stored)
            values[name] = tuple(_unpack_sparse(stored, f"{name}.{k}") for k in range(count))
        elif f"{name}.data" in stored:
            values[name] = _unpack_sparse(stored, name)
        elif stored[name].ndim == 0:
            values[name] = None if np.isnan(stored[name]) else float(stored[name])
        else:
            values[name] = stored[name]
    return Moments(**values)


def _pack_sparse(out: dict[str, NDArray[Any]], name: str, matrix: Any) -> None:
    csr = sp.csr_matrix(matrix)
    out |= {
        f"{name}.data": csr.data,
        f"{name}.indices": csr.indices,
        f"{name}.indptr": csr.indptr,
        f"{name}.shape": np.asarray(csr.shape),
    }


def _unpack_sparse(stored: Mapping[str, NDArray[Any]], name: str) -> sp.csr_matrix:
    parts = tuple(stored[f"{name}.{part}"] for part in ("data", "indices", "indptr"))
    return sp.csr_matrix(parts, shape=tuple(stored[f"{name}.shape"].tolist()))
