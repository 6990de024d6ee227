"""Any card is reviewed, whatever it states."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.run.review_cards import read
from tests.run.test_review import NAMED
from vcassay.claim import USES
from vcassay.core import Level, Regime
from vcassay.record.card import Card
from vcassay.record.review import ReviewRecord
from vcassay.run.review import review_card
from vcassay.run.review_questions import MOST

names = st.sampled_from(
    [
        "mean",
        "GEARS",
        "additive",
        "ridge",
        "replicate",
        "xyz",
        "Pearson delta",
        "MSE DE20",
        "PDS",
        "rank",
        "E-distance",
        "R2",
    ]
) | st.text(min_size=1, max_size=12)
numbers = st.floats(-2, 2) | st.none()


@st.composite
def cards(draw: st.DrawFn) -> Card:
    """Any card."""
    benchmarks = []
    for _ in range(draw(st.integers(0, 2))):
        metrics = draw(st.lists(names, max_size=3, unique=True))
        results = [
            {"metric": m, "value": draw(st.floats(-2, 2))}
            | {k: draw(numbers) for k in ("low", "high", "baseline", "ceiling")}
            for m in metrics[: draw(st.integers(0, 3))]
        ]
        strata = [
            {"regime": draw(st.sampled_from(list(Regime))), "contexts_test": draw(st.none() | st.integers(0, 60))}
            for _ in range(draw(st.integers(0, 2)))
        ]
        benchmarks.append(
            {
                "dataset": draw(st.lists(st.sampled_from(["norman2019", "tahoe-100m", "other"]), max_size=2)),
                "protocol": draw(st.sampled_from(["", "gears-simulation", "op3-neurips2023"])),
                "strata": strata,
                "modality": draw(st.sampled_from(["", "drug", "CRISPRi", "cytokine"])),
                "seeds": draw(st.none() | st.integers(0, 5)),
                "intervals": draw(st.sampled_from(["", "none", "seeds", "contexts"])),
                "metrics": metrics,
                "baselines": draw(st.lists(names, max_size=4)),
                "results": results,
            }
        )
    given_ = draw(
        st.sampled_from([{}, {"pretraining": ["SE-600M"]}, {"priors": ["GO"], "graphs": ["g"]}, {"looks": 9}])
    )
    notes = [
        {"check": "L21", "status": s, "sentence": "s"} for s in draw(st.lists(st.sampled_from(["found", "excluded"])))
    ]
    return read(
        {
            "name": draw(st.text(min_size=1, max_size=8)),
            "evidence": "recalled",
            "confidence": "low",
            "claim": {"text": "t", "use": draw(st.sampled_from(["", *USES]))},
            "disclosure": given_,
            "benchmark": benchmarks,
            "leakage": draw(st.sampled_from([None, notes])),
        }
    )


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cards())
def test_any_card_is_reviewed(card: Card) -> None:
    record = review_card(card)
    assert record.level in set(Level)
    assert record.sentence.endswith((".", ")."))
    assert len(record.questions) <= MOST.value
    assert all(q.check in NAMED for q in record.questions)
    assert all(f.sentence and f.check in NAMED for f in record.findings)
    assert ReviewRecord.model_validate(record.model_dump()) == record
