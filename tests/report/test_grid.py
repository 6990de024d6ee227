"""The split grid, its drawing, and the score line."""

from __future__ import annotations

import random
import re
import time
from collections import Counter
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.report.conftest import Planted
from vcassay.report.facts import decisive
from vcassay.report.figures.grid import MAX_LINES, Grid, split_grid
from vcassay.report.figures.layout import MAX_RUNS
from vcassay.report.figures.marks import TEXTURES
from vcassay.report.figures.pattern import MAX_GROUPS, ROLES
from vcassay.report.figures.scoreline import score_line
from vcassay.report.grid_svg import HEADS, grid_svg
from vcassay.report.palette import LIGHT
from vcassay.report.svg import clip, text_width, wrap

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '<b>&"x"</b>'


def table(roles: dict[tuple[str, str], list[str]]) -> pd.DataFrame:
    rows = [(c, p, role) for (c, p), several in roles.items() for role in several]
    return pd.DataFrame(rows, columns=["context", "perturbation", "role"])


def grid_of(frame: pd.DataFrame) -> Grid:
    grid = split_grid(frame)
    assert grid is not None
    return grid


def random_pairs(n_contexts: int, n_perturbations: int, test: float = 0.2) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    c, p = np.meshgrid(np.arange(n_contexts), np.arange(n_perturbations), indexing="ij")
    frame = pd.DataFrame({"context": [f"c{i}" for i in c.ravel()], "perturbation": [f"p{i}" for i in p.ravel()]})
    return frame.assign(role=np.where(rng.random(len(frame)) < test, "test", "train"))


def drawn(frame: pd.DataFrame) -> ElementTree.Element:
    return ElementTree.fromstring(grid_svg(frame))


def texts(root: ElementTree.Element) -> list[str]:
    return [
        "".join(part.text or "" for part in [e]) + "".join(c.tail or "" for c in e) for e in root.iter(f"{SVG}text")
    ]


def legend(root: ElementTree.Element) -> dict[str, int]:
    """Number of conditions of each role, as the legend writes them."""
    found = {}
    for e in root.iter(f"{SVG}text"):
        name, number = e.get("class", ""), re.search(r" ([\d,]+)$", e.text or "")
        if name.startswith("n-") and number:
            found[name[2:]] = int(number[1].replace(",", ""))
    return found


def test_unseen_contexts_come_last_and_are_a_band_of_their_own() -> None:
    roles = {(c, f"p{i:03d}"): ["test" if c == "B" else "train"] for c in "ABC" for i in range(200)}
    grid = grid_of(table(roles))
    assert grid.lines == ("A", "C", "B")
    assert [b.text for b in grid.bands] == ["2 contexts: training", "1 context: test"]
    assert [g.text for g in grid.groups] == ["200 perturbations: test in B, training in A and C"]
    assert grid.conditions[-1].tolist() == [0, 0, 0, 200, 0, 0]
    assert grid.notes == ()


def test_unseen_perturbations_stand_together_at_the_right() -> None:
    roles = {(c, f"p{i:03d}"): ["test" if i % 7 == 0 else "train"] for c in "ABCDE" for i in range(70)}
    grid = grid_of(table(roles))
    assert [(g.start, g.stop, g.text) for g in grid.groups] == [
        (0, 60, "60 perturbations: training in all 5 contexts"),
        (60, 70, "10 perturbations: test in all 5 contexts"),
    ]
    assert len(grid.bands) == 1


def test_few_shot_is_part_of_some_lines() -> None:
    held = {f"c{i}" for i in range(7, 12)}
    roles = {
        (f"c{i}", f"p{j}"): ["test" if f"c{i}" in held and j > 30 else "train"] for i in range(12) for j in range(100)
    }
    grid = grid_of(table(roles))
    assert grid.lines == tuple(f"c{i}" for i in range(12)), "numbers in names are ordered as numbers"
    assert [b.text for b in grid.bands] == ["7 contexts: training", "5 contexts: training and test"]
    assert [g.text for g in grid.groups][-1] == "69 perturbations: test in 5 contexts, training in 7 contexts"


def test_small_grids_show_every_cell_and_what_was_not_measured() -> None:
    frame = table({("A", "x"): ["train"], ("A", "y"): ["test"], ("B", "x"): ["train", "test"]})
    grid = grid_of(frame)
    assert grid.places == {"absent": 1, "train": 1, "test": 1, "mixed": 1}
    assert grid.word("mixed") == "training and test"
    root = drawn(frame)
    assert [e.text for e in root.iter(f"{SVG}title")][1:] == ["A: x: training", "A: y: test", "B: x: training and test"]
    assert "training and test in 1 cell" in texts(root)
    assert "not in the table" in texts(root)


