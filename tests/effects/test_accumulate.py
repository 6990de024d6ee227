"""The pass: every layout, piece, thread and memory gives the same sums; nothing needs a second pass."""

from __future__ import annotations

import itertools
from dataclasses import fields, replace

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.effects.builders import biology, count_cells, vectors
from tests.screen.storage.layouts import LAYOUTS, write_layout
from vcassay.arrays.shards import N_SHARDS, RESERVED, TRAINING, balanced_splits
from vcassay.core import InputError
from vcassay.effects import Moments, accumulate, measure
from vcassay.effects.slots import make_slots
from vcassay.screen import CONTROL, Design, Readout, Rows, Screen, make_screen, read_screen
from vcassay.screen import read as reading

EVERYTHING = {"squares": True, "nonzeros": True}


def planted(*, controls: tuple[int, ...] = (25, 14), fractional: bool = False) -> Screen:
    unit, base = biology(1, 6, 24, n_batches=len(controls))
    screen = count_cells(3, 0.2 * unit, base, cells=(9,), controls=controls).screen
    if not fractional:
        return screen
    adata = screen.adata.copy()
    adata.X = sp.csr_matrix(adata.X.multiply(np.float32(1.1)), dtype=np.float32)
    return make_screen(adata, screen.design)


def logged(screen: Screen) -> Screen:
    adata = screen.adata.copy()
    adata.X = sp.csr_matrix(np.log1p(1e4 * adata.X.toarray() / adata.X.sum(axis=1)).astype(np.float32))
    return make_screen(adata, replace(screen.design, readout=Readout.LOGNORM))


def with_gaps(screen: Screen) -> Screen:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(screen.n_rows, 24)).astype(np.float32)
    X[rng.random(X.shape) < 0.4] = 0
    X[rng.random(X.shape) < 0.05] = np.nan
    adata = ad.AnnData(sp.csr_matrix(X), obs=screen.adata.obs, var=screen.adata.var)
    return make_screen(adata, replace(screen.design, readout=Readout.CONTINUOUS))


KINDS = {"counts": planted, "lognorm": lambda: logged(planted()), "gaps": lambda: with_gaps(planted())}


def assert_same(a: Moments, b: Moments, genes: np.ndarray | None = None, atol: float = 0.0) -> None:
    for field in fields(Moments):
        one, two = getattr(a, field.name), getattr(b, field.name)
        if field.name in ("slots", "notes") or one is None:
            assert field.name in ("slots", "notes") or two is None
            continue
        pairs = zip(one, two, strict=True) if isinstance(one, tuple) else [(one, two)]
        for x, y in pairs:
            if sp.issparse(x):
                x, y = x.toarray(), y.toarray()
            elif np.ndim(x) and x.shape[-1] > 1 and genes is not None:
                y = y[..., genes]
            np.testing.assert_allclose(x, y, rtol=atol, atol=atol, err_msg=field.name)


def by_hand(screen: Screen, power) -> tuple[np.ndarray, np.ndarray]:
    """Sums of ``power`` of the values of conditions and of whole pools, by shard, row after row."""
    X, slots, table = sp.csr_matrix(screen.adata.X).toarray().astype(float), make_slots(screen, 0), screen.table
    conditions = np.zeros((len(table.conditions), N_SHARDS, X.shape[1]))
    pools = np.zeros((len(table.pools), N_SHARDS, X.shape[1]))
    for row, c, p, s in zip(power(X), table.condition, table.pool, slots.shard, strict=True):
        target = pools[p] if c == CONTROL else conditions[c]
        target[s] += np.nan_to_num(row)
    return conditions, pools


