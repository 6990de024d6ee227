from __future__ import annotations

import os
import threading
import warnings

import numpy as np
import pytest

from vcassay.arrays import threads
from vcassay.arrays.threads import in_threads


@pytest.fixture(autouse=True)
def two_threads_at_once(monkeypatch):
    monkeypatch.setattr(threads, "PATIENCE", 0.0)
    monkeypatch.setattr(threads, "threads", lambda: 2)


def squares(first, last, out):
    out[first:last] = np.arange(first, last) ** 2


def test_every_job_is_done_once_and_threads_are_kept():
    for n in (0, 1, 2, 17, 1000):
        out = np.full(n, -1)
        in_threads(squares, n, out)
        assert out.tolist() == [i * i for i in range(n)]
    before = threading.active_count()
    for _ in range(20):
        in_threads(squares, 100, np.empty(100))
    assert threading.active_count() == before


def test_an_error_is_raised_when_nothing_runs_any_more():
    done = []

    def kernel(first, last):
        if first == 0:
            raise ZeroDivisionError("first")
        done.append((first, last))

    with pytest.raises(ZeroDivisionError, match="first"):
        in_threads(kernel, 64)
    assert len(done) == 15  # of 16 parts


def test_several_callers_at_once():
    outs = [np.zeros(500) for _ in range(6)]
    callers = [threading.Thread(target=in_threads, args=(squares, 500, out)) for out in outs]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert all((out == np.arange(500) ** 2).all() for out in outs)


@pytest.mark.skipif(not hasattr(os, "register_at_fork"), reason="no fork on this system")
def test_a_forked_process_starts_threads_of_its_own():
    in_threads(squares, 100, np.empty(100))
    assert threads._POOLS
    read, write = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # newer Pythons warn of what is tested here
        child = os.fork()
    if child == 0:
        out = np.zeros(100)
        in_threads(squares, 100, out)
        os.write(write, b"y" if (out == np.arange(100) ** 2).all() else b"n")
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        assert pipe.read() == b"y"
    os.waitpid(child, 0)
