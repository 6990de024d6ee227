"""The table of expectations: what it says, of whom, where; and what is wrong in a user's own."""

from __future__ import annotations

import gzip
import os
from dataclasses import replace
from pathlib import Path

import pytest

from vcassay.core import InputError
from vcassay.knowledge import Knowledge, read_gene_sets
from vcassay.knowledge.expectations import COMPOUND, GENE, expectations, read_expectations

OWN = """
[[expectation]]
class = "MDM2 inhibitor"
kind = "compound"
direction = -1
mechanism = "mdm inhibitor"
targets = ["MDM2"]
names = ["nutlin 3"]
set = "targets of p53"
up = ["CDKN1A", "GDF15", "H1-0/H1F0", "ZMAT3"]
down = ["MKI67"]
sign = 1
sets = ["HALLMARK_P53_PATHWAY"]
where = { TP53 = "wild type" }
nothing = { TP53 = ["mutant"] }
source = "own"

[[line]]
name = "Own-1"
other = ["OWN one"]
facts = { TP53 = "mutant" }

[[line]]
name = "A375"
facts = { TP53 = "mutant" }
"""


def row(name):
    return next(e for e in expectations().rows if e.name == name)


@pytest.fixture
def own(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(OWN)
    return path


def test_the_table_names_a_source_and_a_way_to_be_known_for_every_row():
    rows = expectations().rows
    assert len(rows) >= 35
    assert {e.kind for e in rows} == {COMPOUND, GENE}
    for e in rows:
        assert e.source
        assert e.up
        assert not set(e.up) & set(e.down)
        assert len(set(e.up)) == len(e.up), e.name
        assert e.mechanism or e.targets or e.names
        assert len(e.source) > 15
        for predicate in (e.nothing, e.opposite):
            for fact, values in predicate.items():
                assert not set(values) & set(e.where.get(fact, ()))
    assert len({(e.name, e.set) for e in rows}) == len(rows)


def test_facts_of_lines_use_the_words_of_the_predicates():
    table = expectations()
    used: dict[str, set[str]] = {}
    for e in table.rows:
        for predicate in (e.where, e.nothing, e.opposite):
            for fact, values in predicate.items():
                used.setdefault(fact, set()).update(values)
    for facts in table.lines.values():
        assert set(facts) <= set(used)
        for fact, value in facts.items():
            assert value in used[fact] | {"wild type", "other mutation"}
    assert table.facts("mcf-7") == table.facts("MCF7") != {}
    assert table.facts("no such line") == {}


@pytest.mark.parametrize(
    ("name", "compound", "direction", "targets", "mechanisms", "covered"),
    [
        ("HDAC inhibitor", "x", -1, (), ("HDAC inhibitor",), True),
        ("HDAC inhibitor", "Vorinostat", 0, (), (), True),
        ("HDAC inhibitor", "x", -1, ("HDAC1", "HDAC3"), (), True),
        ("HDAC inhibitor", "x", 1, ("HDAC1",), (), False),
        ("HDAC inhibitor", "x", -1, ("HDAC1", "EGFR"), (), False),
        ("HDAC inhibitor", "x", -1, ("HDAC1",), ("EGFR inhibitor",), False),
        ("EGFR inhibitor", "x", -1, (), ("EGFR inhibitor",), True),
        ("MEK or ERK inhibitor", "x", -1, (), ("MEK inhibitor",), True),
        ("MEK or ERK inhibitor", "x", -1, (), ("PI3K inhibitor",), False),
        ("BRAF inhibitor", "x", -1, (), ("RAF inhibitor",), True),
        ("mTOR inhibitor", "x", -1, (), ("PI3K inhibitor", "mTOR inhibitor"), True),
        ("JAK inhibitor", "x", -1, (), ("JAK inhibitor",), True),
        ("BET inhibitor", "x", -1, (), ("Bromodomain and extra-terminal domain (BET) inhibitor",), True),
        ("BET inhibitor", "x", -1, (), ("alphabet inhibitor",), False),
        ("oestrogen receptor antagonist", "x", -1, (), ("Estrogen receptor antagonist",), True),
        ("DNA damaging agent or topoisomerase inhibitor", "x", -1, ("TOP2A",), (), True),
        ("HMG-CoA reductase inhibitor", "x", -1, (), ("statin",), True),
        ("HMG-CoA reductase inhibitor", "x", 1, (), ("somatostatin receptor agonist",), False),
        ("mTOR inhibitor", "tacrolimus", -1, ("FKBP1A",), (), False),
        ("PI3K or AKT inhibitor", "x", -1, ("PIK3CD",), (), False),
        ("CDK9 or transcription inhibitor", "x", -1, (), ("RNA polymerase II inhibitor",), True),
        ("CDK9 or transcription inhibitor", "x", -1, (), ("transcription inhibitor",), True),
        ("CDK9 or transcription inhibitor", "rifampicin", -1, (), ("RNA polymerase inhibitor",), False),
        ("CDK9 or transcription inhibitor", "x", -1, (), ("activator of transcription inhibitor",), False),
        ("cAMP raising agent", "x", 1, (), ("beta-adrenergic receptor agonist",), True),
        ("cAMP raising agent", "clonidine", 1, (), ("alpha-adrenergic receptor agonist",), False),
        ("cAMP raising agent", "phenylephrine", 1, (), ("adrenergic receptor agonist",), False),
        ("retinoic acid receptor agonist", "x", 1, (), ("retinoid receptor agonist",), True),
        ("retinoic acid receptor agonist", "x", 1, (), ("retinoic acid receptor alpha agonist",), True),
        ("retinoic acid receptor agonist", "x", 1, (), ("retinoid X receptor agonist",), False),
    ],
)
def test_compounds_are_known_by_mechanism_name_or_targets(name, compound, direction, targets, mechanisms, covered):
    assert row(name).covers_compound(compound, direction, targets, mechanisms) is covered


def test_genes_are_known_by_name_and_direction():
    lost = row("loss of interferon gamma signalling")
    assert lost.covers_gene("STAT1", -1)
    assert not lost.covers_gene("STAT1", 1)
    assert not lost.covers_gene("STAT3", -1)
    assert not lost.covers_compound("STAT1", -1)
    assert not row("JAK inhibitor").covers_gene("JAK1", -1)


def test_a_fact_that_no_line_states_is_no_condition():
    stated = {(fact, value) for facts in expectations().lines.values() for fact, value in facts.items()}
    for e in expectations().rows:
        for fact, values in e.where.items():
            assert any((fact, value) in stated for value in values), e.name


def test_where_it_holds_where_not_and_where_nobody_knows():
    mdm2, braf, gc = row("MDM2 inhibitor"), row("BRAF inhibitor"), row("glucocorticoid receptor agonist")
    assert [mdm2.expected({"TP53": v}) for v in ("wild type", "mutant", "odd")] == [1, 0, None]
    assert mdm2.expected({}) is None
    assert [braf.expected({"BRAF": v}) for v in ("V600E", "wild type", "other mutation")] == [1, 0, None]
    paradox = replace(braf, opposite={"RAS": ("mutant",)})
    assert paradox.expected({"BRAF": "wild type", "RAS": "mutant"}) == -1
    assert paradox.expected({"BRAF": "wild type", "RAS": "wild type"}) == 0
    assert [gc.expected({}, on=on) for on in (True, False, None)] == [1, 0, None]
    assert "TP53 wild type" in mdm2.words
    assert row("proteasome inhibitor").words == "any context"
    assert row("proteasome inhibitor").expected({}) == 1
    dividing = row("mitotic blocker (tubulin, PLK1, KIF11)")
    assert [dividing.expected({}, on=on) for on in (True, False)] == [1, 0]


def test_genes_are_the_sentinels_then_a_handed_set_and_else_none(own, tmp_path):
    (e,) = read_expectations(own).rows
    found, words = e.genes(["H1F0", "CDKN1A", "MKI67", "ACTB"])
    assert found == {"CDKN1A": 1.0, "H1F0": 1.0, "MKI67": -1.0}
    assert words == "sentinel genes"
    gmt = tmp_path / "h.gmt"
    gmt.write_text("HALLMARK_P53_PATHWAY\t-\tACTB\tBAX\tFAS\n")
    sets = (read_gene_sets(gmt),)
    measured = ["CDKN1A", "BAX", "FAS", "ACTB"]
    assert e.genes(measured, sets) == ({"ACTB": 1.0, "BAX": 1.0, "FAS": 1.0}, "HALLMARK_P53_PATHWAY")
    assert e.genes(measured) == ({}, "1 of 5 sentinel genes measured")


def test_a_users_table_goes_first(own):
    mine = read_expectations(own)
    both = expectations().after(mine)
    assert both.rows[0].source == "own"
    assert [e.source for e in both.rows if (e.name, e.set) == ("MDM2 inhibitor", "targets of p53")] == ["own"]
    assert len(both.rows) == len(expectations().rows)
    assert both.facts("OWN ONE") == {"TP53": "mutant"}
    assert both.facts("A-375")["TP53"] == "mutant"
    assert both.facts("A-375")["BRAF"] == "V600E"
    assert expectations().after(None) is expectations()
    assert mine.resource is not None
    assert mine.resource.rows == 3
    assert Knowledge(expectations=mine).resources == (mine.resource,)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('source = "own"', "", "lacks 'source'"),
        ("sign = 1", "sign = 2", "'sign' is 2"),
        ('kind = "compound"', 'kind = "drug"', "write one of: compound, gene"),
        ('up = ["CDKN1A", "GDF15", "H1-0/H1F0", "ZMAT3"]', 'up = "CDKN1A"', "'up' is no list of words"),
        ('mechanism = "mdm inhibitor"', 'mechanism = "mdm (inhibitor"', "'mechanism' is no pattern"),
        ('where = { TP53 = "wild type" }', "where = { TP53 = 1 }", "'where.TP53' is no list of words"),
        ('where = { TP53 = "wild type" }', 'where = "TP53"', "'where' is no table of facts"),
        ('source = "own"', 'source = "own"\nconfidence = "primry"', "did you mean 'primary'"),
        ('source = "own"', 'source = "own"\ntarget = ["MDM2"]', "did you mean 'targets'"),
        ('facts = { TP53 = "mutant" }', "facts = { TP53 = 1 }", "'facts' are no words"),
        ("[[line]]", "[[lines]]", "has a key 'lines'"),
        ("[[expectation]]", "[expectation]", "cannot be read|is no list of tables"),
        ('class = "MDM2', "class = MDM2", "cannot be read"),
    ],
)
def test_a_mistake_is_told_with_its_entry_and_how_to_mend_it(own, old, new, says):
    own.write_text(OWN.replace(old, new))
    with pytest.raises(InputError, match=says) as told:
        read_expectations(own)
    assert "own.toml" in str(told.value)


