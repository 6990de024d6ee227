"""What is said of the strongest rungs: which they are, what choosing them does, what domain knowledge buys."""

from __future__ import annotations

import re

import pytest

from tests.report.conftest import Planted
from tests.report.story import _rung
from vcassay.record import AssessmentRecord
from vcassay.report import render_markdown
from vcassay.report.blocks.ladder import ladder_block
from vcassay.report.facts import main_metric, skill_of
from vcassay.report.figures.ladder import FAINT, TOP_SIGN, ladder_figure, ladder_rows
from vcassay.report.rungs import group_rungs
from vcassay.report.strength import (
    answered_words,
    best_of_tiers,
    chosen_of,
    chosen_words,
    domain_lines,
    domain_sentence,
    strongest_rung,
)

MODEL = "Kestrel-2"


def metric_named(record: AssessmentRecord, name: str):
    return next(m for m in record.metrics if m.name == name)


def shared(planted: Planted, share: float | None, model: str = MODEL) -> AssessmentRecord:
    return planted.record.model_copy(update={"domain_share": {model: share}})


@pytest.mark.parametrize("name", ["pearson_delta", "nmse"])
def test_the_best_of_a_tier_is_the_one_of_its_best_score(planted: Planted, name: str) -> None:
    metric = metric_named(planted.record, name)
    sign = 1 if metric.higher_is_better else -1
    best = best_of_tiers(planted.record, metric)
    assert list(best) == ["T0", "T1", "T2", "T3"]
    for tier, found in best.items():
        legal = [b.name for b in planted.record.baselines if (b.kind, b.tier, b.legal) == ("baseline", tier, True)]
        scores = {n: sign * planted.record.score(n, name, "detectable").value for n in legal}
        assert found.rung.name == max(scores, key=scores.__getitem__)
        assert found.others == len(legal) - 1
    every = {b.rung.name: sign * planted.record.score(b.rung.name, name, "detectable").value for b in best.values()}
    assert strongest_rung(planted.record, metric) == max(every, key=every.__getitem__)


def test_what_has_no_score_is_best_of_nothing(planted: Planted) -> None:
    record = planted.record.model_copy(update={"scores": ()})
    metric = metric_named(record, "pearson_delta")
    assert best_of_tiers(record, metric) == {}
    assert strongest_rung(record, metric) == ""
    assert ladder_figure(record, metric) is None


@pytest.mark.parametrize(
    ("n", "optimism", "wanted"),
    [
        (0, None, ""),
        (1, 0.0, ""),
        (27, None, "best of 27 legal baselines"),
        (27, 0.0042, "best of 27 legal baselines; having been chosen on these conditions flatters it by about 0.004"),
        (27, 0.12, "best of 27 legal baselines; having been chosen on these conditions flatters it by about 0.120"),
        (3, 0.00008, "best of 3 legal baselines; having been chosen on these conditions flatters it by about 0.0001"),
        (3, 0.0, "best of 3 legal baselines; having been chosen on these conditions does not flatter it"),
        (3, -0.002, "best of 3 legal baselines; having been chosen on these conditions does not flatter it"),
    ],
)
def test_of_how_many_the_best_was_chosen(planted: Planted, n: int, optimism: float | None, wanted: str) -> None:
    skill = skill_of(planted.record, MODEL, "pearson_delta")
    assert skill is not None
    assert chosen_words(skill.model_copy(update={"n_baselines": n, "optimism": optimism})) == wanted


def test_it_is_said_wherever_the_strongest_is_named(planted: Planted) -> None:
    rows = tuple(s.model_copy(update={"n_baselines": 27, "optimism": 0.0042}) for s in planted.record.skills)
    record = planted.record.model_copy(update={"skills": rows})
    said = "best of 27 legal baselines; having been chosen on these conditions flatters it by about 0.004"
    metric = main_metric(record)
    assert metric is not None
    assert chosen_of(record, strongest_rung(record, metric), metric.name) == said
    assert said in ladder_block(record).answer
    assert said in render_markdown(record)
    assert any(said in f.caption for f in ladder_block(record).figures)
    assert chosen_words(None) == ""
    assert "best of" not in ladder_block(planted.record).answer


