from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from vcassay.claim import Role, Split, make_split
from vcassay.core import Status
from vcassay.evidence.leakage.cells.rows import copied_rows, find_copies, hash_content
from vcassay.screen import Readout, Rows
from vcassay.simulate.leaks import copied_cells

G = 200
LABELS = np.array(["control"] * 20 + ["p"] * 10 + ["q"] * 10)


def counts(seed: int, n: int = 40) -> np.ndarray:
    return np.random.default_rng(seed).poisson(1.5, size=(n, G)).astype(np.float32)


def q_is_test(screen) -> Split:
    roles = np.where(screen.conditions.perturbation == "q", Role.TEST.value, Role.TRAIN.value)
    return Split(screen.conditions, roles)


def test_the_hash_sees_values_and_genes_but_not_the_layout(build_screen):
    matrix = counts(0)
    dense, sparse = (build_screen(m, LABELS) for m in (matrix, sp.csc_matrix(matrix)))
    a, b = hash_content(dense), hash_content(sparse)
    assert np.array_equal(a.hashes, b.hashes)
    assert np.array_equal(a.nonzero, (matrix > 0).sum(axis=1))
    assert len(np.unique(a.hashes)) == 40
    mirrored = matrix.copy()
    mirrored[0] = mirrored[0, ::-1]
    assert hash_content(build_screen(mirrored, LABELS)).hashes[0] != a.hashes[0]


def test_copies_are_found_by_hash():
    hashes = np.array([5, 6, 7, 6, 5], dtype=np.uint64)
    test = np.array([False, False, False, True, True])
    found = find_copies(hashes, test, ~test)
    assert found.row.tolist() == [3, 4]
    assert found.partner.tolist() == [1, 0]
    everything = np.ones(5, dtype=bool)
    assert find_copies(hashes, everything, everything).row.tolist() == [3, 4]
    assert not len(find_copies(hashes, test, ~everything).row)


def test_clean_rows_pass(build_screen):
    for seed in range(10):
        screen = build_screen(counts(seed), LABELS)
        found = copied_rows(screen, q_is_test(screen))
        assert (found.status, found.value) == (Status.PASS, 0.0)
        assert "10 of 10 test rows compared" in found.sentence


@pytest.mark.parametrize(("source", "of"), [(25, "A | p"), (3, "control")])
def test_a_copy_of_a_test_row_blocks_and_is_named(build_screen, source, of):
    matrix = counts(1)
    matrix[source] = matrix[35]
    screen = build_screen(matrix, LABELS)
    found = copied_rows(screen, q_is_test(screen))
    assert (found.status, found.blocks, found.value) == (Status.FAIL, True, 0.1)
    row = found.evidence[0]
    assert (row["row"], row["condition"]) == ("cell_35", "A | q")
    assert (row["equals row"], row["of condition"]) == (f"cell_{source}", of)


def test_copies_of_excluded_rows_are_no_leak(build_screen):
    matrix = counts(2)
    matrix[21] = matrix[36]
    screen = build_screen(matrix, LABELS)
    roles = np.where(screen.conditions.perturbation == "q", Role.TEST.value, Role.EXCLUDED.value)
    assert copied_rows(screen, Split(screen.conditions, roles)).status is Status.UNKNOWN  # no training at all
    labels = np.where(np.arange(40) == 22, "r", LABELS)
    screen = build_screen(matrix, labels)
    names = screen.conditions.perturbation
    roles = np.where(names == "q", "test", np.where(names == "p", "excluded", "train"))
    assert copied_rows(screen, Split(screen.conditions, roles)).status is Status.PASS


def test_rows_that_are_scored_twice_are_a_warning(build_screen):
    matrix = counts(2)
    matrix[31] = matrix[35]
    screen = build_screen(matrix, LABELS)
    found = copied_rows(screen, q_is_test(screen))
    assert found.status is Status.WARN
    assert "1 test row (10.0%) equal to another test row (cell_35)" in found.sentence
    assert (found.evidence[0]["equals row"], found.evidence[0]["in"]) == ("cell_31", "values")
    assert not found.affected.touched.any()


@pytest.mark.parametrize("readout", [Readout.COUNTS, Readout.LOGNORM, Readout.CONTINUOUS])
def test_copies_up_to_a_factor_are_found(build_screen, readout):
    raw = counts(8).astype(np.float64)
    if readout is Readout.CONTINUOUS:
        raw = np.random.default_rng(8).normal(size=raw.shape)
    raw[25] = raw[35] * (3 if readout is Readout.COUNTS else 2.7183)
    raw[26] = raw[36]
    matrix = (np.log1p(raw) if readout is Readout.LOGNORM else raw).astype(np.float32)
    screen = build_screen(matrix, LABELS, readout=readout)
    found = copied_rows(screen, q_is_test(screen))
    assert (found.status, found.value) == (Status.FAIL, 0.2)
    assert "(1 of them up to a factor)" in found.sentence
    pairs = {(row["row"], row["equals row"], row["in"]) for row in found.evidence}
    assert pairs == {("cell_35", "cell_25", "values up to a factor"), ("cell_36", "cell_26", "values")}
    assert found.affected.degree.tolist() == [1.0]


