"""The catalogue lists and explains published protocols beside metrics, baselines, checks and diagnostics."""

from __future__ import annotations

import json

import pytest

from vcassay.claim.protocols import protocols
from vcassay.record.rooms import BIOLOGY_ROOMS


def test_protocols_are_listed_with_regime_dataset_and_source(vcassay):
    ended = vcassay("list", "protocols")
    lines = ended.out.splitlines()
    assert ended.status == 0
    assert len(lines) == len(list(protocols()))
    (line,) = (x for x in lines if x.startswith("state-tahoe-fewshot"))
    for word in ("few-shot context", "Tahoe-100M", "STATE"):
        assert word in line


def test_protocols_as_json(vcassay):
    rows = json.loads(vcassay("list", "protocols", "--json").out)
    assert {"name", "title", "regime", "dataset", "source"} <= set(rows[0])
    assert [r["name"] for r in rows] == [p.name for p in protocols()]
    everything = json.loads(vcassay("list", "--json").out)
    assert set(everything) == {"metrics", "baselines", "checks", "diagnostics", "protocols"}


def test_diagnostics_stand_under_their_questions(vcassay):
    rows = json.loads(vcassay("list", "diagnostics", "--json").out)
    rooms = list(BIOLOGY_ROOMS)
    assert [r["room"] for r in rows] == sorted((r["room"] for r in rows), key=rooms.index)
    for row in rows:
        assert row["name"]
        assert row["summary"]
        assert row["source"]
    lines = vcassay("list", "diagnostics").out.splitlines()
    asked = [BIOLOGY_ROOMS[room] for room in dict.fromkeys(r["room"] for r in rows)]
    assert [line for line in lines if line and not line.startswith(" ")] == asked
    assert [line.split()[0] for line in lines if line.startswith(" ")] == [r["name"] for r in rows]


@pytest.mark.parametrize("name", [p.name for p in protocols()])
def test_a_protocol_is_explained_with_its_traps(vcassay, name):
    ended = vcassay("explain", name)
    (protocol,) = (p for p in protocols() if p.name == name)
    assert ended.status == 0
    assert protocol.definition in ended.out
    assert protocol.sentence() in ended.out
    assert all(f"{t.status} {t.title}: {t.sentence}" in ended.out for t in protocol.traps)
    assert "None" not in ended.out


def test_an_explanation_as_json(vcassay):
    data = json.loads(vcassay("explain", "vcc-2026", "--json").out)
    assert (data["kind"], data["regime"], data["truth"]) == ("protocols", "CEX", "private")
    assert data["make"] == {"make": "cex"}


def test_a_name_that_is_nearly_right(vcassay):
    ended = vcassay("explain", "tahoe-cexx")
    assert ended.status == 2
    assert "did you mean 'tahoe-cex'?" in ended.said
    assert vcassay("list", "protocol").status == 2
    assert vcassay("explain", "tahoe-cex").status == 0
