from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.claim.builders import grid, split, table

from vcassay.claim import Split, find_related, make_claim
from vcassay.core import Regime, Status
from vcassay.evidence.leakage.kin.context_kin import shared_values
from vcassay.knowledge import CellLines, Knowledge, Resource
from vcassay.testing.leaks.study import run_check, run_tables

RESOURCE = Resource("Cellosaurus", "", "", None, "", 0)
LINES = {
    "CVCL_0045": ("HEK293", ("293",), (), (), "kidney"),
    "CVCL_0063": ("HEK293T", ("293T",), ("CVCL_0045",), (), "kidney"),
    "CVCL_0004": ("K-562", ("K562",), (), (), "blood"),
    "CVCL_0023": ("A-549", (), (), (), "lung"),
    "CVCL_2489": ("KU-812", (), (), ("CVCL_9999",), "blood"),
    "CVCL_9998": ("KU-812E", (), ("CVCL_9999",), (), "blood"),
    "CVCL_0031": ("BT-20", ("twin",), (), (), "breast"),
    "CVCL_0032": ("BT-474", ("twin",), (), (), "breast"),
}


@pytest.fixture
def lines() -> CellLines:
    names, synonyms, parents, same, tissue = zip(*LINES.values(), strict=True)
    donors = ("",) * len(LINES)
    labels = {"tissue": tuple((t,) for t in tissue)}
    return CellLines(RESOURCE, tuple(LINES), names, synonyms, parents, same, donors, labels)


def held_out(train: str, test: str) -> Split:
    rows = [r._replace(context=c) for c in train.split() for r in grid("X", "pq")]
    rows += [r._replace(context=c, role="test") for c in test.split() for r in grid("X", "pq")]
    return split(rows)


def annotated(train: str, test: str, **columns: dict[str, str]) -> Split:
    made = held_out(train, test)
    extra = {k: np.array([own.get(c, "") for c in made.conditions.context.tolist()]) for k, own in columns.items()}
    return replace(made, conditions=replace(made.conditions, annotation=extra))


def test_a_child_fails_a_claim_of_unseen_contexts_and_names_the_relation(lines):
    found = run_tables("L10", held_out("HEK293 K562", "293T A549"), Knowledge(cell_lines=lines))
    assert (found.status, found.value) == (Status.FAIL, 0.5)
    assert found.evidence[0] == {
        "context": "293T",
        "trained": "HEK293",
        "relation": "HEK293T and HEK293: parent and child",
    }
    assert found.affected.touched.tolist() == [True, True, False, False]


def test_steps_through_lines_that_nobody_measured_are_told(lines):
    found = run_tables("L10", held_out("KU812 A549", "KU-812E"), Knowledge(cell_lines=lines))
    assert found.status is Status.FAIL
    assert "same individual" in found.evidence[0]["relation"]
    assert "parent and child" in found.evidence[0]["relation"]


def test_an_accession_and_a_name_of_one_line(lines):
    found = run_tables("L10", held_out("CVCL_0004 A549", "K562"), Knowledge(cell_lines=lines))
    assert found.status is Status.FAIL
    assert "same cell line CVCL_0004" in found.evidence[0]["relation"]


def test_kin_outside_of_such_a_claim_is_a_warning(lines):
    rows = [r._replace(context="HEK293") for r in grid("X", "pq")]
    rows += [r._replace(context="HEK293", role="test") for r in grid("X", "stuvwxyz")]
    rows += [r._replace(context="HEK293T", role="test") for r in grid("X", "s")]
    found = run_tables("L10", split(rows * 1), Knowledge(cell_lines=lines), declared=Regime.GEX)
    claim = make_claim(split(rows), declared=Regime.GEX)
    assert found.status is (Status.FAIL if claim.regime in (Regime.CEX, Regime.AEX) else Status.WARN)
    assert np.isnan(found.affected.degree[0])  # its context is trained: nothing to ask


def test_strangers_pass_and_tell_what_they_share(lines):
    found = run_tables("L10", held_out("K562 A549", "KU812 HEK293"), Knowledge(cell_lines=lines))
    assert (found.status, found.value) == (Status.PASS, 0.0)
    assert "share 1 of 2 the tissue" in found.sentence
    assert not found.affected.touched.any()
    assert found.affected.known.all()


def test_the_groups_of_the_claim_give_the_same_finding(lines):
    made, known = held_out("HEK293 K562", "293T A549"), Knowledge(cell_lines=lines)
    tables = {"conditions": made.conditions, "split": made, "knowledge": known}
    alone = run_check("L10", claim=make_claim(made), **tables)
    related = run_check("L10", claim=make_claim(made, related=find_related(made.conditions, known)), **tables)
    assert alone == related


