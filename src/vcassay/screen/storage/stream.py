"""Stream: pieces of a matrix in their order, read ahead by other threads."""

from __future__ import annotations

import os
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vcassay.core import InputError
from vcassay.screen.storage.stored import Block, Stored

BROKEN = (OSError, ValueError, KeyError, RuntimeError, IndexError, EOFError, zlib.error, pa.ArrowException)
"""What reading a damaged matrix raises."""


def default_threads() -> int:
    """Threads that read ahead: one a processor, four at most."""
    return min(4, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)


def stream(
    matrix: Stored, bounds: NDArray[np.int64], *, threads: int | None = None, where: str = "screen"
) -> Iterator[tuple[int, Block]]:
    """Read the pieces of a matrix, one ahead of the caller.

    Parameters
    ----------
    bounds
        Ascending bounds of the pieces.
    threads
        Threads that read and decompress the next piece while the caller has one; 1 reads in turn.
    where
        The file, for error sentences.

    Yields
    ------
    The first row of each piece and the piece, in order.

    Raises
    ------
    InputError
        If a piece cannot be read.
    """
    threads = default_threads() if threads is None else threads
    pieces = list(zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True))
    if threads <= 1 or not matrix.ahead:
        for start, stop in pieces:
            yield start, guarded(matrix.read, start, stop, where=where)
        return
    with ThreadPoolExecutor(1) as ahead, ThreadPoolExecutor(threads, thread_name_prefix="vcassay-read") as pool:
        stopped = threading.Event()

        def run(tasks: Iterable[Callable[[], None]]) -> None:
            for _ in pool.map(lambda task: None if stopped.is_set() else task(), tasks):
                pass

        def read(k: int) -> Future[Block] | None:
            return ahead.submit(guarded, matrix.read, *pieces[k], run, where=where) if k < len(pieces) else None

        following = read(0)
        try:
            for k, (start, _) in enumerate(pieces):
                block = following.result() if following is not None else None
                following = read(k + 1)
                if block is not None:
                    yield start, block
                del block  # or the piece would stay in memory while the next but one is read
        finally:
            stopped.set()


def guarded(read: Callable[..., Any], *args: Any, where: str, **more: Any) -> Any:
    """Call a reader; what it raises on a damaged file becomes one sentence."""
    try:
        return read(*args, **more)
    except BROKEN as error:
        text = " ".join(str(error).split()).rstrip(".")[:120] or type(error).__name__
        raise InputError(
            f"the matrix could not be read ({text})", where=where, mend="check that the file is whole, or copy it again"
        ) from error
