"""The scripts of outside models read a task, build their inputs and write answers without the models' packages."""

import gzip
import json
import sys
import tomllib
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from vcassay.prediction import read_prediction
from vcassay.run.study import read_study
from vcassay.run.task import write_task
from vcassay.screen import Design
from vcassay.simulate import SimulationPlan, simulate_screen

EXAMPLES = Path(__file__).parents[2] / "examples"
MODELS = ("outside_gears", "outside_state")
STUDY = """
schema = "vcassay.study/1"
[data]
screen = "screen.h5ad"
rows = "cells"
readout = "{readout}"
perturbation = "gene"
control = ["NT"]
context = "line"
[split]
make = "cex"
contexts = ["{context}"]
"""


def load(path, monkeypatch):
    monkeypatch.syspath_prepend(str(EXAMPLES / "outside"))
    spec = spec_from_file_location(path.parent.name, path)
    module = module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def io(monkeypatch):
    return load(EXAMPLES / "outside" / "task_io.py", monkeypatch)


@pytest.fixture
def gears(monkeypatch):
    return load(EXAMPLES / "outside_gears" / "train.py", monkeypatch)


@pytest.fixture
def state(monkeypatch):
    return load(EXAMPLES / "outside_state" / "train.py", monkeypatch)


@pytest.fixture(scope="module")
def tasks(tmp_path_factory):
    """A task folder of counts, and one of their logarithms, of a simulated screen with columns of its own names."""
    folder = tmp_path_factory.mktemp("outside")
    adata = simulate_screen(SimulationPlan(n_genes=50, n_contexts=3, n_crispri=6, n_drugs=0), seed=2).screen.adata
    adata = ad.AnnData(sp.csr_matrix(adata.X), obs=adata.obs.astype(str), var=pd.DataFrame(index=adata.var_names))
    adata.obs["gene"] = adata.obs["perturbation"].replace("control", "NT")
    adata.obs["line"] = adata.obs["context"]
    out = {}
    for readout in ("counts", "lognorm"):
        (folder / readout).mkdir()
        adata.write_h5ad(folder / readout / "screen.h5ad")
        context = sorted(set(adata.obs.line))[0]
        (folder / readout / "study.toml").write_text(STUDY.format(readout=readout, context=context))
        out[readout] = folder / readout / "task"
        write_task(folder / readout / "study.toml", out[readout])
        adata.X = adata.X.log1p()
    return out


@pytest.mark.parametrize("model", MODELS)
def test_scripts_explain_themselves_where_the_model_is_not_installed(model, monkeypatch, capsys):
    script = EXAMPLES / model / "train.py"
    monkeypatch.setattr(sys, "argv", [str(script), "--help"])
    for package in ("gears", "state", "torch", "vcassay"):
        monkeypatch.setitem(sys.modules, package, None)  # to import it raises
    with pytest.raises(SystemExit) as done:
        load(script, monkeypatch).main()
    assert done.value.code == 0
    out = capsys.readouterr().out
    assert "vcassay task" in out
    assert "--seed" in out
    assert len(script.read_text().splitlines()) < 200


@pytest.mark.parametrize("model", MODELS)
def test_studies_parse_and_disclose(model, monkeypatch, tmp_path):
    monkeypatch.setenv("VCASSAY_DATA", str(tmp_path))
    study, _ = read_study(EXAMPLES / model / "study.toml")
    assert study.data.screen.startswith(str(tmp_path))
    (submitted,) = study.model
    assert submitted.pretraining == ()
    assert submitted.controls == "training"
    assert "target_gene" in submitted.inputs
    pins = (EXAMPLES / model / "requirements.txt").read_text().splitlines()
    assert all("==" in pin for pin in pins if pin and not pin.startswith("#"))
    assert tomllib.loads((EXAMPLES / model / "study.toml").read_text())["model"][0]["space"] == "delta"


def test_rows_are_scaled_to_their_median_depth_and_named_as_asked(io, tasks):
    task, view = io.read_task(tasks["counts"]), ad.read_h5ad(tasks["counts"] / "train.h5ad")
    counts = view.X.toarray()
    size = counts.sum(axis=1)
    assert task.depth == pytest.approx(np.median(size))
    assert task.target_sum == 1e4
    expected = np.log1p(counts / size[:, None] * np.median(size))
    np.testing.assert_allclose(task.cells.X.toarray(), expected, rtol=1e-5)
    obs = task.cells.obs
    assert set(obs.perturbation) == set(view.obs.gene.astype(str).replace("NT", "control"))
    context = obs.context.iloc[0]
    rows = ((view.obs.gene == "NT") & (view.obs.line == context)).to_numpy()
    np.testing.assert_allclose(task.control(context), expected[rows], rtol=1e-5)


