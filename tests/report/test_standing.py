"""Sentences on comparisons and ranks: one for each way they can end."""

from __future__ import annotations

import pytest

from vcassay.record import ComparisonRecord, RankingRecord, RankRecord
from vcassay.report.standing import comparison_sentence, rank_sentence


def comparison(**changed) -> ComparisonRecord:
    fields = {
        "model": "net",
        "baseline": "random_forest",
        "metric": "pearson_delta",
        "family": "correlation",
        "difference": 0.004,
        "low": -0.008,
        "high": 0.016,
        "se": 0.006,
        "interval": "these contexts",
        "n": 50,
        "better": False,
        "worse": False,
        "p_value": 0.3,
        "margin": 0.02,
        "equivalence_low": -0.006,
        "equivalence_high": 0.014,
        "detectable_difference": 0.017,
    }
    return ComparisonRecord(**(fields | changed))


@pytest.mark.parametrize(
    ("changed", "wanted"),
    [
        (
            {"equivalent": True},
            (
                "net is not distinguishable from RANDOM FOREST within 0.02 in Pearson delta "
                "(90 % interval of the difference −0.006 to 0.014)."
            ),
        ),
        (
            {},
            (
                "net and RANDOM FOREST cannot be told apart in Pearson delta "
                "(difference 0.004, 95 % interval −0.008 to 0.016; 0.017 could have been found)."
            ),
        ),
        (
            {"difference": 0.1, "low": 0.05, "high": 0.15, "better": True},
            "net is better than RANDOM FOREST in Pearson delta (difference 0.100, 95 % interval 0.050 to 0.150).",
        ),
        (
            {"difference": -0.01, "low": -0.015, "high": -0.005, "worse": True},
            (
                "net is worse than RANDOM FOREST in Pearson delta, by less than 0.02 "
                "(difference −0.010, 95 % interval −0.015 to −0.005)."
            ),
        ),
        (
            {"low": None, "high": None},
            "net cannot be compared with RANDOM FOREST in Pearson delta: there are too few perturbations.",
        ),
    ],
)
def test_comparison(changed, wanted) -> None:
    assert comparison_sentence(comparison(**changed), "RANDOM FOREST", "Pearson delta") == wanted


def test_a_comparison_of_an_older_record_has_a_sentence_too() -> None:
    old = comparison(margin=None, equivalence_low=None, equivalence_high=None, detectable_difference=None)
    assert comparison_sentence(old) == (
        "net and random_forest cannot be told apart in pearson_delta (difference 0.004, 95 % interval −0.008 to 0.016)."
    )


def ranking(first: float | None, reason: str = "") -> RankingRecord:
    rows = [
        RankRecord(
            name=n, role="baseline", score=s, rank=r, low=None if reason else 1, high=None if reason else 2, first=f
        )
        for n, s, r, f in (("net", 0.5, 1.0, first), ("mean", 0.4, 2.0, None if first is None else 1 - first))
    ]
    return RankingRecord(
        metric="nmse", stratum="all", interval="", n_draws=9, ranks=tuple(rows), pairs=(), agreement={}, reason=reason
    )


def test_rank() -> None:
    assert rank_sentence(ranking(0.83), "net", "nMSE") == (
        "net has rank 1 of 2 in nMSE (95 % interval 1 to 2; first in 83 % of the draws)."
    )
    assert rank_sentence(ranking(None, "too few"), "mean") == "mean has rank 2 of 2 in nmse (too few)."
    assert rank_sentence(ranking(0.5), "nobody") == ""