def test_unknown_and_ambiguous_contexts_are_listed_and_not_called_strangers(lines):
    found = run_tables("L10", held_out("K562 A549", "twin nobody KU812"), Knowledge(cell_lines=lines))
    assert found.status is Status.UNKNOWN
    assert {"not compared": "twin (CVCL_0031 or CVCL_0032?)"} in found.evidence
    assert {"not compared": "nobody"} in found.evidence
    assert "2 of 3 unseen contexts" in found.sentence
    assert np.isnan(found.affected.degree).sum() == 4


def test_nothing_handed_in_is_unknown_with_the_mend():
    found = run_tables("L10", held_out("K562", "A549"))
    assert found.status is Status.UNKNOWN
    assert "[knowledge]" in found.remedy
    assert found.question


@pytest.mark.parametrize("name", ["HEK-293", "hek293", "HEK293_ATCC"])
def test_spelling_alone_is_a_guess(name):
    found = run_tables("L10", held_out("HEK293 K562", name))
    assert found.status is Status.WARN
    assert "a guess" in found.sentence


def test_two_known_lines_are_not_guessed_to_be_one():
    names = ("BT-2 wt", "BT2")
    blank = ((),) * 2
    lines = CellLines(RESOURCE, ("CVCL_0001", "CVCL_0002"), names, blank, blank, blank, ("", ""))
    found = run_tables("L10", split([*(r._replace(context=names[0]) for r in grid("X", "pq")),
                                     *(r._replace(context=names[1], role="test") for r in grid("X", "pq"))]),
                       Knowledge(cell_lines=lines))  # fmt: skip
    assert found.status is Status.PASS


def test_stated_siblings_count():
    found = run_tables("L10", held_out("A B", "C"), Knowledge(siblings=(("B", "C"),)))
    assert found.status is Status.FAIL
    assert "related as stated" in found.sentence


def test_one_donor_fails_and_shared_donors_warn():
    one = annotated("A B", "C D", donor={"A": "d1", "B": "d2", "C": "d1", "D": "d4"})
    found = run_tables("L10", one)
    assert found.status is Status.FAIL
    assert found.evidence[0]["relation"] == "same donor d1"
    several = annotated("A", "C", donor_id={"A": "d1", "C": "d1"})
    donors = np.array(["d1", "d2", "d1", "d2"])
    mixed = replace(several, conditions=replace(several.conditions, annotation={"donor_id": donors}))
    found = run_tables("L10", mixed)
    assert found.status is Status.WARN
    assert "of the same donors" in found.sentence
    assert run_tables("L10", annotated("A", "C", donor={"A": "d1", "C": "d2"})).status is Status.PASS


def test_an_accession_column_counts_and_blanks_are_no_value():
    assert run_tables("L10", annotated("A", "C", RRID={"A": "CVCL_1", "C": "CVCL_1"})).status is Status.FAIL
    assert run_tables("L10", annotated("A", "C", donor={"A": "nan", "C": "nan"})).status is Status.UNKNOWN


def test_one_context_and_no_training_context():
    rows = grid("A", "p") + grid("A", "q", role="test")
    assert run_tables("L10", split(rows)).status is Status.NA
    assert run_tables("L10", split(grid("A", "pq", role="test"))).status is Status.UNKNOWN
    assert len(table(rows)) == 2


def test_assumed_training_is_unknown(lines):
    made = replace(held_out("HEK293 K562", "293T A549"), assumed="the rest is assumed to be training")
    found = run_tables("L10", made, Knowledge(cell_lines=lines))
    assert (found.status, found.value) == (Status.UNKNOWN, 0.5)


def test_many_kin_are_counted_and_the_first_told(lines):
    names = [f"S{i:03d}" for i in range(60)]
    found = run_tables("L10", held_out(" ".join(names[:2]), " ".join(names[2:])), Knowledge(siblings=(tuple(names),)))
    assert (found.status, found.value) == (Status.FAIL, 1.0)
    assert len(found.evidence) == 20


def test_one_donor_is_the_donor_where_either_context_has_no_other():
    one, several = frozenset({"d1"}), frozenset({"d1", "d2"})
    for own, theirs, certain in ((one, one, True), (one, several, False), (several, one, False)):
        (kin,) = shared_values(["new"], ["old"], {"new": own, "old": theirs}, "donor")
        assert (kin.context, kin.trained, kin.relation, kin.certain) == ("new", "old", "donor d1", certain)
