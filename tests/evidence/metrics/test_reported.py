"""Published names of metrics, what each measures, and what numbers show."""

from __future__ import annotations

import pytest

from vcassay.core import Status
from vcassay.evidence.metrics import METRICS
from vcassay.evidence.metrics.reported import (
    judge_metrics,
    judge_results,
    judge_suite,
    read_results,
    recognise,
    said_of_all,
    together,
    usable,
)
from vcassay.evidence.metrics.reported.suite import FEWEST_CONTEXTS, FEWEST_PERTURBATIONS, FEWEST_SEEDS
from vcassay.record.card import Benchmark, Measured, Result


@pytest.mark.parametrize(
    ("name", "kind", "space", "genes", "metric"),
    [
        ("Pearson delta", "correlation", "delta", "", "pearson_delta"),
        ("Pearson Δ", "correlation", "delta", "", "pearson_delta"),
        ("PCC of log fold changes", "correlation", "delta", "", "pearson_delta"),
        ("Pearson Δ20 DE", "correlation", "delta", "test responding", ""),
        ("R²", "correlation", "raw", "", "r2_raw"),
        ("R2 of means", "correlation", "raw", "", "r2_raw"),
        ("R2 on DEGs", "correlation", "raw", "test responding", ""),
        ("MSE", "error", "raw", "", "mse"),
        ("MSE DE20", "error", "", "test responding", ""),
        ("MSE of top 20 DE genes", "error", "", "test responding", ""),
        ("PDS", "retrieval", "delta", "", ""),
        ("PDS-L1", "retrieval", "delta", "", "pds_l1"),
        ("DES", "calls", "calls", "", ""),
        ("AUPRC", "calls", "ranks", "", ""),
        ("overlap@50", "calls", "ranks", "", "overlap_at_50"),
        ("E-distance", "distribution", "cells", "", ""),
        ("MMD", "distribution", "cells", "", ""),
        ("2-Wasserstein", "distribution", "cells", "", ""),
        ("macro-F1 accuracy", "calls", "calls", "", ""),
        ("Pearson", "correlation", "", "", ""),
        ("cosine logFC", "correlation", "delta", "", "cosine_delta"),
        ("nmse", "error", "delta", "", "nmse"),
        ("quux", "", "", "", ""),
    ],
)
def test_published_names_are_recognised(name: str, kind: str, space: str, genes: str, metric: str) -> None:
    found = recognise(Measured(name=name))
    assert (found.kind, found.space, found.genes, found.metric) == (kind, space, genes, metric)
    assert not metric or metric in METRICS


def test_every_metric_of_the_catalogue_has_a_kind() -> None:
    for entry in METRICS:
        found = recognise(Measured(name="x", metric=entry.name))
        assert found.kind, entry.name
        assert found.higher is None or found.higher == entry.meta["higher_is_better"]


def test_the_card_wins_over_the_name() -> None:
    found = recognise(Measured(name="R2", space="delta", genes="all", kind="error"))
    assert (found.kind, found.space, found.genes) == ("error", "delta", "all")
    assert not usable(recognise(Measured(name="R2")))
    assert usable(recognise(Measured(name="R2", space="delta")))


def statuses(*names: str, no_change: bool = False, ceiling: bool = False) -> dict[str, Status]:
    found = judge_metrics([recognise(Measured(name=n)) for n in names], no_change=no_change, ceiling=ceiling)
    return {f.check: f.status for f in found}


def test_the_founding_documents_two_examples() -> None:
    assert statuses("R2 of means") == {"raw": Status.FAIL}
    assert statuses("R2 of means", no_change=True) == {"raw": Status.WARN}
    alone = list(judge_metrics([recognise(Measured(name="Pearson delta"))], no_change=False, ceiling=False))
    assert [f.check for f in alone] == ["strength"]
    assert "effects near zero" in alone[0].sentence
    assert "blind to the size" in alone[0].sentence


def test_an_error_has_a_scale_with_no_change_and_a_replicate() -> None:
    assert statuses("MSE") == {"error": Status.WARN}
    assert statuses("MSE", no_change=True, ceiling=True) == {"error": Status.PASS}


def test_metrics_of_which_the_same_holds_are_told_together() -> None:
    found = list(judge_metrics([recognise(Measured(name=n)) for n in ("AUPRC", "DES")], no_change=False, ceiling=False))
    assert len(found) == 1
    assert found[0].sentence.startswith("AUPRC, DES: ")