def test_effects_have_the_scale_of_the_assessment(io, tasks):
    task = io.read_task(tasks["counts"])
    one, other = np.random.default_rng(0).uniform(0, 2, (2, 50))
    profile = [np.log1p(1e4 / task.depth * rate) for rate in (one, other)]
    np.testing.assert_allclose(task.effect(one, other), profile[0] - profile[1])
    np.testing.assert_allclose(task.rate(np.log1p(one)), one)
    assert task.effect(-one, other).tolist() == (-profile[1]).tolist()  # a rate is not negative
    log = io.read_task(tasks["lognorm"])
    assert (log.depth, log.target_sum) == (None, None)
    np.testing.assert_allclose(log.effect(log.rate(one), log.rate(other)), one - other)


def test_other_readouts_are_refused(io, tasks, tmp_path):
    known = json.loads((tasks["counts"] / "task.json").read_text())
    (tmp_path / "task.json").write_text(json.dumps(known | {"readout": "continuous"}))
    with pytest.raises(SystemExit, match="not continuous"):
        io.read_task(tmp_path)


def test_labels_of_combinations_are_those_of_the_wanted_table(io, tasks, tmp_path):
    known = json.loads((tasks["counts"] / "task.json").read_text())
    view = ad.read_h5ad(tasks["counts"] / "train.h5ad")
    view.obs["gene"] = np.where(np.arange(view.n_obs) % 2, "NT", "B_A")
    view.write_h5ad(tmp_path / "train.h5ad")
    (tmp_path / "task.json").write_text(json.dumps(known | {"delimiter": "_"}))
    (tmp_path / "wanted.csv").write_text("context,perturbation\n1,A+B\n")
    task = io.read_task(tmp_path)
    assert set(task.cells.obs.perturbation) == {"A+B", "control"}
    assert task.wanted.context.tolist() == ["1"]


def test_what_is_written_is_read_back_and_the_rest_is_an_abstention(io, tasks, tmp_path, capsys):
    task = io.read_task(tasks["counts"])
    values = {i: np.full(50, 0.1 * i) for i in (3, 1)}
    io.write_predictions(task, values, tmp_path / "p.parquet")
    assert f"2 of {len(task.wanted)} conditions answered, {len(task.wanted) - 2} abstained" in capsys.readouterr().out
    read = read_prediction(tmp_path / "p.parquet", Design(perturbation="gene", context="line"))
    assert read.genes.tolist() == task.cells.var_names.tolist()
    for i, value in values.items():
        row = list(read.conditions.columns()["perturbation"]).index(task.wanted.perturbation[i])
        np.testing.assert_allclose(read.values[row], value)


TABLE = "go_id\tgo_name\tgene_symbols\n1\ta\tA|B|C\n2\tb\tA|B\n3\tc\tC|D\n4\td\tA|B|C|D|E\n5\te\tE\n6\tf\t\n"


def test_go_terms_are_read_and_the_largest_left_out(gears, tmp_path):
    (tmp_path / "go.tsv").write_text(TABLE)
    genes, member, terms = gears.read_go(tmp_path / "go.tsv", 4)
    assert genes == ["A", "B", "C", "D", "E"]
    assert terms == ["1", "2", "3", "5"]
    assert member.toarray().tolist() == [[1, 1, 0, 0], [1, 1, 0, 0], [1, 0, 1, 0], [0, 0, 1, 0], [0, 0, 0, 1]]
    fewer, _, _ = gears.read_go(tmp_path / "go.tsv", 4, {"A", "D", "Z"})
    assert fewer == ["A", "D"]


@pytest.mark.parametrize("name", ["go.gmt", "go.v7.0.gmt", "go.gmt.gz"])
def test_a_gmt_file_says_the_same(gears, tmp_path, name):
    (tmp_path / "go.tsv").write_text(TABLE)
    rows = [line.split("\t") for line in TABLE.splitlines()[1:]]
    text = "".join("\t".join([go, words, *genes.split("|")]) + "\n" for go, words, genes in rows)
    with (gzip.open if name.endswith("gz") else open)(tmp_path / name, "wt") as file:
        file.write(text)
    one, other = gears.read_go(tmp_path / "go.tsv", 4), gears.read_go(tmp_path / name, 4)
    assert one[0] == other[0]
    assert one[2] == other[2]
    assert (one[1] != other[1]).nnz == 0


