"""The blocks of stage 2c say what a planted record holds, and of an older one what it does not."""

from __future__ import annotations

import pytest

from tests.report import evidence
from tests.report.conftest import Planted
from vcassay.record import AssessmentRecord
from vcassay.report.blocks.calibration import calibration_block
from vcassay.report.blocks.effect import effect_block
from vcassay.report.blocks.methods import methods_block
from vcassay.report.blocks.paired import paired_block
from vcassay.report.blocks.panel import panel_block
from vcassay.report.blocks.ranks import agreement_sentence, pair_table, rank_rows
from vcassay.report.blocks.template import template_block
from vcassay.report.blocks.utility import title_of, utility_block
from vcassay.report.facts import anchor_word, demoted_primary, main_metric, primary_metrics, trouble
from vcassay.report.figures.calibration import calibration_figure
from vcassay.report.palette import LIGHT
from vcassay.report.signal import noise_sentence, signal
from vcassay.report.tables import Stored, oriented, why_unscored


@pytest.fixture(scope="module")
def full(planted: Planted) -> AssessmentRecord:
    return evidence.full(planted.record)


def stored(planted: Planted, record: AssessmentRecord) -> Stored:
    return Stored(record, planted.conditions, planted.scores, None, {"manifest": "not there"})


class TestSignal:
    def test_both_numbers_of_a_model(self, full: AssessmentRecord) -> None:
        found = signal(full, "Kestrel-2")
        assert found is not None
        assert (found.metric.name, found.stratum) == ("pearson_delta", "detectable")
        assert found.weighted is not None
        assert found.weighted.value == 0.77
        assert found.false_effect is not None
        assert found.false_effect.value == 0.125
        assert found.perfect.kind == "perfect model"
        assert noise_sentence(found) == (
            "where there is no effect it predicts 12 % of a typical effect and calls 3.4 % of the genes; "
            "real effects are told from none at an AUROC of 0.86"
        )

    def test_the_table_names_ceilings_and_coverage(self, planted: Planted, full: AssessmentRecord) -> None:
        block = effect_block(stored(planted, full))
        rows = {r.title: r for r in block.data["rows"]}
        mine = rows["Kestrel-2"]
        assert mine.corrected == "0.91 [0.88, 0.97]"
        assert "0.83 [0.80, 0.86] on the 51 answered" in mine.coverage
        assert mine.false_calls == "3.4 % [0.4, 6.4]"
        assert rows["perfect model (√R)"].score.startswith("0.86")
        assert any(r.startswith("replicate (R)") for r in rows)
        assert sum(r.kind == "baseline" for r in rows.values()) >= 1
        assert block.data["noise"] is True
        assert "Where there is none, they predict 12 % to 312 % of a typical one." in block.answer

    def test_strata_hold_classes_and_reliability(self, planted: Planted, full: AssessmentRecord) -> None:
        block = effect_block(stored(planted, full))
        heads = [name for name, _ in block.data["columns"]]
        assert heads == ["null", "weak", "medium", "strong", "unreliable", "high reliability"]
        (mine,) = (r for r in block.data["by_stratum"] if r.title == "Kestrel-2")
        assert mine.cells[-1][0] == "0.93 [0.90, 0.96]"
        assert "no effect, so nothing to reproduce" in " ".join(block.data["notes"])

    def test_an_older_record_says_that_noise_was_not_measured(self, planted: Planted) -> None:
        scores = tuple(s for s in planted.record.scores if not s.metric.startswith("null"))
        block = effect_block(stored(planted, planted.record.model_copy(update={"scores": scores})))
        assert block.data["noise"] is False
        assert block.data["no_noise"] == "no metric of such conditions is stored"
        assert (block.data["corrected"], block.data["weighted"]) == (False, False)


