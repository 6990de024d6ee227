"""vcassay datasets, as it is typed."""

from __future__ import annotations

import functools
import hashlib
import json
import tomllib

import numpy as np
import pytest

from tests.screen.fetch.server import Served, serving
from vcassay.cli import datasets as verb
from vcassay.cli.dataset_text import size_text
from vcassay.screen import fetch as package
from vcassay.screen.datasets import datasets, read_dataset
from vcassay.screen.fetch import fetch

BODY = b"counts" * 1000
ALL = list(datasets())


@pytest.fixture
def served(monkeypatch):
    """A data set whose file a server of this machine holds."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving() as server:
        server.files["/f"] = f = Served(BODY)
        d = read_dataset("norman2019")
        update = {"url": server.url("/f"), "bytes": len(BODY), "approximate": False, "md5": "", "sha256": ""}
        first = d.files[0].model_copy(update=update)
        d = d.model_copy(update={"files": (first, *d.files[1:])})
        monkeypatch.setattr("vcassay.screen.datasets.read_dataset", lambda name: d)
        yield f, d, monkeypatch


def test_the_table(vcassay):
    ended = vcassay("datasets")
    assert ended.status == 0
    lines = ended.out.splitlines()
    assert [line.split()[0] for line in lines[1 : 1 + len(ALL)]] == [d.name for d in ALL]
    assert max(map(len, lines)) <= 100
    rows = json.loads(vcassay("datasets", "--json").out)
    assert [r["name"] for r in rows] == [d.name for d in ALL]
    assert {"kinds", "cells", "contexts", "licence", "landing", "regimes"} <= set(rows[0])


@pytest.mark.parametrize("name", [d.name for d in ALL])
def test_all_of_one(vcassay, name):
    ended = vcassay("datasets", "show", name)
    d = read_dataset(name)
    assert ended.status == 0
    assert "None" not in ended.out.replace("None.", "")
    flat = " ".join(ended.out.split())
    for text in (d.title, d.licence.allows, *(t.sentence for t in d.traps), *(f.url for f in d.files), *d.protocols):
        assert " ".join(text.split()) in flat
    assert "[data]" in ended.out
    assert tomllib.loads(ended.out[ended.out.rindex("[data]") :])["data"]["perturbation"]


def test_one_as_json(vcassay):
    data = json.loads(vcassay("datasets", "show", "tahoe", "--json").out)
    assert (data["name"], data["counts"]["perturbations"]) == ("tahoe-100m", 379)
    assert {c["regime"]: c["answer"] for c in data["claims"]}["CEX"] == "yes"


def test_explain_finds_a_data_set(vcassay):
    assert vcassay("explain", "sciplex3").out == vcassay("datasets", "show", "sciplex3").out
    assert json.loads(vcassay("explain", "sciplex3", "--json").out)["kind"] == "datasets"
    assert json.loads(vcassay("explain", "vcc-2026", "--json").out)["kind"] == "protocols"
    assert "data sets: sciplex3 (" in vcassay("explain", "chemcpa-nine-drugs").out


def test_a_mistyped_name(vcassay):
    for words in (("show", "tahoe-100"), ("fetch", "tahoe-100")):
        ended = vcassay("datasets", *words)
        assert ended.status == 2
        assert "did you mean 'tahoe-100m'?" in ended.said


def test_nothing_to_fetch(vcassay):
    ended = vcassay("datasets", "fetch", "combosciplex")
    assert ended.status == 2
    assert "GSE206741" in ended.said


def test_fetching(vcassay, served, tmp_path):
    f, d, _ = served
    ended = vcassay("datasets", "fetch", "norman2019", "-o", tmp_path)
    assert ended.status == 0
    assert (tmp_path / d.files[0].name).read_bytes() == BODY
    assert ended.err.index("licence: CC BY 4.0") < ended.err.index("fetching NormanWeissman2019_filtered.h5ad")
    assert "(100%)" in ended.err
    assert "is recorded in NormanWeissman2019_filtered.h5ad.sha256" in ended.out
    assert tomllib.loads(ended.out[ended.out.rindex("[data]") :])["data"]["screen"] == str(tmp_path / d.files[0].name)
    again = json.loads(vcassay("datasets", "fetch", "norman2019", "-o", tmp_path, "--json").out)
    assert again[0]["how"] == "present"
    assert again[0]["checked"] == "first fetch"
    assert again[0]["sha256"] == hashlib.sha256(BODY).hexdigest()
    assert len(f.asked) == 1


def test_a_large_download_is_agreed_to(vcassay, served, tmp_path):
    f, d, patch = served
    patch.setattr("vcassay.screen.fetch.fetched.LARGE_BYTES", 100)
    patch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    ended = vcassay("datasets", "fetch", "norman2019", "-o", tmp_path)
    assert ended.status == 2
    assert "say --yes" in ended.said
    assert f.asked == []
    patch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    patch.setattr(verb.typer, "confirm", lambda *a, **k: False)
    ended = vcassay("datasets", "fetch", "norman2019", "-o", tmp_path)
    assert ended.status == 2
    assert "was not agreed to" in ended.said
    assert f.asked == []
    patch.setattr(verb.typer, "confirm", lambda *a, **k: True)
    assert vcassay("datasets", "fetch", "norman2019", "-o", tmp_path / "a").status == 0
    patch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    assert vcassay("datasets", "fetch", "norman2019", "-o", tmp_path / "b", "--yes").status == 0
    unknown = d.files[0].model_copy(update={"bytes": None})
    patch.setattr("vcassay.screen.datasets.read_dataset", lambda name: d.model_copy(update={"files": (unknown,)}))
    assert "has 6.0 kB" in vcassay("datasets", "fetch", "norman2019", "-o", tmp_path / "c").said


def test_an_interruption_ends_with_130_and_keeps_the_part(vcassay, served, tmp_path):
    f, d, patch = served
    f.cut = [1000]
    part = tmp_path / f"{d.files[0].name}.part"

    def stop(seconds: float) -> None:
        raise KeyboardInterrupt

    with patch.context() as inner:
        inner.setattr(package, "fetch", functools.partial(fetch, sleep=stop))
        ended = vcassay("datasets", "fetch", "norman2019", "-o", tmp_path)
    assert ended.status == 130
    assert part.stat().st_size == 1000
    assert vcassay("datasets", "fetch", "norman2019", "-o", tmp_path).status == 0
    assert f.asked[-1][1] == "bytes=1000-"


def test_converting(vcassay, tmp_path):
    table = tmp_path / "effect.csv"
    table.write_text("line,A1BG (1),TP53 (7157)\nACH-1,-0.5,\nACH-2,0.25,1\n")
    ended = vcassay("datasets", "convert", table, "--rows", "contexts")
    assert ended.status == 0
    assert (tmp_path / "effect.h5ad").exists()
    assert "3 rows x 1 features" in ended.out
    assert "1 of 4 pairs have no value" in ended.out
    assert vcassay("datasets", "convert", table, "--rows", "contexts").status == 2
    out = json.loads(
        vcassay("datasets", "convert", table, "--rows", "contexts", "-o", tmp_path / "b.h5ad", "--json").out
    )
    assert (out["n_obs"], out["obs"]) == (3, ["perturbation", "context"])
    assert "--value COLUMN" in vcassay("datasets", "convert", table, "-o", tmp_path / "c.h5ad").said
    shown = vcassay("inspect", tmp_path / "effect.h5ad")
    assert shown.status == 0, shown.err


@pytest.mark.parametrize(("size", "text"), [(None, "size not known"), (999, "999 bytes"), (2_526_631_614, "2.5 GB")])
def test_sizes(size, text):
    assert size_text(size) == text
    assert np.isfinite(len(size_text(size, approximate=True)))