@pytest.mark.parametrize("kind", KINDS)
def test_sums_squares_nonzeros_and_rows(kind):
    screen = KINDS[kind]()
    found = accumulate(screen, **EVERYTHING)
    at = found.slots.whole_pool
    for name, power in (
        ("sums", lambda x: x),
        ("squares", lambda x: x**2),
        ("nonzeros", lambda x: (x != 0) & ~np.isnan(x)),
    ):
        conditions, pools = by_hand(screen, power)
        np.testing.assert_allclose(getattr(found, name), conditions, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(getattr(found, f"control_{name}")[at], pools, rtol=1e-12, atol=1e-12)
        batches = getattr(found, f"control_{name}")[: found.slots.n_batch_groups]
        np.testing.assert_allclose(batches.sum(axis=0), pools[0], rtol=1e-12, atol=1e-12)
    np.testing.assert_array_equal(found.rows.sum(axis=1), found.slots.rows)
    np.testing.assert_array_equal(found.control_rows[at].sum(axis=1), found.slots.control_rows)
    if kind == "lognorm":
        np.testing.assert_array_equal(found.sizes[..., 0], found.rows)
        np.testing.assert_array_equal(found.control_sizes[..., 0], found.control_rows)


def test_they_are_kept_only_when_asked_for():
    found = accumulate(planted())
    assert found.squares is None
    assert found.control_nonzeros is None
    only = accumulate(planted(), nonzeros=True)
    assert only.squares is None
    assert only.nonzeros is not None


def test_pools_too_small_to_divide_share_their_controls_in_everything():
    found = accumulate(planted(controls=(3,)), **EVERYTHING)
    for name in ("control_sums", "control_sizes", "control_squares", "control_nonzeros"):
        values = getattr(found, name)[-1]
        np.testing.assert_array_equal(values[0], values[1])
        assert not values[2:].any()
    assert found.control_rows[-1].tolist() == [3, 3, 0, 0, 0, 0, 0, 0]


@pytest.fixture(scope="module")
def references() -> dict[str, Moments]:
    return {kind: accumulate(make(), seed=4, **EVERYTHING) for kind, make in KINDS.items()}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_layout_to_the_last_bit(kind, layout, tmp_path, references):
    screen = KINDS[kind]()
    if layout == "parquet" and kind != "counts":
        pytest.skip("Tahoe's lists hold counts; a negative first entry is special")
    with read_screen(write_layout(screen.adata, layout, tmp_path), screen.design, backed=True) as on_disk:
        genes = on_disk.adata.var_names.get_indexer(screen.genes)
        for threads, piece in ((1, 10**9), (2, 500)):
            found = accumulate(on_disk, seed=4, threads=threads, piece_bytes=piece, **EVERYTHING)
            assert_same(references[kind], found, genes)


@pytest.mark.parametrize("make", [sp.csc_matrix, sp.csc_array, sp.csr_array, np.asarray])
def test_every_matrix_in_memory(make, references):
    screen = planted()
    again = ad.AnnData(make(screen.adata.X.toarray()), obs=screen.adata.obs, var=screen.adata.var)
    assert_same(references["counts"], accumulate(make_screen(again, screen.design), seed=4, **EVERYTHING))


@pytest.mark.parametrize("dtype", [np.uint16, np.int32, np.uint32, np.int64, np.float16, np.float64, ">f4"])
def test_every_type_of_number(dtype, tmp_path, references):
    screen = planted()
    adata = ad.AnnData(screen.adata.X.toarray().astype(dtype), obs=screen.adata.obs, var=screen.adata.var)
    adata.write_h5ad(tmp_path / "a.h5ad", compression="lzf")
    with read_screen(tmp_path / "a.h5ad", screen.design, backed=True) as on_disk:
        assert_same(references["counts"], accumulate(on_disk, seed=4, **EVERYTHING))


@settings(max_examples=25)
@given(st.sampled_from(sorted(KINDS)), st.integers(1, 200), st.integers(1, 4), st.sampled_from([0, 2**30]))
def test_chunks_threads_and_memory_do_not_change_a_bit(references, kind, chunk, threads, memory):
    found = accumulate(KINDS[kind](), seed=4, chunk=chunk, threads=threads, memory=memory, **EVERYTHING)
    assert_same(references[kind], found)


@settings(max_examples=15)
@given(st.integers(1, 200), st.integers(1, 4))
def test_fractional_counts_are_summed_in_the_order_of_the_rows(chunk, threads):
    screen = planted(fractional=True)
    assert_same(accumulate(screen, **EVERYTHING), accumulate(screen, chunk=chunk, threads=threads, **EVERYTHING))


def test_sums_that_exceed_the_memory_lie_in_a_file_without_a_name(tmp_path, references):
    screen = planted()
    spilled = accumulate(screen, seed=4, memory=1000, folder=tmp_path / "new", **EVERYTHING)
    assert_same(references["counts"], spilled)
    assert list((tmp_path / "new").iterdir()) == []
    effects = measure(screen, seed=4, moments=spilled)
    np.testing.assert_array_equal(effects.delta, measure(screen, seed=4).delta)


def test_a_full_disk_is_one_sentence(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.posix_fallocate", full)
    with pytest.raises(InputError, match=r"the sums need .* GiB of disk, more than there is; free some space"):
        accumulate(planted(), memory=0, folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


class TestValuesAreCheckedOnTheWay:
    @pytest.fixture(autouse=True)
    def no_file_is_small(self, monkeypatch):
        monkeypatch.setattr(reading, "LARGE_BYTES", 100)

    @pytest.mark.parametrize("layout", ["csr gzip", "csc", "dense", "several"])
    @pytest.mark.parametrize(
        ("value", "readout", "said"),
        [(np.nan, "counts", "NaN"), (-3.0, "counts", "negative"), (np.inf, "continuous", "infinite")],
    )
    def test_what_does_not_belong_there_is_refused(self, layout, value, readout, said, tmp_path, monkeypatch):
        screen = planted()
        screen.adata.X[100, 3] = value
        design = replace(screen.design, readout=Readout(readout))
        monkeypatch.setattr("vcassay.screen.detect.SAMPLE_ROWS", 1)
        with read_screen(write_layout(screen.adata, layout, tmp_path), design, backed=True) as on_disk:
            assert on_disk.unchecked
            with pytest.raises(InputError, match=rf"{said} values .*the first in row 100"):
                accumulate(on_disk, piece_bytes=2000)

    @pytest.mark.parametrize("layout", ["csr", "csc", "dense", "zarr 3"])
    def test_what_is_worth_a_note_is_noted(self, layout, tmp_path):
        screen = planted()
        screen.adata.X[[7, 9]] = 0
        path = write_layout(screen.adata, layout, tmp_path)
        with read_screen(path, screen.design, backed=True) as on_disk:
            assert not any("no counts" in s for s, _ in on_disk.notes)
            assert ("2 rows have no counts at all.", "their sum is 0") in accumulate(on_disk).notes

    @pytest.mark.parametrize("layout", ["csr", "csc"])
    def test_missing_features_are_counted(self, layout, tmp_path):
        screen = with_gaps(planted())
        want = screen.notes[0]
        with read_screen(write_layout(screen.adata, layout, tmp_path), screen.design, backed=True) as on_disk:
            assert want in accumulate(on_disk, piece_bytes=900).notes


class TestOnePass:
    """Halves, reserved controls, roles of cells and reliability all follow from the sums."""

    @pytest.fixture
    def sealed(self, tmp_path):
        """Sums of a screen whose file is gone."""
        screen = planted()
        held_out = np.arange(screen.n_rows) % 3 == 0
        screen.adata.write_h5ad(tmp_path / "a.h5ad")
        on_disk = replace(read_screen(tmp_path / "a.h5ad", screen.design, backed=True), held_out=held_out)
        moments = accumulate(on_disk, seed=4)
        on_disk.close()
        return on_disk, moments, replace(screen, held_out=held_out)

    @pytest.mark.parametrize("test_shards", [(), (4, 5, 6, 7)])
    def test_effects_are_measured_when_the_file_is_closed(self, sealed, test_shards):
        on_disk, moments, screen = sealed
        effects = measure(on_disk, seed=4, moments=moments, test_shards=test_shards)
        again = measure(screen, seed=4, test_shards=test_shards)
        for name in ("delta", "delta_train", "half_a", "half_b", "cross", "se", "reliability"):
            np.testing.assert_array_equal(getattr(effects, name), getattr(again, name), err_msg=name)

    def test_every_set_of_shards_is_the_sum_of_its_rows(self, sealed):
        _, moments, screen = sealed
        X, slots = screen.adata.X.toarray().astype(float), moments.slots
        for shards in (*itertools.chain(*balanced_splits(tuple(range(8)))), RESERVED, TRAINING, (4, 5, 6, 7)):
            inside = np.isin(slots.shard, shards)
            for c in range(slots.n_conditions):
                want = X[inside & (screen.table.condition == c)].sum(axis=0)
                np.testing.assert_array_equal(moments.sums[c, list(shards)].sum(axis=0), want)
            controls = X[inside & (screen.table.condition == CONTROL)].sum(axis=0)
            pool = moments.control_sums[slots.whole_pool[0], list(shards)].sum(axis=0)
            np.testing.assert_array_equal(pool, controls)

    def test_cells_that_are_held_out_lie_in_shards_of_their_own(self, sealed):
        on_disk, moments, _ = sealed
        perturbed = on_disk.table.condition >= 0
        assert set(moments.slots.shard[perturbed & on_disk.held_out]) == {4, 5, 6, 7}
        assert set(moments.slots.shard[perturbed & ~on_disk.held_out]) == {0, 1, 2, 3}


def test_ready_made_effects_have_no_controls():
    unit, _ = biology(1, 7, 20)
    screen = vectors(1, unit, rows=Rows.EFFECTS, n_rows=2, n_controls=()).screen
    found = accumulate(screen, **EVERYTHING)
    assert found.control_sums.shape == (0, 8, 20)
    assert found.control_rows.shape == (0, 8)
    assert found.control_squares.shape == (0, 8, 20)


def test_a_screen_of_one_gene_and_of_one_row_a_condition():
    obs = pd.DataFrame({"perturbation": ["control"] * 5 + ["A", "B"]}, index=[f"w{i}" for i in range(7)])
    adata = ad.AnnData(np.arange(7.0)[:, None], obs=obs, var=pd.DataFrame(index=["viability"]))
    found = accumulate(make_screen(adata, Design("perturbation", rows=Rows.REPLICATES, readout=Readout.SCALAR)))
    assert found.sums.sum(axis=1).ravel().tolist() == [5.0, 6.0]