class TestCalibration:
    def test_demoted_primary_metrics_are_named_with_their_reason(self, full: AssessmentRecord) -> None:
        assert [m.name for m in demoted_primary(full)] == ["pds_cosine"]
        assert [m.name for m in primary_metrics(full)][-1] == "pds_cosine"
        block = calibration_block(full)
        assert "The verdict rests on Pearson of the effect and Noise-corrected error." in block.answer
        assert f"Demoted, and so without a say: Retrieval of the perturbation ({evidence.WHY})." in block.answer
        assert "2 of 3 metrics do what a metric must on this screen; 1 is demoted." in block.answer
        assert "meant to decide fails on this screen" in trouble(full).sentence

    def test_lines_hold_both_numbers_and_the_rules(self, full: AssessmentRecord) -> None:
        lines = {r.name: r for r in calibration_block(full).data["lines"]}
        assert lines["pearson_delta"].drf == "0.42 [0.32, 0.52]"
        assert lines["pearson_delta"].role == "carries the verdict"
        assert lines["nmse"].broken == "Scaling: half the size scores better."
        assert lines["pds_cosine"].role == "demoted primary"
        assert lines["pds_cosine"].why == "A trick scores 0.3 (0.1 without it)."
        assert lines["pds_cosine"].broken == ""
        assert lines["pearson_raw"].role == "bare"
        assert lines["pearson_raw"].bds == "undefined"
        assert lines["magnitude_log2"].role == "demoted"

    def test_raw_metrics_stand_beside_no_change(self, full: AssessmentRecord) -> None:
        bare = {b.title: b for b in calibration_block(full).data["bare"]}
        assert set(bare) == {"Error of raw expression", "Pearson of raw expression"}
        row = full.score("no_change", "pearson_raw", "detectable")
        assert row is not None
        assert row.value is not None
        assert bare["Pearson of raw expression"].no_change == f"{row.value:.3f}"

    def test_the_figure_marks_what_is_demoted(self, full: AssessmentRecord) -> None:
        figure = calibration_figure(full)
        assert figure is not None
        tones = {r["metric"]: r["tone"] for r in figure.tables["calibration"]}
        assert tones["Retrieval of the perturbation"] == LIGHT["bad"]
        assert tones["Pearson of the effect"] == LIGHT["model"]
        assert len(tones) == 3

    def test_an_older_record_has_none_and_says_why(self, planted: Planted) -> None:
        block = calibration_block(planted.record)
        assert block.data["lines"] == []
        assert block.figures == ()
        why = "quick runs leave it out"
        block = calibration_block(planted.record.model_copy(update={"uncalibrated": why}))
        assert block.data["uncalibrated"] == why
        assert why in block.answer


def test_the_template_shows_shares_and_the_record_s_sentences(full: AssessmentRecord, planted: Planted) -> None:
    block = template_block(full)
    assert block.answer == evidence.SHARES
    (sheet,) = block.data["sheets"]
    assert sheet.parts == ("common to all", "interaction")
    truth, first = sheet.rows[:2]
    assert [s for s, _ in truth.shares] == ["20 %", "30 %"]
    assert first.shares[1] == ("−4.0 %", 0.0)
    assert first.scores == ("0.30 [0.20, 0.40]", "0.30 [0.20, 0.40]")
    assert first.sentence == evidence.BEYOND
    assert "12 left out" in sheet.left
    older = template_block(planted.record)
    assert older.data["sheets"] == []
    assert older.data["missing"] == "no template of training effects is stored"


class TestStanding:
    def test_ranks_with_intervals_and_chances(self, full: AssessmentRecord) -> None:
        first, second = rank_rows(full)
        assert (first.title, first.kind) == ("Kestrel-2", "model")
        assert first.cells == (("1 [1, 2]", "90 % first"),) * 2
        assert (second.title, second.kind) == ("Additive: context + drug", "baseline")
        assert second.cells[0] == ("2 [2, 3]", "")

    def test_pairs_are_told_both_ways(self, full: AssessmentRecord) -> None:
        pairs = pair_table(full)
        assert pairs is not None
        assert dict(pairs.rows) == {"Kestrel-2": ("", "93 %"), "PertFormer-XL": ("7.0 %", "")}

    def test_agreement_of_metrics(self, full: AssessmentRecord) -> None:
        assert agreement_sentence(full) == (
            "1 of 2 other metrics order the answers much as Pearson of the effect does (tau-b ≥ 0.8); "
            "of those that decide: Noise-corrected error 0.40."
        )

    def test_equivalence_and_what_could_be_found(self, planted: Planted, full: AssessmentRecord) -> None:
        rows = []
        for c in full.comparisons:
            alike = (c.model, c.baseline, c.metric) == ("PertFormer-XL", "additive", "pearson_delta")
            change = {"better": False, "worse": False, "equivalent": True, "margin": 0.02, "equivalence_low": -0.01,
                      "equivalence_high": 0.01, "detectable_difference": 0.014,
                      "wins": 0.55, "sign_p": 0.2}  # fmt: skip
            rows.append(c.model_copy(update=change) if alike else c)
        block = paired_block(stored(planted, full.model_copy(update={"comparisons": tuple(rows)})))
        said = {name: said for name, _, said in block.data["standing"]}
        assert any("not distinguishable from Additive: context + drug within 0.02" in s for s in said["PertFormer-XL"])
        (row,) = (r for r in block.data["table"] if r["end"] == "the same within 0.02")
        assert (row["found"], row["wins"], row["sign"]) == ("0.01", "55 %", "p = 0.20")
        assert "over 3 training seeds, from 0.680 to 0.720" in block.data["seeds"][0]
        assert "Kestrel-2 has rank 1 of 2" in block.answer

    def test_an_older_record_has_no_ranks(self, planted: Planted) -> None:
        block = paired_block(stored(planted, planted.record))
        assert (block.data["ranked"], block.data["pairs"], block.data["alike"]) == ([], None, "")
        assert block.data["table"]


