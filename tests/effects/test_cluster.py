"""The pass on a cluster: a real scheduler and worker processes on loopback, against one machine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import NamedTuple

import anndata as ad
import numpy as np
import pytest
import scipy.sparse as sp
from typer.testing import CliRunner

from tests.effects.builders import biology, count_cells, vectors
from tests.screen.storage.layouts import write_layout
from vcassay.cli.app import app
from vcassay.core import InputError
from vcassay.effects import Moments, accumulate, cluster_parts
from vcassay.effects import cluster as cluster_module
from vcassay.effects.cluster import accumulate_on
from vcassay.effects.cluster_worker import _entries, entries, identity
from vcassay.run.cache import Cache
from vcassay.run.moments import pass_over
from vcassay.screen import Design, Screen, read, read_screen

pytest.importorskip("distributed", reason="needs vcassay[cluster]")

SMALL = 6_000
"""Bytes of a partition that cut these screens into some dozens."""
QUIET = {"DASK_DISTRIBUTED__WORKER__DEATH_TIMEOUT": "60", "PYTHONWARNINGS": "ignore"}


class Cluster(NamedTuple):
    address: str
    folder: Path
    workers: list[subprocess.Popen[bytes]]

    def start(self, name: str) -> subprocess.Popen[bytes]:
        options = ("--no-nanny", "--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1", "--name", name)
        self.workers.append(launch("worker", self.address, *options, "--local-directory", str(self.folder)))
        return self.workers[-1]


def launch(kind: str, *options: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "dask", kind, *options]
    return subprocess.Popen(command, env=os.environ | QUIET, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def stop(process: subprocess.Popen[bytes], sign: int = signal.SIGTERM) -> None:
    process.send_signal(sign)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def scheduler_in(folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    """A scheduler, and its address."""
    named = folder / "scheduler.json"
    options = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(named))
    process = launch("scheduler", *options)
    until = time.monotonic() + 30
    while time.monotonic() < until and process.poll() is None:
        try:
            return process, json.loads(named.read_text())["address"]
        except (OSError, ValueError):  # not yet written, or not wholly
            time.sleep(0.05)
    stop(process)
    raise RuntimeError("the scheduler did not start")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("cluster")
    scheduler, address = scheduler_in(folder)
    found = Cluster(address, folder, [])
    try:
        found.start("first")
        found.start("second")
        yield found
    finally:
        for process in (*found.workers, scheduler):
            stop(process)


def written(folder: Path, kind: str, layout: str = "csr") -> Screen:
    """A screen on disk, its matrix left there and its values not looked at."""
    unit, base = biology(1, 6, 24, n_batches=2)
    if kind == "continuous":
        screen = vectors(3, unit, n_rows=40, n_controls=(60, 60), missing=0.03).screen
    else:
        screen = count_cells(3, 0.2 * unit, base, cells=(30,), controls=(60, 40)).screen
    adata = screen.adata.copy()
    if kind == "fractions":
        adata.X = sp.csr_matrix(adata.X.multiply(np.float32(1.1)), dtype=np.float32)
    if layout == "csc":
        adata.X = sp.csc_matrix(adata.X)
    path = folder / f"{kind}-{layout}.h5ad"
    adata.write_h5ad(path)
    return unchecked(path, screen.design)


def unchecked(path: Path, design: Design) -> Screen:
    """A screen as a large file is read: its values are left to the pass."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(read, "is_large", lambda matrix: True)
        return read_screen(path, design, backed=True)


def in_memory(screen: Screen) -> ad.AnnData:
    return ad.AnnData(screen.matrix.to_memory(), obs=screen.adata.obs, var=screen.adata.var)


def arrays(moments: Moments) -> dict[str, np.ndarray]:
    out = {}
    for field in fields(moments):
        value = getattr(moments, field.name)
        if isinstance(value, np.ndarray):
            out[field.name] = value
        elif sp.issparse(value):
            out[field.name] = value.toarray()
        elif field.name == "links":
            out |= {f"links.{k}": link.toarray() for k, link in enumerate(value)}
    return out


def differing(a: Moments, b: Moments) -> list[str]:
    """Names of what differs in any bit."""
    x, y = arrays(a), arrays(b)
    assert x.keys() == y.keys()
    return [name for name in x if not np.array_equal(x[name], y[name], equal_nan=True)]


