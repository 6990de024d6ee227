"""The claim as a page or a picture: complete, offline, escaped, and content with whatever it is given."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pandas as pd
import pytest

from tests.report.conftest import Planted
from vcassay.core import InputError
from vcassay.report.claim_page import claim_page, write_picture
from vcassay.report.wording import FIT

HOSTILE = '<b>&"x"</b>'
TABLE = pd.DataFrame(
    [(c, p, "test" if c == "K562" else "train") for c in ("A549", "MCF7", "K562", HOSTILE) for p in ("x", "y")],
    columns=["context", "perturbation", "role"],
)
PUBLISHED: dict[str, Any] = {
    "protocol": "a-split",
    "title": "A published split",
    "dataset": "Tahoe-100M",
    "source": "Somebody 2025",
    "note": "structure as published",
    "definition": "Five lines are held out.",
    "regime": "few-shot context",
    "sentence": "The model predicts 735 conditions in 5 contexts",
    "novelty": [
        {"regime": "few-shot context", "share": 0.75, "what": "the rest of five lines", "perturbations": 735},
        {"regime": "GEX", "share": 0.25, "kind": "0 of 2 parts seen", "perturbations": 2, "shots": 348.0},
    ],
    "supports": [{"sentence": "Filling in.", "reason": "others were measured"}],
    "does_not_support": [{"sentence": "New contexts.", "reason": "each was trained on"}],
    "applications": [{"use": "screening", "fit": "direct", "reason": "measured in part"}],
    "findings": [
        {"status": "PASS", "title": "Fine", "sentence": "nothing is wrong", "check": "L01", "evidence": []},
        {"status": "FAIL", "title": "Siblings", "sentence": "doses are shared", "evidence": "inferred"},
        {
            "status": "UNKNOWN",
            "title": "Pretraining",
            "sentence": "not declared",
            "question": "On what?",
            "remedy": "Ask",
        },
        {"status": "WARN", "title": "Read", "sentence": "in the paper", "evidence": [{"read how": "read"}]},
        {"status": "WARN", "title": "Shown", "sentence": "by rows", "evidence": [{"context": "K562", "n": 3}]},
    ],
    "legal_baselines": [
        {"name": "no_change", "tier": "T0", "legal": True, "why": ""},
        {"name": "additive", "tier": "T2", "legal": False, "why": "reads what is not granted"},
    ],
    "something": {"that": "nobody knows"},
}


class Page(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.parts: list[str] = []
        self._style = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {k: v or "" for k, v in attrs}))
        self._style = tag == "style"

    def handle_endtag(self, tag: str) -> None:
        self._style = False

    def handle_data(self, data: str) -> None:
        if not self._style:
            self.parts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.parts).split())


def test_everything_that_a_published_claim_says_is_shown() -> None:
    shown = Page(claim_page(PUBLISHED, None)).text
    for part in (
        "A published split",
        "The model predicts 735 conditions in 5 contexts.",
        "Contexts of which some perturbations were shown. Regime: few-shot context.",
        "Filling in. others were measured",
        "New contexts. each was trained on",
        f"{FIT['direct'].word} screening measured in part",
        "GEX, 0 of 2 parts seen",
        "The rest of five lines.",
        "75 %",
        "Fail Siblings Doses are shared. known from what the source states",
        "known from reading the source",
        "Remedy Ask. Ask the authors On what?",
        "T2 additive Not legal reads what is not granted",
        "Five lines are held out.",
    ):
        assert part in shown
    assert "nobody knows" not in shown
    assert shown.index("Siblings") < shown.index("Pretraining") < shown.index("Fine")


def test_a_stored_claim_is_shown_with_its_grid(planted: Planted) -> None:
    data = planted.record.claim.model_dump(mode="json")
    page = Page(claim_page({"table": "somewhere/split.csv", **data}, planted.conditions))
    claim = planted.record.claim
    assert "The split of split.csv" in page.text
    for row in (*claim.supports, *claim.does_not_support, *claim.scope):
        assert row.sentence in page.text
        assert row.reason in page.text
    for stratum in claim.novelty:
        assert f"{stratum.n:,}" in page.text
    assert sum(tag == "svg" and attrs.get("role") == "img" for tag, attrs in page.tags) == 1
    assert f"training {claim.n_train:,}" in page.text


@pytest.mark.parametrize("key", PUBLISHED)
def test_every_key_may_be_missing(key: str) -> None:
    page = claim_page({k: v for k, v in PUBLISHED.items() if k != key}, TABLE)
    assert page.startswith("<!doctype html>")


def test_rows_may_lack_what_they_like() -> None:
    bare = {
        "findings": [{}, {"title": "Alone"}],
        "novelty": [{}],
        "applications": [{}],
        "legal_baselines": [{}],
        "knowledge": [{}, {"resource": "genes", "wanted": 3, "found": 2, "missing": ["X"]}],
        "supports": ["A sentence", ["Another", "and why"], ["A third"]],
        "notes": [["Mapped", "by name"]],
        "counts": {"n_train": 3, "n_test": 0},
        "columns": {"perturbation": "gene"},
        "covered": None,
    }
    shown = Page(claim_page(bare, None)).text
    for part in ("Another and why", "genes: 2 of 3; not X", "Mapped by name", "3 training", "perturbation = gene"):
        assert part in shown
    assert "None" not in shown
    assert Page(claim_page({}, None)).text.count("Regime: none.") == 1


def test_the_page_opens_without_a_request() -> None:
    html = claim_page(PUBLISHED, TABLE)
    page = Page(html)
    loading = {"src", "srcset", "href", "data", "poster", "action", "xlink:href", "style"}
    for tag, attrs in page.tags:
        assert not loading & set(attrs), (tag, attrs)
        assert tag not in ("script", "iframe", "object", "embed", "link", "base", "img")
        assert not [name for name in attrs if name.startswith("on")]
    assert not re.search(r"url\(|@import", html)
    rules = [a["content"] for t, a in page.tags if t == "meta" and a.get("http-equiv") == "Content-Security-Policy"]
    assert len(rules) == 1
    parsed = {r.strip().partition(" ")[0]: r.strip().partition(" ")[2] for r in rules[0].split(";")}
    assert parsed["default-src"] == "'none'"
    assert parsed["script-src"] == ""
    assert "prefers-color-scheme:dark" in html
    assert "@media print" in html


def test_labels_stay_text() -> None:
    def hostile(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: hostile(v) for k, v in value.items()}
        if isinstance(value, list):
            return [hostile(v) for v in value]
        return HOSTILE if isinstance(value, str) else value

    html = claim_page(hostile(PUBLISHED), TABLE)
    assert HOSTILE not in html
    assert HOSTILE in Page(html).text


def test_the_same_bytes_for_any_order_of_rows() -> None:
    assert claim_page(PUBLISHED, TABLE) == claim_page(PUBLISHED, TABLE.iloc[::-1])


def test_the_ending_chooses_the_picture(tmp_path: Path) -> None:
    page = write_picture(tmp_path / "new" / "claim.html", PUBLISHED, TABLE)
    assert page.read_text(encoding="utf-8") == claim_page(PUBLISHED, TABLE)
    drawing = write_picture(tmp_path / "claim.SVG", PUBLISHED, TABLE)
    root = ElementTree.fromstring(drawing.read_text(encoding="utf-8"))
    assert (root[0].text, root.tag) == ("A published split", "{http://www.w3.org/2000/svg}svg")
    assert sorted(p.name for p in tmp_path.rglob("*") if p.is_file()) == ["claim.SVG", "claim.html"]


@pytest.mark.parametrize("name", ["claim.png", "claim"])
def test_other_endings_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"\.svg or \.html"):
        write_picture(tmp_path / name, PUBLISHED, TABLE)
    assert not list(tmp_path.iterdir())


def test_a_claim_without_a_table_has_no_drawing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no table of conditions"):
        write_picture(tmp_path / "claim.svg", PUBLISHED, None)
    assert not list(tmp_path.iterdir())
