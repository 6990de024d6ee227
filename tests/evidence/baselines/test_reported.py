"""Published names of baselines, and which rungs a split calls for."""

from __future__ import annotations

import pytest

from vcassay.claim import REGIME_GRANTS
from vcassay.core import Regime
from vcassay.evidence.baselines import BASELINES
from vcassay.evidence.baselines.reported import judge_baselines, legal_under, recognise, report_ladder, wanted_under
from vcassay.evidence.baselines.reported.aliases import ALIASES, REFERENCES, RIVALS, TRIVIAL, spelt
from vcassay.evidence.baselines.reported.ladder import scored
from vcassay.record.card import Benchmark, Compared

COMBINATION = frozenset({Regime.COMBINATION})


@pytest.mark.parametrize(
    ("name", "tier", "baseline"),
    [
        ("mean", "T1", "perturbed_mean"),
        ("Train-mean", "T1", "perturbed_mean"),
        ("perturbed mean", "T1", "perturbed_mean"),
        ("cell mean", "T1", "context_mean"),
        ("context mean", "T1", "context_mean"),
        ("drug mean", "T1", "perturbation_mean"),
        ("additive", "T2", "additive"),
        ("linear", "T2", "gene_loading"),
        ("Ridge", "T3", "ridge"),
        ("Random Forest (GO)", "T3", "random_forest"),
        ("RF", "T3", "random_forest"),
        ("CatBoost", "T3", "gradient_boosting"),
        ("kNN", "T3", "feature_knn"),
        ("nearest cell line", "T3", "nearest_context"),
        ("control", "T0", "no_change"),
        ("No-change", "T0", "no_change"),
        ("NoPerturb", "T0", "no_change"),
        ("split-half", "T4", ""),
        ("technical duplicate", "T4", ""),
        ("CPA", "model", ""),
        ("GEARS", "model", ""),
        ("fine-tuned scGPT", "model", ""),
        ("random", "T0", ""),
        ("something else", "", ""),
        ("dose_interpolation", "T2", "dose_interpolation"),
        ("ridge on prior features", "T3", "ridge"),
    ],
)
def test_published_names_are_recognised(name: str, tier: str, baseline: str) -> None:
    found = recognise(Compared(name=name))
    assert (found.tier, found.baseline) == (tier, baseline)


def test_additive_is_the_sum_of_the_parts_where_combinations_are_tested() -> None:
    assert recognise(Compared(name="additive"), COMBINATION).baseline == "additive_combination"
    assert recognise(Compared(name="Additive model"), COMBINATION).baseline == "additive_combination"


def test_the_card_wins_over_the_name() -> None:
    assert recognise(Compared(name="GEARS", baseline="ridge")).tier == "T3"
    assert recognise(Compared(name="mean", tier="model")) == ("mean", "model", "", "")
    assert recognise(Compared(name="ours", tier="T3")).tier == "T3"


def test_every_alias_names_a_registered_baseline_once() -> None:
    assert set(ALIASES) <= {e.name for e in BASELINES if e.meta["kind"] == "baseline"}
    every = [alias for aliases in ALIASES.values() for alias in aliases]
    assert len(every) == len(set(every))
    for alias in (*every, *RIVALS, *REFERENCES, *TRIVIAL):
        assert spelt(alias) == alias
    for name, aliases in ALIASES.items():
        for alias in aliases:
            assert recognise(Compared(name=alias)).baseline == name


@pytest.mark.parametrize("regime", list(Regime))
@pytest.mark.parametrize("modality", ["drug", "CRISPRi"])
def test_what_is_wanted_is_legal(regime: Regime, modality: str) -> None:
    wanted = wanted_under([regime], modality)
    assert wanted
    for want in wanted:
        assert want.key == want.members[0]
        assert BASELINES[want.key].meta["tier"] == want.tier
        assert legal_under(want.key, [regime])
        assert any(set(BASELINES[m].meta["reads"]) <= REGIME_GRANTS[regime] for m in want.members)


def test_additive_is_needed_where_both_parts_can_be_known() -> None:
    needed = {r: {w.key for w in wanted_under([r]) if w.needed} for r in Regime}
    assert needed[Regime.CEX] == needed[Regime.FEW_SHOT] == {"additive"}
    assert needed[Regime.COMBINATION] == {"additive_combination"}
    assert needed[Regime.GEX] == needed[Regime.DEX] == needed[Regime.AEX] == set()
    assert not any(w.needed for w in wanted_under([Regime.CEX], single=True))


def test_with_one_trained_context_none_is_nearer() -> None:
    keys = [w.key for w in wanted_under([Regime.CEX], one_context=True)]
    assert keys == ["random_forest", "perturbation_mean"]
    assert "nearest_context" in [w.key for w in wanted_under([Regime.CEX])]


def test_a_flawed_baseline_counts_for_nothing_but_is_shown() -> None:
    benchmark = Benchmark(
        dataset=("d",), baselines=(Compared(name="ridge", flaw="trained on the test set"), Compared(name="mean"))
    )
    shown = report_ladder(benchmark, [Regime.GEX])
    assert shown.tiers == {"T1": ("mean",), "T3": ("ridge",)}
    assert [r.name for r in shown.baselines] == ["mean"]
    assert shown.lacks_domain
    assert {f.check for f in judge_baselines(shown)} == {"flawed", "T3", "T4"}
    assert shown.uncounted == {"ridge": "trained on the test set"}


def test_what_reads_the_hidden_does_not_count_and_says_why() -> None:
    listed = (Compared(name="perturbation mean"), Compared(name="mean"), Compared(name="split half"))
    shown = report_ladder(Benchmark(dataset=("d",), baselines=listed), [Regime.GEX])
    assert shown.uncounted == {"perturbation mean": "it reads what the split does not grant"}


def test_only_no_change_is_a_warning_of_its_own() -> None:
    shown = report_ladder(Benchmark(dataset=("d",), baselines=(Compared(name="control"),)), [Regime.GEX])
    assert "trivial" in {f.check for f in judge_baselines(shown)}


def test_nothing_unseen_calls_for_no_domain_knowledge() -> None:
    benchmark = Benchmark(dataset=("d",), baselines=("mean",))
    assert not report_ladder(benchmark, [Regime.RANDOM_CELLS]).lacks_domain
    assert report_ladder(benchmark, [Regime.RANDOM_CELLS, Regime.GEX]).lacks_domain


@pytest.mark.parametrize("name", ["mean of other donors", "average over training cell lines", "mean across patients"])
def test_the_mean_of_other_contexts_goes_by_many_names(name: str) -> None:
    assert recognise(Compared(name=name)).baseline == "perturbation_mean"


def test_rivals_alone_are_asked_for_simple_baselines_even_where_no_split_is_told() -> None:
    shown = report_ladder(Benchmark(dataset="x", baselines=["scGPT", "GEARS"]), [])
    found = next(f for f in judge_baselines(shown) if f.check == "rivals")
    assert "mean of the training perturbations" in found.question


def test_what_a_question_asks_for_is_read_from_it() -> None:
    shown = report_ladder(Benchmark(dataset="x", baselines=[]), [Regime.GEX])
    question = next(f.question for f in judge_baselines(shown) if f.check == "ladder")
    assert scored(question) == tuple(dict.fromkeys(w.title for w in shown.lacking))[:3]
    assert scored("What does the mean score on the same split?") == ("the mean",)
    assert scored("How is it computed?") == ()
