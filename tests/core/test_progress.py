"""Progress in a notebook: one display that is updated, and nothing elsewhere."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from vcassay.core.progress import SECONDS_BETWEEN, NotebookBar, default_progress


class Kernel:
    """What a shell publishes."""

    kernel = object()

    def __init__(self):
        self.sent = []
        self.display_pub = SimpleNamespace(publish=lambda **message: self.sent.append(message))

    @property
    def words(self):
        return [message["data"]["text/plain"] for message in self.sent]


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def kernel():
    return Kernel()


def test_one_display_is_updated(kernel):
    clock = Clock()
    bar = NotebookBar(kernel, clock)
    for step, done, total, at in (
        ("measuring", 0, 10, 0),
        ("measuring", 5, 10, 1),
        ("measuring", 10, 10, 2),
        ("scoring", 0, 0, 3),
    ):
        clock.now = at
        bar(step, done, total)
    assert kernel.words == ["measuring 0%, 0 s", "measuring 50%, 1 s", "measuring: done, 2 s", "scoring, 3 s"]
    assert [m["update"] for m in kernel.sent] == [False, True, True, True]
    assert len({m["transient"]["display_id"] for m in kernel.sent}) == 1


def test_a_quick_step_is_not_drawn_a_thousand_times(kernel):
    clock = Clock()
    bar = NotebookBar(kernel, clock)
    for i in range(1001):
        clock.now = i * SECONDS_BETWEEN / 500
        bar("measuring", i, 1000)
    assert len(kernel.sent) <= 5
    assert kernel.words[-1].startswith("measuring: done")


def test_the_end_of_a_step_is_always_drawn(kernel):
    bar = NotebookBar(kernel, Clock())
    for done in (0, 5, 10):
        bar("measuring", done, 10)
    assert kernel.words == ["measuring 0%, 0 s", "measuring: done, 0 s"]


def test_a_step_is_text(kernel):
    NotebookBar(kernel)("<script>", 1, 2)
    assert "<script>" not in kernel.sent[0]["data"]["text/html"]
    assert '<progress max="2" value="1">' in kernel.sent[0]["data"]["text/html"]


def test_a_notebook_is_found_and_a_terminal_is_not(kernel, monkeypatch):
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: kernel))
    default_progress()("measuring", 1, 2)
    assert kernel.words == ["measuring 50%, 0 s"]
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: SimpleNamespace(kernel=None)))
    default_progress()("measuring", 2, 2)
    monkeypatch.delitem(sys.modules, "IPython")
    default_progress()("measuring", 2, 2)
    assert len(kernel.sent) == 1
