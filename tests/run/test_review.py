"""A review says what is wrong with a card, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.run.review_cards import ideal, read
from vcassay.claim.protocols import protocols
from vcassay.claim.reported import TITLES as CLAIM_TITLES
from vcassay.core import Level
from vcassay.evidence.baselines import BASELINES
from vcassay.evidence.baselines.reported.ladder import TITLES as BASELINE_TITLES
from vcassay.evidence.baselines.reported.ladder import scored
from vcassay.evidence.leakage import CHECKS
from vcassay.evidence.leakage.reported import ASKED, TRAPS
from vcassay.evidence.metrics import METRICS
from vcassay.evidence.metrics.reported.judge import TITLES as METRIC_TITLES
from vcassay.evidence.metrics.reported.results import TITLES as RESULT_TITLES
from vcassay.evidence.metrics.reported.suite import TITLES as SUITE_TITLES
from vcassay.record.review import ReviewRecord
from vcassay.record.rooms import BIOLOGY_ROOMS
from vcassay.run.review import review_card
from vcassay.run.review_questions import MOST

NAMED = {
    *(e.name for e in CHECKS),
    *(e.name for e in BASELINES),
    *CLAIM_TITLES,
    *BASELINE_TITLES,
    *METRIC_TITLES,
    *SUITE_TITLES,
    *RESULT_TITLES,
    *BIOLOGY_ROOMS,
}
"""Everything that a finding or a question of a review may be named after."""

Data = dict[str, Any]
Keys = set[tuple[str, str, str]]


def said(record: ReviewRecord) -> Keys:
    """What each finding says, in short."""
    return {(f.family, f.check, f.status) for f in record.findings}


def new(change: Callable[[Data], object], *, drop: bool = True) -> tuple[ReviewRecord, Keys]:
    """The review after one change, and the findings that it brought."""
    data = ideal()
    change(data)
    record = review_card(read(data))
    return record, said(record) - said(review_card(read(ideal())))


def bench(data: Data) -> Data:
    return data["benchmark"][0]


def test_a_card_with_nothing_wrong_is_supported_as_reported() -> None:
    record = review_card(read(ideal()), "abc")
    assert record.level == Level.SUPPORTED
    assert {f.status for f in record.findings} == {"PASS", "NA"}
    assert record.missing == ()
    assert record.questions == ()
    assert "as reported, not recomputed" in record.sentence.casefold()
    assert "300 perturbations in 12 unseen contexts" in record.sentence
    assert record.card_sha256 == "abc"
    assert record.benchmarks[0].regime == "CEX"


def _without(data: Data, name: str) -> None:
    own = bench(data)
    own["baselines"] = [b for b in own["baselines"] if (b if isinstance(b, str) else b["name"]) != name]


def _strata(data: Data, **stratum: Any) -> None:
    bench(data)["strata"] = [stratum]


def _no_note(data: Data, check: str) -> None:
    data["leakage"] = [n for n in data["leakage"] if n["check"] != check]


DEFECTS: dict[str, tuple[Callable[[Data], object], Level, Keys]] = {
    "split not described": (
        lambda d: bench(d).pop("strata"),
        Level.CANNOT_TELL,
        {("claim", "split", "UNKNOWN")},
    ),
    "no domain-informed baseline": (
        lambda d: (_without(d, "nearest cell line"), bench(d)["results"][1].update(against="additive")),
        Level.CANNOT_TELL,
        {("baselines", "T3", "WARN")},
    ),
    "no additive model": (
        lambda d: (_without(d, "additive"), bench(d)["results"][0].update(against="perturbation mean")),
        Level.CANNOT_TELL,
        {("baselines", "additive", "WARN")},
    ),
    "a flawed baseline": (
        lambda d: bench(d)["baselines"].append({"name": "linear", "flaw": "loses its mean"}),
        Level.SUPPORTED,
        {("baselines", "flawed", "WARN")},
    ),
    "a comparison of no known name": (
        lambda d: bench(d)["baselines"].append("FooBar"),
        Level.SUPPORTED,
        {("baselines", "unrecognised", "UNKNOWN")},
    ),
    "an oracle": (
        lambda d: bench(d)["baselines"].append("cell line mean"),
        Level.SUPPORTED,
        {("baselines", "oracle", "WARN")},
    ),
    "no ceiling": (
        lambda d: (_without(d, "split half"), bench(d)["results"][0].pop("ceiling")),
        Level.CANNOT_TELL,
        {("baselines", "T4", "WARN")},
    ),
    "a ceiling with a number alone": (lambda d: _without(d, "split half"), Level.SUPPORTED, set()),
    "no interval": (
        lambda d: (bench(d).update(intervals="none"), [r.update(low=None, high=None) for r in bench(d)["results"]]),
        Level.CANNOT_TELL,
        {("metrics", "intervals", "WARN"), ("results", "unresolved", "WARN")},
    ),
    "the interval holds the baseline": (
        lambda d: [r.update(baseline=0.56 if r["metric"] == "Pearson delta" else 0.54) for r in bench(d)["results"]],
        Level.CANNOT_TELL,
        {("results", "unresolved", "WARN")},
    ),
    "lost everywhere": (
        lambda d: [r.update(baseline=0.7 if r["metric"] == "Pearson delta" else 0.4) for r in bench(d)["results"]],
        Level.NOT_SUPPORTED,
        {("results", "loss", "FAIL")},
    ),
    "lost in one metric": (
        lambda d: bench(d)["results"][1].update(baseline=0.4),
        Level.CANNOT_TELL,
        {("results", "loss", "FAIL")},
    ),
    "lost to an oracle alone": (
        lambda d: (
            bench(d)["baselines"].append("cell line mean"),
            bench(d)["results"].append(
                {"metric": "nMSE", "value": 0.5, "baseline": 0.3, "against": "cell line mean"},
            ),
        ),
        Level.SUPPORTED,
        {("baselines", "oracle", "WARN"), ("results", "no_baseline", "WARN")},
    ),
    "better than a replicate": (
        lambda d: bench(d)["results"][0].update(ceiling=0.5),
        Level.SUPPORTED,
        {("results", "ceiling", "WARN")},
    ),
    "a grave leak": (
        lambda d: d["leakage"].append(
            {"check": "L12", "status": "found", "sentence": "Test cells are in training.", "grave": True}
        ),
        Level.NOT_SUPPORTED,
        {("leakage", "L12", "FAIL")},
    ),
    "a leak that is not grave": (
        lambda d: d["leakage"].append({"check": "L12", "status": "found", "sentence": "Two cells are in training."}),
        Level.SUPPORTED,
        {("leakage", "L12", "WARN")},
    ),
    "pretrained on the screen": (
        lambda d: d["disclosure"].update(pretraining=[{"name": "a screen of 52 lines"}]),
        Level.NOT_SUPPORTED,
        {("leakage", "L21", "FAIL")},
    ),
    "pretraining not declared": (
        lambda d: d["disclosure"].pop("pretraining"),
        Level.SUPPORTED,
        {("leakage", "L21", "UNKNOWN")},
    ),
    "chosen on the test set": (
        lambda d: d["disclosure"].update(selection="test"),
        Level.CANNOT_TELL,
        {("leakage", "L29", "FAIL")},
    ),
    "a private prior": (
        lambda d: d["disclosure"].update(priors=[{"name": "own maps", "kind": "response", "access": "proprietary"}]),
        Level.SUPPORTED,
        {("leakage", "L31", "WARN")},
    ),
    "reads numbers of cells": (
        lambda d: d["disclosure"].update(inputs=["n_cells"]),
        Level.SUPPORTED,
        {("leakage", "L20m", "WARN")},
    ),
    "kin of contexts not spoken of": (
        lambda d: _no_note(d, "L10"),
        Level.SUPPORTED,
        {("leakage", "L10", "UNKNOWN")},
    ),
    "correlation without strength": (
        lambda d: bench(d)["metrics"][0].pop("by_strength"),
        Level.SUPPORTED,
        {("metrics", "strength", "WARN")},
    ),
    "a metric on test genes": (
        lambda d: bench(d)["metrics"].append("MSE DE20"),
        Level.SUPPORTED,
        {("metrics", "test_genes", "WARN")},
    ),
    "a metric of no known name": (
        lambda d: bench(d)["metrics"].append("Quux"),
        Level.SUPPORTED,
        {("metrics", "unrecognised", "UNKNOWN")},
    ),
    "three contexts": (
        lambda d: _strata(d, regime="CEX", contexts_train=40, contexts_test=3, perturbations=300),
        Level.SUPPORTED,
        {("metrics", "contexts", "WARN")},
    ),
    "one split": (lambda d: bench(d).update(seeds=1), Level.SUPPORTED, {("metrics", "seeds", "WARN")}),
    "unseen genes for selectivity": (
        lambda d: (
            _strata(d, regime="GEX", contexts_test=12, perturbations=300),
            bench(d).update(baselines=["no change", "mean", "ridge", "linear", "kNN", "split half"]),
            [r.update(against="ridge") for r in bench(d)["results"]],
            d["leakage"].append({"check": "L09", "status": "excluded", "sentence": "Complexes were held out whole."}),
        ),
        Level.DIAGNOSTIC_ONLY,
        {("claim", "use", "WARN"), ("leakage", "L09", "PASS"), ("leakage", "L32", "PASS")},
    ),
    "few-shot for selectivity": (
        lambda d: (
            _strata(d, regime="few-shot context", contexts_test=12, perturbations=300, shots_share=0.3),
            d["leakage"].append({"check": "L14", "status": "excluded", "sentence": "No plate repeats another."}),
        ),
        Level.SPLIT_LIMITED,
        {("claim", "use", "WARN"), ("leakage", "L14", "PASS")},
    ),
    "biology by example": (
        lambda d: d["diagnostic"][0].update(shown="illustrated"),
        Level.SUPPORTED,
        {("biology", "stress", "WARN")},
    ),
    "biology contradicted": (
        lambda d: d["diagnostic"][0].update(shown="contradicted"),
        Level.SUPPORTED,
        {("biology", "stress", "FAIL")},
    ),
}


@pytest.mark.parametrize("name", DEFECTS)
def test_a_single_defect_changes_what_it_should_and_nothing_else(name: str) -> None:
    change, level, expected = DEFECTS[name]
    record, found = new(change)
    assert record.level == level
    assert found == expected


def test_metrics_of_expression_alone_measure_nothing() -> None:
    def raw(data: Data) -> None:
        bench(data).update(metrics=["R2"], results=[], baselines=["cell mean", "additive", "nearest cell line"])

    record, found = new(raw)
    assert record.level == Level.CANNOT_TELL
    assert {("metrics", "raw", "FAIL"), ("metrics", "metrics", "FAIL")} <= found
    assert "a metric of changes from control" in record.missing
    _, with_control = new(lambda d: (raw(d), bench(d)["baselines"].append("no change")))
    assert ("metrics", "raw", "WARN") in with_control


def test_only_rivals_is_the_warning_of_the_founding_document() -> None:
    def rivals(data: Data) -> None:
        bench(data).update(baselines=["GEARS", "CPA", "scGPT"], results=[])

    record, found = new(rivals)
    assert ("baselines", "rivals", "FAIL") in found
    assert record.benchmarks[0].tiers == {"model": ("GEARS", "CPA", "scGPT")}
    assert record.benchmarks[0].missing[0] == "the additive model of context and perturbation"


def test_pretraining_changes_the_claim_and_refutes_it_only_where_something_is_called_unseen() -> None:
    def exposed(data: Data, **stratum: Any) -> None:
        data["disclosure"]["pretraining"] = [{"name": "SE-600M"}]
        bench(data).update(dataset="tahoe-100m", modality="drug", strata=[stratum])

    unseen, _ = new(lambda d: exposed(d, regime="CEX", contexts_test=12))
    assert unseen.level == Level.NOT_SUPPORTED
    assert "although pretraining held perturbed cells" in unseen.benchmarks[0].sentence
    shown, found = new(lambda d: exposed(d, regime="few-shot context", contexts_test=12))
    assert shown.level != Level.NOT_SUPPORTED
    assert ("leakage", "L21", "FAIL") in found


def test_several_benchmarks_are_judged_apart_and_the_best_speaks() -> None:
    def second(data: Data) -> None:
        other = {"dataset": "another", "metrics": ["PDS"], "baselines": ["mean"]}
        data["benchmark"].append(other)

    record, found = new(second)
    assert record.level == Level.SUPPORTED
    assert any(r.startswith("another: cannot tell.") for r in record.reasons)
    assert ("claim", "split", "UNKNOWN") in found
    sentence = next(f.sentence for f in record.findings if f.check == "split")
    assert sentence.startswith("On another: ")


def test_a_card_without_a_benchmark_is_reviewed() -> None:
    record, _ = new(lambda d: d.pop("benchmark"))
    assert record.level == Level.CANNOT_TELL
    assert record.missing[0] == "a benchmark"


def test_questions_are_few_known_by_name_and_asked_once() -> None:
    data = ideal()
    data = {k: data[k] for k in ("schema", "name", "evidence", "confidence")} | {"claim": {"text": "All."}}
    kinds = ["CEX", "GEX", "DEX", "combination", "few-shot context"]
    data["benchmark"] = [
        {"dataset": f"set {i}", "strata": [{"regime": k}], "metrics": ["Pearson", "PDS", "xyz"], "baselines": ["abc"]}
        for i, k in enumerate(kinds)
    ]
    record = review_card(read(data))
    asked = [q.question for q in record.questions]
    assert 5 < len(asked) <= MOST.value
    assert len(set(asked)) == len(asked)
    assert asked[-2].startswith("What is a reader meant to use")
    assert all(q.why and q.check in NAMED for q in record.questions)
    assert all(f.check in NAMED for f in record.findings)
    assert all(q.question.endswith("?") for q in record.questions)


def test_every_published_split_is_reviewed_and_its_traps_are_told_once() -> None:
    known = [p for p in protocols() if p.traps]
    for protocol in known[::3]:
        data = ideal()
        data["benchmark"] = [{"dataset": protocol.dataset, "protocol": protocol.name}]
        record = review_card(read(data))
        assert record.benchmarks[0].regime == protocol.regime
        assert all(f.check in NAMED for f in record.findings)
        told = [f.sentence for f in record.findings if f.family != "biology"]
        assert len(told) == len(set(told))


def test_traps_name_checks_that_exist_and_titles_that_are_published() -> None:
    titles = {t.title for p in protocols() for t in p.traps}
    assert set(TRAPS) <= titles
    assert set(TRAPS.values()) <= {e.name for e in CHECKS}
    assert {a.check for a in ASKED} <= {e.name for e in CHECKS}


def test_registries_are_as_large_as_the_schema_says() -> None:
    assert len(METRICS) > 90  # the catalogue is loaded, so that names in cards are looked up in all of it


def test_what_is_missing_names_the_domain_informed_baseline_once() -> None:
    data = ideal()
    data["benchmark"] = [
        {"dataset": name, "strata": [{"regime": regime}], "metrics": ["Pearson delta"], "baselines": ["mean"]}
        for name, regime in (("one", "CEX"), ("two", "GEX"))
    ]
    (row,) = (m for m in review_card(read(data)).missing if m.startswith("a domain-informed baseline"))
    assert row.count("such as") == 1
    assert "nearest context" in row
    assert "prior features" in row


def test_a_question_that_another_holds_is_not_asked_again() -> None:
    data = ideal()
    stratum = [{"regime": "DEX"}]
    data["benchmark"] = [
        {"dataset": "one", "strata": stratum, "modality": "drug", "metrics": ["Pearson delta"], "baselines": names}
        for names in ([], ["mean"])
    ]
    asked = [set(scored(q.question)) for q in review_card(read(data)).questions]
    asked = [a for a in asked if a]
    assert asked
    assert not any(a < b for a in asked for b in asked)


def test_pretraining_on_the_test_set_is_a_reason_even_where_no_split_is_told() -> None:
    data = ideal()
    data["benchmark"][0]["strata"] = []
    data["disclosure"]["pretraining"] = [{"name": "everything", "perturbed": True, "holds_test": True}]
    record = review_card(read(data))
    assert record.rule.startswith("a")
    assert any("'everything' holds perturbed cells of test perturbations" in r for r in record.reasons)
