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


def test_an_npz_says_which_array_is_missing(tmp_path):
    np.savez(tmp_path / "f.npz", features=MATRIX)
    refuse(tmp_path / "f.npz", "it has the arrays features and no 'ids'", "np.savez(path, ids=names, features=matrix)")


@pytest.mark.parametrize("matrix", [MATRIX.astype(str), MATRIX.astype(complex)])
def test_an_npz_of_another_type(matrix, tmp_path):
    refuse(write(tmp_path / "f.npz", matrix=matrix), "are not numbers")


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.int8, np.uint16, bool])
@pytest.mark.parametrize("kind", ["npz", "parquet"])
def test_any_type_of_number_will_do(dtype, kind, tmp_path):
    matrix = np.abs(MATRIX).astype(dtype)
    np.testing.assert_array_equal(read_features(write(tmp_path / f"f.{kind}", matrix=matrix)).matrix, matrix)


@pytest.mark.parametrize("kind", ["csv", "tsv", "parquet"])
def test_text_among_the_numbers_is_named(kind, tmp_path):
    matrix = [[1.0, "low"], [2.0, "high"], [3.0, "low"]]
    path = write(tmp_path / f"f.{kind}", matrix=pd.DataFrame(matrix, columns=["f0", "f1"]).to_numpy(dtype=object))
    if kind == "parquet":
        table = pd.DataFrame({"gene": IDS, "f0": [1.0, 2.0, 3.0], "f1": ["low", "high", "low"]})
        table.to_parquet(path)
    refuse(path, "column 'f1' holds 'low' for 'TP53'", "a column of 0 and 1 each")


def test_a_column_that_occurs_twice(tmp_path):
    path = tmp_path / "f.csv"
    path.write_text("gene,a,b,a\nTP53,1,2,3\n")
    refuse(path, "has the column 'a' twice")


def test_a_row_without_an_id(tmp_path):
    path = tmp_path / "f.csv"
    path.write_text("gene,a\nTP53,1\n,2\n")
    refuse(path, "has no id in row 2")


def test_a_header_of_another_length(tmp_path):
    path = tmp_path / "f.csv"
    path.write_text("gene,a\nTP53,1,2\nMYC,1,2\n")
    refuse(path, "the header has 2 fields and the rows have 3")


@pytest.mark.parametrize(("name", "mark"), [("f.csv", ";"), ("f.txt", "\t"), ("f.csv.gz", ","), ("f.tsv.gz", "\t")])
def test_the_delimiter_is_told_from_the_header(name, mark, tmp_path):
    table = pd.DataFrame(MATRIX, columns=["a", "b"])
    table.insert(0, "gene", IDS)
    table.to_csv(tmp_path / name, index=False, sep=mark)
    features = read_features(tmp_path / name)
    np.testing.assert_array_equal(features.matrix, MATRIX)
    assert features.columns == ("a", "b")


def test_an_id_of_digits_stays_as_written_and_na_is_no_id(tmp_path):
    path = tmp_path / "f.csv"
    path.write_text("gene,a\n007,1\n7,2\n")
    assert read_features(path).ids == ("007", "7")


def test_a_matrix_on_its_side_is_refused_where_names_are_looked_up(tmp_path):
    path = tmp_path / "f.csv"
    path.write_text("dimension,TP53,MYC,KLF1\nx,1,2,3\ny,4,5,6\n")
    features = read_features(path)
    with pytest.raises(InputError, match=r"TP53, MYC, KLF1\) in its columns; transpose it"):
        features.of(IDS)
    assert features.of(["nobody", "MYC", "nothing"])[1].found == {}  # most names are no columns: another resource


def test_the_kind_is_kept_and_responses_are_declared(tmp_path):
    assert read_features(write(tmp_path / "f.csv"), kind="response").kind == "response"
    assert read_features(tmp_path / "f.csv").kind == "embedding"
