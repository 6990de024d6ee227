"""What a study names is read as stated, and the rest is guessed in its light and said."""

from __future__ import annotations

import tomllib

import numpy as np
import pandas as pd
import pytest

from tests.run.builders import simulated, table
from vcassay.claim import write_split
from vcassay.core import InputError
from vcassay.prediction import Prediction, Space
from vcassay.run.inputs import find_target_sum, load_predictions, load_screen, stated_design
from vcassay.run.resolved import resolved_study
from vcassay.run.stage1 import inspect_screen
from vcassay.run.study import DataSection, parse_study
from vcassay.screen import Readout, Rows
from vcassay.simulate.answers import honest


def study_of(screen="screen.h5ad", split=None, model=(), **data):
    return parse_study({"data": {"screen": screen, **data}, "split": split or {}, "model": list(model)}, "here")


@pytest.fixture(scope="module")
def ground(tmp_path_factory):
    folder = tmp_path_factory.mktemp("inputs")
    simulation, split = simulated()
    adata = simulation.screen.adata
    adata.write_h5ad(folder / "screen.h5ad")
    odd = adata.copy()
    odd.X = odd.X.tocsc()
    odd.obs = odd.obs.rename(columns={"perturbation": "foo", "context": "bar", "batch": "baz", "dose_uM": "qux"})
    odd.obs["foo"] = odd.obs["foo"].astype(str).replace("control", "nothing")
    odd.write_h5ad(folder / "odd.h5ad")
    write_split(split, folder / "split.json")
    wanted = simulation.screen.conditions.take(split.test)
    table(honest(simulation, wanted, np.random.default_rng(0))).to_parquet(folder / "mine.parquet", index=False)
    return folder, simulation, split


def test_a_screen_without_any_stated_column(ground):
    folder, simulation, _ = ground
    with load_screen(study_of(), folder) as screen:
        assert screen.conditions.ids == simulation.screen.conditions.ids
        assert screen.design.batch == "batch"
        assert ("Rows were taken for cells.", "24 rows a condition in the median") in screen.notes


def test_stated_columns_of_any_name(ground):
    folder, simulation, _ = ground
    stated = {"perturbation": "foo", "control": ["nothing"], "context": "bar", "dose": "qux", "dose_unit": "uM"}
    with load_screen(study_of("odd.h5ad", **stated), folder) as screen:
        assert screen.conditions.ids == simulation.screen.conditions.ids
        assert (screen.design.dose_unit, screen.design.control) == ("uM", ("nothing",))
        assert screen.design.batch is None  # nothing says that 'baz' is one
    with load_screen(study_of("odd.h5ad", **stated, batch="baz"), folder) as screen:
        assert len(screen.table.batches) == 2


def test_an_empty_text_states_that_there_is_no_such_column(ground):
    folder, _, _ = ground
    with load_screen(study_of(dose="", batch=""), folder) as screen:
        assert screen.design.dose is None
        assert np.isnan(screen.conditions.dose).all()
        assert len(screen.table.batches) == 1


def test_a_stated_column_that_is_not_there(ground):
    with pytest.raises(InputError, match=r"odd\.h5ad: there is no obs column 'fo' to read the perturbation from"):
        load_screen(study_of("odd.h5ad", perturbation="fo"), ground[0])


def test_only_what_is_stated_is_stated():
    data = DataSection(screen="x", rows="replicates", readout="lognorm", context="", layer="", delimiter="")
    assert stated_design(data) == {
        "rows": Rows.REPLICATES,
        "readout": Readout.LOGNORM,
        "context": None,
        "layer": None,
        "delimiter": None,
    }


def test_the_depth_is_stated_or_found_or_usual(ground):
    conditions = ground[1].screen.conditions
    genes = np.array(["a", "b", "c"])
    parts = np.random.default_rng(0).dirichlet(np.ones(3), len(conditions))
    profiles = Prediction("deep", conditions, genes, np.log1p(2e5 * parts), Space.EXPRESSION)
    effects = Prediction("effects", conditions, genes, parts - parts.mean(), Space.DELTA)
    assert find_target_sum(study_of(target_sum=500.0), {"deep": profiles}) == (500.0, "as stated")
    assert find_target_sum(study_of(), {"a": effects, "b": profiles}) == (2e5, "as found in the profiles of 'b'")
    assert find_target_sum(study_of(), {"a": effects}) == (1e4, "the usual 10,000")


def test_a_screen_is_inspected_by_itself_or_through_a_study(ground):
    folder, simulation, _ = ground
    found, claims, _ = inspect_screen(folder / "screen.h5ad", lambda *_: None)
    assert (found.n_conditions, found.n_perturbations) == (100, 18)
    assert found.n_rows == simulation.screen.n_rows
    possible = {p.regime for p in claims if p.possible}
    assert {"GEX", "DEX", "CEX", "AEX", "few-shot context", "unseen dose", "cross-modality"} == possible
    assert all(p.missing for p in claims if not p.possible)
    (folder / "study.toml").write_text('[data]\nscreen = "screen.h5ad"\nname = "mine"\n')
    again, _, _ = inspect_screen(folder / "study.toml", lambda *_: None)
    assert again.name == "mine"
    assert again.n_detectable == found.n_detectable


def test_a_screen_of_several_files(ground, tmp_path):
    _, simulation, _ = ground
    adata = simulation.screen.adata
    contexts = sorted(set(adata.obs["context"]))
    for name in contexts:
        adata[adata.obs["context"] == name].write_h5ad(tmp_path / f"{name}.h5ad")
    named = [f"{name}.h5ad" for name in contexts]
    for given in (named, "*.h5ad"):
        with load_screen(study_of(given), tmp_path) as screen:
            assert screen.conditions.ids == simulation.screen.conditions.ids
            assert [path.name for path in screen.files] == named
    with pytest.raises(InputError, match=r"none\*\.h5ad: no file matches the pattern"):
        load_screen(study_of("none*.h5ad"), tmp_path)


def test_embeddings_and_attributions_are_read_beside_predictions(ground):
    folder, simulation, _ = ground
    own = sorted(set(simulation.screen.conditions.perturbation.tolist()))
    pd.DataFrame({"perturbation": own, "x": 1.0, "y": 2.0}).to_csv(folder / "places.csv", index=False)
    pd.DataFrame(np.ones((1, len(simulation.screen.genes))), columns=simulation.screen.genes).to_csv(
        folder / "weights.csv", index=False
    )
    beside = {"embeddings": "places.csv", "attributions": "weights.csv"}
    study = study_of(model=[{"name": "mine", "predictions": "mine.parquet", "space": "delta", **beside}])
    design = simulation.screen.design
    found = load_predictions(study, folder, design)["mine"]
    assert found.embeddings.values.shape == (len(own), 2)
    assert found.attributions.rows is None
    assert study.model[0].files == ("mine.parquet", "places.csv", "weights.csv")  # what the record hashes
    resolved = tomllib.loads(resolved_study(study, folder, design))["model"][0]
    assert resolved["embeddings"] == str((folder / "places.csv").resolve())
    assert resolved["attributions"] == str((folder / "weights.csv").resolve())


def test_embeddings_need_predictions():
    with pytest.raises(InputError, match=r"\[\[model\]\] embeddings: model 'm' has no predictions; give its"):
        study_of(model=[{"name": "m", "baseline": "ridge", "embeddings": "places.csv"}])