def outcome(metric: str = "Pearson delta", **numbers: float | str) -> str:
    measured = {metric: recognise(Measured(name=metric))}
    given = {"metric": metric, "value": 0.5} | numbers
    return read_results([Result.model_validate(given)], measured, lambda name: name != "oracle")[0].word


def test_numbers_are_read_in_the_direction_of_their_metric() -> None:
    assert outcome(baseline=0.6) == "loss"
    assert outcome(baseline=0.5) == "loss"
    assert outcome(baseline=0.4) == "no interval"
    assert outcome(baseline=0.4, low=0.3) == "unresolved"
    assert outcome(baseline=0.4, low=0.45) == "gain"
    assert outcome("MSE", baseline=0.4) == "loss"
    assert outcome("MSE", baseline=0.7, high=0.6) == "gain"
    assert outcome("MSE", baseline=0.7, high=0.8) == "unresolved"
    assert outcome() == "no baseline"
    assert outcome("mean rank", baseline=0.4) == "unclear"
    assert outcome(baseline=0.6, against="oracle") == "not a rival"


def test_a_score_beyond_a_replicate_is_a_finding() -> None:
    measured = {"MSE": recognise(Measured(name="MSE"))}
    results = [Result(metric="MSE", value=0.1, ceiling=0.2), Result(metric="MSE", value=0.3, ceiling=0.2)]
    found = read_results(results, measured, lambda name: True)
    assert [o.above for o in found] == [True, False]
    assert [f.check for f in judge_results(found)] == ["no_baseline", "ceiling"]
    told = next(judge_results(found)).sentence
    assert "MSE 0.1; MSE 0.3: no baseline's number" in told


def test_the_table_needs_intervals_contexts_and_kinds() -> None:
    benchmark = Benchmark(dataset=("d",), seeds=1)
    ranked = [recognise(Measured(name=n)) for n in ("Pearson delta", "average rank over metrics")]
    found = {f.check for f in judge_suite(benchmark, ranked, 3, 5)}
    assert found == {"intervals", "seeds", "contexts", "perturbations", "ranks"}
    assert {f.check for f in judge_suite(benchmark, [], None)} == {"metrics", "intervals", "seeds"}


def test_few_is_fewer_than_the_threshold() -> None:
    def told(seeds: int, perturbations: int, contexts: int) -> set[str]:
        benchmark = Benchmark(dataset=("d",), seeds=seeds, intervals="perturbations")
        return {f.check for f in judge_suite(benchmark, [], contexts, perturbations)} - {"metrics"}

    enough = (int(FEWEST_SEEDS.value), int(FEWEST_PERTURBATIONS.value), int(FEWEST_CONTEXTS.value))
    assert told(*enough) == set()
    assert told(*(n - 1 for n in enough)) == {"seeds", "perturbations", "contexts"}


def test_one_number_a_condition_is_not_read_as_genes() -> None:
    measured = [
        recognise(Measured(name="Pearson of IC50", space="scalar", kind="correlation")),
        recognise(Measured(name="AUPRC of lethal pairs", space="scalar", kind="calls")),
    ]
    first, second = judge_metrics(measured, no_change=True, ceiling=True)
    assert "pooled over perturbations and contexts" in first.sentence
    assert "additive model" in first.question
    assert all("gene" not in f.sentence for f in (first, second))


def test_findings_that_say_the_same_of_other_metrics_are_one() -> None:
    one, two = (
        next(judge_metrics([recognise(Measured(name=name))], no_change=True, ceiling=True)) for name in ("F1", "AUPRC")
    )
    assert said_of_all(one) == said_of_all(two)
    assert together([one, two]).sentence.startswith("F1, AUPRC: ")
    assert [row["metric"] for row in together([one, two]).evidence] == ["F1", "AUPRC"]


def test_numbers_of_one_metric_are_told_apart_by_their_notes() -> None:
    known = {"PDS": recognise(Measured(name="PDS"))}
    results = [Result(metric="PDS", value=v, note=f"variant {v}.", by="Others") for v in (0.1, 0.2)]
    assert [o.text for o in read_results(results, known, lambda name: True)] == [
        "PDS 0.1 (variant 0.1; measured by Others)",
        "PDS 0.2 (variant 0.2; measured by Others)",
    ]
    assert read_results(results[:1], known, lambda name: True, "Others")[0].text == "PDS 0.1"
