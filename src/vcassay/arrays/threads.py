"""Threads: kernels that release the GIL, over ranges of independent jobs."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import numba

PATIENCE = 1e-3
"""Seconds that a kernel works in the thread that calls it before others are started, which takes nearly as long."""


def threads() -> int:
    """Threads that kernels may use: NUMBA_NUM_THREADS, or the cores there are."""
    return max(1, int(getattr(numba.config, "NUMBA_NUM_THREADS", 1)))


_POOLS: dict[int, ThreadPoolExecutor] = {}
"""Pools by number of threads: an assessment asks for one some thousand times, and starting threads takes long."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_POOLS.clear)  # threads do not survive a fork


def _pool(workers: int) -> ThreadPoolExecutor:
    pool = _POOLS.get(workers)
    return pool or _POOLS.setdefault(workers, ThreadPoolExecutor(workers, thread_name_prefix="vcassay-kernel"))


def in_threads(kernel: Callable[..., None], jobs: int, *args: Any) -> None:
    """Call ``kernel(first, last, *args)`` over ranges of jobs on all threads.

    The kernel releases the GIL and writes each job's result to its own place, so that the number of
    threads (NUMBA_NUM_THREADS) cannot change a bit. Plain threads may call it at the same time. Work that is done
    within `PATIENCE` starts no thread. A kernel may not call this function itself.
    """
    workers = max(1, min(threads(), jobs))
    if workers == 1:
        kernel(0, jobs, *args)
        return
    step = math.ceil(jobs / (8 * workers))
    begun, done, size = time.perf_counter(), 0, 1
    while done < jobs and time.perf_counter() - begun < PATIENCE:
        kernel(done, min(done + size, jobs), *args)
        done, size = min(done + size, jobs), min(2 * size, step)
    if done < jobs:
        pool = _pool(workers)
        parts = [pool.submit(kernel, first, min(first + step, jobs), *args) for first in range(done, jobs, step)]
        wait(parts)  # before an error is raised: what still runs writes into the caller's arrays
        for part in parts:
            part.result()
