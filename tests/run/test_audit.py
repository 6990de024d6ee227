"""An audit without predictions: what it finds, what it leaves to an assessment, and that both say the same."""

from __future__ import annotations

import numpy as np
import pytest

from tests.run.builders import write_small
from vcassay.claim import Role, Split
from vcassay.core import Conditions, Regime
from vcassay.evidence.leakage import CHECKS
from vcassay.knowledge import Knowledge
from vcassay.prediction import declare
from vcassay.run.audit import EFFECTS, TABLES, audit_study, audit_tables
from vcassay.run.declaration import Declaration
from vcassay.run.published import claim_of_split


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return write_small(tmp_path_factory.mktemp("audit"))


@pytest.fixture(scope="module")
def record(study):
    return audit_study(study)


def doses(n_drugs: int = 6) -> Split:
    """Every drug at two doses in one context; the last drug is test, and its top dose too, as training."""
    rows = [("A", (f"drug{i}",), dose) for i in range(n_drugs) for dose in (1.0, 5.0)]
    context, parts, dose = zip(*rows, strict=True)
    table = Conditions.make(context, parts, dose, None, np.full(len(rows), "drug"))
    roles = np.where(np.isin(table.perturbation, [f"drug{n_drugs - 1}"]), Role.TEST.value, Role.TRAIN.value)
    return Split(table, roles.astype("<U8"))


def test_every_check_is_made_or_said_to_be_left(record):
    made = {f.check for f in record.findings} | {row.check for row in record.later}
    assert {entry.name for entry in CHECKS} <= made
    for row in record.later:
        assert not set(CHECKS[row.check].arguments) <= EFFECTS or "declare" in row.needs


def test_tables_alone_leave_the_rows_to_others(study):
    record = audit_study(study, tables=True)
    assert record.looked_at[0] == "tables"
    assert "effects" not in record.looked_at
    needs = {row.check: row.needs for row in record.later}
    assert "rows of the screen" in needs["L12"]
    assert "measured effects" in needs["L20"]
    assert "predictions" in needs["L24"]
    assert {f.check for f in record.findings if f.family == "leakage"} <= {
        e.name for e in CHECKS if set(e.arguments) <= TABLES
    }


def test_numbers_are_those_of_the_split(record):
    assert record.complete
    assert (record.n_train > 0, record.n_test > 0, record.regime) == (True, True, "CEX")
    assert record.sentence


def test_a_declaration_is_read_without_any_answer():
    split = doses()
    claim = claim_of_split(split, declared=Regime.DEX)
    record = audit_tables(claim, Knowledge(), {"mine": Declaration(declare(looks=40, selection="test"))}, name="t")
    assert record.models == ("mine",)
    assert "disclosures" in record.looked_at
    assert not any(row.needs.startswith("what a model's authors") for row in record.later)
