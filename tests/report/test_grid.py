"""The split grid and the score line."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.report.conftest import Planted
from vcassay.report.facts import decisive
from vcassay.report.figures.grid import MAX_CELLS, split_grid
from vcassay.report.figures.scoreline import score_line


def table(roles: dict[tuple[str, str], list[str]]) -> pd.DataFrame:
    rows = [(c, p, role) for (c, p), several in roles.items() for role in several]
    return pd.DataFrame(rows, columns=["context", "perturbation", "role"])


def test_unseen_contexts_come_last_and_are_one_run_each() -> None:
    roles = {(c, f"p{i:03d}"): ["test" if c == "B" else "train"] for c in "ABC" for i in range(200)}
    grid = split_grid(table(roles))
    assert grid is not None
    assert [line.label for line in grid.lines] == ["A", "C", "B"]
    assert [[(r.role, r.width) for r in line.runs] for line in grid.lines] == [
        [("train", 200)],
        [("train", 200)],
        [("test", 200)],
    ]
    assert grid.lines[-1].n_test == 200
    assert grid.note == ""


def test_unseen_perturbations_stand_together() -> None:
    roles = {(c, f"p{i:03d}"): ["test" if i % 7 == 0 else "train"] for c in "AB" for i in range(70)}
    grid = split_grid(table(roles))
    assert grid is not None
    for line in grid.lines:
        assert [(r.role, r.width) for r in line.runs] == [("train", 60), ("test", 10)]


def test_small_grids_show_every_cell_and_what_was_not_measured() -> None:
    grid = split_grid(table({("A", "x"): ["train"], ("A", "y"): ["test"], ("B", "x"): ["train", "test"]}))
    assert grid is not None
    assert grid.gaps
    mixed = next(line for line in grid.lines if line.label == "B").runs
    assert [(r.role, r.share, r.title) for r in mixed] == [("mixed", 0.5, "B: x: 1 train, 1 test")]
    assert set(grid.roles) == {"train", "test", "mixed"}


def test_many_random_pairs_are_merged_and_said_to_be() -> None:
    rng = np.random.default_rng(0)
    c, p = np.meshgrid(np.arange(50), np.arange(1100), indexing="ij")
    frame = pd.DataFrame({"context": c.ravel(), "perturbation": p.ravel()})
    frame["role"] = np.where(rng.random(len(frame)) < 0.2, "test", "train")
    grid = split_grid(frame)
    assert grid is not None
    assert sum(len(line.runs) for line in grid.lines) <= MAX_CELLS
    assert "each cell holds up to" in grid.note
    assert sum(line.n_test for line in grid.lines) == int((frame["role"] == "test").sum())
    assert (grid.n_contexts, grid.n_perturbations) == (50, 1100)
    covered = sum(run.width for run in grid.lines[0].runs)
    assert covered == grid.columns


def test_many_contexts_are_merged() -> None:
    grid = split_grid(table({(f"c{i:03d}", p): ["train" if i < 900 else "test"] for i in range(1000) for p in "xy"}))
    assert grid is not None
    assert len(grid.lines) <= 64
    assert "each line holds up to 16 contexts" in grid.note
    assert sum(line.n_test for line in grid.lines) == 200


def test_no_conditions_no_grid() -> None:
    assert split_grid(table({})) is None


def test_score_line_runs_to_the_better_side(planted: Planted) -> None:
    metrics = {m.name: m for m in planted.record.metrics}
    for name in ("pearson_delta", "nmse", "pds_cosine"):
        facts = decisive(planted.record, "Kestrel-2", metrics[name])
        assert facts is not None
        drawn = score_line(facts)
        assert drawn is not None
        assert drawn.anchor is not None
        assert drawn.baseline is not None
        assert drawn.ceiling is not None
        assert drawn.anchor.at < drawn.baseline.at < drawn.model.at < drawn.ceiling.at
        assert drawn.model.low is not None
        assert drawn.model.high is not None
        assert 0 <= drawn.model.low < drawn.model.at < drawn.model.high <= 100


def test_score_line_needs_a_score(planted: Planted) -> None:
    bare = planted.record.model_copy(update={"scores": ()})
    facts = decisive(bare, "Kestrel-2")
    assert facts is not None
    assert score_line(facts) is None


@pytest.mark.parametrize(("at", "side"), [(3.0, "start"), (50.0, "middle"), (97.0, "end")])
def test_labels_stay_on_the_page(at: float, side: str) -> None:
    from vcassay.report.figures.scoreline import Spot

    assert Spot(at, None, None, 0.5).side == side
