"""A pass that is killed goes on from its checkpoint, to the last bit; a checkpoint is whole or not used."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tests.effects.test_accumulate import KINDS, assert_same, planted
from tests.screen.storage.layouts import write_layout
from vcassay.core import InputError
from vcassay.effects import accumulate
from vcassay.run import checkpoint as module
from vcassay.run.cache import Cache, sweep
from vcassay.run.checkpoint import FileCheckpoint
from vcassay.run.moments import MEMORY, THREADS, pass_over
from vcassay.screen import read_screen

OPTIONS = {"seed": 4, "chunk": 2, "squares": True, "nonzeros": True}
PROGRAM = """
import sys, time
from pathlib import Path
from tests.effects.test_accumulate import KINDS
from tests.run.test_checkpoint import OPTIONS
from vcassay.effects import accumulate
from vcassay.run import checkpoint as module
from vcassay.run.checkpoint import FileCheckpoint
from vcassay.screen import read_screen

module.SHARE = float("inf")
path, kept, kind, memory = sys.argv[1:]
with read_screen(path, KINDS[kind]().design, backed=True) as screen:
    checkpoint = FileCheckpoint(Path(kept), every=0.0)
    accumulate(screen, checkpoint=checkpoint, memory=int(memory), progress=lambda *_: time.sleep(0.05), **OPTIONS)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "layout", "memory"),
    [("counts", "csr gzip", 2**30), ("gaps", "csr", 0), ("lognorm", "csc", 2**30), ("counts", "several", 0)],
)
def test_a_pass_that_is_killed_goes_on(kind, layout, memory, tmp_path):
    screen, kept = KINDS[kind](), tmp_path / "cache" / "pass.npz"
    path = write_layout(screen.adata, layout, tmp_path)
    named = path if isinstance(path, Path) else path[0].parent
    command = [sys.executable, "-c", PROGRAM, str(named), str(kept), kind, str(memory)]
    child = subprocess.Popen(command, cwd=Path(__file__).parents[2])
    deadline = time.monotonic() + 120
    while not kept.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.15)
    assert child.poll() is None, "it ended before it could be killed"
    child.send_signal(signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL
    sweep(tmp_path)
    assert [p.name for p in kept.parent.iterdir()] == ["pass.npz"]

    checkpoint, seen = FileCheckpoint(kept), []
    with read_screen(named, screen.design, backed=True) as on_disk:
        found = accumulate(
            on_disk, checkpoint=checkpoint, memory=memory, progress=lambda done, _: seen.append(done), **OPTIONS
        )
        whole = accumulate(on_disk, **OPTIONS)
    assert checkpoint.resumed
    pieces = len(on_disk.genes if layout == "csc" else on_disk.table.condition) // 2
    assert 2 < seen[0] < seen[-1] == screen.n_rows
    assert len(seen) < pieces
    assert_same(whole, found)
    assert_same(accumulate(screen, **OPTIONS), found, on_disk.adata.var_names.get_indexer(screen.genes))


class Stopped(Exception):
    """The pass was stopped after some pieces."""


def stopped_pass(screen, path, after=20):
    """Leave a checkpoint of every piece, and stop."""
    seen = []

    def stop(*_):
        seen.append(1)
        if len(seen) > after:
            raise Stopped

    with pytest.raises(Stopped):
        accumulate(screen, checkpoint=FileCheckpoint(path, every=-1.0), progress=stop, **OPTIONS)


@pytest.fixture
def eager(monkeypatch):
    """Checkpoints at every piece, whatever they cost."""
    monkeypatch.setattr(module, "SHARE", np.inf)


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("kind", KINDS)
def test_pieces_of_another_size_go_on_from_there(kind, tmp_path):
    screen = KINDS[kind]()
    stopped_pass(screen, tmp_path / "c.npz")
    checkpoint = FileCheckpoint(tmp_path / "c.npz")
    found = accumulate(screen, checkpoint=checkpoint, threads=1, **{**OPTIONS, "chunk": 17})
    assert checkpoint.resumed
    assert_same(accumulate(screen, **OPTIONS), found)


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("damage", ["cut", "empty", "garbage", "flipped"])
def test_a_damaged_checkpoint_is_not_used(damage, tmp_path):
    screen, path = planted(), tmp_path / "c.npz"
    stopped_pass(screen, path)
    whole = bytearray(path.read_bytes())
    if damage == "flipped":
        whole[len(whole) // 2] ^= 1
    path.write_bytes({"cut": whole[:-200], "empty": b"", "garbage": b"x" * 99, "flipped": whole}[damage])
    checkpoint = FileCheckpoint(path)
    assert_same(accumulate(screen, **OPTIONS), accumulate(screen, checkpoint=checkpoint, **OPTIONS))
    assert not checkpoint.resumed


@pytest.mark.usefixtures("eager")
def test_a_checkpoint_of_other_sums_is_not_used(tmp_path):
    screen, path = planted(), tmp_path / "c.npz"
    stopped_pass(screen, path)
    checkpoint = FileCheckpoint(path)
    assert_same(accumulate(screen, seed=4), accumulate(screen, seed=4, checkpoint=checkpoint))
    assert not checkpoint.resumed


def test_it_is_due_after_its_time_and_never_costs_more_than_its_share(monkeypatch, tmp_path):
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    checkpoint = FileCheckpoint(tmp_path / "c.npz", every=60.0)
    assert not checkpoint.due()
    now[0] = 61.0
    assert checkpoint.due()
    monkeypatch.setattr(np, "savez", lambda *_, **__: now.__setitem__(0, now[0] + 10.0))
    checkpoint.save({"next": np.zeros(1)})
    now[0] += 190.0
    assert not checkpoint.due()
    now[0] += 11.0
    assert checkpoint.due()
    assert not FileCheckpoint(None, every=0.0).due()


def test_a_disk_without_room_for_it_does_not_stop_the_pass(tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    checkpoint = FileCheckpoint(tmp_path / "c.npz", every=-1.0)
    assert_same(accumulate(planted(), **OPTIONS), accumulate(planted(), checkpoint=checkpoint, **OPTIONS))
    assert list(tmp_path.iterdir()) == []


def test_the_pass_of_a_study_leaves_no_checkpoint_and_goes_on_from_one(tmp_path, monkeypatch):
    screen, cache = planted(), Cache(tmp_path)
    key = {"seed": 4, "target_sum": 1e4}
    found = pass_over(screen, cache, {"file": "a"}, progress=lambda *_: None, **key)
    assert [p.name.split("-")[0] for p in tmp_path.iterdir()] == ["moments"]
    cache.forget("moments")
    with monkeypatch.context() as patch:
        patch.setattr(module, "SHARE", np.inf)
        path = cache.path("pass", {"file": "a", **key})
        seen = []

        def stop(*_):
            seen.append(1)
            if len(seen) > 3:
                raise Stopped

        with pytest.raises(Stopped):
            accumulate(screen, seed=4, chunk=20, checkpoint=FileCheckpoint(path, every=-1.0), progress=stop)
    first = []
    again = pass_over(screen, cache, {"file": "a"}, progress=lambda done, _: first.append(done), **key)
    assert first == [screen.n_rows]
    assert_same(found, again)
    assert [p.name.split("-")[0] for p in tmp_path.iterdir()] == ["moments"]


def test_memory_and_threads_are_settings(tmp_path, monkeypatch):
    asked = {}

    def listen(screen, **given):
        asked.update(given)
        return accumulate(screen, seed=given["seed"])

    monkeypatch.setattr("vcassay.run.moments.accumulate", listen)
    key = {"seed": 4, "target_sum": 1e4, "progress": lambda *_: None}
    pass_over(planted(), Cache(None), {}, **key)
    assert (asked["memory"], asked["threads"], asked["folder"]) == (2**30, None, None)
    monkeypatch.setenv(MEMORY, "0.5")
    monkeypatch.setenv(THREADS, "3")
    pass_over(planted(), Cache(tmp_path), {}, **key)
    assert (asked["memory"], asked["threads"], asked["folder"]) == (2**29, 3, tmp_path)
    for wrong in ("much", "0", "-1", "nan"):
        monkeypatch.setenv(MEMORY, wrong)
        with pytest.raises(InputError, match=f"{MEMORY}: is '{wrong}', which is no number above 0"):
            pass_over(planted(), Cache(None), {}, **key)
    assert os.environ[THREADS] == "3"
