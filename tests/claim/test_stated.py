"""A split as stated: what is pooled over its strata, and which of its numbers are known."""

from __future__ import annotations

import pytest

from vcassay.claim.stated import NUMBERS, StatedSplit
from vcassay.core import Regime
from vcassay.record.card import Numbers, StatedStratum


def stratum(regime: Regime = Regime.COMBINATION, share: float = 0.5, **told: object) -> StatedStratum:
    return StatedStratum(regime=regime, share=share, **told)


def split(*strata: StatedStratum, **told: object) -> StatedSplit:
    return StatedSplit(strata=strata, **told)


def test_shares_of_one_regime_add_up_and_never_beyond_all() -> None:
    several = split(stratum(share=0.2), stratum(share=0.3), stratum(Regime.GEX, 0.5))
    assert several.sentence().count("(50% of the test conditions)") == 2
    over = split(stratum(share=0.7), stratum(share=0.7), stratum(Regime.GEX, 0.5))
    assert "(100% of the test conditions)" in over.sentence()


def test_perturbations_are_counted_where_every_stratum_counts_them() -> None:
    both = split(stratum(perturbations=30), stratum(perturbations=12)).sentence()
    assert "42 unseen combinations" in both
    one = split(stratum(perturbations=30), stratum(perturbations=None)).sentence()
    assert "unseen combination" in one
    assert "30" not in one


@pytest.mark.parametrize("worse", ["approximate", "second-hand", "recalled"])
def test_pooled_numbers_are_known_as_the_worst_of_them(worse: Numbers) -> None:
    for numbers in (("stated", worse), (worse, "counted")):
        text = split(*(stratum(perturbations=9, numbers=n) for n in numbers)).sentence()
        assert text.endswith(f"; {NUMBERS[worse]}.")


def test_what_differs_between_strata_is_left_out() -> None:
    """Combinations of which one or no part was seen are pooled to combinations of which nothing is said."""
    kinds = ("0 of 2 parts seen", "1 of 2 parts seen")
    pooled = split(*(stratum(kind=kind, perturbations=9) for kind in kinds))
    assert not any(kind in pooled.sentence() for kind in kinds)
    alone = split(stratum(kind=kinds[0], perturbations=9))
    assert kinds[0] in alone.sentence()


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"truth": "public", "truth_since": "2022"}, "the truth has been public since 2022"),
        ({"truth": "public"}, "the truth has been public: anybody could look"),
        ({"truth": "unknown"}, "whether they are public is not stated"),
    ],
)
def test_who_could_look_is_a_proviso(told: dict[str, str], words: str) -> None:
    reasons = [p.reason for p in split(stratum(), pretraining="no", **told).provisos()]
    assert len(reasons) == 1
    assert reasons[0].startswith(words)
    assert split(stratum(), pretraining="no", truth="private").provisos() == []
