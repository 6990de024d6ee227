"""Memo: what several checks ask of the same object is worked out once, and forgotten with that object."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

F = TypeVar("F", bound=Callable[..., Any])


def once(function: F) -> F:
    """Keep the last result of a function for as long as its first argument lives.

    Arguments are compared by identity; the first must allow weak references, and the result must not hold it. The
    function must draw nothing and its result must not be changed. Threads that ask at the same time wait for the first.
    """
    kept: WeakKeyDictionary[Any, tuple[tuple[Any, ...], Any]] = WeakKeyDictionary()
    lock = threading.RLock()

    @functools.wraps(function)
    def ask(first: Any, *others: Any) -> Any:
        with lock:
            found = kept.get(first)
            if found is None or list(map(id, found[0])) != list(map(id, others)):
                found = kept[first] = (others, function(first, *others))
            return found[1]

    return ask  # type: ignore[return-value]
