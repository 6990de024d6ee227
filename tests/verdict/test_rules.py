"""Every branch of the rules, first match wins (methods 13)."""

from __future__ import annotations

import pytest

from vcassay.core import Level
from vcassay.record import ThresholdRecord
from vcassay.verdict import decide
from vcassay.verdict.rules import FAMILIES_NEEDED, RULES, STATED_DIFFERENCE

NOTHING = {"nmse": "no ceiling", "pearson_delta": "no ceiling", "pds_cosine": "within 2 standard errors"}
CLOSE = (-0.02, 0.03)
"""Paired difference that is neither better nor worse."""


def test_better_everywhere_is_supported(record):
    verdict = decide(record(), "net")
    assert verdict.level == Level.SUPPORTED
    assert verdict.rule.startswith("d")
    assert len(verdict.reasons) == 3
    assert all("better than all 4 legal baselines" in r for r in verdict.reasons)
    assert any("unseen genes" in w for w in verdict.would_change)


# a. cannot tell


def test_a_no_test_conditions(record, make_claim):
    verdict = decide(record(claim=make_claim(n_test=0, regime="")), "net")
    assert verdict.level == Level.CANNOT_TELL
    assert verdict.rule.startswith("a")
    assert "no test conditions" in verdict.reasons[0]


def test_a_no_training_set(record, make_claim):
    verdict = decide(record(claim=make_claim(n_train=0)), "net")
    assert verdict.level == Level.CANNOT_TELL
    assert "No training set is known" in verdict.reasons[0]
    assert any("[split] file" in w for w in verdict.would_change)


@pytest.mark.parametrize(("regime", "file"), [("DEX", "targets"), ("GEX", "prior features")])
def test_a_no_domain_baseline_names_the_file_that_would_help(record, make_claim, make_baseline, regime, file):
    ladder = tuple(make_baseline(b) for b in ("no_change", "perturbation_mean", "additive"))
    verdict = decide(record(ladder=ladder, claim=make_claim(regime=regime, declared="")), "net")
    assert verdict.level == Level.CANNOT_TELL
    assert "T3" in verdict.reasons[0]
    assert file in verdict.would_change[0]


@pytest.mark.parametrize(
    ("changed", "level"),
    [
        ({"legal": False, "ran": False, "why": "reads what is not granted"}, Level.CANNOT_TELL),
        ({"n_fallback": 20, "fallback": "the mean"}, Level.CANNOT_TELL),
        ({"n_fallback": 10, "fallback": "the mean"}, Level.CANNOT_TELL),
        ({"n_fallback": 9, "fallback": "the mean"}, Level.SUPPORTED),
    ],
)
def test_a_domain_baseline_must_answer_by_its_own_rule(record, make_baseline, changed, level):
    ladder = (make_baseline("additive"), make_baseline("ridge", **changed))
    assert decide(record(ladder=ladder), "net").level == level


def test_a_no_measurable_skill(record):
    verdict = decide(record(refused=NOTHING), "net")
    assert verdict.level == Level.CANNOT_TELL
    assert verdict.rule.startswith("a")
    text = " ".join(verdict.reasons)
    assert "within 2 standard errors" in text
    assert "NMSE, PEARSON_DELTA: no ceiling" in text  # metrics with one reason together
    assert verdict.would_change


def test_a_says_what_would_make_it_measurable(record):
    shallow = decide(record(refused=NOTHING), "net")
    assert any("more cells" in w for w in shallow.would_change)
    screen = record().screen.model_copy(update={"reliability": None})
    assert any("replicates" in w for w in decide(record(refused=NOTHING, screen=screen), "net").would_change)


def test_a_still_says_what_can_be_said(record):
    """Without a ceiling a loss against a baseline is no verdict, but it is told."""
    verdict = decide(record(refused=NOTHING, comparisons={("nmse", "ridge"): (-0.2, -0.1)}), "net")
    assert verdict.level == Level.CANNOT_TELL
    assert any("worse than the baseline 'ridge'" in r for r in verdict.reasons)