def test_the_graph_is_the_nearest_by_jaccard_as_gears_takes_it(gears):
    rng = np.random.default_rng(1)
    member = rng.random((40, 12)) < 0.3
    member[:, 0] |= ~member.any(axis=1)
    k = 5
    edges, weights = gears.go_graph(sp.csr_matrix(member.astype(float)), k)
    sets = [set(np.flatnonzero(m)) for m in member]
    jaccard = np.array([[len(a & b) / len(a | b) for a in sets] for b in sets])
    for target in range(40):
        mine = edges[1] == target
        values = jaccard[target, edges[0][mine]]
        np.testing.assert_allclose(weights[mine], values)
        above = np.sort(jaccard[target][jaccard[target] > 0.1])[::-1][: k + 1]
        np.testing.assert_allclose(np.sort(values)[::-1], above)
        assert target in edges[0][mine]


def test_the_graph_does_not_depend_on_the_size_of_blocks(gears, monkeypatch):
    member = np.random.default_rng(3).random((30, 9)) < 0.4
    member[:, 0] = True
    member = sp.csr_matrix(member.astype(float))
    whole = gears.go_graph(member, 4)
    monkeypatch.setattr(gears, "BLOCK", 7)
    parts = gears.go_graph(member, 4)
    np.testing.assert_array_equal(whole[0], parts[0])
    np.testing.assert_array_equal(whole[1], parts[1])


def test_conditions_are_named_as_gears_wants_and_the_epoch_is_chosen_by_training_alone(gears):
    assert [gears.gears_name(p) for p in ("control", "A", "A+B")] == ["ctrl", "A+ctrl", "A+B"]
    known = {"A", "B", "C"}
    assert [gears.answerable(p, known) for p in ("A", "A+B", "A+Z", "A+B+C")] == [True, True, False, False]
    trained = [f"G{i}+ctrl" for i in range(20)]
    held = gears.validation(trained, 0.1, 0)
    assert len(held) == 2
    assert set(held) < set(trained)
    assert held == gears.validation(trained[::-1], 0.1, 0)
    assert len(gears.validation(trained[:3], 0.1, 0)) == 1


def test_the_graph_of_a_screen_names_what_is_measured_perturbed_or_asked(gears, tasks):
    task = gears.read_task(tasks["counts"])
    genes = gears.screen_genes(task)
    assert genes >= {*task.cells.var_names, *task.wanted.perturbation}


def test_state_answers_what_it_was_trained_on_where_there_are_controls(state, tasks):
    task = state.read_task(tasks["counts"])
    assert state.answerable(task).all()
    lost = task.wanted.perturbation.iloc[0]
    cells = task.cells[(task.cells.obs.perturbation != lost).to_numpy()].copy()
    fewer = type(task)(cells, task.wanted, task.depth, task.target_sum)
    assert (~state.answerable(fewer) == (task.wanted.perturbation == lost)).all()
    control = task.cells.obs.perturbation == "control"
    bare = task.cells[~(control & task.cells.obs.context.isin(task.wanted.context)).to_numpy()].copy()
    assert not state.answerable(type(task)(bare, task.wanted, task.depth, task.target_sum)).any()


def test_virtual_cells_become_effects_against_measured_controls(state, tasks):
    task = state.read_task(tasks["counts"])
    wanted = task.wanted.iloc[:2]
    asked = state.virtual_cells(task, wanted, 4)
    assert (asked.obs.perturbation == "control").sum() == len(task.control(wanted.context.iloc[0]))
    assert (asked.obs.perturbation != "control").sum() == 8
    asked.obsm["X_hvg"] = np.where((asked.obs.perturbation == "control").to_numpy()[:, None], 9.0, np.log(3.0))
    effects = state.effects_of(task, wanted, asked)
    rate = np.expm1(task.control(wanted.context.iloc[0])).mean(axis=0)
    expected = np.log1p(1e4 / task.depth * 2.0) - np.log1p(1e4 / task.depth * rate)
    for i in wanted.index:
        np.testing.assert_allclose(effects[i], expected, rtol=1e-6)
