"""What commands print: progress on a terminal, plain lines elsewhere, JSON when asked."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

PLAIN_SECONDS = 5.0
"""Without a terminal, a long step is reported again after this time."""


def print_json(data: Any) -> None:
    """Write plain JSON to standard output."""
    print(json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False, default=str))


@contextmanager
def progress(*, quiet: bool = False) -> Iterator[Callable[[str, int, int], None]]:
    """Report steps on standard error: a live bar on a terminal, one line a step elsewhere."""
    if quiet:
        yield lambda step, done, total: None
        return
    if not sys.stderr.isatty():
        yield _plain()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=None)
        yield lambda step, done, total: bar.update(task, description=step, completed=done, total=total or None)


def _plain() -> Callable[[str, int, int], None]:
    last: tuple[str, float] = ("", 0.0)

    def report(step: str, done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if step == last[0] and now - last[1] < PLAIN_SECONDS:
            return
        last = (step, now)
        share = f" ({done / total:.0%})" if total and done < total else ""
        print(f"vcassay: {step}{share}", file=sys.stderr, flush=True)

    return report
