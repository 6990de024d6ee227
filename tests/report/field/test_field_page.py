"""The page of the field as it is written; a browser reads it in tests/browser."""

from __future__ import annotations

import json
import re

from tests.report.field.reviews import BAD, HOSTILE, field, hostile
from vcassay.report.field.page import CSV, field_page
from vcassay.report.review.page import review_page


def payload(page: str) -> dict:
    found = re.search(r'<script type="application/json" id="rows">(.*?)</script>', page, re.DOTALL)
    assert found
    return json.loads(found[1])


def test_every_review_is_there_in_full() -> None:
    page = field_page(field())
    for record in field():
        assert f"What does {record.card.name} score?" in page
        assert f"{record.card.name} predicts everything." in page
    assert page.count('class="entry"') == 4
    assert "ab" * 32 in page


def test_the_order_of_reviews_does_not_matter() -> None:
    assert field_page(field()) == field_page(reversed(field()))


def test_an_empty_field_is_a_page() -> None:
    assert "No claim is reviewed." in field_page(())


def test_filters_offer_what_some_row_has() -> None:
    page = field_page(field())
    menu = page[page.index('data-key="regime"') :]
    offered = re.findall(r'<option value="([^"]+)"', menu[: menu.index("</select>")])
    assert offered == ["GEX", "CEX", "not described"]


def test_rows_as_data() -> None:
    data = payload(field_page(field()))
    assert data["columns"] == list(CSV)
    rows = {row["cells"][0]: row for row in data["rows"]}
    assert all(len(row["cells"]) == len(CSV) for row in data["rows"])
    half = dict(zip(CSV, rows["Half"]["cells"], strict=True))
    assert (half["T1"], half["T2"], half["T4"]) == ("reported", "flawed", "reported")
    assert rows["Clear"]["sort"]["ladder"] == 31
    assert rows["Bare"]["sort"]["ladder"] == 0
    assert rows["Dark"]["keys"]["regime"] == ["not described"]


def test_texts_of_cards_are_escaped() -> None:
    for page in (field_page(hostile()), *map(review_page, hostile())):
        assert BAD not in page
        assert "<img" not in page
        assert "<b>bold</b>" not in page
        assert "49[red]" not in page
        assert not re.search(r'href="(?!#)', page)
    page = field_page(hostile())
    assert BAD in [row["cells"][0] for row in payload(page)["rows"]]
    assert HOSTILE[2].replace("'", "&#39;") in page
