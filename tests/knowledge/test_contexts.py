from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcassay.core import InputError
from vcassay.knowledge import join_pairs, match_contexts, read_cell_lines, read_siblings

NAMES = st.sampled_from("ABCDEFGH")


@pytest.mark.parametrize(("kind", "mark"), [("csv", ","), ("tsv", "\t")])
def test_pairs_join_into_groups(kind, mark, tmp_path):
    path = tmp_path / f"s.{kind}"
    rows = [("kind", "b", "a"), ("child", "K562-r", "K562"), ("donor", "HEL", "TF1"), ("child", "K562-r2", " K562-r ")]
    path.write_text("\n".join(mark.join(r) for r in rows) + "\n", encoding="utf-8")
    assert read_siblings(path) == (("HEL", "TF1"), ("K562", "K562-r", "K562-r2"))


@given(st.lists(st.tuples(NAMES, NAMES), max_size=12))
def test_groups_are_the_connected_components(pairs):
    groups = join_pairs(pairs)
    where = {name: i for i, group in enumerate(groups) for name in group}
    assert len(where) == sum(map(len, groups))
    assert set(where) == {name for pair in pairs for name in pair}
    assert all(where[a] == where[b] for a, b in pairs)
    # joining any two groups needs a pair between them: count the components independently
    left = {name: {name} for name in where}
    for a, b in pairs:
        merged = left[a] | left[b]
        for name in merged:
            left[name] = merged
    assert {frozenset(v) for v in left.values()} == {frozenset(g) for g in groups}


@given(st.lists(st.tuples(NAMES, NAMES), max_size=12), st.randoms())
def test_the_order_of_pairs_does_not_matter(pairs, random):
    shuffled = [(b, a) for a, b in pairs]
    random.shuffle(shuffled)
    assert join_pairs(pairs) == join_pairs(shuffled)


def test_no_pair_no_group(tmp_path):
    assert join_pairs([]) == ()
    path = tmp_path / "s.csv"
    path.write_text("a,b\n")
    assert read_siblings(path) == ()


def test_a_byte_order_mark_is_no_part_of_a_name(tmp_path):
    path = tmp_path / "s.csv"
    path.write_text("a,b\nK,L\n", encoding="utf-8-sig")
    assert read_siblings(path) == (("K", "L"),)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"x,y\nK,L\n", "has the columns x, y"),
        (b"", "has the columns"),
        (b"a,b\nK,L\nM\n", "names one context only in row 2"),
        (b"a,b\nK, \n", "names one context only in row 1"),
        (b"a,b\n\xff\xfe,L\n", "cannot be read"),
    ],
)
def test_refusals(content, words, tmp_path):
    path = tmp_path / "s.csv"
    path.write_bytes(content)
    with pytest.raises(InputError) as error:
        read_siblings(path)
    assert words in str(error.value)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_a_missing_file(tmp_path):
    with pytest.raises(InputError, match="is missing"):
        read_siblings(tmp_path / "no.csv")


def test_contexts_meet_a_resource_by_name_and_through_one_cell_line(write):
    table = "AC\tID\tSY\tHI\nCVCL_0031\tMCF-7\tMichigan 7\t\nCVCL_0023\tA-549\t\tCVCL_0031\n"
    lines = read_cell_lines(write("lines.tsv", table))
    wanted, ids = ["MCF7", "a-549", "nowhere"], ["Michigan 7", "A-549"]
    plain = match_contexts(wanted, ids, resource="r")
    assert plain.found == {"a-549": "A-549"}
    known = match_contexts(wanted, ids, lines, resource="r")
    assert known.found == {"a-549": "A-549", "MCF7": "Michigan 7"}
    assert known.how["MCF7"] == "name of one cell line"
    assert known.unmatched == ("nowhere",)
    doubt = match_contexts(["CVCL_0031"], ["Michigan 7", "MCF-7"], lines)
    assert doubt.ambiguous == {"CVCL_0031": ("Michigan 7", "MCF-7")}
    assert doubt.unmatched == ("CVCL_0031",)
