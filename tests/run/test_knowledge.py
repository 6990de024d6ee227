"""Prior resources of a study are read, matched with coverage, and keep their release dates."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

from tests.run.builders import simulated, study_text
from vcassay.core import Conditions, InputError
from vcassay.evidence.baselines.prior import prior_features
from vcassay.knowledge import (
    Knowledge,
    annotation_pca,
    network_embedding,
    read_features,
    read_gene_sets,
    read_relations,
)
from vcassay.run.cache import Cache
from vcassay.run.knowledge import embedded, feature_records, load_essential, load_knowledge, relate
from vcassay.run.resolved import resolved_study
from vcassay.run.stage1 import claim_of
from vcassay.run.study import parse_study, read_study
from vcassay.screen import Design
from vcassay.screen.design import Readout, Rows

SECTION = """
[knowledge]
compounds = ["drugs.csv"]
relations = [{ path = "pairs.csv", kind = "paralog", at_least = 0.5, released = 2021-05-31 }]
gene_sets = { path = "sets.gmt", name = "complexes", licence = "CC BY" }
features = { path = "features.csv", name = "own" }
regulons = [{ path = "regulons.tsv", released = 2023-03-01 }]
siblings = "siblings.csv"
essential = "core.txt"
"""


@pytest.fixture
def folder(tmp_path):
    simulation, _ = simulated()
    simulation.screen.adata.write_h5ad(tmp_path / "screen.h5ad")
    names = sorted({p for parts in simulation.screen.conditions.parts for p in parts})
    genes, drugs = [n for n in names if n.startswith("G")], [n for n in names if not n.startswith("G")]
    (tmp_path / "drugs.csv").write_text("drug,target\n" + "".join(f"{d},T{i}\n" for i, d in enumerate(drugs)))
    pairs = [f"{genes[0]},{genes[1]},0.9", f"{genes[2]},{genes[3]},0.1"]
    (tmp_path / "pairs.csv").write_text("a,b,weight\n" + "\n".join(pairs))
    (tmp_path / "sets.gmt").write_text(f"one\t-\t{genes[4]}\t{genes[5]}\n")
    (tmp_path / "features.csv").write_text("id,x\n" + "".join(f"{g},1.0\n" for g in genes[:3]))
    (tmp_path / "siblings.csv").write_text("a,b\nCL01,CL02\n")
    (tmp_path / "regulons.tsv").write_text(f"source\ttarget\tweight\n{genes[0]}\t{genes[1]}\t-1\n")
    (tmp_path / "core.txt").write_text("\n".join(genes[:5]))
    text = study_text(extra=SECTION).replace('file = "split.json"', 'make = "gex"')
    text = text[: text.index("[[model]]")] + SECTION
    (tmp_path / "study.toml").write_text(text)
    return tmp_path, genes


def test_every_kind_is_read_with_its_facts(folder):
    path, genes = folder
    study, _ = read_study(path / "study.toml")
    known = load_knowledge(study, path)
    by_name = {r.name: r for r in known.resources}
    assert by_name["pairs"].released == datetime.date(2021, 5, 31)
    assert by_name["complexes"].licence == "CC BY"
    assert all(len(r.sha256) == 64 for r in known.resources)
    assert len(known.relations[0]) == 1  # the other pair is below the weight asked for
    assert known.regulons[0].source == (genes[0],)
    assert known.regulons[0].weight.tolist() == [-1.0]
    assert by_name["regulons"].released == datetime.date(2023, 3, 1)
    assert known.siblings == (("CL01", "CL02"),)
    assert load_essential(study, path).names == set(genes[:5])


def test_a_table_of_expectations_is_read_and_recorded(folder):
    path, _ = folder
    (path / "own.toml").write_text('[[line]]\nname = "CL01"\nfacts = { TP53 = "mutant" }\n')
    text = (path / "study.toml").read_text() + 'expectations = { path = "own.toml", name = "ours" }\n'
    (path / "expecting.toml").write_text(text)
    study, _ = read_study(path / "expecting.toml")
    known = load_knowledge(study, path)
    assert known.expectations is not None
    assert known.expectations.facts("CL01") == {"TP53": "mutant"}
    assert "ours" in {r.name for r in known.resources}
    assert "own.toml" in study.knowledge.files()


def test_what_is_known_keeps_kin_together_and_stands_in_the_claim(folder):
    path, genes = folder
    for seed in range(6):
        text = (path / "study.toml").read_text().replace('make = "gex"', f'make = "gex"\nseed = {seed}')
        (path / "seeded.toml").write_text(text)
        claim = claim_of(path / "seeded.toml")
        held = set(claim.split.conditions.perturbation[claim.split.test].tolist())
        for a, b in ((genes[0], genes[1]), (genes[4], genes[5])):
            assert (a in held) is (b in held)
    record = claim.record()
    rows = {k.resource: k for k in record.knowledge}
    assert rows["drugs"].found == rows["drugs"].wanted == 2
    assert (rows["pairs"].found, rows["pairs"].wanted) == (2, 16)
    assert rows["pairs"].released == "2021-05-31"
    assert len(rows["pairs"].sha256) == 64
    assert (rows["own"].found, rows["own"].wanted) == (3, 18)
    assert genes[2] in rows["pairs"].missing
    assert "paralog (pairs), sets (complexes) of 4 of 16 genes" in record.compared
    assert any("essential" in s.sentence for s in record.scope)


def test_kin_may_be_parted_if_the_study_says_so(folder):
    path, genes = folder
    text = (path / "study.toml").read_text().replace('make = "gex"', 'make = "gex"\nkin = false')
    (path / "parted.toml").write_text(text)
    study, _ = read_study(path / "parted.toml")
    related = relate(study, claim_of(path / "parted.toml").split.conditions, load_knowledge(study, path))
    assert related.families()[genes[1]] == genes[0]
    parted = False
    for seed in range(12):
        (path / "seeded.toml").write_text(text.replace("kin = false", f"kin = false\nseed = {seed}"))
        split = claim_of(path / "seeded.toml").split
        held = set(split.conditions.perturbation[split.test].tolist())
        parted |= (genes[0] in held) is not (genes[1] in held)
    assert parted


def test_what_only_gives_features_makes_nobody_kin_and_is_still_covered(folder):
    path, genes = folder
    text = (path / "study.toml").read_text()
    text = text.replace('kind = "paralog",', 'kind = "paralog", kin = false,').replace(
        'licence = "CC BY"', "kin = false"
    )
    (path / "features.toml").write_text(text)
    record = claim_of(path / "features.toml").record()
    assert "paralog" not in record.compared
    assert "sets" not in record.compared
    found = {k.resource: k.found for k in record.knowledge}
    assert (found["pairs"], found["complexes"]) == (2, 2)
    study, _ = read_study(path / "features.toml")
    known = load_knowledge(study, path)
    related = relate(study, claim_of(path / "features.toml").split.conditions, known)
    assert related.families().get(genes[1], genes[1]) == genes[1]
    assert len(known.relations) == len(known.gene_sets) == 1


def test_sets_inherit_by_an_ontology_whose_file_is_hashed_and_written_out(tmp_path):
    (tmp_path / "go.obo").write_text("[Term]\nid: T:00001\n\n[Term]\nid: T:00002\nis_a: T:00001\n")
    (tmp_path / "s.gmt").write_text("T:00002\t\tA\tB\n")
    section = {"gene_sets": [{"path": "s.gmt", "ontology": "go.obo"}], "context_features": ["c.csv"]}
    (tmp_path / "c.csv").write_text("context,x\nK562,1\n")
    study = parse_study({"data": {"screen": "x.h5ad"}, "knowledge": section}, "here")
    known = load_knowledge(study, tmp_path)
    assert dict(known.gene_sets[0].sets) == {"T:00002": ("A", "B"), "T:00001": ("A", "B")}
    assert known.context_features[0].ids == ("K562",)
    assert {r.name for r in known.resources} == {"s", "go", "c"}
    assert set(study.knowledge.files()) == {"s.gmt", "go.obo", "c.csv"}
    design = Design(rows=Rows.CELLS, readout=Readout.COUNTS, perturbation="p", control=("c",))
    text = resolved_study(study, tmp_path, design)
    assert str(tmp_path / "go.obo") in text
    (tmp_path / "again.toml").write_text(text)
    again, _ = read_study(tmp_path / "again.toml")
    assert again.knowledge.gene_sets[0].ontology == str(tmp_path / "go.obo")


def test_embeddings_are_kept_by_content(tmp_path):
    sets = read_gene_sets(written(tmp_path / "s.gmt", "S\t\tA\tB\nT\t\tB\tC\n"))
    pairs = read_relations(written(tmp_path / "r.csv", "a,b,weight\nA,B,1\nB,C,2\n"))
    cache = Cache(tmp_path / "cache")
    first = embedded(Knowledge(gene_sets=(sets,), relations=(pairs,)), cache)
    assert [(f.name, f.kind, f.ids) for f in first.embeddings] == [
        ("s", "annotation", ("A", "B", "C")),
        ("r", "network", ("A", "B", "C")),
    ]
    np.testing.assert_array_equal(first.embeddings[0].matrix, annotation_pca(sets).matrix)
    np.testing.assert_array_equal(first.embeddings[1].matrix, network_embedding(pairs).matrix)
    assert cache.hits == []
    again = embedded(Knowledge(gene_sets=(sets,), relations=(pairs.at_least(2),)), cache)
    assert cache.hits == ["embedding"]  # the sets are the same, the pairs are not
    np.testing.assert_array_equal(again.embeddings[0].matrix, first.embeddings[0].matrix)
    assert again.embeddings[1].ids == ("B", "C")


def test_the_record_lists_every_name_that_was_not_found_and_flags_what_came_later(tmp_path):
    path = written(tmp_path / "f.csv", "id,x\n" + "".join(f"G{i},{i}\n" for i in range(3)))
    features = read_features(path, released="2024-05-01", licence="CC0", kind="response")
    conditions = Conditions.make(["K562"] * 40, [[f"G{i}"] for i in range(40)])
    _, coverage = prior_features(conditions, Knowledge(features=(features,)))
    record = feature_records(coverage, datetime.date(2024, 1, 1))[0]
    assert (record.wanted, record.matched, record.ways, record.columns) == (40, 3, {"exact": 3}, 1)
    assert sorted(record.unmatched) == sorted(f"G{i}" for i in range(3, 40))
    assert (record.kind, record.axis, record.file, record.licence) == ("response", "perturbation", "f.csv", "CC0")
    assert (record.released, record.later) == ("2024-05-01", True)
    assert len(record.sha256) == 64
    assert feature_records(coverage, datetime.date(2025, 1, 1))[0].later is False
    assert feature_records(coverage)[0].later is None


def written(path, text):
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("section", "wanted"),
    [
        ({"compounds": ["nowhere.csv"]}, r"nowhere\.csv"),
        ({"essential": "nowhere.txt"}, r"nowhere\.txt: is missing"),
        ({"relations": [{"path": "nowhere.csv", "kind": "paralog"}]}, r"nowhere\.csv"),
    ],
)
def test_a_missing_file_is_named(section, wanted, tmp_path):
    study = parse_study({"data": {"screen": "x.h5ad"}, "knowledge": section}, "here")
    read = load_essential if "essential" in section else load_knowledge
    with pytest.raises(InputError, match=wanted):
        read(study, tmp_path)


@pytest.mark.parametrize(
    ("section", "wanted"),
    [
        ({"compound": ["a.csv"]}, "unknown key 'compound'.*did you mean 'compounds'"),
        ({"compounds": [{"paht": "a.csv"}]}, "unknown key 'paht'.*did you mean 'path'"),
        ({"features": [{"path": "a.csv", "kind": "embeding"}]}, "'kind' is 'embeding'.*'embedding', 'response'"),
        ({"compounds": [{"path": "a.csv", "at_least": 3}]}, "unknown key 'at_least'"),
        ({"gene_sets": [{"path": "a.gmt", "ontolgy": "go.obo"}]}, "unknown key 'ontolgy'.*did you mean 'ontology'"),
        ({"relations": {"path": "a.csv", "kim": False}}, "unknown key 'kim'.*did you mean 'kin'"),
        ({"context_feature": ["a.csv"]}, "unknown key 'context_feature'.*did you mean 'context_features'"),
        ({"compounds": [{"path": "a.csv", "released": "last year"}]}, "'released' is 'last year'"),
    ],
)
def test_a_misspelt_key_is_named(section, wanted):
    with pytest.raises(InputError, match=wanted):
        parse_study({"data": {"screen": "x.h5ad"}, "knowledge": section}, "here")
