"""Progress: a live bar in a notebook, for long work that was not told where to report."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from html import escape
from typing import Any

Report = Callable[[str, int, int], None]
"""Called with the step, the units done and the units in all (0 if unknown)."""

SECONDS_BETWEEN = 0.2
"""A bar is drawn anew at most this often."""


def default_progress() -> Report:
    """A bar in a notebook; elsewhere nothing is reported."""
    shell = _shell()
    return NotebookBar(shell) if shell is not None else lambda step, done, total: None


def _shell() -> Any:
    """The kernel's shell, if this is a notebook; IPython is never imported here."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell if shell is not None and getattr(shell, "kernel", None) is not None else None


class NotebookBar:
    """One bar that says which step is running, drawn by the notebook itself.

    Parameters
    ----------
    shell
        What displays; it needs a method ``display_pub.publish`` as IPython's shells have it.
    clock
        Seconds; replaced in tests.
    """

    def __init__(self, shell: Any, clock: Callable[[], float] = time.monotonic) -> None:
        self._publish, self._clock = shell.display_pub.publish, clock
        self._id = f"vcassay-{id(self)}"
        self._begun = clock()
        self._last: tuple[str, float] | None = None

    def __call__(self, step: str, done: int, total: int) -> None:
        """Show a step."""
        now = self._clock()
        last = self._last
        finished = bool(total) and done >= total
        if last is not None and step == last[0] and now - last[1] < SECONDS_BETWEEN and not finished:
            return
        text = f"{step} {done / total:.0%}" if total else step
        bar = f'<progress max="{total}" value="{min(done, total)}"></progress>' if total else "<progress></progress>"
        if finished:
            text, bar = f"{step}: done", ""
        words = f"{text}, {now - self._begun:.0f} s"
        self._publish(
            data={"text/plain": words, "text/html": f"<div>{bar} {escape(words)}</div>"},
            metadata={},
            transient={"display_id": self._id},
            update=last is not None,
        )
        self._last = (step, now)
