"""The package's cards, and a reader's own beside them, reviewed by the same rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.run.review_cards import ideal
from vcassay.core import InputError
from vcassay.run.card_writer import write_toml
from vcassay.run.field import review_field, review_packaged
from vcassay.run.review import card_sha256
from vcassay.verdict.cards import card_names


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(write_toml(ideal()), encoding="utf-8")
    return path


def test_own_cards_stand_alone_or_beside_the_packages(own: Path) -> None:
    (alone,) = review_field([own], packaged=False)
    assert alone.card.name == "Clear"
    assert alone.level == "supported"
    assert alone.card_sha256 == card_sha256(own)
    assert alone.speaks == alone.benchmarks[0].title
    assert alone.benchmarks[0].level == "supported"
    assert alone.benchmarks[0].regimes == ("CEX",)


def test_an_own_card_takes_the_place_of_a_packaged_one(tmp_path: Path) -> None:
    path = tmp_path / "gears.toml"
    path.write_text(write_toml(ideal() | {"name": "gears"}), encoding="utf-8")
    records = review_field([path])
    assert len(records) == len(card_names())
    (gears,) = [r for r in records if r.card.name.casefold() == "gears"]
    assert gears.level == "supported"


def test_a_packaged_review_names_its_card_and_its_benchmark() -> None:
    record = review_packaged("state")
    assert len(record.card_sha256) == 64
    assert record.speaks in [b.title for b in record.benchmarks]
    assert record.level == next(b.level for b in record.benchmarks if b.title == record.speaks)
    flawed = [b.uncounted for b in record.benchmarks if b.uncounted]
    assert any("linear" in own for own in flawed)


def test_no_card_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is missing"):
        review_field([tmp_path / "none.toml"], packaged=False)


def test_two_own_cards_of_one_name_are_a_mistake(own: Path, tmp_path: Path) -> None:
    twin = tmp_path / "twin.toml"
    twin.write_bytes(own.read_bytes())
    with pytest.raises(InputError, match="is of 'Clear'"):
        review_field([own, twin], packaged=False)
