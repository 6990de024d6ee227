"""Metrics are listed by family with their direction, and explained with what can go wrong."""

from __future__ import annotations

import io
import sys

import pytest

from vcassay.cli.metric_text import BARE, metric_text, metrics_text, way
from vcassay.evidence.metrics import METRICS


def rows():
    return [{"name": e.name, "title": e.meta["title"], **e.meta} for e in METRICS]


def test_every_metric_is_listed_once_under_its_family():
    text = metrics_text(rows())
    blocks = text.split("\n\n")[1:]
    assert len(blocks) == len({r["family"] for r in rows()})
    for entry in METRICS:
        (line,) = (x for x in text.splitlines() if x[4:].split(" ")[0] == entry.name)
        block = next(b for b in blocks if line in b)
        assert block.startswith(entry.meta["family"])
        assert f"best {entry.meta['optimum']:g} " in line
        assert entry.meta["space"] in line
        assert line.endswith((entry.meta["title"], f"({BARE})"))
        assert line.startswith("*") == entry.meta["primary"]


def test_the_arrow_points_to_better():
    signs = {e.name: way(e.meta) for e in METRICS}
    assert (signs["pearson_delta"], signs["nmse"], signs["magnitude_log2"]) == ("up", "down", "centre")
    assert (signs["effective_rank_log2"], signs["null_effect"]) == ("centre", "down")


@pytest.mark.parametrize("name", [e.name for e in METRICS])
def test_a_metric_is_explained_with_all_that_is_known(name):
    entry = METRICS[name]
    text = metric_text(entry)
    for word in ("direction:", "optimum:", "chance:", "space:", "reference:", "undefined:", "fooled by:", "source:"):
        assert f"\n{word}" in text, word
    assert entry.source in text
    assert all(fault in text for fault in entry.meta["faults"])
    assert (BARE in text) == (entry.meta["space"] == "expression" or entry.meta["family"] == "raw")
    assert "None" not in text


def test_plain_signs_where_the_terminal_has_no_arrows(monkeypatch):
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    text = metrics_text(rows())
    assert text.isascii()
    assert "* + pearson_delta " in text


def test_the_command_prints_them(vcassay):
    ended = vcassay("list", "metrics")
    assert ended.status == 0
    assert "pearson_delta" in ended.out
    ended = vcassay("explain", "mse")
    assert BARE in ended.out
    ended = vcassay("explain", "pearson_dleta")
    assert ended.status == 2
    assert "did you mean 'pearson_delta'?" in ended.said
