from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from vcassay.core import InputError
from vcassay.knowledge import Features, read_features

IDS = ["TP53", "MYC", "KLF1"]
MATRIX = np.array([[1.0, 2.0], [3.0, -4.0], [0.0, 0.5]])


def write(path, ids=IDS, matrix=MATRIX):
    kind = path.suffix[1:]
    if kind == "npz":
        np.savez(path, ids=np.array(ids), features=np.asarray(matrix))
        return path
    table = pd.DataFrame(matrix, columns=[f"f{i}" for i in range(np.shape(matrix)[1])])
    table.insert(0, "gene", ids)
    match kind:
        case "parquet":
            table.to_parquet(path)
        case "csv":
            table.to_csv(path, index=False)
        case "tsv":
            table.to_csv(path, index=False, sep="\t")
    return path


@pytest.mark.parametrize("kind", ["npz", "parquet", "csv", "tsv"])
def test_every_format_gives_the_same(kind, tmp_path):
    features = read_features(write(tmp_path / f"string.{kind}"))
    assert features.name == "string"
    assert features.ids == tuple(IDS)
    np.testing.assert_array_equal(features.matrix, MATRIX)
    assert read_features(tmp_path / f"string.{kind}", "other").name == "other"


def test_ids_in_the_index_of_a_parquet(tmp_path):
    pd.DataFrame(MATRIX, index=pd.Index(IDS, name="gene"), columns=["a", "b"]).to_parquet(tmp_path / "f.parquet")
    features = read_features(tmp_path / "f.parquet")
    assert features.ids == tuple(IDS)
    np.testing.assert_array_equal(features.matrix, MATRIX)


def test_rows_are_looked_up_and_zero_where_there_are_none():
    rows, known = Features("f", tuple(IDS), MATRIX).rows(["MYC", "nobody", "TP53", "MYC"])
    assert known.tolist() == [True, False, True, True]
    np.testing.assert_array_equal(rows, [MATRIX[1], [0.0, 0.0], MATRIX[0], MATRIX[1]])


def test_nothing_asked_for():
    rows, known = Features("f", tuple(IDS), MATRIX).rows([])
    assert rows.shape == (0, 2)
    assert known.shape == (0,)


def refuse(path, *parts):
    with pytest.raises(InputError) as error:
        read_features(path)
    text = str(error.value)
    assert "\n" not in text
    assert text.startswith(str(path))
    for part in parts:
        assert part in text, text


def test_a_missing_file(tmp_path):
    refuse(tmp_path / "no.csv", "is missing")


def test_an_id_that_occurs_twice(tmp_path):
    refuse(write(tmp_path / "f.csv", ["A", "B", "A"]), "lists 'A' twice")


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("kind", ["npz", "csv"])
def test_a_value_that_is_not_finite(value, kind, tmp_path):
    matrix = MATRIX.copy()
    matrix[1, 1] = value
    refuse(write(tmp_path / f"f.{kind}", matrix=matrix), "missing or infinite value for 'MYC'")


@pytest.mark.parametrize("kind", ["npz", "csv", "tsv", "parquet"])
@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"\x00\xff\x00"])
def test_nonsense(kind, content, tmp_path):
    path = tmp_path / f"f.{kind}"
    path.write_bytes(content)
    refuse(path)


@pytest.mark.parametrize("kind", ["npz", "parquet"])
def test_a_truncated_file(kind, tmp_path):
    path = write(tmp_path / f"f.{kind}")
    path.write_bytes(path.read_bytes()[:-60])
    refuse(path, "cannot be read")


def test_text_among_the_numbers(tmp_path):
    path = tmp_path / "f.csv"
    path.write_text("gene,a\nTP53,1\nMYC,high\n")
    refuse(path, "cannot be read")


@pytest.mark.parametrize("shape", [(2, 2), (3,), (3, 0)])
def test_a_matrix_of_another_shape(shape, tmp_path):
    refuse(write(tmp_path / "f.npz", matrix=np.ones(shape)), "has 3 ids for a matrix of shape")


def test_pickled_objects_are_never_loaded(tmp_path):
    np.savez(tmp_path / "f.npz", ids=np.array(IDS, dtype=object), features=MATRIX)
    refuse(tmp_path / "f.npz", "cannot be read")


def test_an_npz_without_its_arrays(tmp_path):
    np.savez(tmp_path / "f.npz", names=np.array(IDS), features=MATRIX)
    refuse(tmp_path / "f.npz", "cannot be read")