class TestUtility:
    def test_a_table_a_figure_with_what_is_on_the_card(self, full: AssessmentRecord, planted: Planted) -> None:
        block = utility_block(full)
        (sheet,) = block.data["sheets"]
        assert sheet.meant
        (line,) = sheet.lines
        assert (line.value, line.chance, line.ceiling) == ("0.61 [0.50, 0.70]", "0.00", "0.80 perfect model")
        assert line.baseline == "0.42 Additive: context + drug"
        assert not line.on_card
        (missing,) = block.data["missing"]
        assert missing[1] == "no signature was handed in"
        assert utility_block(planted.record).data["none"] is True

    def test_names_in_words(self) -> None:
        assert title_of("dose_spearman") == "Doses of a perturbation: rank correlation"
        assert title_of("picks the right perturbation") == "picks the right perturbation"


class TestPanel:
    def test_coverage_stands_beside_the_score(self, full: AssessmentRecord) -> None:
        sheet = panel_block(full).data["sheets"][0]
        lines = {line.metric.name: line for g in sheet.groups for line in g.lines}
        assert lines["pearson_delta"].coverage.endswith("at chance, 0.83 on the 51 answered")
        assert "undefined" in lines["null_effect"].coverage or lines["null_effect"].cells[0].value == "undefined"
        assert lines["magnitude_log2"].direction == "→ best at 0"
        assert lines["nmse"].direction == "↓ best at 0"
        assert lines["pearson_raw"].bare
        reasons = dict(sheet.undefined)
        assert "Noise-corrected error (null)" in reasons["nmse is not defined on null effects"]

    def test_every_metric_stands_under_its_family(self, full: AssessmentRecord) -> None:
        sheet = panel_block(full).data["sheets"][0]
        names = [g.family for g in sheet.groups]
        assert names == ["correlation", "error", "retrieval", "size", "no effect", "raw"]


def test_methods_tell_batches_guides_and_shared_controls(planted: Planted, full: AssessmentRecord) -> None:
    told = dict(methods_block(stored(planted, full)).data["measured"])
    assert told["Reliability across batches"] == (
        "0.40, against 0.60 within, over 40 conditions (difference −0.20 [−0.30, −0.10]): "
        "part of the signal is of the batches"
    )
    assert told["Reliability across guides"] == "not measurable: no column of guides"
    assert told["Sharing controls would add"].startswith("at most +0.05 [0.03, 0.07] to Pearson of the effect")
    assert "Sharing controls would add" not in dict(methods_block(stored(planted, planted.record)).data["measured"])


def test_what_stands_at_the_anchor(full: AssessmentRecord) -> None:
    metric = main_metric(full)
    assert metric is not None
    assert anchor_word(full, metric, "detectable") == "chance"
    bias = metric.model_copy(update={"title": "Pearson beyond the bias model"})
    assert anchor_word(full, bias, "detectable") == "bias model"
    exact = full.score("no_change", metric.name, "detectable")
    assert exact is not None
    at = metric.model_copy(update={"chance": exact.value})
    assert anchor_word(full, at, "detectable") == "no change"


def test_what_has_its_optimum_inside_is_turned_to_it(planted: Planted, full: AssessmentRecord) -> None:
    size = next(m for m in full.metrics if m.family == "magnitude")
    values = planted.scores["value"].head(50).fillna(0.0) - 0.3
    for metric in (
        size,
        size.model_copy(update={"family": "diversity"}),
        size.model_copy(update={"family": "distribution", "title": "Variance of cells, ratio (log2)"}),
    ):
        assert oriented(values, metric).equals(-values.abs())
    assert oriented(values, size.model_copy(update={"family": "error", "title": "Error"})).equals(-values)


def test_why_a_condition_has_no_score(planted: Planted, full: AssessmentRecord) -> None:
    metric = main_metric(full)
    there = stored(planted, full)
    assert why_unscored(there, metric).endswith("is a statistic of many conditions together: a single one has no score")
    blind = planted.conditions.assign(effect=float("nan"))
    without = Stored(full, blind, planted.scores, None, {})
    assert why_unscored(without, metric, against_effect=True) == "no test condition has an effect size"
    assert "statistic of many" in why_unscored(without, metric)
    assert why_unscored(there, None) == "no metric can carry the verdict"
