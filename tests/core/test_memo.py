import gc
import weakref
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from vcassay.core import Conditions
from vcassay.core.memo import once


def table() -> Conditions:
    return Conditions.make(["A", "A"], ["x", "y"])


def test_once_works_out_one_object_once_and_others_anew() -> None:
    asked: list[int] = []

    @once
    def size(conditions: Conditions, other: object) -> int:
        asked.append(id(conditions))
        return len(conditions)

    a, b, other = table(), table(), object()
    assert [size(a, other), size(a, other), size(b, other), size(a, other)] == [2, 2, 2, 2]
    assert asked == [id(a), id(b)]


def test_once_compares_the_other_arguments_by_identity() -> None:
    asked: list[object] = []

    @once
    def mask(conditions: Conditions, flags: np.ndarray) -> int:
        asked.append(flags)
        return int(flags.sum())

    a, flags = table(), np.ones(3)
    assert mask(a, flags) == mask(a, flags) == 3
    assert mask(a, np.zeros(3)) == 0
    assert mask(a, flags) == 3
    assert len(asked) == 3  # the last result alone is kept


def test_once_keeps_none_and_forgets_with_the_object() -> None:
    asked: list[int] = []

    @once
    def nothing(conditions: Conditions) -> None:
        asked.append(len(conditions))

    a = table()
    nothing(a)
    nothing(a)
    assert asked == [2]
    gone = weakref.ref(a)
    del a
    gc.collect()
    assert gone() is None


def test_threads_wait_for_the_first() -> None:
    asked: list[int] = []

    @once
    def slow(conditions: Conditions) -> float:
        asked.append(1)
        return float(np.linalg.norm(np.ones((200, 200)), 2))

    a = table()
    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(lambda _: slow(a), range(16)))
    assert len(found) == 1
    assert asked == [1]
