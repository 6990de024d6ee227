"""The page of one review: its order, its ladder, and how each fact is known."""

from __future__ import annotations

import re

from tests.report.field.reviews import field, review

from vcassay.report.review.ladder import CEILING, joined, ladders
from vcassay.report.review.page import review_page
from vcassay.report.review.told import facts
from vcassay.report.review.view import view


def test_the_verdict_comes_first_and_the_sources_last() -> None:
    page = review_page(field()[1])
    body = page[page.index("<main") :]
    order = (
        *(
            "As reported",
            "Claimed, in short: ",
            "What does the split claim?",
            "Has anything leaked?",
            "Are the baselines",
        ),
        *("Can the score measure", "Is it learning actual biology?", "What to ask", "What the card says", "sha256"),
    )
    places = [body.index(words) for words in order]
    assert places == sorted(places)
    assert body.index("Not supported") < places[0]
    assert "ab" * 32 in body


def test_the_ladder_as_reported() -> None:
    whole, half, bare, dark = (joined(ladders(r)) for r in field())
    assert [r.state for r in whole] == ["reported"] * 5
    assert [r.state for r in half] == ["missing", "reported", "flawed", "missing", "reported"]
    assert half[2].idle == (("linear", "centred twice"),)
    assert half[4].names == (CEILING,)
    assert [r.state for r in bare] == ["missing", "flawed", "missing", "missing", "missing"]
    assert {r.state for r in dark} == {"missing"}
    page = review_page(field()[1])
    assert "<s>linear</s>" in page
    assert "does not count: centred twice" in page


def test_facts_say_how_they_are_known() -> None:
    half, bare = field()[1:3]
    seen = {f.what: f.how for f in facts(half.card)}
    assert seen["Claim"] == "read"
    assert seen["Leakage L21, disclosed"] == "second-hand"
    assert {f.how for f in facts(bare.card)} == {"recalled"}
    shown = view(half)
    assert shown.recalled == 2
    assert shown.benches[0].known == {"linear": "recalled"}
    page = review_page(bare)
    assert page.count('<tr class="recalled">') == len(facts(bare.card))
    assert "from memory, not checked" in page


def test_the_questions_can_be_copied() -> None:
    page = review_page(review("A"))
    assert '<pre class="letter" id="letter">1. What does A score?</pre>' in page
    assert re.search(r'<button type="button" class="copy" data-copies="letter" hidden>', page)


def test_a_review_without_benchmarks_is_a_page() -> None:
    record = review("A", card={"benchmark": []}, benchmarks=(), speaks="", questions=(), missing=(), findings=())
    page = review_page(record)
    assert "No benchmark is reported." in page
    assert "What to ask the authors" not in page


def test_disclosures_in_words() -> None:
    given = {
        "pretraining": [{"name": "CELLxGENE", "perturbed": False}],
        "priors": [],
        "genes": {"data": "test", "why": "so"},
    }
    told = {f.what: f.text for f in facts(review("A", card={"disclosure": given}).card)}
    assert told["Pretraining"] == "CELLxGENE (perturbed: no)"
    assert told["Knowledge"] == "none"
    assert told["Genes chosen on"] == "test: so"
