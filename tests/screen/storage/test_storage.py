"""Every layout holds the same rows, whichever are asked for; what is damaged is said in one sentence."""

from __future__ import annotations

import os
import tempfile

import anndata as ad
import h5py
import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from tests.screen.builders import build, check_sentence, frame
from tests.screen.storage.layouts import LAYOUTS, write_layout
from vcassay.core import InputError
from vcassay.effects import accumulate
from vcassay.screen import Design, open_file, read_screen
from vcassay.screen.storage import ByColumns, Stored, hdf5, sparse, stream

DESIGN = Design("perturbation", batch="batch")


def small(n: int = 61, seed: int = 0) -> ad.AnnData:
    rng = np.random.default_rng(seed)
    X = rng.poisson(0.7, (n, 12)).astype(np.float32)
    X[5] = 0
    obs = frame(
        perturbation=np.where(np.arange(n) % 4 == 0, "control", "P" + (np.arange(n) % 3).astype(str).astype(object))
    )
    obs["batch"] = np.where(np.arange(n) % 2 == 0, "a", "b")
    return build(obs, sp.csr_matrix(X))


@pytest.fixture(scope="module", params=LAYOUTS)
def written(request, tmp_path_factory):
    """The files of each layout, which are only read."""
    adata = small()
    return adata, write_layout(adata, request.param, tmp_path_factory.mktemp("layout"))


@pytest.fixture
def stored(written):
    adata, path = written
    with read_screen(path, DESIGN, backed=True) as screen:
        order = adata.var_names.get_indexer(screen.genes)
        yield screen.matrix, adata.X.toarray()[:, order]


def dense(block) -> np.ndarray:
    return block.toarray() if sp.issparse(block) else np.asarray(block)


def test_rows_in_any_way(stored):
    matrix, want = stored
    assert isinstance(matrix, Stored)
    assert matrix.shape == want.shape
    np.testing.assert_array_equal(dense(matrix.to_memory()), want)
    for start, stop in ((0, 1), (3, 3), (19, 23), (60, 61), (0, 61), (20, 21)):
        np.testing.assert_array_equal(dense(matrix[start:stop]), want[start:stop])
    for at in (np.array([0, 1, 2, 19, 20, 21, 40]), np.array([7]), np.arange(61) % 3 == 0):
        np.testing.assert_array_equal(dense(matrix[at]), want[at])
    np.testing.assert_array_equal(dense(matrix[::2]), want[::2])


@pytest.mark.parametrize("nbytes", [1, 300, 2000, 10**9])
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_pieces_follow_each_other_and_cover_all(stored, nbytes, threads):
    matrix, want = stored
    bounds = matrix.pieces(nbytes)
    assert bounds[0] == 0
    assert bounds[-1] == len(want)
    assert np.all(np.diff(bounds) > 0)
    seen = 0
    for start, block in stream(matrix, bounds, threads=threads):
        assert start == seen
        np.testing.assert_array_equal(dense(block), want[start : start + block.shape[0]])
        seen += block.shape[0]
    assert seen == len(want)


def test_a_stream_may_be_left(stored):
    matrix, _ = stored
    for _ in stream(matrix, matrix.pieces(1), threads=2):
        break


@pytest.mark.parametrize(
    ("layout", "direct"),
    [
        ("csr", True),
        ("csr gzip", True),
        ("csr lzf", True),
        ("csr shuffled", True),
        ("csr fletcher", False),
        ("dense", True),
    ],
)
def test_raw_chunks_are_read_where_the_filters_are_known(tmp_path, layout, direct):
    adata, handle = open_file(write_layout(small(), layout, tmp_path), backed=True)
    with handle:
        array = adata.X._array if layout == "dense" else adata.X._data
        assert array.direct is direct


@given(st.integers(1, 400), st.integers(1, 60), st.sampled_from([None, "gzip", "lzf"]), st.booleans(), st.data())
def test_any_range_of_any_chunking(n, chunk, codec, shuffled, data):
    values = np.random.default_rng(n).integers(0, 5, n).astype(np.float32)
    start = data.draw(st.integers(0, n))
    stop = data.draw(st.integers(start, n))
    with tempfile.TemporaryDirectory() as folder, h5py.File(f"{folder}/a.h5", "w") as file:
        option = (
            {"chunks": (chunk,)} if codec is None else {"chunks": (chunk,), "compression": codec, "shuffle": shuffled}
        )
        array = file.create_dataset("x", data=values, maxshape=(None,), **option)
        file.flush()
        raw = hdf5.Raw(array)
        assert raw.direct
        np.testing.assert_array_equal(raw.read(start, stop), values[start:stop])


def test_a_chunk_that_no_filter_made_smaller(tmp_path):
    values = np.random.default_rng(0).integers(0, 256, 4096).astype(np.uint8)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        array = file.create_dataset("x", data=values, chunks=(1024,), compression="lzf")
        file.flush()
        np.testing.assert_array_equal(hdf5.Raw(array).read(100, 4000), values[100:4000])


def test_a_window_of_columns_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(sparse, "WINDOW_BYTES", 200)
    adata, handle = open_file(write_layout(small(), "csc", tmp_path), backed=True)
    with handle:
        matrix = adata.X
        assert isinstance(matrix, ByColumns)
        blocks = [dense(block) for _, block in stream(matrix, np.arange(0, 62, 1), threads=2)]
        assert matrix._window[1].shape[0] < 61
        np.testing.assert_array_equal(np.concatenate(blocks), small().X.toarray())


def spoil_values(path):
    with h5py.File(path, "r") as file:
        data = file["X"]["data"]
        at = data.id.get_chunk_info(0).byte_offset
    with path.open("r+b") as file:
        file.seek(at)
        file.write(os.urandom(64))


def spoil_index(path):
    with h5py.File(path, "r+") as file:
        file["X"]["indptr"][3] = 10**6


def spoil_shape(path):
    with h5py.File(path, "r+") as file:
        file["X"]["indices"][4] = 99


@pytest.mark.parametrize(
    ("layout", "spoil", "said"),
    [
        ("csr gzip", spoil_values, "could not be read"),
        ("csr lzf", spoil_values, "could not be read"),
        ("csr", spoil_index, "does not fit its values"),
        ("csr", spoil_shape, "no gene"),
        ("csc", spoil_shape, "index"),
    ],
)
def test_a_damaged_matrix_is_one_sentence(tmp_path, layout, spoil, said):
    path = write_layout(small(), layout, tmp_path)
    spoil(path)
    with pytest.raises(InputError) as caught, read_screen(path, DESIGN, backed=True) as screen:
        accumulate(screen)
    check_sentence(caught.value, str(path), said)
