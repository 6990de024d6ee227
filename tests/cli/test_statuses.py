"""Exit statuses: 0 done, 1 below what is required, 2 bad input, 3 incomplete, 130 interrupted."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys

import pytest

from tests.run.builders import study_text
from vcassay.cli.assess import LEVELS
from vcassay.core import Level
from vcassay.evidence.leakage import CHECKS


def test_done(study, tmp_path, vcassay):
    ended = vcassay("assess", study, "-o", tmp_path / "a", "--json")
    assert ended.status == 0
    data = json.loads(ended.out)
    assert (data["study"], data["complete"]) == ("small", True)
    assert [(m["name"], m["verdict"]["level"]) for m in data["models"]] == [
        ("mine", "supported"),
        ("mean", "not supported"),
    ]
    assert data["out"] == str(tmp_path / "a")
    assert (tmp_path / "a" / "report.html").is_file()
    assert (tmp_path / "a" / "report.md").is_file()
    manifest = json.loads((tmp_path / "a" / "manifest.json").read_text())
    assert manifest["command"] == f"vcassay assess {study} -o {tmp_path / 'a'} --json"


@pytest.mark.parametrize(("level", "status"), [("supported", 1), ("not supported", 0)])
def test_below_what_is_required(level, status, study, tmp_path, vcassay):
    study.write_text(study_text(extra=f'[require]\nlevel = "{level}"\n'))
    assert vcassay("assess", study, "--quick", "-o", tmp_path / "a").status == status


def test_every_level_can_be_required():
    assert set(LEVELS) == {level.value for level in Level}


def test_incomplete(study, tmp_path, vcassay, monkeypatch):
    def broken(effects):
        raise ZeroDivisionError("of all things")

    entry = CHECKS["L20"]
    crashing = type(entry)("L20", entry.summary, entry.source, broken, ("effects",), entry.meta)
    monkeypatch.setitem(CHECKS._entries, "L20", crashing)
    study.write_text(study_text(extra='[require]\nlevel = "supported"\n'))
    ended = vcassay("assess", study, "--quick", "-o", tmp_path / "a")
    assert ended.status == 3  # before 1: what is required cannot be told
    assert "L20 failed with ZeroDivisionError: of all things" in " ".join(ended.out.split())


def test_interrupted(study, tmp_path, vcassay, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("vcassay.run.ladder.climb", interrupt)
        ended = vcassay("assess", study, "--quick", "-o", tmp_path / "a")
    assert (ended.status, ended.said) == (130, "vcassay: interrupted; run the same command again to go on from here.")
    assert not (tmp_path / "a" / "assessment.json").exists()
    assert list((tmp_path / "a" / "cache").glob("moments-*.npz"))
    assert not list((tmp_path / "a").rglob("*.part"))
    assert vcassay("assess", study, "--quick", "-o", tmp_path / "a").status == 0


@pytest.mark.parametrize(
    "words", [("split", "{study}", "-o", "no/such/split.json"), ("init", "{screen}", "-o", "no/s.toml")]
)
def test_where_nothing_can_be_written(words, study, vcassay, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    named = {"study": study, "screen": study.parent / "screen.h5ad"}
    ended = vcassay(*(w.format(**named) for w in words))
    assert ended.status == 2
    assert ended.said.endswith("no such file or directory; check the path, its permissions and the space on the disk.")


def test_a_file_where_the_directory_should_be(study, vcassay):
    ended = vcassay("assess", study, "-o", study)
    assert ended.status == 2
    assert "cannot be made a directory" in ended.said


def test_too_little_memory(study, tmp_path, vcassay, monkeypatch):
    def large(*_, **__):
        raise MemoryError

    monkeypatch.setattr("vcassay.run.moments.accumulate", large)
    ended = vcassay("assess", study, "--quick", "-o", tmp_path / "a")
    assert ended.status == 2
    assert "backed = true" in ended.said


def test_fresh_computes_again(study, tmp_path, vcassay, monkeypatch):
    vcassay("assess", study, "--quick", "-o", tmp_path / "a")
    before = {p.name: p.stat().st_mtime_ns for p in (tmp_path / "a" / "cache").iterdir()}
    vcassay("assess", study, "--quick", "-o", tmp_path / "a")
    assert {p.name: p.stat().st_mtime_ns for p in (tmp_path / "a" / "cache").iterdir()} == before
    vcassay("assess", study, "--quick", "-o", tmp_path / "a", "--fresh")
    after = {p.name: p.stat().st_mtime_ns for p in (tmp_path / "a" / "cache").iterdir()}
    assert after.keys() == before.keys()
    assert all(after[name] > before[name] for name in before)


def test_output_is_plain_lines_without_a_terminal(study, tmp_path, vcassay):
    ended = vcassay("assess", study, "--quick", "-o", tmp_path / "a")
    assert "\x1b" not in ended.out + ended.err
    assert "\r" not in ended.out + ended.err
    steps = ended.err.splitlines()
    assert all(line.startswith("vcassay: ") for line in steps)
    assert len(steps) == len(set(steps))


def test_a_terminal_without_unicode_gets_question_marks(assessed):
    screen = assessed / "screen.h5ad"
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C"}
    words = [sys.executable, "-m", "vcassay", "init", str(screen), "-o", str(assessed / "β.toml"), "--force"]
    ended = subprocess.run(words, capture_output=True, env=environment, check=False)
    assert ended.returncode == 0, ended.stderr
    assert b"Wrote " in ended.stdout


def test_help_answers_at_once():
    def seconds(*words: str) -> float:
        """Least processor time of three runs: other work on the machine does not count."""
        found = []
        for _ in range(3):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run([sys.executable, *words], capture_output=True, check=True)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            found.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        return min(found)

    assert seconds("-m", "vcassay", "--help") < 4 * seconds("-c", "import numpy")  # twice, on a machine of its own


def test_version_and_help(vcassay):
    assert vcassay("--version").out.startswith("vcassay 0.")
    for verb in ("init", "assess", "claim"):
        assert "--json" in vcassay(verb, "--help").out
    ended = vcassay("--help")
    assert all(f"\n  {verb} " in ended.out for verb in ("demo", "init", "assess", "task", "verify", "explain"))
    assert "..." not in ended.out.split("Commands:")[1]  # no line is cut short


@pytest.mark.parametrize("words", [("asess",), ("assess",), ("assess", "a", "b"), ("list", "--jsn")])
def test_misuse_shows_the_usage(words, vcassay):
    ended = vcassay(*words)
    assert ended.status == 2
    assert ended.err.startswith("Usage: vcassay")
