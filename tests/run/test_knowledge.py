"""Prior resources of a study are read, matched with coverage, and keep their release dates."""

from __future__ import annotations

import datetime

import pytest

from tests.run.builders import simulated, study_text
from vcassay.core import InputError
from vcassay.run.knowledge import load_essential, load_knowledge, relate
from vcassay.run.stage1 import claim_of
from vcassay.run.study import parse_study, read_study

SECTION = """
[knowledge]
compounds = ["drugs.csv"]
relations = [{ path = "pairs.csv", kind = "paralog", at_least = 0.5, released = 2021-05-31 }]
gene_sets = { path = "sets.gmt", name = "complexes", licence = "CC BY" }
features = { path = "features.csv", name = "own" }
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
    assert known.siblings == (("CL01", "CL02"),)
    assert load_essential(study, path).names == set(genes[:5])


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
    assert (rows["pairs"].found, rows["pairs"].wanted) == (2, 10)
    assert rows["pairs"].released == "2021-05-31"
    assert len(rows["pairs"].sha256) == 64
    assert (rows["own"].found, rows["own"].wanted) == (3, 12)
    assert genes[2] in rows["pairs"].missing
    assert "paralog (pairs), sets (complexes) of 4 of 10 genes" in record.compared
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
        ({"compounds": [{"path": "a.csv", "released": "last year"}]}, "'released' is 'last year'"),
    ],
)
def test_a_misspelt_key_is_named(section, wanted):
    with pytest.raises(InputError, match=wanted):
        parse_study({"data": {"screen": "x.h5ad"}, "knowledge": section}, "here")
