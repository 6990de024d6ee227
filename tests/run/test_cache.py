"""The cache keeps what was computed, computes again what was damaged, and leaves nothing half-written."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from vcassay.run.cache import Cache, digest, sweep


def counting():
    calls = []

    def compute():
        calls.append(1)
        return {"values": np.arange(4.0) + len(calls), "text": np.array("β <b>")}

    return calls, compute


def kept(folder):
    return sorted(p.name for p in folder.rglob("*") if p.is_file())


def test_computed_once(tmp_path):
    cache, (calls, compute) = Cache(tmp_path / "c"), counting()
    first = cache.arrays("step", {"seed": 1}, compute)
    second = cache.arrays("step", {"seed": 1}, compute)
    assert len(calls) == 1
    np.testing.assert_array_equal(first["values"], second["values"])
    assert str(second["text"]) == "β <b>"
    assert cache.hits == ["step"]
    cache.arrays("step", {"seed": 2}, compute)
    assert len(calls) == 2
    assert not [name for name in kept(tmp_path) if name.endswith(".part")]


def test_without_a_folder_nothing_is_kept():
    calls, compute = counting()
    for _ in range(2):
        Cache(None).arrays("step", {}, compute)
    assert len(calls) == 2


@pytest.mark.parametrize("damage", ["cut", "empty", "garbage", "pickled"])
def test_a_damaged_file_is_computed_again(damage, tmp_path):
    cache, (calls, compute) = Cache(tmp_path), counting()
    cache.arrays("step", {}, compute)
    (path,) = tmp_path.glob("*.npz")
    whole = path.read_bytes()
    if damage == "pickled":
        np.savez(path, values=np.array([{}], dtype=object))
    else:
        path.write_bytes({"cut": whole[: len(whole) // 2], "empty": b"", "garbage": b"garbage" * 9}[damage])
    again = cache.arrays("step", {}, compute)
    assert len(calls) == 2
    assert again["values"][0] == 2
    cache.arrays("step", {}, compute)
    assert len(calls) == 2  # the mended file is whole


def test_another_version_computes_again(tmp_path, monkeypatch):
    cache, (calls, compute) = Cache(tmp_path), counting()
    cache.arrays("step", {}, compute)
    monkeypatch.setattr("vcassay.run.cache.versions", lambda: {"vcassay": "99"})
    Cache(tmp_path).arrays("step", {}, compute)
    assert len(calls) == 2


def test_what_is_too_large_is_not_kept(tmp_path):
    cache, (_, compute) = Cache(tmp_path), counting()
    cache.arrays("step", {}, compute, max_bytes=8)
    assert kept(tmp_path) == []


def test_a_failure_keeps_nothing(tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError, match="space"):
        Cache(tmp_path).arrays("step", {}, counting()[1])
    assert kept(tmp_path) == []


def test_forget_removes_one_step_alone(tmp_path):
    cache, (_, compute) = Cache(tmp_path), counting()
    cache.arrays("one", {}, compute)
    cache.arrays("two", {}, compute)
    cache.forget("one")
    assert [name.split("-")[0] for name in kept(tmp_path)] == ["two"]


def test_leftovers_of_dead_runs_are_swept_away(tmp_path):
    dead = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    (tmp_path / "cache").mkdir()
    old = [tmp_path / f".a.json.{int(dead.stdout)}.part", tmp_path / "cache" / f".b.npz.{int(dead.stdout)}.part"]
    others = [tmp_path / f".c.{os.getpid()}.part", tmp_path / f".d.{os.getppid()}.part", tmp_path / "notes.part"]
    for path in (*old, *others):
        path.write_text("half")
    sweep(tmp_path)
    assert not any(path.exists() for path in old)
    assert all(path.exists() for path in others)


def test_the_digest_tells_values_types_and_names_apart():
    same = {"a": np.arange(3), "b": "x", "c": np.array(["p", "q"])}
    assert digest(same) == digest(dict(reversed(same.items())))
    others = [
        {**same, "a": np.arange(3.0)},
        {**same, "a": np.arange(3)[:, None]},
        {**same, "b": "y"},
        {**same, "c": np.array(["p", "r"])},
        {**same, "c": np.array(["pq", ""])},
        {k: v for k, v in same.items() if k != "b"},
    ]
    assert len({digest(d) for d in (same, *others)}) == 1 + len(others)
