"""The error tree.

    VcassayError
    ├── InputError      the user's file, column or study.toml; one sentence, exit status 2
    └── PluginError     a metric, baseline, check or diagnostic that is registered wrongly

A crash inside a check is not in this tree: it becomes an ERROR row of the assessment.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class VcassayError(Exception):
    """Base of every error that vcassay raises on purpose."""


class InputError(VcassayError):
    """A mistake in what the user handed in.

    Parameters
    ----------
    what
        What is wrong, without the full stop.
    where
        The file, and where it applies the column, that is wrong.
    mend
        What the user can do about it.
    """

    def __init__(self, what: str, *, where: str, mend: str) -> None:
        self.what, self.where, self.mend = what, where, mend
        stop = "" if mend.endswith(("?", ".")) else "."
        super().__init__(f"{where}: {what}; {mend}{stop}")


class PluginError(VcassayError):
    """A plug-in that cannot be registered or is asked for by a name nobody has."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Suggest the nearest known name, or list what is known.

    Returns
    -------
    A clause such as ``did you mean 'pearson_delta'?`` or ``known: a, b, c``.
    """
    names = sorted(known)
    near = get_close_matches(name, names, n=1, cutoff=0.6)
    return f"did you mean '{near[0]}'?" if near else f"known: {', '.join(names)}"


def first(items: Iterable[object], limit: int = 5) -> str:
    """Write the first few items and how many more there are, for an error sentence."""
    values = [str(item) for item in items]
    more = f" and {len(values) - limit} more" if len(values) > limit else ""
    return ", ".join(values[:limit]) + more
