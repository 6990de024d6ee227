"""The demonstration tells its four models apart, each for its own reason."""

import json
import time

import pytest

from vcassay.record import read_assessment
from vcassay.report import write_report
from vcassay.run.assess import assess
from vcassay.run.demo import write_demo
from vcassay.run.verify import verify


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    start = time.perf_counter()
    record = assess(write_demo(folder), folder)
    write_report(folder)
    return folder, record, time.perf_counter() - start


def verdict(demo, name):
    return next(m.verdict for m in demo[1].models if m.name == name)


def failing(demo, name):
    return {f.check for f in demo[1].findings if f.model == name and f.status == "FAIL"}


def test_the_honest_model_is_supported(demo):
    v = verdict(demo, "honest")
    assert (v.level, v.rule[0]) == ("supported", "d")
    assert "10 unseen contexts" in v.sentence
    assert not failing(demo, "honest")


def test_the_mean_in_disguise_does_not_beat_the_ladder(demo):
    v = verdict(demo, "mean in disguise")
    assert (v.level, v.rule) == ("not supported", "b. not better than a legal baseline")
    assert failing(demo, "mean in disguise") == {"interaction", "selectivity"}  # a mean over contexts knows neither


def test_the_model_trained_on_test_cells_is_better_than_perfect(demo):
    v = verdict(demo, "trained on test cells")
    assert (v.level, v.rule) == ("not supported", "b. blocking failure")
    assert "better_than_perfect" in failing(demo, "trained on test cells")
    assert "seen them" in v.reasons[0]


def test_the_model_that_ignores_the_perturbation_is_found_by_its_ablations(demo):
    v = verdict(demo, "ignores the perturbation")
    assert (v.level, v.rule) == ("not supported", "b. blocking failure")
    assert "L24" in failing(demo, "ignores the perturbation")


def test_what_it_leaves_behind(demo):
    folder, _, seconds = demo
    data = json.loads((folder / "assessment.json").read_text())
    assert [m["name"] for m in data["models"]] == [
        "honest",
        "mean in disguise",
        "trained on test cells",
        "ignores the perturbation",
    ]
    assert all(m["verdict"]["level"] for m in data["models"])
    page = (folder / "report.html").read_text()
    assert page.index("Supported") < page.index("Not supported")
    assert verify(folder) == []
    assert seconds < 300  # a hang, not a benchmark


@pytest.mark.slow  # of the small study, `test_assess` asks the same
def test_a_second_run_resumes_and_says_the_same(demo):
    folder, record, _ = demo
    again = assess(folder / "study.toml", folder)
    assert again == record
    assert read_assessment(folder) == record


def test_verify_finds_a_changed_verdict(demo, tmp_path):
    folder = demo[0]
    text = (folder / "assessment.json").read_text()
    for name in ("conditions.parquet", "scores.parquet", "manifest.json"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    (tmp_path / "assessment.json").write_text(text.replace('"level": "not supported"', '"level": "supported"', 1))
    problems = " ".join(verify(tmp_path))
    assert "hash" in problems
    assert "mean in disguise" in problems
