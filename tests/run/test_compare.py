"""Comparing stored assessments: what is computed, what is refused, and that the order does not matter."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from vcassay.core import InputError
from vcassay.core.provenance import file_sha256
from vcassay.record import AssessmentRecord, dump_json, read_assessment
from vcassay.run.alike import refuse_unlike, warn_of
from vcassay.run.compare import compare_assessments, compare_directories
from vcassay.run.restored import Directory, keys_of, read_directory


@pytest.fixture
def pair(assessed: tuple[AssessmentRecord, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """Two copies of one assessment, named as a user in their folder would."""
    for name in ("one", "two"):
        shutil.copytree(assessed[1], tmp_path / name, ignore=shutil.ignore_patterns("cache"))
    monkeypatch.chdir(tmp_path)
    return "one", "two"


@pytest.fixture(scope="module")
def directory(assessed: tuple[AssessmentRecord, Path]) -> Directory:
    return replace(read_directory(assessed[1]), name="one")


@pytest.fixture(scope="module")
def twins(directory: Directory) -> list[Directory]:
    """The same assessment under two names."""
    return [directory, replace(directory, name="two")]


def keep(folder: str, wanted: Callable[[pd.DataFrame], pd.Series], role: str = "excluded") -> None:
    """Give the other test conditions another role, and take out their scores."""
    d = read_directory(Path(folder))
    test = d.test
    left = set(keys_of(test[wanted(test)]))
    conditions = d.conditions
    lost = (conditions["role"] == "test") & np.array([k not in left for k in keys_of(conditions)])
    conditions.loc[lost, "role"] = role
    conditions.to_parquet(Path(folder) / "conditions.parquet", index=False)
    scores = pd.read_parquet(Path(folder) / "scores.parquet")
    each = scores["level"] == "condition"
    scores[~each | np.array([k in left for k in keys_of(scores)])].to_parquet(
        Path(folder) / "scores.parquet", index=False
    )


def test_differences_from_baselines_are_those_of_the_assessment(assessed: tuple[AssessmentRecord, Path]) -> None:
    """One directory with two models: scores, intervals, the floor and skill come out as they are stored."""
    record = read_assessment(assessed[1])
    found = compare_assessments([assessed[1]])
    assert [e.label for e in found.entries] == ["mean", "mine"]
    assert {b.metric.name for b in found.boards} <= {m.name for m in record.metrics if m.primary}
    assert found.boards
    for board in found.boards:
        rows = {r.name: r for r in board.rows if r.kind == "model"}
        for name, row in rows.items():
            stored = record.score(name, board.metric.name, board.stratum)
            assert stored is not None
            assert (row.score, row.low, row.high) == pytest.approx((stored.value, stored.low, stored.high), abs=1e-12)
        (floor,) = (r for r in board.rows if r.kind == "baseline")
        skill = next(s for s in record.skills if (s.model, s.metric) == ("mine", board.metric.name))
        assert floor.name == skill.baseline
        assert floor.score == pytest.approx(skill.baseline_score, abs=1e-12)
        if skill.skill is not None:
            assert (rows["mine"].skill, rows["mine"].skill_low) == pytest.approx((skill.skill, skill.low), abs=1e-9)
        against = {(c.model, c.baseline): c for c in record.comparisons if c.metric == board.metric.name}
        (gap,) = board.differences
        twin = against["mine", "perturbation_mean"]  # the model 'mean' is this baseline
        sign = 1 if gap.model == "mine" else -1
        assert gap.difference == pytest.approx(sign * twin.difference, abs=1e-12)


def test_the_same_model_twice_is_two_entries_that_tie(twins: list[Directory]) -> None:
    found = compare_directories(twins, reference="mine (one)")
    labels = ["mean (one)", "mean (two)", "mine (one)", "mine (two)"]
    assert [e.label for e in found.entries] == labels
    for board in found.boards:
        twins = next(d for d in board.differences if {d.model, d.other} == {"mine (one)", "mine (two)"})
        assert (twins.difference, twins.apart) == (0.0, False)
        assert any({"mine (one)", "mine (two)"} <= set(group) for group in board.groups)
        rows = {r.name: r for r in board.rows}
        assert rows["mine (two)"].from_reference == 0.0
        assert rows["mine (one)"].from_reference is None
        assert rows["mine (one)"].score == rows["mine (two)"].score
        assert sum(r.kind == "baseline" for r in board.rows) == 1
        firsts = [r.first for r in board.rows if r.first is not None]
        assert sum(firsts) == pytest.approx(1.0 if firsts else 0.0)


def test_neither_order_nor_repetition_matters(pair: tuple[str, str]) -> None:
    found = compare_assessments(pair)
    one = dump_json(found)
    assert dump_json(compare_assessments(tuple(reversed(pair)))) == one
    assert dump_json(compare_assessments([*pair[::-1], "two/"])) == one
    for source in found.sources:
        assert source.assessment == file_sha256(Path(source.folder) / "assessment.json")
        assert source.scores == file_sha256(Path(source.folder) / "scores.parquet")
        assert source.conditions == file_sha256(Path(source.folder) / "conditions.parquet")


def test_only_models_whose_claim_stands_are_ranked(twins: list[Directory]) -> None:
    def judged(d: Directory) -> Directory:
        levels = {"mine": "supported", "mean": "not supported"}
        models = tuple(
            m.model_copy(update={"verdict": m.verdict.model_copy(update={"level": levels[m.name]})})
            for m in d.record.models
            if m.verdict is not None
        )
        return replace(d, record=d.record.model_copy(update={"models": models}))

    found = compare_directories([judged(d) for d in twins])
    assert {e.label for e in found.entries if e.ranked} == {"mine (one)", "mine (two)"}
    assert {e.why for e in found.entries if not e.ranked} == {"its verdict is 'not supported'"}
    for board in found.boards:
        ranked = {r.name: r for r in board.rows if r.rank is not None}
        assert set(ranked) == {"mine (one)", "mine (two)"}
        for row in ranked.values():
            assert row.rank == 1.5
            assert row.first == pytest.approx(0.5)
            assert row.distribution == pytest.approx((0.5, 0.5))


def changed(d: Directory, part: str, **fields: Any) -> Directory:
    """The directory with other fields in a part of its record."""
    new = getattr(d.record, part).model_copy(update=fields)
    return replace(d, name="two", record=d.record.model_copy(update={part: new}))


def changed_row(d: Directory, part: str, name: str, **fields: Any) -> Directory:
    rows = tuple(r.model_copy(update=fields) if r.name == name else r for r in getattr(d.record, part))
    return replace(d, name="two", record=d.record.model_copy(update={part: rows}))


def required(d: Directory) -> Directory:
    return replace(d, name="two", record=d.record.model_copy(update={"require": {"difference": 0.3}}))


def other_truth(d: Directory) -> Directory:
    inputs = {k: "0" * 64 if k.endswith("screen.h5ad") else v for k, v in d.manifest.inputs.items()}
    return replace(d, name="two", manifest=d.manifest.model_copy(update={"inputs": inputs}))


def other_seed(d: Directory) -> Directory:
    return replace(d, name="two", manifest=d.manifest.model_copy(update={"seed": 99}))


def other_table(d: Directory, change: Callable[[pd.DataFrame], None]) -> Directory:
    frame = d.conditions.copy()
    change(frame)
    return replace(d, name="two", conditions=frame)


def stronger(frame: pd.DataFrame) -> None:
    frame.loc[frame["role"] == "test", "effect"] *= 1.001


def less_training(frame: pd.DataFrame) -> None:
    frame.loc[frame.index[frame["role"] == "train"][:3], "role"] = "excluded"


def fewer_tested(frame: pd.DataFrame) -> None:
    frame.loc[frame.index[frame["role"] == "test"][:3], "role"] = "excluded"


UNLIKE: dict[str, tuple[Callable[[Directory], Directory], str]] = {
    "regime": (lambda d: changed(d, "claim", regime="GEX"), "the regime is 'GEX', there 'CEX'"),
    "use": (lambda d: changed(d, "claim", use="target-id"), "the intended use is 'target-id', there 'none'"),
    "declared": (lambda d: changed(d, "claim", declared="AEX"), "the regime that the authors state is 'AEX', there"),
    "table": (lambda d: changed(d, "claim", sha256="0"), "the split has other training conditions"),
    "training": (lambda d: other_table(d, less_training), "the split has other training conditions"),
    "tested": (lambda d: other_table(d, fewer_tested), "of them shared: --common compares on these"),
    "measured": (lambda d: other_table(d, stronger), "shared conditions were measured otherwise (effect)"),
    "truth": (other_truth, "the measured data differ (screen.h5ad and screen.h5ad by sha256)"),
    "seed": (other_seed, "other controls are reserved for scoring (seed 0 and 99)"),
    "genes": (lambda d: changed(d, "screen", scored_genes_sha256="0"), "other genes are scored (by the hash of"),
    "number of genes": (lambda d: changed(d, "screen", n_scored_genes=7), " and 7: "),
    "depth": (lambda d: changed(d, "screen", target_sum=1e6), "the target sum of profiles is '1000000.0', there"),
    "controls": (lambda d: changed(d, "screen", controls="shared"), "reserved for scoring is 'shared', there"),
    "threshold": (
        lambda d: changed_row(d, "thresholds", "stated_difference", value=0.25),
        "the threshold stated_difference is 0.1 and 0.25",
    ),
    "difference": (required, "the difference to be resolved is '0.3', there 'none'"),
    "panel": (lambda d: changed_row(d, "metrics", "pds_cosine", primary=False), "other metrics decide"),
    "metric": (lambda d: changed_row(d, "metrics", "mae", optimum=0.5), "the metric 'mae' is defined otherwise"),
}


@pytest.mark.parametrize("what", UNLIKE)
def test_unlike_assessments_are_refused_with_what_differs(what: str, directory: Directory) -> None:
    change, words = UNLIKE[what]
    with pytest.raises(InputError) as refused:
        refuse_unlike([directory, change(directory)], common=False)
    told = str(refused.value)
    assert told.startswith("two: cannot be compared with one: ")
    assert words in told
    assert "\n" not in told


def test_like_assessments_are_not_refused(directory: Directory) -> None:
    refuse_unlike([directory, replace(directory, name="two")], common=False)
    assert warn_of([directory, replace(directory, name="two")]) == ()


def test_a_part_of_the_conditions_is_compared_when_asked(pair: tuple[str, str]) -> None:
    keep("two", lambda t: t["perturbation"] != t["perturbation"].iloc[0])
    with pytest.raises(
        InputError, match=r"the test conditions differ \(\d+ and \d+ test conditions, \d+ of them shared"
    ):
        compare_assessments(pair)
    found = compare_assessments(pair, common=True)
    n, m = len(read_directory(Path("two")).test), len(read_directory(Path("one")).test)
    assert m > n
    assert found.common.startswith(f"Compared on the {n:,} test conditions that all assessments share: ")
    assert f"100% of the {n:,} of two" in found.common
    assert {b.metric.name for b in found.boards} == {"pearson_delta", "nmse"}
    assert any("discrimination" in text and "other test conditions" in text for text in found.refused)
    assert any(text.startswith("Ceilings and skill are not shown") for text in found.refused)
    for board in found.boards:
        assert not any(r.kind == "ceiling" or r.skill is not None for r in board.rows)
        assert board.n <= n
        twins = next(d for d in board.differences if {d.model, d.other} == {"mine (one)", "mine (two)"})
        assert twins.difference == 0.0


def test_nothing_shared_is_refused_even_when_asked(directory: Directory) -> None:
    def halved(frame: pd.DataFrame, *, first: bool) -> None:
        context = frame.loc[frame["role"] == "test", "context"].iloc[0]
        frame.loc[(frame["role"] == "test") & ((frame["context"] == context) == first), "role"] = "excluded"

    parts = [other_table(directory, partial(halved, first=first)) for first in (True, False)]
    with pytest.raises(InputError, match="no test condition is shared"):
        refuse_unlike(parts, common=True)


def test_other_training_is_told_of_on_a_part(directory: Directory) -> None:
    found = compare_directories([directory, other_table(directory, less_training)], common=True)
    assert any("What may be trained on differs" in text for text in found.warnings)


def test_other_versions_quick_runs_and_ladders_are_told_of(directory: Directory) -> None:
    older = directory.manifest.model_copy(update={"versions": {"vcassay": "0.0.1"}})
    gone = directory.record.comparisons[0].baseline
    left = tuple(c for c in directory.record.comparisons if c.baseline != gone)
    record = directory.record.model_copy(update={"quick": True, "complete": False, "comparisons": left})
    told = " ".join(warn_of([directory, replace(directory, name="two", manifest=older, record=record)]))
    assert "different versions of vcassay (one by " in told
    assert "two by 0.0.1" in told
    assert "Made with --quick" in told
    assert "Something ended in an error in two." in told
    assert f"The ladder of two lacks {gone}" in told


def test_a_baseline_that_answers_otherwise_is_kept_twice(twins: list[Directory], pair: tuple[str, str]) -> None:
    scores = pd.read_parquet("two/scores.parquet")
    scores.loc[(scores["model"] == "general_mean") & (scores["metric"] == "pearson_delta"), "value"] += 0.01
    scores.to_parquet("two/scores.parquet", index=False)
    found = compare_directories([twins[0], replace(twins[1], folder=Path("two"))])
    assert any("answers otherwise in two: both are kept" in text for text in found.warnings)


def test_other_metrics_are_compared_when_asked(twins: list[Directory]) -> None:
    (board,) = compare_directories(twins, metrics=["mae"]).boards
    assert board.metric.name == "mae"
    assert not any(r.kind == "ceiling" for r in board.rows)
    assert next(r for r in board.rows if r.kind == "model").no_skill.startswith("no ceiling")
    with pytest.raises(
        InputError, match=r"--metric: no metric of all assessments is called 'pearson_delt'; did you mean"
    ):
        compare_directories(twins, metrics=["pearson_delt"])


def test_references_that_are_none_or_several(twins: list[Directory]) -> None:
    with pytest.raises(InputError, match="'mine' is the name of several models"):
        compare_directories(twins, reference="mine")
    with pytest.raises(InputError, match="no model is called 'mind'; known: mean"):
        compare_directories(twins, reference="mind")


def test_one_model_and_older_directories_are_refused(directory: Directory, pair: tuple[str, str]) -> None:
    record = directory.record
    older = replace(directory, record=record.model_copy(update={"draws": None}))
    with pytest.raises(InputError, match=r"one: was written before compare existed .* assess again"):
        _ = older.family
    alone = replace(directory, record=record.model_copy(update={"models": record.models[:1]}))
    with pytest.raises(InputError, match="one: holds one model, and a comparison needs two"):
        compare_directories([alone])
    with pytest.raises(InputError, match=r"nowhere: holds no assessment\.json"):
        compare_assessments(["nowhere"])
    Path("one/manifest.json").unlink()
    with pytest.raises(InputError, match="one: holds no manifest"):
        compare_assessments(["one"])


def test_rows_out_of_order_are_refused(directory: Directory, pair: tuple[str, str]) -> None:
    scores = pd.read_parquet("two/scores.parquet")
    scores.iloc[::-1].to_parquet("two/scores.parquet", index=False)
    with pytest.raises(InputError, match="are not those of the test conditions"):
        replace(directory, folder=Path("two")).filled(["pearson_delta"])