def test_a_model_without_any_skill_row_is_never_supported(record):
    verdict = decide(record(skills=(), comparisons={}), "net")
    assert verdict.level == Level.CANNOT_TELL
    assert verdict.reasons


def test_a_an_error(record, make_finding):
    broken = make_finding("ERROR", check="L12", sentence="L12 failed with KeyError.", model=None)
    verdict = decide(record(findings=(broken,)), "net")
    assert verdict.level == Level.CANNOT_TELL
    assert "L12 ended in an error" in verdict.reasons[0]
    assert any("L12" in w for w in verdict.would_change)
    other = make_finding("ERROR", model="another")
    assert decide(record(findings=(other,)), "net").level == Level.SUPPORTED


# b. not supported, or not resolvable


def test_b_a_blocking_failure(record, make_finding):
    leak = make_finding(
        "FAIL", blocks=True, title="Seen cells", sentence="They were seen.", remedy="train without them"
    )
    verdict = decide(record(findings=(leak,)), "net")
    assert verdict.level == Level.NOT_SUPPORTED
    assert verdict.rule == "b. blocking failure"
    assert verdict.reasons == ("Seen cells: They were seen.",)
    assert verdict.would_change == ("train without them",)


def test_b_a_failure_of_the_study_blocks_every_model(record, make_finding):
    leak = make_finding("FAIL", blocks=True, model=None)
    assert decide(record(findings=(leak,)), "net").level == Level.NOT_SUPPORTED


@pytest.mark.parametrize(
    "changed",
    [{"blocks": False}, {"blocks": True, "model": "another"}, {"blocks": True, "status": "WARN"}, {"status": "NA"}],
)
def test_b_other_findings_do_not_block(record, make_finding, changed):
    fields = {"status": "FAIL"} | changed
    found = make_finding(fields.pop("status"), **fields)
    assert decide(record(findings=(found,)), "net").level == Level.SUPPORTED


def test_b_the_seen_cells_are_named_first(record, make_finding):
    findings = (
        make_finding("FAIL", check="L01", title="first", blocks=True),
        make_finding("FAIL", check="better_than_perfect", title="copy", blocks=True),
    )
    assert decide(record(findings=findings), "net").reasons[0].startswith("copy")


@pytest.mark.parametrize("name", ["no_change", "perturbation_mean", "additive", "ridge"])
def test_b_not_better_than_one_baseline_and_resolved(record, name):
    """Two of three families are not won although a tenth of the attainable gain would have shown."""
    losing = {(m, name): CLOSE for m in ("nmse", "pearson_delta")}
    verdict = decide(
        record(comparisons=losing, families={"nmse": (-0.05, 0.05), "pearson_delta": (-0.08, 0.08)}), "net"
    )
    assert verdict.level == Level.NOT_SUPPORTED
    assert verdict.rule == "b. not better than a legal baseline"
    title = name.replace("_", " ")
    assert f"not better than the baseline '{title}'" in verdict.reasons[0]
    assert "[-0.020, 0.030]" in verdict.reasons[0]
    assert any("additive" in w for w in verdict.would_change)  # the best baseline is the one to beat


def test_b_not_better_and_not_resolved(record):
    losing = {(m, "ridge"): CLOSE for m in ("nmse", "pearson_delta")}
    wide = {"nmse": (-0.3, 0.4), "pearson_delta": (-0.2, 0.3)}
    verdict = decide(record(comparisons=losing, families=wide), "net")
    assert verdict.level == Level.CANNOT_TELL
    assert verdict.rule == "b. not resolvable"
    assert any("cannot resolve a gain of 10%" in r for r in verdict.reasons)
    assert any("± 35%" in r for r in verdict.reasons)
    assert any("more test conditions" in w for w in verdict.would_change)


def test_b_an_upper_bound_below_the_stated_difference_resolves(record):
    """A wide interval that ends below a tenth excludes the gain as surely as a narrow one."""
    losing = {(m, "ridge"): CLOSE for m in ("nmse", "pearson_delta")}
    below = {"nmse": (-0.6, 0.05), "pearson_delta": (-0.9, 0.09)}
    assert decide(record(comparisons=losing, families=below), "net").level == Level.NOT_SUPPORTED


