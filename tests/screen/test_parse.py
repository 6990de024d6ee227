from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcassay.screen.parse import is_part_count, parse_quantity, parse_tuples, rounded, split_parts, unit_factor


@pytest.mark.parametrize(
    ("label", "delimiter", "parts"),
    [
        ("TP53", "+", ("TP53",)),
        ("TP53+MYC", "+", ("TP53", "MYC")),
        (" TP53 + MYC ", "+", ("TP53", "MYC")),
        ("A+B+C", "+", ("A", "B", "C")),
        ("(+)-JQ1", "+", ("(+)-JQ1",)),
        ("(+)-JQ1+Trametinib", "+", ("(+)-JQ1", "Trametinib")),
        ("Trametinib+(+/-)-Verapamil [+HCl]", "+", ("Trametinib", "(+/-)-Verapamil [+HCl]")),
        ("C[N+](C)(C)C", "+", ("C[N+](C)(C)C",)),
        ("A+", "+", ("A+",)),
        ("+A", "+", ("+A",)),
        ("A++B", "+", ("A++B",)),
        ("A)+(B", "+", ("A)+(B",)),
        ("A+(B", "+", ("A+(B",)),
        ("A+B", None, ("A+B",)),
        ("A || B", " || ", ("A", "B")),
        ("AHR_KLF1", "_", ("AHR", "KLF1")),
    ],
)
def test_combinations_are_split_outside_brackets_only(label, delimiter, parts):
    assert split_parts(label, delimiter) == parts


@given(st.text(alphabet="AB+()[] ", max_size=12), st.sampled_from(["+", "++", "_"]))
def test_no_part_is_ever_empty_and_nothing_is_lost(label, delimiter):
    parts = split_parts(label, delimiter)
    assert len(parts) == 1 or all(parts)
    assert "".join(parts).replace(" ", "") == label.replace(delimiter if len(parts) > 1 else "\0", "").replace(
        " ", ""
    ) or any(delimiter in part for part in parts)


@given(st.lists(st.sampled_from(["TP53", "(+)-JQ1", "[N+]", "a b"]), min_size=1, max_size=4))
def test_joining_balanced_parts_and_splitting_gives_them_back(parts):
    assert split_parts("+".join(parts), "+") == tuple(parts)


@pytest.mark.parametrize(
    ("label", "found"),
    [
        ("[('Trametinib', 0.05, 'uM')]", [("Trametinib", 0.05, "uM")]),
        ("[('DMSO_TF', 0.0, 'uM')]", [("DMSO_TF", 0.0, "uM")]),
        ("[('A', 5, 'µM'), ('B (HCl), 2', 5e-1, 'nM')]", [("A", 5.0, "uM"), ("B (HCl), 2", 0.5, "nM")]),
        ("[(\"2',3'-cAMP\", 1.0, 'uM')]", [("2',3'-cAMP", 1.0, "uM")]),
        ("('X', .5, 'uM')", [("X", 0.5, "uM")]),
        ("Trametinib", None),
        ("[('X', 'uM')]", None),
        ("[__import__('os').system('true')]", None),
        ("(__import__('os'), 1.0, 'uM')", None),
        ("[('X', 0.05, 'uM')", None),
        ("[]", None),
        ("", None),
    ],
)
def test_tuples_are_read_and_never_evaluated(label, found):
    assert parse_tuples(label) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("10", (10.0, "")),
        ("10 uM", (10.0, "uM")),
        ("0.5µM", (0.5, "uM")),
        ("1e-3 M", (1e-3, "M")),
        ("24h", (24.0, "h")),
        ("24 hours", (24.0, "h")),
        ("100 ng/ml", (100.0, "ng/ml")),
        (".5", (0.5, "")),
        ("high", None),
        ("1+1", None),
        ("10 uM for 24 h", None),
        ("", None),
    ],
)
def test_quantities(text, found):
    assert parse_quantity(text) == found


@pytest.mark.parametrize(
    ("unit", "to", "factor"),
    [
        ("nM", "uM", 1e-3),
        ("M", "nM", 1e9),
        ("h", "min", 60.0),
        ("days", "h", 24.0),
        ("ng/ml", "ng/ml", 1.0),
        ("ng/ml", "uM", None),
        ("h", "uM", None),
    ],
)
def test_unit_factors(unit, to, factor):
    assert unit_factor(unit, to) == (factor if factor is None else pytest.approx(factor))


def test_minutes_and_molar_are_told_apart():
    assert unit_factor("min", "uM") is None
    assert unit_factor("mM", "uM") == pytest.approx(1000.0)


@pytest.mark.parametrize(("text", "is_count"), [("1+1", True), ("1+1+1", True), ("1", False), ("1+x", False)])
def test_part_counts(text, is_count):
    assert is_part_count(text) is is_count


def test_a_dose_in_32_bits_equals_the_same_in_64():
    import numpy as np

    assert float(np.float32(0.1)) != 0.1
    assert rounded(float(np.float32(0.1))) == 0.1
