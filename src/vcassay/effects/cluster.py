"""The one pass on a cluster of dask.distributed: partitions summed by its workers, added here in their order."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from vcassay.arrays.accumulate import add_sparse
from vcassay.core import InputError
from vcassay.effects.accumulate import Checkpoint, _moments, _resume
from vcassay.effects.accumulators import Accumulators
from vcassay.effects.cluster_parts import Task, cut, tasks
from vcassay.effects.cluster_worker import Summed, entries, sum_part
from vcassay.effects.moments import TARGET_SUM, Moments
from vcassay.effects.slots import make_slots
from vcassay.effects.spill import MEMORY_BYTES
from vcassay.screen import Readout, Screen
from vcassay.screen.storage import PIECE_BYTES
from vcassay.screen.values import ValueCheck

ANSWER_SECONDS = 8.0
"""Time within which the scheduler has to answer."""
WORKER_SECONDS = 60.0
"""Time for which there may be no worker at all."""
POLL_SECONDS = 1.0
AHEAD = 2
"""Partitions under way for each thread of the workers."""


def accumulate_on(
    scheduler: str,
    screen: Screen,
    *,
    seed: int = 0,
    target_sum: float = TARGET_SUM,
    partition_bytes: int = PIECE_BYTES,
    memory: int = MEMORY_BYTES,
    folder: Path | None = None,
    squares: bool = False,
    nonzeros: bool = False,
    checkpoint: Checkpoint | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Moments:
    """Walk over the screen's rows once, on the workers of a scheduler of dask.distributed.

    The rows are cut into partitions by what the files hold, never by the number of workers. Each worker opens the files
    itself, sums the rows of a partition in their order, and hands back the slots that it met. The partial sums are
    added here in the order of the partitions, whatever the order in which they are done; what a worker that died had
    under way, or had not handed over, another computes. So the result is the same to the last bit for any number of
    workers. It equals that of `vcassay.effects.accumulate` to the last bit where values are whole numbers, and to the
    rounding of sums in double precision elsewhere.

    Parameters
    ----------
    scheduler
        Its address, such as ``tcp://host:8786``. Every worker needs this version of vcassay, and the files under the
        same path.
    partition_bytes
        Decompressed bytes of a partition. Where partitions end, sums of fractions are rounded.
    seed, target_sum, memory, folder, squares, nonzeros, checkpoint, progress
        As in `vcassay.effects.accumulate`; the sums lie here, not with the workers.

    Raises
    ------
    InputError
        If dask is not installed, the scheduler does not answer, there is no worker, a worker does not see a file or
        sees another, the screen lies in no file or is stored by columns, or for what `accumulate` names.
    """
    with _connected(scheduler) as client:
        where = screen.name if screen.path is None else str(screen.path)
        readout, g = screen.design.readout, screen.adata.n_vars
        counts = readout is Readout.COUNTS
        where_cut = cut(screen, partition_bytes)
        slots = make_slots(screen, seed)
        adding = Accumulators(
            slots,
            g,
            squares=squares,
            nonzeros=nonzeros,
            gaps=readout not in (Readout.COUNTS, Readout.LOGNORM),
            memory=memory,
            folder=folder,
            where=where,
        )
        check = ValueCheck((screen.n_rows, g), readout, where)
        start = _resume(adding, check, checkpoint)
        for task, summed in _in_order(client, scheduler, tasks(screen, where_cut, adding, start, where)):
            done = task.part["first"] + len(summed["total"])
            _add(adding, task, summed)
            check.gaps += summed.get("missing", 0)
            if progress is not None:
                progress(done, screen.n_rows)
            if checkpoint is not None and done < screen.n_rows and checkpoint.due():
                checkpoint.save({"next": np.asarray([done]), "missing": check.gaps, **adding.state()})
    notes = tuple(check.notes(adding.total if counts else None)) if screen.unchecked else ()
    return _moments(screen, slots, adding, target_sum if counts else None, notes)


def _add(adding: Accumulators, task: Task, summed: Summed) -> None:
    """Add the sums of a partition."""
    first = task.part["first"]
    adding.total[first : first + len(summed["total"])] = summed["total"]
    stores = {"sums": adding.sums, "squares": adding.squares}
    if "gaps" in summed:
        stores["gaps"] = adding.targets({"gaps": None})["gaps"]
    add: Any = add_sparse
    order, scratch = np.arange(len(task.slots)), np.empty(len(task.slots))
    for name, store in stores.items():
        if name in summed:
            slot = np.where(task.slots < len(store), task.slots, -1)  # atoms have no squares
            add(*entries(summed[name]), order, slot, np.full(len(slot), -1), store, scratch)  # type: ignore[literal-required]
    if "nonzeros" in summed:
        data, indices, indptr = summed["nonzeros"]
        adding.nonzeros[np.repeat(task.slots, np.diff(indptr)), indices] += data.astype(np.uint32)
    adding.room.touch(len(task.slots) * adding.sums.shape[1] * 8)


def _in_order(client: Any, scheduler: str, given: Iterable[Task]) -> Iterator[tuple[Task, Summed]]:
    """Have partitions summed, a bounded number at a time; yield each when its turn has come, and let go of it."""
    version, under_way, left = metadata.version("vcassay"), deque[tuple[Task, Any]](), iter(given)
    while True:
        with _asking(scheduler):
            room = max(1, AHEAD * sum(client.nthreads().values()))
        while len(under_way) < room and (task := next(left, None)) is not None:
            with _asking(scheduler):
                under_way.append((task, client.submit(sum_part, task.part, pure=False)))
        if not under_way:
            return
        task, future = under_way.popleft()
        with _asking(scheduler):
            summed = _result(client, scheduler, future)
            future.release()
        if "error" in summed:
            what, where, mend = summed["error"]
            raise InputError(what, where=where, mend=mend)
        if summed["version"] != version:
            raise InputError(
                f"the worker {summed['worker']} has vcassay {summed['version']}, not {version}",
                where=scheduler,
                mend="install the same version on every worker",
            )
        yield task, summed


def _result(client: Any, scheduler: str, future: Any) -> Summed:
    """Wait for a partition, as long as there are workers."""
    from distributed import TimeoutError as NotYet

    alone = 0.0
    while True:
        try:
            out: Summed = future.result(timeout=POLL_SECONDS)
        except NotYet:
            alone = 0.0 if client.nthreads() else alone + POLL_SECONDS
            if alone >= WORKER_SECONDS:
                what, mend = f"there has been no worker for {WORKER_SECONDS:.0f} s", "start some with `dask worker`"
                raise InputError(what, where=scheduler, mend=mend) from None
        else:
            return out


@contextmanager
def _asking(scheduler: str) -> Iterator[None]:
    """Say in one sentence what the cluster, not the data, gave rise to."""
    from distributed import CancelledError, KilledWorker

    try:
        yield
    except KilledWorker as error:
        raise InputError(
            "several workers died over the same rows",
            where=scheduler,
            mend="give each more memory, or fewer threads (docs/scale.md)",
        ) from error
    except (CancelledError, OSError) as error:
        raise InputError(
            "the scheduler is gone", where=scheduler, mend="start it again, and run the same command to go on"
        ) from error
    except (ImportError, RuntimeError) as error:
        text = " ".join(str(error).split()).rstrip(".")
        if isinstance(error, RuntimeError) and "deserialization" not in text:
            raise
        raise InputError(
            f"the cluster could not take up a task ({text[:120]})",
            where=scheduler,
            mend=f"install vcassay {metadata.version('vcassay')} for the scheduler and every worker",
        ) from error


@contextmanager
def _connected(scheduler: str) -> Iterator[Any]:
    """A client of the scheduler."""
    try:
        import distributed
    except ImportError as error:
        raise InputError(
            "a cluster needs the package dask.distributed", where=scheduler, mend="pip install 'vcassay[cluster]'"
        ) from error
    connect: Any = distributed.Client
    quiet = logging.getLogger("distributed")
    level = quiet.level
    quiet.setLevel(logging.CRITICAL)  # what goes wrong is said in one sentence
    try:
        try:
            client = connect(scheduler, timeout=ANSWER_SECONDS, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            raise InputError(
                f"no scheduler answered within {ANSWER_SECONDS:.0f} s",
                where=scheduler,
                mend="check the address (tcp://host:8786), and that `dask scheduler` runs there",
            ) from error
        try:
            yield client
        finally:
            client.close()
    finally:
        quiet.setLevel(level)