def test_other_mixtures_are_not_called_training_and_test() -> None:
    assert grid_of(table({("A", "x"): ["train", "excluded"]})).word("mixed") == "several roles"


def doses(role: dict[float, str], names: str = "xyz") -> pd.DataFrame:
    rows = [(c, p, d, 24.0, r) for c in ("A", "B") for p in names for d, r in role.items()]
    return pd.DataFrame(rows, columns=["context", "perturbation", "dose", "time", "role"])


def test_doses_of_one_role_share_a_cell() -> None:
    grid = grid_of(doses({1.0: "train", 2.0: "train"}))
    assert grid.cells.shape == (2, 3, 6)
    assert grid.totals == {"train": 12}
    assert grid.notes == ("Doses of a perturbation share a cell.",)


def test_doses_of_several_roles_are_columns_and_siblings_are_told() -> None:
    grid = grid_of(doses({1.0: "train", 2.0: "test", 4.0: "train"}, "vwxyz"))
    assert grid.size == "2 contexts × 15 treatments"
    assert [g.text for g in grid.groups] == [
        "10 treatments at 1 and 4: training in A and B",
        "5 treatments at 2: test in A and B",
    ]
    assert (
        "For 10 of 10 test conditions another dose of the perturbation is training in the same context." in grid.notes
    )
    assert set(grid.columns) == {f"{p} {d}" for p in "vwxyz" for d in (1, 2, 4)}


def test_doses_are_in_order_of_size() -> None:
    grid = grid_of(doses({10.0: "train", 0.25: "train", 0.5: "train", 2.0: "test"}, "x"))
    assert grid.columns == ("x 0.25", "x 0.5", "x 10", "x 2")


def test_a_dose_on_both_sides_stays_mixed() -> None:
    frame = pd.concat([doses({1.0: "train", 2.0: "test"}), doses({2.0: "train"}, "x")])
    assert grid_of(frame).places["mixed"] == 2


def test_combinations_stand_apart_from_singles() -> None:
    roles = {("K562", g): ["train"] for g in "ABCD"}
    roles |= {("K562", "A+B"): ["train"], ("K562", "A+C"): ["test"], ("K562", "(+)-JQ1"): ["train"]}
    grid = grid_of(table(roles))
    assert [g.short for g in grid.groups] == ["5 single perturbations", "1 combination", "1 combination"]
    assert grid.groups[-1].text == "1 combination (A+C): test in K562"


def test_kinds_of_perturbation_stand_apart() -> None:
    frame = table({("A", "x"): ["train"], ("A", "y"): ["test"]}).assign(modality=["CRISPRi", "drug"])
    assert [g.short for g in grid_of(frame).groups] == ["1 CRISPRi perturbation", "1 drug perturbation"]


@pytest.mark.parametrize("test", [0.2, 0.9])
def test_large_random_splits_are_drawn_quickly_and_in_few_elements(test: float) -> None:
    frame = random_pairs(50, 1100, test)
    start = time.perf_counter()
    svg = grid_svg(frame)
    assert time.perf_counter() - start < 5
    root = ElementTree.fromstring(svg)
    assert sum(1 for _ in root.iter()) < 4 * MAX_RUNS
    assert len(svg) < 500_000
    assert any("share of the cells" in text for text in texts(root))
    assert legend(root) == Counter(frame["role"])
    grid = grid_of(frame)
    assert (grid.n_contexts, grid.n_perturbations) == (50, 1100)
    assert len(grid.groups) <= MAX_GROUPS


@pytest.mark.parametrize(("n", "m"), [(2, 50), (4, 2000), (12, 90), (50, 379), (165, 3), (300, 100)])
def test_elements_are_bounded_at_every_size(n: int, m: int) -> None:
    root = drawn(random_pairs(n, m))
    assert sum(1 for _ in root.iter()) < 4 * MAX_RUNS
    assert float(root.get("width", "nan")) <= 1200
    assert float(root.get("height", "nan")) <= 1200


def test_many_contexts_of_few_perturbations_stand_across() -> None:
    frame = table({(f"c{i}", p): ["train" if i < 900 else "test"] for i in range(1000) for p in "xy"})
    grid = grid_of(frame)
    assert grid.lines == ("x", "y")
    assert [g.text for g in grid.groups] == ["900 contexts: training for x and y", "100 contexts: test for x and y"]
    assert grid.size == "1,000 contexts × 2 perturbations"
    assert "Contexts stand across, perturbations down." in grid.notes


