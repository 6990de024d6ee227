"""A worker's share of the one pass on a cluster: it opens the file itself and sums one partition of the rows."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from importlib import metadata
from pathlib import Path
from typing import Any, TypedDict

import h5py
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from vcassay.core import InputError
from vcassay.screen import Readout
from vcassay.screen.files import _lazy, _zarr_group
from vcassay.screen.parquet import open_parquet
from vcassay.screen.storage import Block, Several, Stored, is_sparse
from vcassay.screen.storage.stream import guarded
from vcassay.screen.values import ValueCheck

Array = NDArray[np.float64]
Codes = NDArray[np.int32]
Entries = tuple[NDArray[Any], NDArray[np.integer], NDArray[np.integer]]

SAMPLES, SAMPLE_BYTES = 4, 2**16
"""Stretches of a file, evenly spread from its first byte to its last, that tell it from another of its size."""
KEPT = 2
"""Files that a worker keeps open: their indices of rows and chunks take memory."""


class Part(TypedDict):
    """One partition, as it is sent to a worker.

    ``one``, ``two`` and ``own`` are the (rows,) slots of `vcassay.effects.accumulators.Accumulators`, as positions
    among the slots that the partition touches (-1: none), of which there are ``slots``. ``start`` and ``stop`` count
    the rows of the file, ``first`` those of the screen; ``place`` brings the file's genes to the screen's.
    """

    path: str
    identity: str
    layer: str | None
    rows_of_file: int
    place: NDArray[np.int32] | None
    start: int
    stop: int
    first: int
    shape: tuple[int, int]
    readout: str
    where: str
    check: bool
    gaps: bool
    squares: bool
    nonzeros: bool
    slots: int
    one: Codes
    two: Codes
    own: Codes


class Summed(TypedDict, total=False):
    """What a worker hands back: (slots, genes) sums as CSR arrays, or why there are none.

    Entries come in any type of number that holds them exactly; `entries` reads them.
    """

    version: str
    worker: str
    error: tuple[str, str, str]
    total: Array
    missing: NDArray[np.int64]
    sums: Entries
    gaps: Entries
    squares: Entries
    nonzeros: Entries


def entries(packed: Entries) -> tuple[Array, NDArray[np.int32], NDArray[np.integer]]:
    """Entries as they are added."""
    data, indices, indptr = packed
    return data.astype(np.float64, copy=False), indices.astype(np.int32, copy=False), indptr


def identity(path: Path) -> str:
    """Size and hash of samples of a file; of a directory (zarr) the names and sizes below it, and what describes them.

    Raises
    ------
    OSError
        If the file cannot be read.
    """
    digest = hashlib.sha256()
    if path.is_dir():
        size = 0
        for file in sorted(p for p in path.rglob("*") if p.is_file()):
            length = file.stat().st_size
            size += length
            digest.update(f"{file.relative_to(path).as_posix()}\0{length}\0".encode())
            if file.name == "zarr.json" or file.name.startswith(".z"):
                digest.update(file.read_bytes())
        return f"{size} {digest.hexdigest()}"
    size = path.stat().st_size
    with path.open("rb") as handle:
        for k in range(SAMPLES):
            handle.seek(max(0, size - SAMPLE_BYTES) * k // (SAMPLES - 1))
            digest.update(handle.read(SAMPLE_BYTES))
    return f"{size} {digest.hexdigest()}"


def sum_part(part: Part) -> Summed:
    """Read a partition and sum its rows by slot; a mistake in the data comes back as the parts of its sentence."""
    worker = _address()
    out: Summed = {"version": metadata.version("vcassay"), "worker": worker}
    try:
        held = _held(part, worker)  # what is open stays so until the rows are read
        matrix = Several([held[1]], [part["place"]], part["shape"][1])
        block = guarded(matrix.read, part["start"], part["stop"], where=part["where"])
        if part["check"]:
            check = ValueCheck(part["shape"], Readout(part["readout"]), part["where"])
            check.add(part["first"], block)
            if check.gaps.any():
                out["missing"] = check.gaps
        out.update(add_up(block, part))
    except InputError as error:
        return {"version": out["version"], "worker": worker, "error": (error.what, error.where, error.mend)}
    return out


def add_up(block: Block, part: Part) -> Summed:
    """Sums of a block's rows by slot, each in the order of its rows."""
    values = _double(block, part["where"])
    out: Summed = {}
    slots = _members((part["one"], np.where(part["one"] >= 0, part["two"], -1)), part["slots"])
    if part["gaps"] and (gone := np.isnan(values.data if is_sparse(values) else values)).any():
        missing = _with(values, gone.astype(np.float64))
        out["gaps"] = _entries(slots @ missing)
        values = _with(values, np.where(gone, 0.0, values.data if is_sparse(values) else values))
    out["total"] = np.asarray(values @ np.ones(values.shape[1]) if is_sparse(values) else values.sum(axis=1))
    out["sums"] = _entries(slots @ values)
    if part["squares"] or part["nonzeros"]:
        own = _members((part["own"], part["two"]), part["slots"])
        data: Array = values.data if is_sparse(values) else values
        if part["squares"]:
            out["squares"] = _entries(own @ _with(values, data * data))
        if part["nonzeros"]:
            out["nonzeros"] = _entries(own @ _with(values, (data != 0).astype(np.float64)))
    return out


