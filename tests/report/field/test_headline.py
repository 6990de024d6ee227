"""Counts over the field, in closed form."""

from __future__ import annotations

import pytest

from tests.report.field.reviews import field, finding, review
from vcassay.report.field.headline import certainty, complete, ends, headlines, lead
from vcassay.report.field.row import REPORTS, row, rows, tier_codes

COUNTS = {"context": 1, "leakage": 2, "T3": 1, "T4": 2, "intervals": 1, "biology": 1}


def test_counts() -> None:
    found = headlines(rows(field()))
    assert {h.key: h.n for h in found} == COUNTS
    assert {h.of for h in found} == {4}
    told = {h.key: h.sentence for h in found}
    assert told["T4"] == "2 of 4 report a ceiling."
    assert told["intervals"] == "1 of 4 reports an interval."
    assert headlines(rows([review("A")]))[0].sentence == "None of 1 was tested in a context never perturbed."


def test_levels() -> None:
    listed = rows(field())
    assert [(e.level, e.n) for e in ends(listed)] == [("supported", 1), ("not supported", 1), ("cannot tell", 2)]
    assert lead(listed) == (
        "Of 4 published claims one is supported by what is reported, one falls to reported numbers or to a leak, and "
        "two cannot be told."
    )
    assert lead(()) == "No claim is reviewed."
    assert lead(rows([review("A", "split-limited"), review("B", "diagnostic only")])) == (
        "Of 2 published claims none is supported by what is reported, and two hold for less than is claimed."
    )


def test_who_reports_everything() -> None:
    whole, half, bare, dark = field()
    assert complete(rows(field())) == "Clear reports all six."
    assert complete(rows([half, bare, dark])) == (
        "None reports all six: Half comes nearest, with two; not reported: a context never perturbed, "
        "T3: computational biologist, intervals and measured biology."
    )
    assert complete(rows([bare, dark])) == "None reports any of these six."
    assert complete(()) == ""
    assert whole.card.name == "Clear"


def test_certainty_counts_recalled_facts() -> None:
    assert certainty(rows(field())) == (
        "Confidence in the cards: 2 high, 1 medium, 1 low. 2 cards hold facts from memory, marked as such. "
        "Of 4 of 4 the text of the publication was not read: what is missing may stand there."
    )


def test_rows() -> None:
    by_name = {r.name: r for r in rows(field())}
    assert list(by_name) == ["Bare", "Clear", "Dark", "Half"]
    assert {name: tier_codes(r) for name, r in by_name.items()} == {
        "Bare": ".!...",
        "Clear": "01234",
        "Dark": ".....",
        "Half": ".1!.4",
    }
    assert (by_name["Half"].leaks_found, by_name["Half"].leaks_open) == (1, 1)
    assert (by_name["Clear"].shown, by_name["Clear"].askable) == (1, 1)
    assert by_name["Half"].contradicted == 1
    assert by_name["Dark"].tests == "what is new is not told"
    assert by_name["Clear"].lacks == ()
    assert set(by_name["Bare"].lacks) == set(REPORTS)


def test_a_check_that_found_a_leak_is_not_open_besides() -> None:
    """A leak that one benchmark has and another does not speak of is found, once."""
    twice = [finding("leakage", "L21", status) for status in ("UNKNOWN", "FAIL", "WARN")]
    found = row(review("M", findings=(*twice, finding("leakage", "L15", "UNKNOWN"))))
    assert (found.leaks_found, found.leaks_open) == (1, 1)


def test_order_does_not_matter() -> None:
    assert rows(field()) == rows(reversed(field()))


@pytest.mark.parametrize(("second", "state"), [(("nearest line",), "reported"), ((), "partly")])
def test_a_tier_on_some_benchmarks(second: tuple[str, ...], state: str) -> None:
    record = field()[0]
    own = record.benchmarks[0]
    other = own.model_copy(update={"title": "other", "tiers": {"T3": second} if second else {}, "regimes": ("GEX",)})
    card = record.card.model_copy(update={"benchmark": record.card.benchmark * 2})
    found = row(record.model_copy(update={"card": card, "benchmarks": (own, other)}))
    assert found.rungs[3].state == state
    assert "T3" in found.reports
    assert found.regimes == ("GEX", "CEX")
    assert found.also == ("GEX",)


def test_an_empty_list_of_leaks_speaks() -> None:
    assert "leakage" in row(review("A", card={"leakage": []})).reports
    assert "leakage" not in row(review("A")).reports


def test_what_others_ran_is_not_what_the_authors_report() -> None:
    clear = field()[0]
    (theirs,) = clear.card.benchmark
    others = theirs.model_copy(update={"by": "Somebody"})
    twice = clear.model_copy(
        update={
            "benchmarks": (clear.benchmarks[0], review("A", regime="GEX").benchmarks[0]),
            "card": clear.card.model_copy(update={"benchmark": (others, review("A").card.benchmark[0])}),
        }
    )
    assert {"T3", "T4", "context", "intervals"} <= row(clear).reports
    assert not {"T3", "T4", "context", "intervals"} & row(twice).reports