def test_a_missing_file_an_empty_one_and_a_class_nobody_can_be_of(own):
    with pytest.raises(InputError, match="is missing"):
        read_expectations(own.with_name("other.toml"))
    own.write_text("")
    with pytest.raises(InputError, match="holds nothing"):
        read_expectations(own)
    left = "\n".join(line for line in OWN.splitlines() if not line.startswith(("mechanism", "targets", "names")))
    own.write_text(left)
    with pytest.raises(InputError, match=r"expectation 1 \(MDM2 inhibitor\).*how a member of the class is known"):
        read_expectations(own)


def test_sentinels_are_approved_symbols_and_mostly_in_the_named_sets():
    data = Path(os.environ.get("VCASSAY_DATA", "../shared/data")) / "knowledge"
    if not data.is_dir():
        pytest.skip("needs the folder that VCASSAY_DATA names")
    with gzip.open(data / "genes" / "all_genes.tsv.gz", "rt") as handle:
        approved = {line.split("\t")[1] for line in handle}
    hallmark = read_gene_sets(data / "gene_sets" / "h.all.v7.0.symbols.gmt").sets
    for e in expectations().rows:
        wrong = [g for g in (*e.up, *e.down, *e.targets) if g.split("/")[0] not in approved]
        assert not wrong, e.name
        for title in e.sets:
            inside = sum(any(name in hallmark[title] for name in g.split("/")) for g in e.up)
            assert inside >= 0.3 * len(e.up), (e.name, title)
