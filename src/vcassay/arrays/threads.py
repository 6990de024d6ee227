"""Threads: kernels that release the GIL, over ranges of independent jobs."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numba

PATIENCE = 1e-3
"""Seconds that a kernel works in the thread that calls it before others are started, which takes nearly as long."""


def threads() -> int:
    """Threads that kernels may use: NUMBA_NUM_THREADS, or the cores there are."""
    return max(1, int(getattr(numba.config, "NUMBA_NUM_THREADS", 1)))


def in_threads(kernel: Callable[..., None], jobs: int, *args: Any) -> None:
    """Call ``kernel(first, last, *args)`` over ranges of jobs on all threads.

    The kernel releases the GIL and writes each job's result to its own place, so that the number of
    threads (NUMBA_NUM_THREADS) cannot change a bit. Plain threads may call it at the same time. Work that is done
    within `PATIENCE` starts no thread.
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
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(lambda first: kernel(first, min(first + step, jobs), *args), range(done, jobs, step)))
