"""What is known of contexts, and who goes first."""

from __future__ import annotations

import numpy as np

from vcassay.evidence.biology.pathway.facts import facts_of
from vcassay.knowledge import Features, Knowledge, expectations, read_cell_lines, read_expectations


def test_the_table_of_the_package_knows_common_lines():
    a375, odd = facts_of(["A375", "my cells"], expectations(), Knowledge())
    assert a375["BRAF"] == "V600E"
    assert odd == {}


def test_what_is_handed_in_goes_first(tmp_path):
    own = tmp_path / "own.toml"
    own.write_text('[[line]]\nname = "A375"\nfacts = { TP53 = "mutant" }\n')
    lines = tmp_path / "lines.csv"
    lines.write_text("AC,ID,SY,HI,tissue\nCVCL_0132,A-375,strange name,,skin\nCVCL_0031,MCF-7,,,breast\n")
    features = Features(
        "facts", ("MCF7", "A375"), np.array([[0.0, 1.0], [1.0, 0.0]]), columns=("ER=lost", "BRAF=other")
    )
    known = Knowledge(
        cell_lines=read_cell_lines(lines), context_features=(features,), expectations=read_expectations(own)
    )
    a375, strange, mcf7 = facts_of(["A375", "strange name", "MCF7"], expectations(), known)
    assert a375["TP53"] == strange["TP53"] == "mutant"
    assert a375["tissue"] == strange["tissue"] == "skin"
    assert strange["BRAF"] == "V600E"
    assert a375["RB1"] == "wild type"
    assert a375["ER"] == "lost"
    assert mcf7["BRAF"] == "other"
    assert mcf7["ER"] == "positive"
