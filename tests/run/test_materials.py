"""Files that a disclosure names are read; what is missing or malformed is one sentence."""

from __future__ import annotations

import gzip
import hashlib

import numpy as np
import pandas as pd
import pytest

from vcassay.core import InputError
from vcassay.prediction import declare, hash_barcodes
from vcassay.run import materials
from vcassay.run.materials import read_barcodes, read_losses, read_materials

CELLS = ["AAACCCAAGAAACACT-1", "TTTGGGTTCTTTGTGA-1", "CCCAAACCTCCCACAC-1"]


def md5(name):
    return hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()


def written(path, lines):
    text = "\n".join(lines) + "\n"
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def test_everything_that_is_named_is_read(tmp_path):
    (tmp_path / "f.csv").write_text("id,x\nA,1\nB,2\n")
    (tmp_path / "e.csv").write_text("a,b\nA,B\n")
    written(tmp_path / "g.txt", ["TP53", "", "MYC", "TP53"])
    written(tmp_path / "b.txt", CELLS)
    (tmp_path / "l.csv").write_text("cell,loss\nc1,0.5\nc2,1e-3\n")
    found = read_materials(
        declare(
            priors=[{"name": "p", "file": "f.csv"}, {"name": "words only"}],
            graphs=[{"name": "g", "file": "e.csv"}],
            pretraining=[{"name": "c", "barcodes": "b.txt"}],
            genes={"data": "all", "file": "g.txt"},
            losses="l.csv",
        ),
        tmp_path,
    )
    assert list(found.features) == ["p"]
    assert found.features["p"].ids == ("A", "B")
    assert found.edges["g"].names == ("A", "B")
    assert found.genes == ("TP53", "MYC")
    np.testing.assert_array_equal(found.barcodes["c"], np.sort(hash_barcodes(CELLS)))
    assert found.losses.cells.tolist() == ["c1", "c2"]
    np.testing.assert_array_equal(found.losses.values, [0.5, 1e-3])


def test_nothing_named_is_nothing_read(tmp_path):
    found = read_materials(declare(), tmp_path)
    assert (found.features, found.edges, found.genes, found.barcodes, found.losses) == ({}, {}, None, {}, None)


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("plain.txt", CELLS),
        ("plain.txt.gz", [*CELLS, CELLS[0]]),
        ("hashed.md5", [md5(c) for c in CELLS]),
        ("upper.md5", [md5(c).upper() for c in CELLS]),
        ("table.csv", ["barcode_md5,pretrain_split", *(f"{md5(c)},train" for c in CELLS)]),
        ("table.tsv.gz", [f'"{md5(c)}"\tx' for c in CELLS]),
    ],
)
def test_barcodes_and_their_hashes_are_the_same_list(tmp_path, name, lines, monkeypatch):
    monkeypatch.setattr(materials, "LINES", 2)
    found = read_barcodes(written(tmp_path / name, lines))
    assert found.dtype == np.uint64
    assert set(hash_barcodes(CELLS).tolist()) <= set(found.tolist())
    assert len(found) == 3 + (name == "table.csv")  # a header counts for a cell that nobody has
    assert (np.diff(found.astype(object)) > 0).all()


@pytest.mark.parametrize(
    ("lines", "said"),
    [([""], "holds no barcode"), ([md5("a"), "x", "y"], "has 1 hashes and 2 other lines")],
)
def test_malformed_barcodes(tmp_path, lines, said):
    with pytest.raises(InputError, match=said):
        read_barcodes(written(tmp_path / "b", lines))


def test_a_broken_archive(tmp_path):
    path = tmp_path / "b.gz"
    path.write_bytes(gzip.compress(b"AAAC\n" * 1000)[:-20])
    with pytest.raises(InputError, match="cannot be read"):
        read_barcodes(path)


def test_losses_of_parquet(tmp_path):
    path = tmp_path / "l.parquet"
    pd.DataFrame({"cell": ["a", "b"], "loss": [0.1, 1 / 3]}).to_parquet(path)
    np.testing.assert_array_equal(read_losses(path).values, [0.1, 1 / 3])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("cell,score\na,1\n", "none for the losses"),
        ("cell,loss\na,nan\n", "line 2 has the loss 'nan'"),
        ("cell,loss\na,1\nb,much\n", "line 3 has the loss 'much'"),
        ("cell,loss\na,1\na,2\n", "lists the cell 'a' twice"),
        ("cell,loss\n,2\n", "line 2 has no name of a cell"),
    ],
)
def test_malformed_losses(tmp_path, text, said):
    path = tmp_path / "l.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=said):
        read_losses(path)


def test_a_missing_file_and_a_name_twice(tmp_path):
    with pytest.raises(InputError, match="is missing, but the disclosure names it"):
        read_materials(declare(losses="no.csv"), tmp_path)
    (tmp_path / "f.csv").write_text("id,x\nA,1\n")
    twice = declare(priors=[{"name": "p", "file": "f.csv"}] * 2)
    with pytest.raises(InputError, match="names 'p' twice"):
        read_materials(twice, tmp_path)
