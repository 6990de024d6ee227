"""The registry: one decorator a kind of plug-in, arguments checked at registration."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from vcassay.core.errors import PluginError, did_you_mean

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Entry(Generic[T]):
    """A registered plug-in: its object and what the catalogue says of it.

    Attributes
    ----------
    name, summary, source
        What ``vcassay list`` prints; the summary is the first line of the docstring.
    obj
        The function or class.
    arguments
        Names it asks for, all of the registry's vocabulary.
    meta
        Further facts of its kind (direction, optimum, tier, family, ...).
    """

    name: str
    summary: str
    source: str
    obj: T
    arguments: tuple[str, ...]
    meta: Mapping[str, Any]


class Registry(Generic[T]):
    """Named entries of one kind.

    Parameters
    ----------
    kind
        What the entries are, for messages.
    vocabulary
        The argument names an entry may ask for; ``None`` where arguments are not injected.
    """

    def __init__(self, kind: str, vocabulary: Iterable[str] | None = None) -> None:
        self.kind = kind
        self.vocabulary = None if vocabulary is None else frozenset(vocabulary)
        self._entries: dict[str, Entry[T]] = {}

    def register(self, name: str, obj: T, *, source: str, **meta: Any) -> T:
        """Add an entry.

        Raises
        ------
        PluginError
            If the name is taken, the docstring is missing, or an argument is not in the vocabulary.
        """
        if name in self._entries:
            raise PluginError(f"{self.kind} '{name}' is registered twice")
        doc = inspect.getdoc(obj)
        if not doc:
            raise PluginError(f"{self.kind} '{name}' has no docstring: its first line is its entry in the catalogue")
        asked = _arguments(obj) if self.vocabulary is not None and callable(obj) else ()
        for argument in asked:
            if argument not in (self.vocabulary or ()):
                hint = did_you_mean(argument, self.vocabulary or ())
                raise PluginError(f"{self.kind} '{name}' asks for '{argument}', which nobody provides: {hint}")
        self._entries[name] = Entry(name, _summary(doc), source, obj, asked, meta)
        return obj

    def __getitem__(self, name: str) -> Entry[T]:
        if name not in self._entries:
            raise PluginError(f"no {self.kind} is called '{name}': {did_you_mean(name, self._entries)}")
        return self._entries[name]

    def __iter__(self) -> Iterator[Entry[T]]:
        return (self._entries[name] for name in sorted(self._entries))

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, name: str) -> bool:
        return name in self._entries


def call(entry: Entry[Callable[..., Any]], provided: Mapping[str, Any]) -> Any:
    """Call a registered function with the arguments it asks for by name."""
    return entry.obj(**{name: provided[name] for name in entry.arguments})


def _arguments(obj: Callable[..., Any]) -> tuple[str, ...]:
    parameters = inspect.signature(obj).parameters.values()
    return tuple(p.name for p in parameters if p.default is inspect.Parameter.empty and p.name != "self")


def _summary(doc: str) -> str:
    return re.sub(r"\s+", " ", doc.split("\n\n")[0]).strip()
