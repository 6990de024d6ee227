"""What must not change a result: the order of rows and genes, the size of a chunk, where the matrix lies."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
import scipy.sparse as sp

from tests.effects.builders import Planted, biology, count_cells, differences, reordered, vectors
from vcassay.effects import accumulate, measure
from vcassay.screen import read_screen

KINDS = ("counts", "fractional counts", "continuous", "continuous with gaps")


def planted(kind: str) -> Planted:
    unit, base = biology(1, 6, 24, n_batches=2)
    if kind == "counts":
        return count_cells(3, 0.2 * unit, base, cells=(9,), controls=(25, 14))
    if kind == "fractional counts":
        whole = count_cells(3, 0.2 * unit, base, cells=(9,), controls=(25, 14))
        adata = whole.screen.adata.copy()
        adata.X = sp.csr_matrix(adata.X.multiply(np.float32(1.1)))
        whole.screen.adata.X = sp.csr_matrix(adata.X, dtype=np.float32)
        return whole
    return vectors(3, unit, n_rows=8, n_controls=(20, 20), missing=0.03 if kind == "continuous with gaps" else 0.0)


@pytest.mark.parametrize("kind", KINDS)
def test_order_of_rows(kind):
    screen = planted(kind).screen
    order = np.random.default_rng(0).permutation(screen.n_rows)
    assert differences(measure(screen, seed=4), measure(reordered(screen, rows=order), seed=4), atol=1e-10) == []


@pytest.mark.parametrize("kind", KINDS)
def test_order_of_genes(kind):
    screen = planted(kind).screen
    order = np.random.default_rng(0).permutation(len(screen.genes))
    a, b = measure(screen, seed=4), measure(reordered(screen, columns=order), seed=4)
    assert a.genes[order].tolist() == b.genes.tolist()
    assert differences(a, b, order, atol=1e-10) == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("chunk", [1, 7, 50])
def test_size_of_a_chunk_to_the_last_bit(kind, chunk):
    screen = planted(kind).screen
    a, b = accumulate(screen, seed=4), accumulate(screen, seed=4, chunk=chunk)
    for name in ("sums", "sizes", "control_sums", "control_sizes", "atoms", "atom_sizes"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name), err_msg=name)
    for x, y in zip((*a.links, a.atom_links), (*b.links, b.atom_links), strict=True):
        assert (x != y).nnz == 0


@pytest.mark.parametrize("kind", KINDS)
def test_in_memory_equals_on_disk(kind, tmp_path):
    screen = planted(kind).screen
    path = tmp_path / "screen.h5ad"
    screen.adata.write_h5ad(path)
    with read_screen(path, screen.design, backed=True) as on_disk:
        assert differences(measure(screen, seed=4), measure(on_disk, seed=4)) == []


def test_dense_equals_sparse():
    screen = planted("counts").screen
    dense = reordered(screen)
    dense.adata.X = dense.adata.X.toarray()
    assert differences(measure(screen), measure(dense)) == []


def test_another_seed_deals_anew_but_measures_the_same_thing():
    screen = planted("counts").screen
    a, b = measure(screen, seed=1), measure(screen, seed=2)
    assert "half_a" in differences(a, b)
    shared = np.sqrt(np.mean((a.delta - b.delta) ** 2))
    assert 0 < shared < 2 * np.sqrt(np.mean(a.se**2))
    assert differences(a, measure(screen, seed=1)) == []


def test_moments_made_before_give_the_same_effects():
    screen = planted("counts").screen
    assert differences(measure(screen, seed=3), measure(screen, seed=3, moments=accumulate(screen, seed=3))) == []


def test_progress_counts_the_rows():
    screen = planted("counts").screen
    seen = []
    accumulate(screen, chunk=40, progress=lambda done, of: seen.append((done, of)))
    assert seen[-1] == (screen.n_rows, screen.n_rows)
    assert len(seen) == -(-screen.n_rows // 40)


@pytest.mark.slow
def test_the_order_of_sets_does_not_matter():
    program = (
        "import hashlib\n"
        "from tests.effects.test_invariance import planted\n"
        "from vcassay.effects import measure\n"
        "e = measure(planted('counts').screen, seed=4)\n"
        "print(hashlib.sha256(e.delta.tobytes() + e.p_value.tobytes() + e.se.tobytes()).hexdigest())\n"
    )
    prints = [
        subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | {"PYTHONHASHSEED": seed, "OMP_NUM_THREADS": threads},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, threads in (("1", "1"), ("2", "2"))
    ]
    assert len(prints[0].strip()) == 64
    assert prints[0] == prints[1]
