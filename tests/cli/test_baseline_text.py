"""Baselines as listed, explained, and sorted into what a claim allows."""

from __future__ import annotations

import json

import pytest

from vcassay.cli.baseline_text import baselines_text, legal_text
from vcassay.evidence.baselines import BASELINES


def rung(name: str, tier: str = "T1", **more: object) -> dict[str, object]:
    given: dict[str, object] = {"name": name, "title": name.upper(), "tier": tier, "kind": "baseline", "twin": ""}
    given |= {"opt_in": False, "legal": True, "why": "", "needs": "", "n": None, "of": None}
    return given | more


def test_the_list_goes_by_tier_then_probes_then_sabotage():
    rows = [
        rung("z", "T3", kind="sabotage", twin="b"),
        rung("p", "T1", kind="probe"),
        rung("b", "T3", opt_in=True),
        rung("a", "T0"),
    ]
    parts = baselines_text(rows).split("\n\n")
    assert parts[0].startswith("* runs only where a study names it")
    assert [p.splitlines()[0].split(":")[0] for p in parts[1:]] == ["T0", "T3", "probes", "sabotage"]
    assert parts[2].splitlines()[1].startswith("* b")
    assert parts[4].splitlines()[1].endswith("Z (against b)")


def test_every_baseline_is_listed_once_under_a_title(vcassay):
    lines = vcassay("list", "baselines").out.splitlines()
    named = [line.strip("* ").split("  ")[0] for line in lines if line.startswith(("  ", "* ")) and "  " in line[2:]]
    assert sorted(named) == sorted(e.name for e in BASELINES)
    assert "T3: computational biologist" in lines


def test_as_json_it_is_a_list_of_objects(vcassay):
    rows = json.loads(vcassay("list", "baselines", "--json").out)
    assert len(rows) == len(list(BASELINES))
    for row in rows:
        assert {"name", "title", "summary", "source", "tier", "kind", "reads", "opt_in"} <= set(row)
        assert row["summary"]
        assert row["source"]
        assert isinstance(row["reads"], list)


@pytest.mark.parametrize("name", [e.name for e in BASELINES])
def test_each_is_explained_in_words(vcassay, name):
    ended = vcassay("explain", name)
    assert ended.status == 0
    for word in ("tier:", "kind:", "reads:", "source:"):
        assert word in ended.out
    assert "None" not in ended.out
    for read in BASELINES[name].meta["reads"]:
        assert read in ended.out


def test_a_claim_names_the_legal_by_tier_and_the_others_by_reason():
    rows = [
        rung("one"),
        rung("two", needs="features"),
        rung("three", "T3", n=4, of=9),
        rung("four", "T2", legal=False, why="reads parts"),
        rung("five", "T3", legal=False, why="reads parts"),
    ]
    text = legal_text(rows)
    assert "Legal baselines: 3 of 5, by tier\n  - T1: one, two*\n  - T3: three (for 4 of 9 conditions)\n" in text
    assert "Not legal: 2, by reason\n  - four, five: reads parts" in text


def test_a_claim_that_bars_nothing_says_nothing_of_it():
    assert legal_text([rung("one", n=9, of=9)]) == "Legal baselines: 1 of 1, by tier\n  - T1: one"
