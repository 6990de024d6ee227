"""What others ran on a model is told beside the card, and is not what its publication reports."""

from __future__ import annotations

from vcassay.report.field.row import row
from vcassay.run.review import review_card
from vcassay.verdict.cards import read_packaged


def test_what_others_ran_is_not_what_a_publication_reports():
    record = review_card(read_packaged("gears"))
    assert any(b.by for b in record.card.benchmark)
    found = row(record)
    assert {"T3", "T4"}.isdisjoint(found.reports)
    assert "T0" in found.reports
