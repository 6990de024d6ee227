"""An assessment of models that predict cells: noise correction, comparison of cells, abstentions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.run.cell_builders import PlantedCells, copied_controls, normalised, write_split_file
from vcassay.effects.distributions import NAMES
from vcassay.evidence.metrics import METRICS
from vcassay.record import AssessmentRecord
from vcassay.record.reader import read_table
from vcassay.run.assess import assess

OF_CELLS = [entry.name for entry in METRICS if "cells" in entry.arguments]
DATA = """[data]
screen = "screen.h5ad"
rows = "cells"
readout = "counts"
perturbation = "perturbation"
control = ["control"]
context = "context"
"""


def study(folder: Path, models: dict) -> Path:
    planted = PlantedCells()
    screen = planted.screen()
    screen.write_h5ad(folder / "screen.h5ad")
    write_split_file(folder / "split.json", screen)
    text = f'schema = "vcassay.study/1"\nname = "cells"\n\n{DATA}\n[split]\nfile = "split.json"\n'
    text += "\n[evidence]\ndraws = 200\n"
    for name, adata in models.items():
        adata.write_h5ad(folder / f"{name}.h5ad")
        text += f'\n[[model]]\nname = "{name}"\npredictions = "{name}.h5ad"\n'
    (folder / "study.toml").write_text(text)
    return folder / "study.toml"


@pytest.fixture(scope="module")
def assessed(tmp_path_factory: pytest.TempPathFactory) -> tuple[AssessmentRecord, Path]:
    folder = tmp_path_factory.mktemp("cells")
    planted = PlantedCells()
    perfect = planted.draw(2, contexts=(1,))
    log = normalised(perfect)
    means = log[~log.obs.duplicated(["perturbation"])].copy()
    x = log.X.toarray()
    means.X = np.stack([x[(log.obs["perturbation"] == p).to_numpy()].mean(axis=0) for p in means.obs["perturbation"]])
    models = {
        "perfect": perfect,
        "paste": copied_controls(perfect, planted.screen()),
        "some": perfect[~perfect.obs["perturbation"].isin(["P1", "P2", "P3"])].copy(),
        "means": means,
    }
    return assess(study(folder, models), folder / "a"), folder / "a"


def test_cells_are_compared_and_means_are_not(assessed: tuple[AssessmentRecord, Path]) -> None:
    record, _ = assessed
    assert len(OF_CELLS) == len(NAMES)
    for metric in OF_CELLS:
        perfect, paste, means = (record.score(m, metric, "all") for m in ("perfect", "paste", "means"))
        assert perfect is not None
        assert paste is not None
        assert means is not None
        optimum = METRICS[metric].meta["optimum"]
        assert perfect.status == "ok"
        assert abs(perfect.value - optimum) < 0.15, metric
        assert means.value is None
        assert means.reason == "the model predicts no cells"
        chance = METRICS[metric].meta["chance"]
        if chance is not None and metric != "dependence_error":
            assert abs(paste.value - chance) < 0.15, metric
        nothing, replicate = (record.score(m, metric, "all") for m in ("no_change", "replicate"))
        assert nothing is not None
        assert replicate is not None
        assert abs(nothing.value - paste.value) < 0.25, metric
        assert abs(replicate.value - optimum) < 0.2, metric


def test_sampled_cells_are_freed_of_their_noise(assessed: tuple[AssessmentRecord, Path]) -> None:
    record, _ = assessed
    corrected, plain = (record.score("perfect", m, "all").value for m in ("nmse", "nmse_uncorrected"))
    assert corrected < plain - 0.01
    assert abs(corrected) < 0.03
    same = [record.score("means", m, "all").value for m in ("nmse", "nmse_uncorrected")]
    assert same[0] == same[1]
    paste = record.score("paste", "nmse", "all").value
    assert abs(paste - 1.0) < 0.03


def test_abstentions_are_counted_and_shown_beside_what_was_answered(assessed: tuple[AssessmentRecord, Path]) -> None:
    record, folder = assessed
    for metric in ("nmse", "pearson_delta", "pds_cosine", "energy_skill", "responder_error"):
        full, some = (record.score(m, metric, "all") for m in ("perfect", "some"))
        assert (some.n, some.n_at_chance) == (full.n, 3), metric
        better = 1.0 if METRICS[metric].meta["higher_is_better"] else -1.0
        assert better * (full.value - some.value) > 0.02, metric
        answered = record.score("some", metric, "answered")
        assert answered is not None
        assert answered.n == full.n - 3
        assert better * (answered.value - some.value) > 0.02, metric
        assert record.score("perfect", metric, "answered") is None
    table = read_table(folder, "scores")
    rows = table[(table["model"] == "some") & (table["stratum"] == "answered")]
    assert set(rows["level"]) == {"aggregate"}
    assert {"nmse", "energy_skill", "magnitude_log2"} <= set(rows["metric"])


def test_a_quick_assessment_leaves_cells_out(tmp_path: Path) -> None:
    planted = PlantedCells()
    file = study(tmp_path, {"perfect": planted.draw(2, contexts=(1,))})
    record = assess(file, tmp_path / "a", quick=True)
    row = record.score("perfect", "energy_skill", "all")
    assert row is not None
    assert row.value is None
    assert row.reason == "comparing cells is left out of a quick assessment"
