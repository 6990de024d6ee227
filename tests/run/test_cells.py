"""Cells of predictions against measured cells, from files to values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.run.cell_builders import PERTURBATIONS, PlantedCells, copied_controls, normalised, shuffled, spread
from vcassay.arrays.agreement import Ratio
from vcassay.effects import measure
from vcassay.effects.distributions import NAMES
from vcassay.prediction import match_prediction, read_prediction
from vcassay.run import cells as module
from vcassay.run.cells import NO_CELLS, CellScores, in_proportion, score_cells
from vcassay.screen import Design, Readout, read_screen
from vcassay.simulate.demo import hold_out

DESIGN = Design(perturbation="perturbation", control=("control",), context="context")
DISTANCES = NAMES[:4]


@pytest.fixture(scope="module")
def planted() -> PlantedCells:
    return PlantedCells()


def scored(folder: Path, screen, predictions, *, backed=False, readout=Readout.COUNTS, seed=3) -> CellScores:
    """Write everything, read it and compare cells."""
    screen.write_h5ad(folder / "screen.h5ad")
    with read_screen(folder / "screen.h5ad", replace(DESIGN, readout=readout), backed=backed) as read:
        split = hold_out(read.conditions, ("B",))
        effects = measure(read, train=split.train, panel=split.test, seed=seed)
        answers = {}
        for name, adata in predictions.items():
            adata.write_h5ad(folder / f"{name}.h5ad")
            prediction = read_prediction(folder / f"{name}.h5ad", read.design)
            answers[name] = match_prediction(prediction, effects, split.test)
        return score_cells(read, effects, split, answers, seed=seed)


def total(values: Mapping[str, object]) -> dict[str, float]:
    out = {}
    for name, v in values.items():
        out[name] = float(v.numerator.sum() / v.denominator.sum()) if isinstance(v, Ratio) else float(np.mean(v))
    return out


@pytest.fixture(scope="module")
def found(planted: PlantedCells, tmp_path_factory: pytest.TempPathFactory) -> CellScores:
    screen, perfect = planted.screen(), planted.draw(2, contexts=(1,))
    return scored(
        tmp_path_factory.mktemp("cells"),
        screen,
        {
            "perfect": perfect,
            "half": planted.draw(3, contexts=(1,), quality=0.5),
            "log": normalised(perfect),
            "shuffled": shuffled(normalised(perfect)),
            "narrow": spread(normalised(perfect), 0.6),
            "control": copied_controls(perfect, screen),
        },
    )


def test_a_perfect_model_and_a_replicate_are_near_their_optimum(found: CellScores) -> None:
    for values in (found.answers["perfect"], found.replicate):
        assert values is not None
        seen = total(values)
        assert all(abs(seen[name] - 1) < 0.12 for name in DISTANCES), seen
        assert abs(seen["variance"]) < 0.1
        assert abs(seen["dependence"]) < 0.15
        assert abs(seen["responders"]) < 0.02


def test_controls_in_place_of_a_prediction_are_no_skill(found: CellScores) -> None:
    for values in (found.answers["control"], found.control):
        assert values is not None
        seen = total(values)
        assert all(abs(seen[name]) < 0.12 for name in DISTANCES), seen
        assert abs(seen["responders"] - 1) < 0.05
        assert abs(seen["dependence"]) < 0.35


def test_half_an_effect_lies_between(found: CellScores) -> None:
    seen = total(found.answers["half"])
    assert all(0.3 < seen[name] < 0.95 for name in DISTANCES), seen


def test_counts_and_log_normalised_cells_are_one_prediction(found: CellScores) -> None:
    counts, log = total(found.answers["perfect"]), total(found.answers["log"])
    assert counts.keys() == set(NAMES)
    for name in NAMES:
        assert log[name] == pytest.approx(counts[name], abs=0.05)


def test_each_kind_of_wrong_moves_its_metric(found: CellScores) -> None:
    perfect, genes, narrow = (total(found.answers[name]) for name in ("log", "shuffled", "narrow"))
    assert genes["dependence"] > perfect["dependence"] + 0.5
    assert abs(genes["variance"] - perfect["variance"]) < 0.05
    assert narrow["variance"] < perfect["variance"] - 1
    assert narrow["dependence"] < 0.3
    assert all(x["energy"] < perfect["energy"] - 0.02 for x in (genes, narrow))


@pytest.mark.parametrize("what", ["backed", "order", "lognorm"])
def test_the_same_however_it_is_stored(
    planted: PlantedCells, found: CellScores, tmp_path: Path, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen, perfect = planted.screen(), planted.draw(2, contexts=(1,))
    rng = np.random.default_rng(0)
    # genes that a model lacks are lacking for all, so every comparison here has the same models
    others = {"half": planted.draw(3, contexts=(1,), quality=0.5)}
    if what == "order":
        screen, perfect = (a[rng.permutation(a.n_obs)].copy() for a in (screen, perfect))
    if what == "lognorm":
        screen, perfect = normalised(screen), normalised(perfect)
        others = {name: normalised(a) for name, a in others.items()}
    monkeypatch.setattr(module, "BLOCK", 5)
    again = scored(
        tmp_path,
        screen,
        {"perfect": perfect, **others},
        backed=what == "backed",
        readout=Readout.LOGNORM if what == "lognorm" else Readout.COUNTS,
    )
    for name in NAMES:
        a, b = (x.answers["perfect"][name] for x in (found, again))
        # single precision of a file of log-normalised cells, and cells drawn by it
        tolerance = 1e-9 if what != "lognorm" else 0.2
        assert total({name: b})[name] == pytest.approx(total({name: a})[name], abs=tolerance), name


def test_conditions_without_predicted_cells_are_undefined_by_the_prediction(
    planted: PlantedCells, tmp_path: Path
) -> None:
    perfect = planted.draw(2, contexts=(1,))
    lost = perfect.obs["perturbation"] == "P3"
    few = (perfect.obs["perturbation"] == "P4") & (np.arange(perfect.n_obs) % 6 > 0)
    seen = scored(tmp_path, planted.screen(), {"mine": perfect[~(lost | few)].copy()})
    assert seen.chosen is not None
    assert seen.chosen.sum() == PERTURBATIONS
    names = [f"P{i}" for i in range(PERTURBATIONS)]
    at = [sorted(names).index(name) for name in ("P3", "P4")]
    energy = seen.answers["mine"]["energy"]
    assert isinstance(energy, Ratio)
    assert np.flatnonzero(np.isnan(energy.numerator)).tolist() == at
    assert np.isfinite(energy.denominator).all()


def test_fewer_conditions_are_drawn_in_proportion(
    planted: PlantedCells, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CONDITIONS", 6)
    seen = scored(tmp_path, planted.screen(), {"mine": planted.draw(2, contexts=(1,))})
    assert seen.chosen is not None
    assert seen.chosen.sum() == 6
    energy = seen.answers["mine"]["energy"]
    assert isinstance(energy, Ratio)
    assert (np.isfinite(energy.denominator) == seen.chosen).all()
    group = np.array(list("aaaaaaaabbbbccxx"))
    at = in_proportion(group, np.random.default_rng(0).integers(0, 2**60, 16).astype(np.uint64), 8)
    assert "".join(group[at]) == "aaaabbcx"


def test_without_cells_there_is_a_reason(planted: PlantedCells, tmp_path: Path) -> None:
    means = planted.draw(2, 1, contexts=(1,))
    seen = scored(tmp_path, planted.screen(), {"mine": means})
    assert not seen.answers
    assert seen.reason == NO_CELLS
    small = planted.draw(1, 8, controls=400)
    seen = scored(tmp_path, small, {"mine": planted.draw(2, contexts=(1,))})
    assert seen.reason == "no test condition has 20 measured cells"
