"""Patterns of roles in a grid: which lines and which columns belong together, in which order, and in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcassay.report.wording import count, listing

ROLES = ("absent", "train", "val", "test", "excluded", "mixed")
ABSENT, TRAIN, VAL, TEST, EXCLUDED, MIXED = range(6)
WORDS = ("missing", "training", "validation", "test", "excluded", "training and test")
RANK = np.array([5, 4, 2, 0, 3, 1])
"""Order of roles from left to right within a group of columns."""
MAX_GROUPS = 8
MAX_BANDS = 6
NAMED = 3
"""Up to this many contexts or perturbations are named, not counted."""


@dataclass(frozen=True, slots=True)
class Band:
    """Lines with the same roles, from ``start`` up to ``stop``."""

    start: int
    stop: int
    text: str


@dataclass(frozen=True, slots=True)
class Group:
    """Columns with the same pattern of roles, from ``start`` up to ``stop``."""

    start: int
    stop: int
    short: str
    text: str


@dataclass(frozen=True, slots=True)
class Axis:
    """The contexts, or the perturbations."""

    noun: str
    names: tuple[str, ...]
    nouns: tuple[str, ...]
    """What each is: a perturbation, a combination, a treatment."""
    marks: tuple[str, ...]
    """Dose and time of each, where they set columns apart."""

    def take(self, order: Sequence[int]) -> Axis:
        """Bring it in another order."""
        several = (tuple(values[i] for i in order) for values in (self.names, self.nouns, self.marks))
        return Axis(self.noun, *several)


def natural(text: str) -> tuple[Any, ...]:
    """Sort key that puts line2 before line10."""
    return (tuple(int(x) if i % 2 else x.casefold() for i, x in enumerate(re.split(r"(\d{1,18})", text))), text)


def by_size(mark: str) -> tuple[Any, ...]:
    """Sort key of doses and times as written."""
    try:
        return (0, [float(x) for x in mark.split()], mark)
    except ValueError:
        return (1, [], mark)


def find_bands(codes: NDArray[np.int64], lines: Axis, words: Sequence[str]) -> tuple[list[int], list[Band]]:
    """Order lines by the roles that occur in them: those that are tested on come last, whole ones at the end.

    Parameters
    ----------
    codes
        (lines, columns) role of each cell.
    """

    def fine(i: int) -> tuple[Any, ...]:
        found = sorted(set(codes[i].tolist()) - {ABSENT})
        return (TEST in found or MIXED in found, TRAIN not in found, *found)

    keys = [fine(i) for i in range(len(codes))]
    if len(set(keys)) > MAX_BANDS:
        keys = [key[:2] for key in keys]
    order = sorted(range(len(codes)), key=lambda i: (lines.nouns[i], keys[i]))
    bands = []
    for start, stop in _stretches([(lines.nouns[i], keys[i]) for i in order]):
        found = set(codes[order[start:stop]].ravel().tolist())
        said = listing([words[r] for r in (TRAIN, VAL, EXCLUDED, TEST, MIXED) if r in found])
        bands.append(Band(start, stop, f"{count(stop - start, lines.nouns[order[start]])}: {said}"))
    return order, bands


def find_groups(
    codes: NDArray[np.int64], lines: Axis, across: Axis, words: Sequence[str]
) -> tuple[list[int], list[Group]]:
    """Order columns by their pattern of roles; patterns that are too many are told by their counts, then by role."""
    counts = np.stack([(codes == r).sum(axis=0) for r in range(len(ROLES))])
    levels: list[Callable[[int], Hashable]] = [
        lambda j: codes[:, j].tobytes(),
        lambda j: counts[:, j].tobytes(),
        lambda j: (counts[1:, j] > 0).tobytes(),
        lambda j: bool(counts[TEST, j] + counts[MIXED, j]),
    ]
    keys: list[tuple[str, Hashable]] = []
    for level in levels:
        keys = [(noun, level(j)) for j, noun in enumerate(across.nouns)]
        if len(set(keys)) <= MAX_GROUPS:
            break
    members: dict[tuple[str, Hashable], list[int]] = {}
    for j, key in enumerate(keys):
        members.setdefault(key, []).append(j)
    place = {key: (*_place(key[0], counts[:, held]), repr(key)) for key, held in members.items()}
    ranked = RANK[codes].T.tolist()
    order = sorted(
        range(len(keys)), key=lambda j: (place[keys[j]], ranked[j], natural(across.names[j]), by_size(across.marks[j]))
    )
    groups = []
    for start, stop in _stretches([keys[j] for j in order]):
        held = order[start:stop]
        short = count(len(held), across.nouns[held[0]])
        said = _said(codes[:, held], counts[:, held], lines, words)
        groups.append(Group(start, stop, short, f"{short}{_which(across.take(held))}: {said}"))
    return order, groups


def _place(noun: str, counts: NDArray[np.int64]) -> tuple[Any, ...]:
    """Place of a group: singles before combinations, and in each what is tested on last, whole columns at the end."""
    mean = counts.mean(axis=1).round(9).tolist()
    tested = mean[TEST] + mean[MIXED]
    return ("combin" in noun, noun, tested > 0, mean[TRAIN] == 0, tested, mean[VAL], mean[EXCLUDED])


def _which(held: Axis) -> str:
    """Name the columns of a group if they are few, else their doses and times."""
    if len(held.names) <= NAMED:
        return f" ({', '.join(held.names)})"
    marks = sorted(set(held.marks), key=by_size)
    return f" at {listing(mark.strip() for mark in marks)}" if any(marks) and len(marks) <= NAMED else ""


def _said(codes: NDArray[np.int64], counts: NDArray[np.int64], lines: Axis, words: Sequence[str]) -> str:
    """Write the pattern of a group: ``test in 5 contexts, training in 45 contexts``."""
    parts = []
    alike = bool((codes == codes[:, :1]).all())
    for role in (TEST, MIXED, VAL, TRAIN, EXCLUDED, ABSENT):
        low, high = int(counts[role].min()), int(counts[role].max())
        if not high:
            continue
        if low == len(codes) > NAMED:
            what = f"all {count(high, lines.noun)}"
        elif alike and high <= NAMED:
            what = listing([lines.names[i] for i in np.flatnonzero(codes[:, 0] == role)])
        else:
            what = (
                count(high, lines.noun)
                if low == high
                else f"{f'{low:,}' if low else 'up'} to {count(high, lines.noun)}"
            )
        parts.append(f"{words[role]} {'in' if lines.noun == 'context' else 'for'} {what}")
    return ", ".join(parts)


def _stretches(keys: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Start and end of every stretch of equal neighbours."""
    edges = [i for i in range(len(keys)) if i == 0 or keys[i] != keys[i - 1]]
    return list(zip(edges, [*edges[1:], len(keys)], strict=True))
