from __future__ import annotations

import numpy as np
import pytest

from tests.screen.builders import check_sentence
from vcassay.core import InputError
from vcassay.screen import CONTROL
from vcassay.screen.treatments import read_treatments


def parts_of(label: str, control=("control",), delimiter="+"):
    treat = read_treatments([label], control, delimiter)
    return None if treat.code[0] == CONTROL else treat.parts[treat.code[0]]


@pytest.mark.parametrize(
    ("label", "parts"),
    [
        ("TP53", ("TP53",)),
        ("TP53+MYC", ("MYC", "TP53")),
        ("TP53+ctrl", ("TP53",)),
        ("ctrl+TP53", ("TP53",)),
        ("TP53+control", ("TP53",)),
        ("control", None),
        ("control+control", None),
        ("ctrl+ctrl", None),
        ("A+A", ("A",)),
        ("(+)-JQ1", ("(+)-JQ1",)),
    ],
)
def test_labels(label, parts):
    assert parts_of(label) == parts


def test_partners_in_either_order_are_one_combination():
    treat = read_treatments(["A+B", "B+A", "A"], ("control",), "+")
    assert treat.code[0] == treat.code[1] != treat.code[2]


def test_controls_match_as_written_first_and_whatever_their_case_only_if_none_does():
    both = read_treatments(["control", "CONTROL", "TP53"], ("control",), "+")
    assert (both.code == CONTROL).tolist() == [True, False, False]
    folded = read_treatments(["CONTROL", "TP53"], ("control",), "+")
    assert (folded.code == CONTROL).tolist() == [True, False]
    assert folded.control == ("CONTROL",)
    assert len(folded.notes) == 1
    assert both.notes == ()


def test_tahoe_labels_give_names_doses_and_controls():
    labels = ["[('A', 0.05, 'uM')]", "[('A', 500.0, 'nM')]", "[('DMSO_TF', 0.0, 'uM')]"]
    for control in ("DMSO_TF", "[('DMSO_TF', 0.0, 'uM')]"):
        treat = read_treatments(labels, (control,), "+")
        assert (treat.code == CONTROL).tolist() == [False, False, True]
        assert treat.parts == (("A",), ("A",))
        assert treat.same.tolist() == [0, 0]
        dose, unit = treat.doses_in("", where="x.h5ad")
        assert unit == "uM"
        np.testing.assert_allclose(dose, [0.05, 0.5])
        assert treat.control == ("[('DMSO_TF', 0.0, 'uM')]",)


def test_partners_with_unlike_doses_keep_them_in_their_names():
    treat = read_treatments(["[('A', 1.0, 'uM'), ('B', 5.0, 'uM')]", "[('A', 1.0, 'uM'), ('C', 1.0, 'uM')]"], (), "+")
    assert treat.parts == (("A (1 uM)", "B (5 uM)"), ("A", "C"))
    assert np.isnan(treat.dose[0])
    assert treat.dose[1] == 1.0


def test_a_unit_that_cannot_be_converted_is_refused():
    treat = read_treatments(["[('A', 1.0, 'ng/ml')]"], (), "+")
    with pytest.raises(InputError) as caught:
        treat.doses_in("uM", where="x.h5ad")
    check_sentence(caught.value, "x.h5ad", "ng/ml", "uM")
