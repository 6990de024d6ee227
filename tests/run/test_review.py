"""A review says what is wrong with a card, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.run.review_cards import ideal, read
from vcassay.claim import USES
from vcassay.claim.protocols import protocols
from vcassay.claim.reported import TITLES as CLAIM_TITLES
from vcassay.core import InputError, Level, Regime
from vcassay.evidence.baselines import BASELINES
from vcassay.evidence.baselines.reported.ladder import TITLES as BASELINE_TITLES
from vcassay.evidence.baselines.reported.ladder import scored
from vcassay.evidence.leakage import CHECKS
from vcassay.evidence.leakage.reported import ASKED, TRAPS
from vcassay.evidence.metrics import METRICS
from vcassay.evidence.metrics.reported.judge import TITLES as METRIC_TITLES
from vcassay.evidence.metrics.reported.results import TITLES as RESULT_TITLES
from vcassay.evidence.metrics.reported.suite import TITLES as SUITE_TITLES
from vcassay.record.card import Card
from vcassay.record.review import ReviewRecord
from vcassay.record.rooms import BIOLOGY_ROOMS
from vcassay.run.review import read_card, review_card
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


MISTAKES: dict[str, tuple[str, tuple[str, ...]]] = {
    'name = "a"\nevidnce = "read"': ("evidnce", ("unknown key", "did you mean 'evidence'?")),
    'evidence = "read"': ("name", ("lacks the key",)),
    '[[benchmark]]\ndataset = "x"\nmetriks = ["a"]': ("metriks", ("[[benchmark]]", "did you mean 'metrics'?")),
    '[[benchmark]]\ndataset = "x"\n[[benchmark.results]]\nmetric = "a"\nvalu = 1': ("valu", ("did you mean 'value'?",)),
    '[[benchmark]]\ndataset = "x"\nprotocol = "state-tahoe-fewshott"': ("state-tahoe", ("'state-tahoe-fewshot'?",)),
    '[[benchmark]]\ndataset = "x"\nmetrics = [{name = "a", metric = "pearson_delt"}]': ("pearson", ("metrics",)),
    '[[benchmark]]\ndataset = "x"\nbaselines = [{name = "a", baseline = "ridg"}]': ("ridg", ("did you mean 'ridge'?",)),
    '[[benchmark]]\ndataset = "x"\n[[benchmark.results]]\nmetric = "PDS"\nvalue = 1.0': ("PDS", ("under metrics",)),
    '[[leakage]]\ncheck = "L99"\nstatus = "found"\nsentence = "s"': ("L99", ("[[leakage]]",)),
    '[[diagnostic]]\nroom = "dosis"\nshown = "measured"\nsentence = "s"': ("dosis", ("room",)),
    '[publication]\nsource = "nowhere"': ("nowhere", ("[[source]]",)),
    '[disclosure]\npriors = [{name = "GO", kynd = "text"}]': ("kynd", ("did you mean 'kind'?",)),
    '[[benchmark]]\ndataset = "x"\nmetrics = ["a"]\n[[benchmark.results]]\nmetric = "a"\nvalue = nan': (
        "value",
        ("is not finite", "[[benchmark.results]]"),
    ),
    "year = [": ("TOML", ("mend that line",)),
}


@pytest.mark.parametrize("text", MISTAKES)
def test_mistakes_get_one_sentence_with_the_file_and_a_mend(text: str, tmp_path: Any) -> None:
    head = 'name = "a"\nevidence = "read"\n' if not text.startswith(("name", "evidence")) else ""
    path = tmp_path / "card.toml"
    path.write_text(f'{head}confidence = "low"\n{_before(text)}\n', encoding="utf-8")
    key, words = MISTAKES[text]
    with pytest.raises(InputError) as caught:
        read_card(path)
    told = str(caught.value)
    assert told.startswith(str(path))
    assert key in told
    assert all(w in told for w in words)
    assert "\n" not in told
    assert "pydantic" not in told


def _before(text: str) -> str:
    """The text with a claim, which must not stand before keys of the card itself."""
    return f'{text}\n[claim]\ntext = "t"' if "[" not in text.split("\n")[0] else f'[claim]\ntext = "t"\n{text}'


def test_an_unknown_use_is_named() -> None:
    data = ideal()
    data["claim"]["use"] = "targetid"
    with pytest.raises(InputError, match=r"no use is called 'targetid'.*did you mean 'target-id'"):
        read(data)


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