@pytest.mark.parametrize("kind", ["counts", "fractions", "continuous"])
def test_equals_one_machine(cluster, tmp_path, kind):
    more = {"seed": 4, "squares": True, "nonzeros": True}
    with written(tmp_path, kind) as screen:
        seen: list[tuple[int, int]] = []
        one = accumulate(screen, **more)
        few = accumulate_on(cluster.address, screen, partition_bytes=4 * SMALL, **more)
        many = accumulate_on(
            cluster.address, screen, partition_bytes=SMALL, progress=lambda *done: seen.append(done), **more
        )
    assert len(seen) > 8
    assert seen[-1] == (screen.n_rows, screen.n_rows)
    assert one.notes == many.notes
    for other in (few, many):
        if kind != "counts":
            assert "squares" in differing(one, other)  # or the tolerance below would be beside the point
            for name, values in arrays(one).items():
                scale = np.nanmax(np.abs(values), initial=0.0)
                np.testing.assert_allclose(arrays(other)[name], values, rtol=1e-12, atol=1e-12 * scale, err_msg=name)
        else:
            assert differing(one, other) == []


def test_a_worker_is_killed_in_the_middle(cluster, tmp_path, monkeypatch):
    from distributed import Client

    monkeypatch.setattr(cluster_module, "AHEAD", 5)  # all partitions are handed out before the first is added
    with written(tmp_path, "continuous") as screen:
        calm = accumulate_on(cluster.address, screen, partition_bytes=SMALL)
        victim = cluster.start("victim")
        with Client(cluster.address, set_as_default=False) as client:
            client.wait_for_workers(3, timeout=30)
        seen: list[int] = []

        def kill(done: int, total: int) -> None:
            seen.append(done)
            if len(seen) == 3:
                victim.send_signal(signal.SIGKILL)
                victim.wait(10)

        shaken = accumulate_on(cluster.address, screen, partition_bytes=SMALL, progress=kill)
    assert victim.returncode == -signal.SIGKILL
    assert seen == sorted(seen)
    assert len(seen) > 8
    assert differing(calm, shaken) == []


@pytest.mark.parametrize("layout", ["csr gzip", "dense", "zarr 3", "several", "parquet"])
def test_every_layout(cluster, tmp_path, layout):
    with written(tmp_path, "counts") as screen:
        adata, design = in_memory(screen), screen.design
    path = write_layout(adata, layout, tmp_path)
    with read_screen(path, design, backed=True) as screen:
        one, there = accumulate(screen), accumulate_on(cluster.address, screen, partition_bytes=SMALL)
    assert differing(one, there) == []


def test_goes_on_from_a_checkpoint(cluster, tmp_path):
    class Kept:
        def __init__(self) -> None:
            self.state: dict[str, np.ndarray] = {}

        def names(self):
            return tuple(self.state)

        def load(self, targets):
            for name, target in targets.items():
                target[...] = self.state[name]
            return True

        def due(self):
            return not self.state

        def save(self, state):
            self.state = {name: np.array(array) for name, array in state.items()}

    kept, seen = Kept(), []
    with written(tmp_path, "continuous") as screen:
        whole = accumulate_on(cluster.address, screen, partition_bytes=SMALL, checkpoint=kept)
        again = accumulate_on(
            cluster.address, screen, partition_bytes=SMALL, checkpoint=kept, progress=lambda *done: seen.append(done[0])
        )
    assert seen[0] > int(kept.state["next"][0]) > 0
    assert differing(whole, again) == []


def test_a_value_that_does_not_belong_is_refused_as_on_one_machine(cluster, tmp_path):
    with written(tmp_path, "counts") as screen:
        adata, path, design = in_memory(screen), screen.path, screen.design
    adata.X.data[[-1, -900]] = np.nan, -1
    adata.write_h5ad(path)
    with unchecked(path, design) as bad:
        with pytest.raises(InputError) as one:
            accumulate(bad)
        with pytest.raises(InputError) as all_at_once:
            accumulate_on(cluster.address, bad)
        with pytest.raises(InputError, match="negative values") as in_parts:
            accumulate_on(cluster.address, bad, partition_bytes=SMALL)
    assert str(all_at_once.value) == str(one.value)
    assert "the first in row" in str(in_parts.value)


@pytest.mark.parametrize("change", ["gone", "another"])
def test_a_file_that_a_worker_does_not_see(cluster, tmp_path, monkeypatch, change):
    with written(tmp_path, "counts") as screen:
        known = identity(screen.path)
        monkeypatch.setattr(cluster_parts, "identity", lambda path: known)
        screen.path.rename(tmp_path / "elsewhere")
        if change == "another":
            screen.path.write_bytes(b"something else")
        with pytest.raises(InputError) as error:
            accumulate_on(cluster.address, screen)
    told = {"gone": "cannot be read there (no such file", "another": "differs from the one"}[change]
    assert told in str(error.value)
    assert f"{screen.path} on the worker tcp://127.0.0.1:" in str(error.value)


