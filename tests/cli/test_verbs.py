"""Every verb answers; a user's mistake is one sentence on standard error and exit status 2."""

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from vcassay.cli import main
from vcassay.simulate import SimulationPlan, simulate_screen
from vcassay.simulate.answers import honest


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("user")
    simulation = simulate_screen(SimulationPlan(n_genes=80, n_contexts=5, n_crispri=10, n_drugs=2), seed=3)
    screen = simulation.screen
    screen.adata.write_h5ad(folder / "screen.h5ad")
    contexts = sorted(set(screen.conditions.context.tolist()))[-2:]
    wanted = screen.conditions.take(np.isin(screen.conditions.context, contexts))
    prediction = honest(simulation, wanted, np.random.default_rng(0))
    frame = pd.DataFrame({"context": wanted.context, "perturbation": wanted.perturbation, "dose": wanted.dose})
    values = pd.DataFrame(prediction.values, columns=list(prediction.genes))
    pd.concat([frame, values], axis=1).to_parquet(folder / "mine.parquet", index=False)
    return folder


def call(monkeypatch, capsys, *words):
    """Exit status, standard output, standard error."""
    monkeypatch.setattr(sys, "argv", ["vcassay", *map(str, words)])
    with pytest.raises(SystemExit) as end:
        main()
    out = capsys.readouterr()
    code = end.value.code
    return 0 if code is None else code, out.out, out.err


def test_from_two_files_to_a_verdict(files, tmp_path, monkeypatch, capsys):
    study = tmp_path / "study.toml"
    code, out, _ = call(monkeypatch, capsys, "init", files / "screen.h5ad", files / "mine.parquet", "-o", study)
    assert code == 0
    assert "perturbation" in out
    code, out, err = call(monkeypatch, capsys, "assess", study, "-o", tmp_path / "a")
    assert code == 0, err
    assert "mine" in out
    assert (tmp_path / "a" / "report.html").is_file()
    data = json.loads((tmp_path / "a" / "assessment.json").read_text())
    assert data["models"][0]["verdict"]["level"]
    assert data["claim"]["regime"] == "CEX"
    assert call(monkeypatch, capsys, "verify", tmp_path / "a")[0] == 0
    code, out, _ = call(monkeypatch, capsys, "report", tmp_path / "a", "--json")
    assert "report.html" in out
    code, out, _ = call(monkeypatch, capsys, "claim", study, "--json")
    assert json.loads(out)["regime"] == "CEX"
    code, out, _ = call(monkeypatch, capsys, "task", study, "-o", tmp_path / "task", "--json")
    assert json.loads(out)["n_wanted"] == data["claim"]["n_test"]
    with study.open("a") as handle:
        handle.write('\n[require]\nlevel = "supported"\n')
    text = study.read_text().replace("predicted = true", 'make = "gex"\n#').replace("mine.parquet", "none.parquet")
    (tmp_path / "bad.toml").write_text(text)
    code, _, err = call(monkeypatch, capsys, "assess", tmp_path / "bad.toml", "-o", tmp_path / "b")
    assert code == 2
    assert "none.parquet" in err


@pytest.mark.parametrize("kind", ["metrics", "baselines", "checks", "diagnostics"])
def test_the_catalogue(kind, monkeypatch, capsys):
    code, out, _ = call(monkeypatch, capsys, "list", kind, "--json")
    assert code == 0
    rows = json.loads(out)
    assert rows
    for row in rows:
        assert row["name"]
        assert row["summary"]
        assert row["source"]
    code, out, _ = call(monkeypatch, capsys, "explain", rows[0]["name"])
    assert code == 0
    assert rows[0]["source"] in out


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (("assess", "nowhere.toml"), "nowhere.toml"),
        (("explain", "nmsee"), "did you mean 'nmse'?"),
        (("list", "metric"), "did you mean 'metrics'?"),
        (("claim", "--protocol", "vcc2025"), "did you mean 'vcc-2025'?"),
        (("claim",), "--protocol NAME"),
        (("verify", "nowhere"), "assessment.json"),
        (("inspect", "nowhere.h5ad"), "nowhere.h5ad"),
        (("init", "nowhere.h5ad", "-o", "x.toml"), "nowhere.h5ad"),
    ],
)
def test_a_mistake_is_one_sentence_and_status_2(words, wanted, monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    code, out, err = call(monkeypatch, capsys, *words)
    assert code == 2
    last = err.strip().splitlines()[-1]
    assert wanted in last
    assert last.startswith("vcassay: ")
    assert last.endswith((".", "?"))
    assert "Traceback" not in out + err
    assert list(tmp_path.iterdir()) == []


def test_a_published_protocol(monkeypatch, capsys):
    code, out, _ = call(monkeypatch, capsys, "claim", "--protocol", "state-tahoe-fewshot", "--json")
    data = json.loads(out)
    assert code == 0
    assert data["regime"] == "few-shot context"
    keys = ("regime", "novelty", "supports", "does_not_support", "findings", "legal_baselines")
    assert all(data[k] for k in keys)
    assert {b["name"] for b in data["legal_baselines"] if b["legal"]} >= {"additive", "context_mean"}


def test_a_table_of_roles_declared_as_more_than_it_is(monkeypatch, capsys, tmp_path):
    rows = [("A", "G1", "train"), ("A", "G2", "train"), ("B", "G1", "train"), ("B", "G2", "test")]
    pd.DataFrame(rows, columns=["line", "gene", "role"]).to_csv(tmp_path / "t.csv", index=False)
    words = ("claim", "--table", tmp_path / "t.csv", "--perturbation", "gene", "--context", "line")
    code, out, _ = call(monkeypatch, capsys, *words, "--expect", "CEX", "--json")
    data = json.loads(out)
    assert code == 0
    assert data["regime"] == "few-shot context"
    assert any(f["check"] == "L03" and f["status"] == "FAIL" for f in data["findings"])
    legal = {b["name"]: b["legal"] for b in data["legal_baselines"]}
    assert legal["context_mean"]


def test_help_needs_none_of_the_heavy_libraries():
    code = "import sys, vcassay.cli.app; print(sorted({'anndata', 'pandas', 'sklearn', 'altair'} & set(sys.modules)))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