def test_b_what_is_still_open_must_be_enough(record):
    """One family won, one open, one resolved: two can still be won, so it cannot be told."""
    losing = {(m, "ridge"): CLOSE for m in ("nmse", "pearson_delta")}
    mixed = {"nmse": (-0.3, 0.4), "pearson_delta": (-0.05, 0.05)}
    assert decide(record(comparisons=losing, families=mixed), "net").level == Level.CANNOT_TELL
    losing[("pds_cosine", "ridge")] = CLOSE
    mixed["pds_cosine"] = (-0.05, 0.05)
    assert decide(record(comparisons=losing, families=mixed), "net").level == Level.NOT_SUPPORTED


def test_b_the_stated_difference_can_be_required(record):
    losing = {(m, "ridge"): CLOSE for m in ("nmse", "pearson_delta")}
    wide = {"nmse": (-0.2, 0.25), "pearson_delta": (-0.2, 0.25)}
    made = record(comparisons=losing, families=wide)
    assert decide(made, "net").level == Level.CANNOT_TELL
    lax = record(comparisons=losing, families=wide, require={"difference": 0.3})
    verdict = decide(lax, "net")
    assert verdict.level == Level.NOT_SUPPORTED


@pytest.mark.parametrize("metric", ["nmse", "pearson_delta", "pds_cosine"])
def test_b_worse_in_one_family_is_enough(record, metric):
    verdict = decide(record(comparisons={(metric, "additive"): (-0.2, -0.1)}), "net")
    assert verdict.level == Level.NOT_SUPPORTED
    assert f"{metric.upper()}: worse than the baseline 'additive'" in verdict.reasons[0]


def test_b_a_loss_counts_where_a_gain_could_not_be_measured(record):
    """Retrieval without a usable ceiling: being worse there is still being worse."""
    refused = {"pds_cosine": "the span is within 2 standard errors"}
    lost = record(refused=refused, comparisons={("pds_cosine", "additive"): (-0.2, -0.1)})
    verdict = decide(lost, "net")
    assert verdict.level == Level.NOT_SUPPORTED
    assert "PDS_COSINE: worse than" in verdict.reasons[0]
    even = record(refused=refused, comparisons={("pds_cosine", "additive"): CLOSE})
    assert decide(even, "net").level == Level.SUPPORTED


def test_b_the_most_damaging_baseline_is_named(record):
    losing = {("nmse", "additive"): (-0.3, -0.2), ("nmse", "ridge"): (-0.1, -0.05)}
    assert "'additive'" in decide(record(comparisons=losing), "net").reasons[0]


def test_b_two_families_of_three_suffice(record):
    verdict = decide(record(comparisons={("pds_cosine", "ridge"): CLOSE}), "net")
    assert verdict.level == Level.SUPPORTED
    assert any("PDS_COSINE: not better than 'ridge', nor worse" in r for r in verdict.reasons)
    assert "better than every legal baseline in error and correlation" in verdict.sentence


def test_b_one_family_suffices_where_only_one_is_measurable(record):
    refused = dict.fromkeys(("pearson_delta", "pds_cosine"), "no ceiling")
    verdict = decide(record(refused=refused), "net")
    assert verdict.level == Level.SUPPORTED
    assert "better than every legal baseline in error (" in verdict.sentence


def test_b_skill_without_any_comparison_is_not_a_gain(record):
    made = record()
    without = made.model_copy(update={"comparisons": ()})
    verdict = decide(without, "net")
    assert verdict.level in (Level.CANNOT_TELL, Level.NOT_SUPPORTED)
    assert any("no legal baseline" in r for r in verdict.reasons)


# c. the regime is weaker than the use or the declaration


def test_c_unseen_genes_for_target_identification(record, make_claim):
    fits = {"use": "target-id", "fit": "diagnostic", "reason": "targets are new contexts, not unseen genes"}
    applications = (type(make_claim().applications[0])(**fits),)
    weak = make_claim(use="target-id", regime="GEX", declared="GEX", applications=applications)
    verdict = decide(record(claim=weak), "net")
    assert verdict.level == Level.DIAGNOSTIC_ONLY
    assert verdict.rule.startswith("c")
    assert "targets are new contexts" in verdict.reasons[0]
    assert "CEX" in verdict.would_change[0]
    assert "says little about target-id" in verdict.sentence


