from __future__ import annotations

import gzip
import pickle

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcassay.core import InputError
from vcassay.knowledge.table import _plain_columns, _split, is_missing, read_lines, read_table


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("t.csv", "name,target\nx,A\ny,B\n"),
        ("t.tsv", "name\ttarget\r\nx\tA\r\ny\tB\r\n"),
        ("t.txt.gz", "name target\nx A\ny B"),
        ("t.csv", "name;target\nx;A\n\ny;B\n\n\n"),
        ("t.txt", "!a comment, with commas\n!another\nname\ttarget\nx\tA\ny\tB\n"),
        ("t.txt", "#made by hand\n#name\ttarget\nx\tA\ny\tB\n"),
        ("t.tsv", '"name"\t"target"\n"x"\tA\ny\t"B"\n'),
        ("t.csv", "\ufeffname,target\nx, A\ny,B\n"),
    ],
)
def test_delimiter_comments_and_quotes_are_told_from_the_file(write, name, text):
    table = read_table(write(name, text))
    assert table.header == ("name", "target")
    assert table.columns == (("x", "y"), ("A", "B"))


def test_columns_are_found_in_any_case_and_the_first_name_wins(write):
    table = read_table(write("t.csv", "Name,MOA,moa_fine\nx,1,2\n"))
    assert table.find("moa_fine", "moa") == ("2",)
    assert table.find("moa") == ("1",)
    assert table.which("NAME") == "Name"
    assert table.find("smiles") is None


def test_lines_are_those_of_the_file(write):
    table = read_table(write("t.csv", '!note\nname,v\n"a\nb",1\n\nc,2\n'))
    assert table.columns[0] == ("a\nb", "c")
    assert table.lines == (4, 6)


@given(
    st.lists(st.lists(st.text(" ab1\t-\u00e9", max_size=4), min_size=3, max_size=3), min_size=1, max_size=8),
    st.sampled_from([",", ";"]),
)
def test_plain_rows_are_split_at_once_as_the_reader_of_quotes_does(rows, mark):
    lines = [mark.join(row) for row in rows]
    slow = [(line, row) for line, row in _split(lines, mark, "table", 1) if any(row)]
    fast = _plain_columns(lines, mark, 3)
    if len(slow) < len(rows):  # blank rows are left out, and the lines of the others kept
        assert fast is None
    else:
        assert fast == tuple(zip(*(row for _, row in slow), strict=True))
        assert [line for line, _ in slow] == list(range(2, len(rows) + 2))


@pytest.mark.parametrize("line", ['"a",b,c', "a,b", "a,b,c,d", "a,b\r,c", "", " , , "])
def test_rows_that_are_not_plain_are_left_to_the_reader_of_quotes(line):
    assert _plain_columns(["x,y,z", line], ",", 3) is None
    assert _plain_columns(["x y z"], " ", 3) is None


def test_a_prime_or_quote_in_a_tab_separated_name_swallows_nothing(write):
    table = read_table(write("t.tsv", "name\tv\n\"5'-flank\t1\n3'\t2\n"))
    assert table.columns == (("\"5'-flank", "3'"), ("1", "2"))


def test_latin_1_is_read(tmp_path):
    path = tmp_path / "hub.txt"
    path.write_bytes("name\tv\nMatrig\u00e9l\t1\n".encode("latin-1"))
    assert read_table(path).columns[0] == ("Matrigél",)


def test_parquet_gives_text_with_lists_joined(tmp_path):
    path = tmp_path / "t.parquet"
    pd.DataFrame({"drug": ["a", None], "targets": [["X", "Y"], None], "cid": [1.0, float("nan")]}).to_parquet(path)
    table = read_table(path)
    assert table.columns == (("a", ""), ("X|Y", ""), ("1.0", ""))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", r"is empty; hand in a file with at least one record\."),
        ("name,target\n", r"has a header and no rows; hand in a table with at least one record\."),
        ("name,target\nx,A\ny\n", r"line 3 has 1 fields where the header has 2; mend the line"),
        ("!c\nname\ttarget\nx\tA\tB\n", r"line 3 has 3 fields where the header has 2; mend the line"),
        ('name,target\nx,A\n"y,B\n', r"line 3 cannot be read \(.*\); mend the quotes of that line\."),
    ],
)
def test_broken_tables_are_refused_in_one_sentence(write, text, sentence):
    with pytest.raises(InputError, match=sentence):
        read_table(write("t.txt", text))


def test_missing_binary_and_truncated_files_are_refused(tmp_path, write):
    with pytest.raises(InputError, match=r"nowhere\.csv: is missing; check the path"):
        read_lines(tmp_path / "nowhere.csv")
    with pytest.raises(InputError, match="is missing"):
        read_table(tmp_path / "nowhere.parquet")
    binary = tmp_path / "x.pkl"
    binary.write_bytes(pickle.dumps({"a": [1.5] * 9}))
    with pytest.raises(InputError, match="is not text; write it as"):
        read_lines(binary)
    cut = tmp_path / "cut.tsv.gz"
    cut.write_bytes(gzip.compress(b"name\tv\n" + b"x\t1\n" * 999)[:-20])
    with pytest.raises(InputError, match=r"cannot be decompressed \(.*\); fetch the file again"):
        read_lines(cut)
    with pytest.raises(InputError, match="hand in a whole parquet file"):
        read_table(write("t.parquet", "no parquet"))


def test_a_missing_column_names_what_there_is_and_what_would_do(write):
    table = read_table(write("t.csv", "a,b\n1,2\n"))
    with pytest.raises(InputError, match=r"the columns a, b but none for the set; name that column one of 'x', 'y'\."):
        table.need("the set", "x", "y")
    with pytest.raises(InputError, match=r"name that column 'x'\."):
        table.need("the set", "x")


def test_a_blank_cell_is_refused_with_its_line(write):
    table = read_table(write("t.csv", "a,b\n1,2\n,3\n"))
    with pytest.raises(InputError, match=r"line 3 has no name; fill it in or leave out the line\."):
        table.refuse_blank("name", table.need("it", "a"))


def test_what_tables_write_for_nothing():
    assert all(map(is_missing, ["", "NA", "nan", "-666", "Unclear", "restricted", "None"]))
    assert not any(map(is_missing, ["0", "A", "not known"]))