def _double(block: Any, where: str) -> Any:
    """The block in double precision; its indices are looked at, since the product does not."""
    if not is_sparse(block):
        return np.asarray(block, dtype=np.float64)
    indices = block.indices
    if len(indices) and not 0 <= int(indices.min()) <= int(indices.max()) < block.shape[1]:
        raise InputError("the sparse matrix has an index that is no gene", where=where, mend="write the file again")
    return _with(block, block.data.astype(np.float64))


def _with(values: Any, data: Array) -> Any:
    """A matrix of the same shape with other values."""
    return sp.csr_matrix((data, values.indices, values.indptr), shape=values.shape) if is_sparse(values) else data


def _members(codes: tuple[Codes, ...], slots: int) -> sp.csr_matrix:
    """(slots, rows) 1 where a row belongs to a slot. A product with it adds the rows of each slot in their order."""
    rows = [np.flatnonzero(code >= 0) for code in codes]
    slot = np.concatenate([code[at] for code, at in zip(codes, rows, strict=True)])
    row = np.concatenate(rows)
    return sp.csr_matrix((np.ones(len(row)), (slot, row)), shape=(slots, len(codes[0])))


def _entries(product: Any) -> Entries:
    """The entries of a product that are not 0, in the smallest types that hold them exactly."""
    csr = sp.csr_matrix(product)
    csr.eliminate_zeros()
    indices = csr.indices.astype(np.uint16) if csr.shape[1] <= 2**16 else csr.indices
    return _smallest(csr.data), indices, csr.indptr


def _smallest(data: Array) -> NDArray[Any]:
    if len(data) and 0 <= data.min() <= (top := data.max()) < 2**32:
        whole = data.astype(np.uint32)
        if np.array_equal(whole, data):
            return whole.astype(np.uint8 if top < 2**8 else np.uint16 if top < 2**16 else np.uint32)
    return data


_open: OrderedDict[tuple[str, str, str | None], tuple[Any, Stored]] = OrderedDict()
_lock = threading.Lock()


def _held(part: Part, worker: str) -> tuple[Any, Stored]:
    """What is open of a partition's file, and the matrix in it; this process keeps the last few."""
    key = (part["path"], part["identity"], part["layer"])
    with _lock:
        if key not in _open:
            _open[key] = _opened(part, worker)
            while len(_open) > KEPT:
                _open.popitem(last=False)
        _open.move_to_end(key)
        return _open[key]


def _opened(part: Part, worker: str) -> tuple[Any, Stored]:
    """What is open, and the matrix in it."""
    path = Path(part["path"])
    where = f"{path} on the worker {worker}"
    mend = "put the files on a file system that every worker sees under the same path"
    try:
        same = identity(path) == part["identity"]
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(f"the file cannot be read there ({reason})", where=where, mend=mend) from error
    if not same:
        raise InputError("the file differs from the one that the scheduler's client reads", where=where, mend=mend)
    if path.suffix == ".parquet":
        root, matrix = None, open_parquet([path])[0].X
    else:
        root = _zarr_group(path, where) if path.is_dir() else guarded(h5py.File, path, "r", where=where)
        element = root["X"] if part["layer"] is None else root["layers"][part["layer"]]
        matrix = guarded(_lazy, element, part["where"], where=where)
    width = part["shape"][1] if part["place"] is None else len(part["place"])
    if matrix.shape != (part["rows_of_file"], width):
        raise InputError("the file and its metadata do not fit each other there", where=where, mend=mend)
    return root, matrix


def _address() -> str:
    """Address of the worker that this runs on."""
    from distributed import get_worker

    try:
        return str(get_worker().address)
    except ValueError:  # called outside a worker
        return "here"
