"""Threads: kernels that release the GIL, over ranges of independent jobs."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numba


def threads() -> int:
    """Threads that kernels may use: NUMBA_NUM_THREADS, or the cores there are."""
    return max(1, int(getattr(numba.config, "NUMBA_NUM_THREADS", 1)))


def in_threads(kernel: Callable[..., None], jobs: int, *args: Any) -> None:
    """Call ``kernel(first, last, *args)`` over ranges of jobs on all threads.

    The kernel releases the GIL and writes each job's result to its own place, so that the number of
    threads (NUMBA_NUM_THREADS) cannot change a bit. Plain threads may call it at the same time.
    """
    workers = max(1, min(threads(), jobs))
    if workers == 1:
        kernel(0, jobs, *args)
        return
    step = math.ceil(jobs / (8 * workers))
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(lambda first: kernel(first, min(first + step, jobs), *args), range(0, jobs, step)))
