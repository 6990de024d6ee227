"""The example plug-ins: under twenty lines each of decorated code, and a study that runs all four."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.run.builders import write_small

from vcassay.record import read_assessment

FOLDER = Path(__file__).parents[2] / "examples" / "plug_ins"
FILES = sorted(FOLDER.glob("*.py"))
ASSESS = "from vcassay.cli import main; main()"


def command(*words, folder):
    run = [sys.executable, "-c", ASSESS, *map(str, words)]
    return subprocess.run(run, capture_output=True, text=True, cwd=folder, check=False, timeout=300)


@pytest.fixture(scope="module")
def assessed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plug")
    study = write_small(folder)
    plugins = [word for file in FILES for word in ("--plugin", file)]
    ended = command(*plugins, "assess", study, "-o", folder / "a", "--quick", folder=folder)
    assert ended.returncode == 0, ended.stderr
    return read_assessment(folder / "a"), json.loads((folder / "a" / "manifest.json").read_text())


def test_all_four_are_part_of_the_assessment(assessed):
    record, manifest = assessed
    assert "direction_share" in {metric.name for metric in record.metrics}
    rung = next(b for b in record.baselines if b.name == "perturbed_median")
    assert (rung.ran, rung.legal, rung.tier) == (True, True, "T1")
    statuses = {f.check: f.status for f in record.findings if f.model is None}
    assert statuses["single_batch"] in ("PASS", "WARN", "NA")
    assert statuses["strength_order"] in ("PASS", "NA")
    assert {f"plug-in {file.name}" for file in FILES} <= set(manifest["versions"])


def test_the_metric_is_scored(assessed):
    score = assessed[0].score("perturbed_median", "direction_share")
    assert 0.5 < score.value <= 1.0


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_they_are_short(file):
    tree = ast.parse(file.read_text())
    own = next(node for node in tree.body if getattr(node, "decorator_list", ()))
    assert own.end_lineno - own.lineno < 20