@pytest.mark.parametrize(
    ("share", "wanted"),
    [
        (-0.3, "buys nothing"),
        (0.0, "buys nothing"),
        (0.041, "buys 4.1 % of what Kestrel-2 gains over the best mean"),
        (1.0, "buys 100 % of what Kestrel-2 gains over the best mean"),
        (1.4, "buys more than Kestrel-2 does: the best domain-informed baseline (T3) gains 140 % of what"),
        (57.0, "far more than Kestrel-2 does: the best domain-informed baseline (T3) gains 57 times as much"),
    ],
)
def test_what_domain_knowledge_buys_in_words(planted: Planted, share: float, wanted: str) -> None:
    record = shared(planted, share)
    text = domain_sentence(record, MODEL)
    assert wanted in text
    assert not re.search(r"(?<!\w)[-\N{MINUS SIGN}]\d", text)
    assert text in render_markdown(record)
    assert domain_lines(record) == [((MODEL,), text)]


def test_a_share_that_is_undefined_has_a_reason(planted: Planted) -> None:
    record = shared(planted, None)
    head = f"What domain knowledge buys is undefined for {MODEL}: "
    assert domain_sentence(record, MODEL) == f"{head}there is no gain over the best mean to share."
    tiers = tuple(b for b in record.baselines if b.tier != "T3")
    assert domain_sentence(record.model_copy(update={"baselines": tiers}), MODEL) == (
        f"{head}no domain-informed baseline (T3) has a score."
    )
    means = tuple(b for b in record.baselines if b.tier not in ("T0", "T1"))
    assert "no mean (T0, T1) has a score" in domain_sentence(record.model_copy(update={"baselines": means}), MODEL)
    assert "no score in the correlation" in domain_sentence(record.model_copy(update={"scores": ()}), MODEL)
    assert domain_sentence(record, "another") == ""


def test_models_without_a_share_for_one_reason_are_told_of_together(planted: Planted) -> None:
    names = [m.name for m in planted.record.models]
    shares = dict.fromkeys(names) | {names[1]: 0.5}
    told = domain_lines(planted.record.model_copy(update={"domain_share": shares}))
    assert told[0][0] == (names[1],)
    assert told[1][0] == (names[0], *names[2:])
    assert all(name in told[1][1] for name in told[1][0])
    assert len(told) == 2


@pytest.mark.parametrize(
    ("fallback", "n", "wanted"),
    [
        ("", 0, ""),
        ("perturbation mean for 4 drugs", 0, "Falls back to perturbation mean for 4 drugs."),
        ("the mean effect, no feature being known, for 22 conditions", 22,
         "Answered by the mean effect, no feature being known, for 22 of 348 conditions."),
        ("the mean effect for 348 conditions", 348, "Answered throughout (348 conditions) by the mean effect."),
        ("the mean effect for 1 conditions", 1, "Answered by the mean effect, for 1 of 348 conditions."),
    ],
)  # fmt: skip
def test_what_stood_in_for_a_rule(fallback: str, n: int, wanted: str) -> None:
    assert answered_words(_rung("x", "X", "T3", fallback=fallback, n_fallback=n)) == wanted


def test_the_figure_marks_the_strongest_and_pales_the_others(planted: Planted) -> None:
    metric = metric_named(planted.record, "pearson_delta")
    rows = {r["name"]: r for r in ladder_rows(planted.record, metric)}
    best = {b.rung.name for b in best_of_tiers(planted.record, metric).values()}
    legal = {b.name for b in planted.record.baselines if b.legal and b.kind == "baseline"}
    assert {n for n, r in rows.items() if r["opacity"] == FAINT} == legal - best
    assert [n for n, r in rows.items() if r["label"].startswith(TOP_SIGN)] == [strongest_rung(planted.record, metric)]
    short = {r["name"] for r in ladder_rows(planted.record, metric, short=True)}
    assert short & legal == best
    assert {m.name for m in planted.record.models} <= short


def test_the_table_has_the_best_of_a_tier_first_and_marks_it(planted: Planted) -> None:
    metric = main_metric(planted.record)
    assert metric is not None
    best = best_of_tiers(planted.record, metric)
    for group in group_rungs(planted.record).tiers:
        assert group.rungs[0].name == best[group.rungs[0].tier].rung.name
    marks = {r.name: r.best for lines in ladder_block(planted.record).data["groups"] for r in lines.rungs}
    top = strongest_rung(planted.record, metric)
    assert marks[top] == "strongest"
    for tier, found in best.items():
        if found.rung.name != top:
            assert marks[found.rung.name] == (f"best of {tier}" if found.others else "")
