"""vcassay init writes a study that runs, and asks what only the user can answer."""

from __future__ import annotations

import tomllib

import anndata as ad
import numpy as np
import pandas as pd
import pytest

from tests.run.builders import simulated, table
from vcassay.core import InputError
from vcassay.run.assess import assess
from vcassay.run.inputs import load_screen
from vcassay.run.scaffold import scaffold
from vcassay.run.study import parse_study, read_study
from vcassay.simulate.answers import honest


@pytest.fixture(scope="module")
def ground(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scaffold")
    simulation, split = simulated()
    simulation.screen.adata.write_h5ad(folder / "screen.h5ad")
    wanted = simulation.screen.conditions.take(split.test)
    prediction = honest(simulation, wanted, np.random.default_rng(0))
    table(prediction).to_parquet(folder / "mine.parquet", index=False)
    labels = [f"perturbation={p}|context={c}|dose_uM={d}" for p, c, d in table(prediction).iloc[:, :3].to_numpy()]
    arrays = {"genes": prediction.genes, "conditions": np.array(labels), "truth": prediction.values}
    np.savez(folder / "two.npz", **arrays, pred__A=prediction.values, pred__B=prediction.values * 0)
    return folder, simulation.screen.adata, split


def drafted(ground, out, *predictions, **options):
    folder = ground[0]
    found = scaffold(folder / "screen.h5ad", [folder / p for p in predictions], out, **options)
    return found, tomllib.loads(out.read_text())


def write(adata, path):
    adata.write_h5ad(path)
    return path


def test_the_written_study_runs(ground, tmp_path):
    found, data = drafted(ground, tmp_path / "study.toml", "mine.parquet")
    assert found.matched["dose"] == "dose_uM"
    assert found.asked == ()
    taken = "space was not stated and taken for 'delta' from the values"
    assert f"mine: 40 conditions, 40 of them in the screen; {taken}" in found.notes
    assert data["split"] == {"predicted": True}
    assert data["data"]["dose_unit"] == "uM"
    record = assess(tmp_path / "study.toml", tmp_path / "a")
    assert record.claim.regime == "CEX"
    assert record.claim.n_test == 40
    assert "assumed" in " ".join(s.sentence for s in record.claim.scope)


def test_paths_are_relative_where_they_can_be(ground, tmp_path):
    folder = ground[0]
    assert drafted(ground, folder / "study.toml")[1]["data"]["screen"] == "screen.h5ad"
    assert drafted(ground, tmp_path / "study.toml")[1]["data"]["screen"] == str(folder / "screen.h5ad")


@pytest.mark.parametrize(
    ("keep", "make"),
    [
        (lambda o: np.ones(len(o), bool), "cex"),
        (lambda o: o.context == "CL01", "gex"),
        (lambda o: (o.context == "CL01") & (o.modality.isin(["control", "drug"])), "dex"),
        (lambda o: (o.context == "CL01") & (o.perturbation.isin(["control", o.perturbation.iloc[0]])), "random-cells"),
    ],
)
def test_the_first_split_that_the_screen_allows(keep, make, ground, tmp_path):
    adata = ground[1]
    part = adata[keep(adata.obs).to_numpy() if hasattr(keep(adata.obs), "to_numpy") else keep(adata.obs)].copy()
    write(part, tmp_path / "part.h5ad")
    scaffold(tmp_path / "part.h5ad", [], tmp_path / "study.toml")
    data = tomllib.loads((tmp_path / "study.toml").read_text())
    assert data["split"]["make"] == make
    assert data["model"][0]["baseline"] == "ridge"


def test_effects_of_one_perturbation_allow_no_split(tmp_path):
    adata = ad.AnnData(
        np.array([[0.5, -0.5]]),
        obs=pd.DataFrame({"perturbation": ["TP53"]}, index=["r"]),
        var=pd.DataFrame(index=["a", "b"]),
    )
    scaffold(write(adata, tmp_path / "one.h5ad"), [], tmp_path / "study.toml", {"control": ()})
    text = (tmp_path / "study.toml").read_text()
    assert "none of them leaves something to train and to test on" in text
    assert tomllib.loads(text)["split"] == {}


def test_one_block_a_matrix_of_an_npz(ground, tmp_path):
    found, data = drafted(ground, tmp_path / "study.toml", "two.npz")
    assert [(m["name"], m["array"]) for m in data["model"]] == [("A", "pred__A"), ("B", "pred__B")]
    assert sum("40 of them in the screen" in note for note in found.notes) == 2
    record = assess(tmp_path / "study.toml", tmp_path / "a")
    assert [m.name for m in record.models] == ["A", "B"]


def test_files_of_one_name_become_models_of_two(ground, tmp_path):
    folder = ground[0]
    (folder / "other").mkdir(exist_ok=True)
    (folder / "other" / "mine.parquet").write_bytes((folder / "mine.parquet").read_bytes())
    _, data = drafted(ground, tmp_path / "study.toml", "mine.parquet", "other/mine.parquet")
    names = [m["name"] for m in data["model"]]
    assert len(set(names)) == 2
    assert names[1] == "other/mine.parquet"
    read_study(tmp_path / "study.toml")


def test_the_context_is_asked_for_where_a_prediction_has_none(ground, tmp_path):
    frame = pd.read_parquet(ground[0] / "mine.parquet")
    one = frame[frame.context == "CL04"].drop(columns="context")
    one.to_parquet(tmp_path / "one.parquet")
    found = scaffold(ground[0] / "screen.h5ad", [tmp_path / "one.parquet"], tmp_path / "study.toml")
    assert found.asked == ("Which context does 'one' predict (context = 'CL01' in the [[model]] block)?",)
    text = (tmp_path / "study.toml").read_text()
    (tmp_path / "study.toml").write_text(text.replace('# context = "" ', 'context = "CL04" '))
    assert assess(tmp_path / "study.toml", tmp_path / "a").claim.contexts_test == ("CL04",)


def test_labels_of_another_kind_are_asked_for(ground, tmp_path):
    frame = pd.read_parquet(ground[0] / "mine.parquet")
    frame.assign(perturbation="sg" + frame.perturbation).to_parquet(tmp_path / "other.parquet")
    found = scaffold(ground[0] / "screen.h5ad", [tmp_path / "other.parquet"], tmp_path / "study.toml")
    assert found.asked[0].startswith("How do the labels of 'other' ('CL04 | sg")


def test_predictions_of_everything_leave_no_training_set(ground, tmp_path):
    c = simulated()[0].screen.conditions
    frame = pd.DataFrame({"perturbation": c.perturbation, "context": c.context, "dose_uM": c.dose})
    values = pd.DataFrame(np.random.default_rng(0).normal(size=(len(c), 80)), columns=list(ground[1].var_names))
    pd.concat([frame, values], axis=1).to_parquet(tmp_path / "all.parquet")
    found = scaffold(ground[0] / "screen.h5ad", [tmp_path / "all.parquet"], tmp_path / "study.toml")
    assert "all answers for the whole screen: state the split that it was trained on" in found.notes
    record = assess(tmp_path / "study.toml", tmp_path / "a")
    assert (record.claim.n_train, record.claim.n_test) == (0, 100)
    assert record.models[0].verdict.rule == "a. not measurable"


def test_stated_columns_and_dropped_contexts_are_written(ground, tmp_path):
    adata = ground[1].copy()
    adata.obs = adata.obs.rename(columns={"perturbation": "foo", "context": "bar"})
    keep = ~((adata.obs.bar == "CL02") & (adata.obs.foo == "control")).to_numpy()
    path = write(adata[keep].copy(), tmp_path / "odd.h5ad")
    with pytest.raises(InputError, match="vcassay init --perturbation COLUMN"):
        scaffold(path, [], tmp_path / "study.toml")
    stated = {"perturbation": "foo", "context": "bar"}
    with pytest.raises(InputError, match="vcassay init --drop-context 'CL02'"):
        scaffold(path, [], tmp_path / "study.toml", stated)
    assert not (tmp_path / "study.toml").exists()
    scaffold(path, [], tmp_path / "study.toml", stated, ["CL02"])
    data = tomllib.loads((tmp_path / "study.toml").read_text())["data"]
    assert (data["perturbation"], data["context"], data["drop_contexts"]) == ("foo", "bar", ["CL02"])
    assert assess(tmp_path / "study.toml", tmp_path / "a").screen.n_contexts == 4


def test_names_that_break_toml_are_escaped(ground, tmp_path):
    adata = ground[1].copy()
    adata.obs['a "quoted\\column"\x7f'] = adata.obs["context"]
    path = write(adata, tmp_path / 'screen "β".h5ad')
    scaffold(path, [], tmp_path / "study.toml", {"context": 'a "quoted\\column"\x7f'})
    study, _ = read_study(tmp_path / "study.toml")
    assert study.data.context == 'a "quoted\\column"\x7f'
    assert study.name == 'screen "β"'


def test_an_interrupted_write_leaves_the_old_study(ground, tmp_path, monkeypatch):
    out = tmp_path / "study.toml"
    out.write_text("old")

    def full(self, *_, **__):
        self.touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_text", full)
    with pytest.raises(OSError, match="space"):
        drafted(ground, out)
    assert out.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["study.toml"]


def test_a_folder_of_files_is_one_screen(ground, tmp_path):
    folder, adata, _ = ground
    (tmp_path / "lines").mkdir()
    for name in sorted(set(adata.obs["context"])):
        write(adata[adata.obs["context"] == name].copy(), tmp_path / "lines" / f"{name}.h5ad")
    out = tmp_path / "study.toml"
    found = scaffold(tmp_path / "lines", [folder / "mine.parquet"], out)
    assert any("5 files were read as one screen" in note for note in found.notes)
    assert tomllib.loads(out.read_text())["data"]["screen"] == "lines"
    study, base = read_study(out)
    with load_screen(study, base) as screen:
        assert len(screen.files) == 5


def test_what_may_be_handed_in_is_written_commented_out_and_is_valid(ground, tmp_path):
    drafted(ground, tmp_path / "study.toml", "mine.parquet")
    lines = (tmp_path / "study.toml").read_text().splitlines()
    start, end = lines.index("[knowledge]"), lines.index("[[model]]")
    offered = [line.removeprefix("# ") for line in lines[start + 1 : end] if " = " in line]
    section = tomllib.loads("\n".join(offered))
    assert set(section) >= {
        "features",
        "context_features",
        "gene_sets",
        "relations",
        "compounds",
        "genes",
        "cell_lines",
        "expectations",
    }
    study = parse_study({"data": {"screen": "screen.h5ad"}, "knowledge": section}, "here")
    assert not study.knowledge.gene_sets[0].kin
    assert tomllib.loads("\n".join(lines))["knowledge"] == {}


def test_every_model_has_a_form_for_what_it_was_given(ground, tmp_path):
    out = tmp_path / "study.toml"
    _, data = drafted(ground, out, "mine.parquet", "two.npz")
    text = out.read_text()
    assert text.count("# [model.disclosure]") == len(data["model"]) == 3
    assert all("disclosure" not in model for model in data["model"])
    assert '# accessions = ["GSE0"]' in text
    filled = "\n".join(
        line.removeprefix("# ") if line.startswith(("# [model.disclosure]", "# looks", "# pretraining")) else line
        for line in text.split("\n")
    )
    study = parse_study(tomllib.loads(filled), "study.toml")
    assert [m.disclosure.looks for m in study.model] == [1, 1, 1]
    assert study.model[0].disclosure.pretraining[0].name == "CELLxGENE"