def test_a_matrix_that_cannot_be_divided(cluster, tmp_path):
    with written(tmp_path, "counts", "csc") as screen, pytest.raises(InputError, match=r"by columns \(CSC\)"):
        accumulate_on(cluster.address, screen)
    unit, base = biology(1, 3, 8)
    with pytest.raises(InputError, match="in memory alone"):
        accumulate_on(cluster.address, count_cells(3, unit, base).screen)


def test_sums_travel_in_the_smallest_type_that_holds_them():
    kept = {"uint8": [1, 255], "uint16": [0, 256], "uint32": [2**16, 2**32 - 1], "float64": [0.5, 1]}
    for values in (*kept.values(), [2.0**32, 1], [-1, 1], [1e-300, 1e300]):
        data, indices, indptr = _entries(np.array([values], dtype=np.float64))
        held = values if values[0] else values[1:]
        assert entries((data, indices, indptr))[0].tolist() == held
        assert data.dtype.name == next((name for name, own in kept.items() if own == values), "float64")


def test_no_scheduler_answers(tmp_path, monkeypatch):
    monkeypatch.setattr(cluster_module, "ANSWER_SECONDS", 0.5)
    with written(tmp_path, "counts") as screen:
        for address in ("tcp://127.0.0.1:9", "nonsense://127.0.0.1:9"):
            with pytest.raises(InputError, match="no scheduler answered"):
                accumulate_on(address, screen)


@pytest.mark.slow
def test_no_worker_and_no_scheduler_any_more(tmp_path, monkeypatch):
    monkeypatch.setattr(cluster_module, "WORKER_SECONDS", 0.5)
    monkeypatch.setattr(cluster_module, "POLL_SECONDS", 0.25)
    process, address = scheduler_in(tmp_path)
    try:
        with written(tmp_path, "counts") as screen, pytest.raises(InputError, match="there has been no worker"):
            accumulate_on(address, screen)
        monkeypatch.setattr(cluster_module, "WORKER_SECONDS", 60.0)
        wait = cluster_module._result

        def killed(*given):
            stop(process, signal.SIGKILL)
            return wait(*given)

        monkeypatch.setattr(cluster_module, "_result", killed)
        with written(tmp_path, "counts") as screen, pytest.raises(InputError, match="the scheduler is gone"):
            accumulate_on(address, screen)
    finally:
        stop(process, signal.SIGKILL)


def test_without_dask(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with written(tmp_path, "counts") as screen, pytest.raises(InputError, match=r"pip install 'vcassay\[cluster\]'"):
        accumulate_on("tcp://127.0.0.1:8786", screen)


def test_nothing_of_dask_is_imported_unless_asked(tmp_path):
    with written(tmp_path, "counts") as screen:
        path = screen.path
    program = (
        "import sys, vcassay\n"
        "assert not {'dask', 'distributed'} & set(sys.modules)\n"
        "from vcassay.effects import cluster, measure\n"
        "from vcassay.screen import read_screen\n"
        f"with read_screen({str(path)!r}, backed=True) as screen:\n"
        "    measure(screen)\n"
        "assert 'distributed' not in sys.modules\n"  # dask.array comes with anndata wherever it is installed
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_what_a_run_keeps_of_the_pass(cluster, tmp_path):
    def no_progress(done: int, total: int) -> None:
        pass

    given = {"seed": 4, "target_sum": 1e4, "progress": no_progress}
    with written(tmp_path, "counts") as screen:
        here = pass_over(screen, Cache(None), {}, **given)
        cache = Cache(tmp_path / "cache")
        there = pass_over(screen, cache, {}, scheduler=cluster.address, **given)
        kept = pass_over(screen, cache, {}, scheduler="tcp://127.0.0.1:9", **given)
    assert differing(here, there) == []
    assert differing(here, kept) == []


def test_the_command_line(cluster, tmp_path, monkeypatch):
    with written(tmp_path, "counts") as screen:
        path = str(screen.path)
    here = CliRunner().invoke(app, ["inspect", path, "--json"])
    there = CliRunner().invoke(app, ["inspect", path, "--json", "--scheduler", cluster.address])
    assert (here.exit_code, there.exit_code) == (0, 0)
    assert json.loads(here.stdout) == json.loads(there.stdout)
    monkeypatch.setattr(cluster_module, "ANSWER_SECONDS", 0.5)
    nobody = CliRunner().invoke(app, ["inspect", path, "--scheduler", "tcp://127.0.0.1:9"])
    assert nobody.exit_code == 2
    assert nobody.stderr.strip().splitlines()[-1].startswith("vcassay: tcp://127.0.0.1:9: no scheduler answered")
