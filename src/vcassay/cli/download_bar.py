"""How a download is shown: a bar with speed and time left on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from vcassay.cli.console import PLAIN_SECONDS
from vcassay.cli.dataset_text import size_text


@contextmanager
def download_bar(name: str, *, quiet: bool = False) -> Iterator[Callable[[int, int | None], None]]:
    """Lend a function that is told the bytes that are here and those of the whole."""
    if quiet:
        yield lambda done, total: None
        return
    if not sys.stderr.isatty():
        yield _plain(name)
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    columns = (
        TextColumn("{task.description}"),
        *(BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn()),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(name, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _plain(name: str) -> Callable[[int, int | None], None]:
    last = float("-inf")

    def report(done: int, total: int | None) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < PLAIN_SECONDS and done != total:
            return
        last = now
        of = f" of {size_text(total)} ({done / total:.0%})" if total else ""
        print(f"vcassay: fetching {name}: {size_text(done)}{of}", file=sys.stderr, flush=True)

    return report
