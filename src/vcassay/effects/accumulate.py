"""Accumulate: the one pass over the rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from vcassay.arrays.shards import N_SHARDS
from vcassay.effects.accumulators import Accumulators, Array
from vcassay.effects.moments import TARGET_SUM, Moments
from vcassay.effects.slots import Slots, make_slots
from vcassay.effects.spill import MEMORY_BYTES
from vcassay.screen import Readout, Screen
from vcassay.screen.storage import PIECE_BYTES, ByColumns, Held, Stored, default_threads, is_sparse, stream
from vcassay.screen.values import ValueCheck


class Checkpoint(Protocol):
    """Where the pass keeps how far it came, so that it goes on from there after it was ended."""

    def names(self) -> tuple[str, ...]:
        """Names of the arrays that are kept; none if there is nothing to go on from."""

    def load(self, targets: Mapping[str, NDArray[Any]]) -> bool:
        """Fill arrays with what is kept under their names; tell whether all of it was whole."""

    def due(self) -> bool:
        """Whether it is time to keep the state."""

    def save(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Keep the state, whole or not at all."""


def accumulate(
    screen: Screen,
    *,
    seed: int = 0,
    target_sum: float = TARGET_SUM,
    chunk: int | None = None,
    piece_bytes: int = PIECE_BYTES,
    memory: int = MEMORY_BYTES,
    folder: Path | None = None,
    threads: int | None = None,
    squares: bool = False,
    nonzeros: bool = False,
    checkpoint: Checkpoint | None = None,
    progress: Callable[[int, int], None] | None = None,
    slots: Slots | None = None,
) -> Moments:
    """Walk over the screen's rows once.

    A matrix stored by columns is walked over by genes instead. The values of a screen whose check was left to this
    pass are checked on the way.

    Parameters
    ----------
    screen
        What was measured.
    seed
        Deals the rows into shards.
    target_sum
        Depth of a count profile.
    chunk
        Rows read at a time; by default as many as ``piece_bytes`` hold. Does not change the result.
    piece_bytes
        Decompressed bytes read at a time; a few pieces are in memory at once.
    memory, folder
        Bytes of memory that the sums may take, and where the rest goes: a file in ``folder``, or among the temporary
        files. Rows that come in the order of their conditions make this fast, rows in any order slow.
    threads
        Threads that read and decompress ahead, and that add; 1 reads and adds in turn. Does not change the result.
    squares, nonzeros
        Keep sums of squares, and numbers of values that are not 0, of every condition and control group by shard.
    checkpoint
        Keeps the state from time to time; what an earlier pass kept is gone on from.
    progress
        Called with the rows done and the rows in all.
    slots
        How the rows are dealt, where that is not as ``seed`` deals them.

    Returns
    -------
    Sums in float64; bit-identical whatever the chunk, the threads, the memory and the storage, to 1e-10 whatever
    the order of the rows (and of the genes within a row of a file, where values are not whole numbers).

    Raises
    ------
    InputError
        If the matrix cannot be read or holds a value that the readout has none of, or the disk is full.
    """
    slots = make_slots(screen, seed) if slots is None else slots
    where = screen.name if screen.path is None else str(screen.path)
    counts = screen.design.readout is Readout.COUNTS
    adding = Accumulators(
        slots,
        screen.adata.n_vars,
        squares=squares,
        nonzeros=nonzeros,
        gaps=screen.design.readout not in (Readout.COUNTS, Readout.LOGNORM),
        memory=memory,
        folder=folder,
        where=where,
    )
    check = ValueCheck((screen.n_rows, screen.adata.n_vars), screen.design.readout, where)
    matrix, by_columns = _source(screen)
    bounds = matrix.pieces(piece_bytes)
    if chunk is not None:
        bounds = np.append(np.arange(0, matrix.shape[0], chunk), matrix.shape[0])
    if by_columns:
        bounds = adding.column_bounds(bounds)
    start = _resume(adding, check, checkpoint)
    bounds = np.concatenate([[start], bounds[bounds > start]]).astype(np.int64)
    threads = default_threads() if threads is None else threads
    with ThreadPoolExecutor(max(1, threads)) as pool:
        for first, block in stream(matrix, bounds, threads=threads, where=where):
            checked = pool.submit(check.add, first, block, by_columns=by_columns) if screen.unchecked else None
            if by_columns:
                adding.add_columns(first, sp.csr_matrix(block), pool if threads > 1 else None, threads)
            else:
                adding.add_rows(first, block, pool if threads > 1 else None, threads)
            if checked is not None:
                checked.result()
            done = first + block.shape[0]
            if progress is not None:
                progress(done * screen.n_rows // matrix.shape[0], screen.n_rows)
            if checkpoint is not None and done < matrix.shape[0] and checkpoint.due():
                checkpoint.save({"next": np.asarray([done]), "missing": check.gaps, **adding.state()})
    notes = tuple(check.notes(adding.total if counts else None)) if screen.unchecked else ()
    return _moments(screen, slots, adding, target_sum if counts else None, notes)


def _source(screen: Screen) -> tuple[Stored, bool]:
    """The matrix as it is walked over, and whether that is by genes."""
    matrix = screen.matrix
    if isinstance(matrix, ByColumns):
        return matrix.columns, True
    if isinstance(matrix, Stored):
        return matrix, False
    if is_sparse(matrix) and matrix.format == "csc":
        return Held(matrix.T), True
    if is_sparse(matrix) and matrix.format != "csr":
        matrix = matrix.tocsr()
    return Held(matrix), False


def _resume(adding: Accumulators, check: ValueCheck, checkpoint: Checkpoint | None) -> int:
    """Fill the accumulators with what was kept; return where to go on."""
    names = () if checkpoint is None else checkpoint.names()
    if checkpoint is None or not names:
        return 0
    start = np.zeros(1, dtype=np.int64)
    targets = {"next": start, "missing": check.gaps, **adding.targets(dict.fromkeys(names))}
    if set(targets) == set(names) and checkpoint.load(targets):
        return int(start[0])
    for array in targets.values():
        array[...] = 0
    adding.gaps = None
    return 0


def _moments(
    screen: Screen, slots: Slots, adding: Accumulators, target_sum: float | None, notes: tuple[tuple[str, str], ...]
) -> Moments:
    """Cut the accumulators into what `Moments` holds; nothing is copied."""
    g = screen.adata.n_vars
    weight = adding.total if target_sum is not None else np.ones(screen.n_rows)
    sizes = _sizes(adding, weight)
    _fill_pools(slots, adding.sums, adding)
    _fill_pools(slots, sizes, adding)
    for extra in (adding.squares, adding.nonzeros):
        if len(extra):
            _share_pools(slots, extra, adding)
    links, atom_links = _links(screen, slots, weight)

    def conditions(values: NDArray[Any]) -> NDArray[Any]:
        return values[: adding.groups].reshape(-1, N_SHARDS, values.shape[1])

    def groups(values: NDArray[Any]) -> NDArray[Any]:
        return values[adding.groups : adding.atoms].reshape(-1, N_SHARDS, values.shape[1])

    kept = {"squares": adding.squares, "nonzeros": adding.nonzeros}
    extras = {name: conditions(v) for name, v in kept.items() if len(v)}
    extras |= {f"control_{name}": groups(v) for name, v in kept.items() if len(v)}
    return Moments(
        slots=slots,
        sums=conditions(adding.sums),
        sizes=conditions(sizes),
        control_sums=groups(adding.sums),
        control_sizes=groups(sizes),
        links=links,
        atoms=adding.sums[adding.atoms :].reshape(-1, slots.n_atoms, g),
        atom_sizes=sizes[adding.atoms :].reshape(-1, slots.n_atoms, sizes.shape[1]),
        atom_links=atom_links,
        target_sum=target_sum,
        notes=notes,
        **extras,
    )


def _sizes(adding: Accumulators, weight: Array) -> Array:
    """(slots, 1) weight of the rows of each slot, or (slots, genes) where features are missing."""
    sizes = np.zeros(adding.n)
    for slot in (adding.one, np.where(adding.one >= 0, adding.two, -1)):
        at = np.flatnonzero(slot >= 0)
        sizes += np.bincount(slot[at], weights=weight[at], minlength=adding.n)
    if adding.gaps is None or not adding.gaps.any():
        return sizes[:, None]
    np.subtract(sizes[:, None], adding.gaps, out=adding.gaps)
    return adding.gaps


def _fill_pools(slots: Slots, values: Array, adding: Accumulators) -> None:
    """Sums of whole pools: their atoms by shard."""
    for p in range(len(slots.control_rows)):
        first = adding.atoms + p * slots.n_atoms
        atoms = values[first : first + slots.n_atoms].reshape(-1, N_SHARDS, values.shape[1])
        values[adding.pools + p * N_SHARDS : adding.pools + (p + 1) * N_SHARDS] = atoms.sum(axis=0)
    _share_pools(slots, values, adding)


def _share_pools(slots: Slots, values: NDArray[Any], adding: Accumulators) -> None:
    """Pools too small to divide show the same rows to scoring (shard 0) and to training (shard 1)."""
    for p in np.flatnonzero(slots.shared_pool):
        rows = values[adding.pools + p * N_SHARDS : adding.pools + (p + 1) * N_SHARDS]
        total = rows.sum(axis=0)
        rows[:] = 0
        rows[:2] = total


def _links(screen: Screen, slots: Slots, weight: Array) -> tuple[tuple[sp.csr_matrix, ...], sp.csr_matrix]:
    """Size of each condition's rows in each control group, one matrix a shard; and of each atom of the controls.

    Rows weigh alike; with counts each weighs by its depth, as it does in the pooled profile, so that a
    batch that was sequenced deeper has the same share in the profile and in its control.

    Parameters
    ----------
    weight
        (rows,) of every row of the screen.
    """
    table, n, groups = screen.table, slots.n_conditions, slots.n_groups
    atoms = (slots.n_atoms * len(slots.control_rows), groups)
    if groups == 0:
        return tuple(sp.csr_matrix((n, 0)) for _ in range(N_SHARDS)), sp.csr_matrix(atoms)
    at = np.flatnonzero(slots.perturbed >= 0)
    condition, shard = np.divmod(slots.perturbed[at], N_SHARDS)
    group = slots.group_of[table.pool[at], table.batch[at]]
    links = tuple(
        sp.csr_matrix((weight[at[shard == s]], (condition[shard == s], group[shard == s])), shape=(n, groups))
        for s in range(N_SHARDS)
    )
    at = np.flatnonzero(slots.atom >= 0)
    group = slots.group_of[table.pool[at], table.batch[at]]
    return links, sp.csr_matrix((weight[at], (slots.atom[at], group)), shape=atoms)
