from __future__ import annotations

import numpy as np
import pytest

from vcassay.claim import Split
from vcassay.effects import measure
from vcassay.evidence.leakage.cells.tallies import DEPTH_COLUMN, QUALITY_COLUMN, make_tallies
from vcassay.screen import Readout

LABELS = np.array(["control"] * 24 + ["q"] * 16 + ["p"] * 16 + ["r"] * 16)


def with_obs(screen, **columns):
    for name, values in columns.items():
        screen.adata.obs[name] = values
    return screen


def tallies(screen, **settings):
    effects = measure(screen, keep_targets=True)
    return make_tallies(screen, effects, Split(screen.conditions, np.array(["test"] * 3))), effects


def test_tallies_equal_sums_over_the_rows_themselves(build_screen):
    rng = np.random.default_rng(0)
    matrix = rng.poisson(2.0, size=(72, 30)).astype(np.float32)
    screen = build_screen(matrix, LABELS)
    screen.adata.var_names = [f"{'MT-' if i < 3 else 'g'}{i}" for i in range(30)]
    found, effects = tallies(screen)
    rows = [np.flatnonzero(p == LABELS) for p in effects.conditions.perturbation]
    assert found["rows"].values.tolist() == [16.0] * len(rows)
    assert found["depth"].values == pytest.approx([matrix[r].sum() / 16 for r in rows])
    assert found["order"].values == pytest.approx([r.mean() for r in rows])
    assert found["quality"].values == pytest.approx([matrix[r, :3].sum() / matrix[r].sum() for r in rows])


def test_other_readouts_take_depth_and_quality_from_columns(build_screen):
    values = np.random.default_rng(1).normal(size=(72, 12))
    bare = build_screen(values, LABELS, readout=Readout.CONTINUOUS)
    found, _ = tallies(bare)
    assert found["depth"].why.startswith("values are no counts")
    assert found["quality"].why.startswith("no obs column")
    screen = with_obs(bare, total_counts=np.arange(72), pct_counts_mt=np.arange(72) / 2)
    found, _ = tallies(screen)
    assert found["depth"].values == pytest.approx(found["order"].values)
    assert found["quality"].values == pytest.approx(found["order"].values / 2)


def test_a_file_that_is_sorted_by_name_says_no_more_than_the_name(build_screen):
    matrix = np.random.default_rng(2).poisson(2.0, size=(72, 30)).astype(np.float32)
    assert not tallies(build_screen(matrix, LABELS))[0]["order"].why
    assert tallies(build_screen(matrix, np.sort(LABELS)))[0]["order"].why == "the file is sorted by name"
    assert tallies(build_screen(matrix, np.sort(LABELS)[::-1]))[0]["order"].why == "the file is sorted by name"


@pytest.mark.parametrize("name", ["n_counts", "total_counts", "nCount_RNA", "n_UMIs", "umi_count", "library_size"])
def test_columns_of_depth(name):
    assert DEPTH_COLUMN.fullmatch(name.lower())


@pytest.mark.parametrize("name", ["pct_counts_mt", "percent.mito", "percent_mt", "pct_mito", "mito_frac"])
def test_columns_of_quality(name):
    assert QUALITY_COLUMN.fullmatch(name.lower())
    assert not QUALITY_COLUMN.fullmatch("n_genes_by_counts")