def test_many_contexts_are_merged_within_their_band() -> None:
    roles = {(f"c{i}", f"p{j}"): ["train" if i < 900 else "test"] for i in range(1000) for j in range(MAX_LINES)}
    grid = grid_of(table(roles))
    assert grid.lines[0] == "c0 … c15"
    assert "Each line holds up to 16 contexts." in grid.notes
    assert all((line > 0).sum() == 1 for line in grid.cells[:, 0])
    assert grid.totals == {"train": 900 * MAX_LINES, "test": 100 * MAX_LINES}


def test_no_conditions_no_grid() -> None:
    assert split_grid(table({})) is None
    assert "No condition." in texts(drawn(table({})))


LABEL = st.text(max_size=6)
RANDOM = st.lists(
    st.tuples(LABEL, LABEL, st.sampled_from([None, 0.1, 3.0]), st.sampled_from(ROLES[1:5])),
    min_size=1,
    max_size=60,
)


@example([("", "", None, "train"), ("\0", "", None, "train")], random.Random(1))
@given(RANDOM, st.randoms())
def test_any_table_is_counted_escaped_and_drawn_the_same_in_any_order(rows: list[tuple[object, ...]], rng) -> None:
    frame = pd.DataFrame(rows, columns=["context", "perturbation", "dose", "role"])
    svg = grid_svg(frame, "<Title> & more")
    root = ElementTree.fromstring(svg)
    assert legend(root) == Counter(frame["role"])
    order = list(range(len(frame)))
    rng.shuffle(order)
    assert grid_svg(frame.iloc[order], "<Title> & more") == svg
    numbers = dict.fromkeys(frame["role"], 0)
    grid = grid_of(frame)
    for line in grid.conditions:
        for role in numbers:
            numbers[role] += int(line[ROLES.index(role)])
    assert numbers == Counter(frame["role"])
    assert grid.groups[0].start == 0
    assert grid.groups[-1].stop == len(grid.columns)
    assert grid.bands[-1].stop == len(grid.lines)


def test_counts_stand_beside_every_line() -> None:
    frame = random_pairs(5, 40)
    said = texts(drawn(frame))
    for context, part in frame.groupby("context"):
        at = said.index(context)
        assert said[at + 1 : at + 3] == [str((part["role"] == role).sum()) for role in ("train", "test")]
    assert {"train", "test"} <= set(said) & set(HEADS.values())


def test_labels_stay_text() -> None:
    svg = grid_svg(table({(HOSTILE, "x"): ["train"], ("B\x00\ud800", HOSTILE): ["test"]}), HOSTILE)
    assert HOSTILE not in svg
    root = ElementTree.fromstring(svg)
    assert {e.tag for e in root.iter()} <= {f"{SVG}{tag}" for tag in ("svg", "title", "desc", "rect", "path", "text")}
    assert HOSTILE in texts(root)
    assert svg.encode() == svg.encode("utf-8", "strict")


def test_the_file_stands_alone_and_says_what_it_shows() -> None:
    svg = grid_svg(random_pairs(3, 4), "A split")
    assert not re.search(r"href|url\(|<script|<style|\son\w+=|@import", svg)
    assert svg.count("http") == 1, "the name space alone"
    root = ElementTree.fromstring(svg)
    assert root.get("role") == "img"
    named = {e.get("id"): e.text or "" for e in root if e.get("id")}
    assert root.get("aria-labelledby") == " ".join(named)
    assert named["drawing-title"] == "A split"
    assert named["drawing-desc"].startswith("3 contexts × 4 perturbations: ")


def test_roles_differ_by_more_than_their_colour() -> None:
    roles = {("A", r): [r] for r in ROLES[1:5]} | {("A", "both"): ["train", "test"]}
    root = drawn(table(roles))
    inks = {e.get("stroke") for e in root.iter(f"{SVG}path") if e.get("pointer-events")}
    assert inks == {LIGHT[ink] for ink, _, _ in TEXTURES.values()}

    def lightness(color: str) -> float:
        red, green, blue = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    assert lightness(LIGHT["train"]) - lightness(LIGHT["test"]) > 0.3, "told apart without colour"


@given(st.text(max_size=80), st.floats(20, 300))
def test_clipped_and_broken_text_keeps_to_its_room(text: str, room: float) -> None:
    assert text_width(clip(text, room, 11), 11) <= room or len(clip(text, room, 11)) <= 3
    for line in wrap(text, 11, room):
        assert text_width(line, 11) <= room or len(line) <= 3


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
