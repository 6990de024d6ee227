"""docs/review.md: its card is complete, and its thresholds are those of the rules."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from vcassay.core.threshold import registered
from vcassay.run.review import parse_card, review_card

TEXT = (Path(__file__).parents[2] / "docs" / "review.md").read_text(encoding="utf-8")


def test_the_card_is_reviewed_and_recognised():
    (block,) = re.findall(r"^```toml\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    record = review_card(parse_card(tomllib.loads(block), "docs/review.md"))
    assert not [f for f in record.findings if f.check == "unrecognised"]
    assert record.benchmarks[0].tiers["T4"] == ("split half",)


def test_thresholds_are_those_of_the_rules():
    rows = dict(re.findall(r"^\| `(review_\w+)` \| (\d+) \|", TEXT, re.MULTILINE))
    assert rows == {t.name: f"{t.value:g}" for t in registered() if t.name.startswith("review_")}