def test_c_few_shot_where_an_unseen_context_is_declared(record, make_claim):
    made = record(claim=make_claim(regime="few-shot context", declared="CEX"))
    verdict = decide(made, "net")
    assert verdict.level == Level.SPLIT_LIMITED
    assert verdict.reasons == ("CEX is declared, but the tables show few-shot context.",)
    # the use is served; only the declared regime is not
    assert "says little" not in verdict.sentence
    assert "no test of CEX" in verdict.sentence


def test_c_random_cells(record, make_claim):
    verdict = decide(record(claim=make_claim(regime="random cells", declared="", use="")), "net")
    assert verdict.level == Level.DIAGNOSTIC_ONLY
    assert "only their cells are new" in verdict.reasons[0]


@pytest.mark.parametrize(
    ("use", "level"),
    [
        ("selectivity", Level.SUPPORTED),
        ("moa", Level.SPLIT_LIMITED),
        ("dose-finding", Level.DIAGNOSTIC_ONLY),
        ("unseen-compound", Level.DIAGNOSTIC_ONLY),
        ("", Level.SUPPORTED),
    ],
)
def test_c_by_how_far_the_regime_speaks_to_the_use(record, make_claim, use, level):
    verdict = decide(record(claim=make_claim(use=use)), "net")
    assert verdict.level == level
    assert (f"says little about {use}" in verdict.sentence) == (level != Level.SUPPORTED)


def test_c_a_weaker_declaration_is_no_fault(record, make_claim):
    assert decide(record(claim=make_claim(declared="few-shot context")), "net").level == Level.SUPPORTED
    assert decide(record(claim=make_claim(declared="")), "net").level == Level.SUPPORTED


# first match wins


def test_an_error_comes_before_a_leak_and_a_leak_before_the_ladder(record, make_claim, make_finding):
    leak, error = make_finding("FAIL", blocks=True), make_finding("ERROR", check="L12")
    worse = {("nmse", "ridge"): (-0.2, -0.1)}
    weak = make_claim(regime="random cells", declared="")
    assert decide(record(claim=weak), "net").rule[0] == "c"
    assert decide(record(claim=weak, comparisons=worse), "net").rule == "b. not better than a legal baseline"
    assert decide(record(claim=weak, comparisons=worse, findings=(leak,)), "net").rule == "b. blocking failure"
    assert decide(record(claim=weak, comparisons=worse, findings=(leak, error)), "net").rule[0] == "a"
    assert len(RULES) == 4


# thresholds


def test_thresholds_of_the_record_decide(record):
    """A verdict is derived with the thresholds that it was made with, whatever ours are today."""
    losing = {(m, "ridge"): CLOSE for m in ("nmse", "pearson_delta")}
    wide = {"nmse": (-0.2, 0.25), "pearson_delta": (-0.2, 0.25)}
    stored = (ThresholdRecord(name=STATED_DIFFERENCE.name, value=0.3, source="then"),)
    assert decide(record(comparisons=losing, families=wide), "net").level == Level.CANNOT_TELL
    assert decide(record(comparisons=losing, families=wide, thresholds=stored), "net").level == Level.NOT_SUPPORTED
    all_three = (ThresholdRecord(name=FAMILIES_NEEDED.name, value=3, source="then"),)
    one_open = record(comparisons={("pds_cosine", "ridge"): CLOSE}, families={"pds_cosine": (-0.05, 0.05)})
    assert decide(one_open, "net").level == Level.SUPPORTED
    stricter = one_open.model_copy(update={"thresholds": all_three})
    assert decide(stricter, "net").level == Level.NOT_SUPPORTED


def test_thresholds_have_a_source():
    for threshold in (STATED_DIFFERENCE, FAMILIES_NEEDED):
        assert threshold.source
        assert threshold.value > 0
