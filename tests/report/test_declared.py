"""What models declare is readable, with its reasons, and what they do not declare is said."""

from __future__ import annotations

from types import SimpleNamespace

from vcassay.prediction import Disclosure, declare
from vcassay.report.declared import NOT_DECLARED, declared_rows


def rows(*disclosures):
    dumped = [d.model_dump(mode="json") if isinstance(d, Disclosure) else d for d in disclosures]
    return dict(declared_rows([SimpleNamespace(disclosure=d) for d in dumped]))


def test_every_entry_is_a_row_and_reasons_stand_with_theirs():
    found = rows(
        declare(
            inputs=["smiles", {"name": "n_cells", "why": "a mistake"}],
            graphs=[{"name": "g", "built_from": "benchmark", "released": "2024-01-31", "why": "for speed"}],
            priors=[{"name": "p", "holds_test": False}],
            pretraining=[],
            genes="all",
            filters=[{"by": "effect size", "dropped": 2}],
            looks=3,
            why={"looks": "a bug"},
        ),
        declare(),
    )
    assert list(found) == [key for key in Disclosure.model_fields if key != "why"]
    assert found["inputs"] == ["smiles; n_cells (because: a mistake)", NOT_DECLARED]
    assert found["graphs"][0] == "g (because: for speed, built from: benchmark, released: 2024-01-31)"
    assert found["priors"][0] == "p (holds test responses: no)"
    assert found["pretraining"][0] == "none"
    assert found["genes"][0] == "all"
    assert found["filters"][0] == "effect size (test conditions dropped: 2)"
    assert found["looks"] == ["3 (because: a bug)", NOT_DECLARED]
    assert found["selection"] == [NOT_DECLARED] * 2


def test_records_of_plain_lists_are_shown_as_they_are():
    found = rows({"inputs": ["drug", "profile"], "seeds": 3}, {"pretraining": None})
    assert found == {
        "inputs": ["drug; profile", NOT_DECLARED],
        "seeds": ["3", NOT_DECLARED],
        "pretraining": [NOT_DECLARED] * 2,
    }