def test_equal_barcodes_of_two_libraries_are_no_copies(build_screen):
    names = [f"cell_{i}" for i in range(40)]
    names[24] = names[33]
    library = np.where(np.arange(40) % 2 == 0, "a", "b")
    with pytest.warns(UserWarning, match="not unique"):
        screen = build_screen(counts(5), LABELS, names=names, batch=library)
    assert copied_rows(screen, q_is_test(screen)).status is Status.PASS


def test_affected_conditions_are_those_that_hold_copies(build_screen):
    matrix = counts(9)
    matrix[2] = matrix[35]
    matrix[20:30, 30:] = 0
    screen = build_screen(matrix, LABELS)
    split = Split(screen.conditions, np.array(["test", "test"]), also_train=np.array([0, 1]))
    found = copied_rows(screen, split)
    assert found.status is Status.FAIL
    assert np.isnan(found.affected.degree[0])  # all rows of p are too thin to be compared
    assert found.affected.degree[1] == 1.0


def test_rows_with_few_counts_are_not_compared(build_screen):
    matrix = counts(3)
    matrix[25] = matrix[35] = 0
    matrix[[25, 35], :10] = 1
    screen = build_screen(matrix, LABELS)
    found = copied_rows(screen, q_is_test(screen))
    assert found.status is Status.PASS
    assert "9 of 10 test rows compared" in found.sentence
    empty = build_screen(np.where(np.arange(G) < 8, counts(4), 0).astype(np.float32), LABELS)
    assert copied_rows(empty, q_is_test(empty)).status is Status.NA


def test_a_repeated_name_with_other_content_is_a_warning(build_screen):
    names = [f"cell_{i}" for i in range(40)]
    names[24] = names[33]
    with pytest.warns(UserWarning, match="not unique"):
        screen = build_screen(counts(5), LABELS, names=names)
    found = copied_rows(screen, q_is_test(screen))
    assert found.status is Status.WARN
    assert found.evidence[0]["row"] == found.evidence[0]["equals row"] == "cell_33"


def test_what_cannot_be_tested_is_not_applicable(build_screen):
    labels = np.array(["control"] * 4 + [f"p{i}" for i in range(6)])
    wells = build_screen(counts(6, 10), labels, rows=Rows.REPLICATES)
    found = copied_rows(wells, make_split(wells.conditions, "gex", fraction=0.4))
    assert (found.status, "one row a condition" in found.sentence) == (Status.NA, True)
    values = np.random.default_rng(0).normal(size=(10, 30))
    effects = build_screen(values, labels, rows=Rows.EFFECTS, readout=Readout.CONTINUOUS, control=())
    assert copied_rows(effects, make_split(effects.conditions, "gex", fraction=0.4)).status is Status.NA


def test_continuous_rows_need_fewer_values(build_screen):
    values = np.random.default_rng(0).normal(size=(40, 15))
    values[25] = values[35]
    screen = build_screen(values, LABELS, readout=Readout.CONTINUOUS)
    assert copied_rows(screen, q_is_test(screen)).status is Status.FAIL


def test_random_cells_may_not_hold_a_row_twice(build_screen):
    matrix = counts(7)
    screen = build_screen(matrix, LABELS)
    assert copied_rows(screen, make_split(screen.conditions, "random-cells")).status is Status.PASS
    matrix[32] = matrix[38]
    screen = build_screen(matrix, LABELS)
    assert copied_rows(screen, make_split(screen.conditions, "random-cells")).status is Status.FAIL


@pytest.mark.parametrize("seed", range(3))
def test_cells_copied_across_a_simulated_split_are_found(make_study, seed):
    study = make_study(seed)
    assert study.run("L12").status is Status.PASS
    planted = copied_cells(study.simulation, study.split, np.random.default_rng(seed), amount=0.1)
    found = copied_rows(planted.screen, study.split)
    assert found.status is Status.FAIL
    assert found.value == pytest.approx(0.1, abs=0.02)
    assert len(found.evidence) == 20


@pytest.mark.parametrize(("thin", "status"), [(6, Status.UNKNOWN), (5, Status.PASS)])
def test_where_most_rows_are_too_thin_nothing_is_said(build_screen, thin, status):
    matrix = counts(1)
    matrix[30 : 30 + thin, 40:] = 0.0
    screen = build_screen(matrix, LABELS)
    found = copied_rows(screen, q_is_test(screen))
    assert (found.status, bool(found.question)) == (status, status is Status.UNKNOWN)
    assert f"{10 - thin} of 10 test rows compared" in found.sentence
