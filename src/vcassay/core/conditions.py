"""Conditions: one row a (context, perturbation, dose, time)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcassay.core.panel import SHOWN_ROWS, Panel, Shown
from vcassay.core.wording import listed, plural

SEPARATOR = "+"
"""Joins the parts of a combination at the edges: files, tables, the page."""

MISSING = -1.0
"""Stands for a missing dose or time in a key."""

Parts = tuple[str, ...]
Key = tuple[str, Parts, float, float]


def canonical(parts: Iterable[str]) -> Parts:
    """Sort the parts of a combination, so that the order of partners never matters."""
    return tuple(sorted(parts))


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True, repr=False)
class Conditions(Shown):
    """A sorted table of unique conditions.

    Attributes
    ----------
    context
        (n,) cell context of each condition.
    parts
        n tuples: the perturbations applied together, sorted; one entry for a single perturbation.
    dose, time
        (n,) in the screen's declared unit; NaN where the screen has none.
    modality
        (n,) kind of perturbation ("CRISPRi", "drug", ...); empty where unknown.
    annotation
        further columns that belong to a perturbation (target, moa, smiles), each (n,) of text.
    """

    context: NDArray[np.str_]
    parts: tuple[Parts, ...]
    dose: NDArray[np.float64]
    time: NDArray[np.float64]
    modality: NDArray[np.str_]
    annotation: Mapping[str, NDArray[np.str_]] = field(default_factory=dict)

    @classmethod
    def make(
        cls,
        context: Sequence[str] | NDArray[Any],
        parts: Sequence[Iterable[str]],
        dose: Sequence[float] | NDArray[Any] | None = None,
        time: Sequence[float] | NDArray[Any] | None = None,
        modality: Sequence[str] | NDArray[Any] | None = None,
        annotation: Mapping[str, Sequence[str] | NDArray[Any]] | None = None,
    ) -> Conditions:
        """Sort the rows and refuse duplicates.

        Raises
        ------
        ValueError
            If two rows name the same condition, or columns differ in length.
        """
        n = len(context)
        ctx = np.asarray(context, dtype=str)
        prt = [canonical([p]) if isinstance(p, str) else canonical(p) for p in parts]
        dos = np.full(n, np.nan) if dose is None else np.asarray(dose, dtype=np.float64)
        tim = np.full(n, np.nan) if time is None else np.asarray(time, dtype=np.float64)
        mod = np.full(n, "") if modality is None else np.asarray(modality, dtype=str)
        for name, column in {"modality": mod, **(annotation or {})}.items():
            if len(column) != n:
                raise ValueError(f"column '{name}' has {len(column)} values for {n} conditions")
        keys = [_key(str(c), p, float(d), float(t)) for c, p, d, t in zip(ctx, prt, dos, tim, strict=True)]
        if len(set(keys)) != n:
            seen: set[Key] = set()
            twice = next(k for k in keys if k in seen or seen.add(k))  # type: ignore[func-returns-value]
            raise ValueError(f"condition {label(twice)} is listed twice")
        order = sorted(range(n), key=keys.__getitem__)
        index = np.asarray(order, dtype=np.int64)
        extra = {name: np.asarray(values, dtype=str)[index] for name, values in (annotation or {}).items()}
        return cls(ctx[index], tuple(prt[i] for i in order), dos[index], tim[index], mod[index], extra)

    def __len__(self) -> int:
        return len(self.parts)

    @property
    def perturbation(self) -> NDArray[np.str_]:
        """(n,) perturbation as written at the edges: ``A`` or ``A+B``."""
        return np.asarray([SEPARATOR.join(p) for p in self.parts], dtype=str)

    @property
    def keys(self) -> list[Key]:
        """Hashable identity of each row; a missing dose or time is -1 in it."""
        rows = zip(self.context, self.parts, self.dose, self.time, strict=True)
        return [_key(str(c), p, float(d), float(t)) for c, p, d, t in rows]

    @property
    def treatments(self) -> list[tuple[Parts, float, float]]:
        """What was applied, whatever the context: the key without it."""
        return [(p, d, t) for _, p, d, t in self.keys]

    @property
    def ids(self) -> list[str]:
        """Readable unique names: ``K562 | TP53``, ``A549 | trametinib | 5``."""
        return [label(key) for key in self.keys]

    def take(self, index: NDArray[Any] | Sequence[int]) -> Conditions:
        """Rows at ``index`` (integers, or a boolean mask) in table order."""
        at = np.asarray(index)
        at = np.flatnonzero(at) if at.dtype == bool else np.sort(at.astype(np.int64))
        extra = {name: values[at] for name, values in self.annotation.items()}
        parts = tuple(self.parts[i] for i in at)
        return Conditions(self.context[at], parts, self.dose[at], self.time[at], self.modality[at], extra)

    def locate(self, other: Conditions) -> NDArray[np.int64]:
        """Position in ``self`` of each row of ``other``; -1 where absent."""
        position = {key: i for i, key in enumerate(self.keys)}
        return np.asarray([position.get(key, -1) for key in other.keys], dtype=np.int64)

    def columns(self) -> dict[str, Any]:
        """Plain columns for a data frame: context, perturbation, dose, time, modality, annotations."""
        base: dict[str, Any] = {
            "context": self.context,
            "perturbation": self.perturbation,
            "dose": self.dose,
            "time": self.time,
            "modality": self.modality,
        }
        return base | dict(self.annotation)

    def panel(self) -> Panel:
        """Its size, and the first rows."""
        first = self.take(np.arange(min(len(self), SHOWN_ROWS)))
        columns = {name: values for name, values in first.columns().items() if _told(values)}
        rows = [[_written(value) for value in row] for row in zip(*columns.values(), strict=True)]
        return Panel(
            plural(len(self), "condition"),
            facts=(
                ("contexts", listed(np.unique(self.context).tolist())),
                ("perturbations", f"{len(set(self.parts)):,}"),
                ("doses", listed([f"{d:g}" for d in np.unique(self.dose[~np.isnan(self.dose)])])),
                ("times", listed([f"{t:g}" for t in np.unique(self.time[~np.isnan(self.time)])])),
                ("modality", listed([m for m in np.unique(self.modality).tolist() if m])),
            ),
            columns=tuple(columns),
            rows=rows,
            total=len(self),
        )

    def sha256(self) -> str:
        """Hash of the table's keys: what a split manifest is bound to."""
        text = "\n".join("\x1f".join((c, "\x1e".join(p), f"{d!r}", f"{t!r}")) for c, p, d, t in self.keys)
        return hashlib.sha256(text.encode()).hexdigest()


def _told(values: NDArray[Any]) -> bool:
    """Whether a column says anything."""
    return bool(np.any(values != "")) if values.dtype.kind == "U" else not bool(np.all(np.isnan(values)))


def _written(value: Any) -> str:
    return str(value) if isinstance(value, str) else "" if np.isnan(value) else f"{value:g}"


def _key(context: str, parts: Parts, dose: float, time: float) -> Key:
    return (context, parts, MISSING if np.isnan(dose) else dose, MISSING if np.isnan(time) else time)


def label(key: Key) -> str:
    """Readable name of a key."""
    context, parts, dose, time = key
    words = [context, SEPARATOR.join(parts)]
    if dose != MISSING:
        words.append(f"{dose:g}")
    if time != MISSING:
        words.append(f"{time:g} h")
    return " | ".join(words)
