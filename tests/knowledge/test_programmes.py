from __future__ import annotations

import re

import pytest

from vcassay.knowledge import GeneSets, read_gene_sets, read_genes
from vcassay.knowledge.programmes import NUISANCE, STRESS, programmes

SYMBOL = re.compile(r"[A-Z][A-Z0-9-]*")
EVERY = (*programmes(STRESS), *programmes(NUISANCE))


def test_symbols_are_written_as_approved_and_once():
    for programme in EVERY:
        assert len(set(programme.genes)) == len(programme.genes), programme.name
        assert all(SYMBOL.fullmatch(g) for g in programme.genes), programme.name
        assert programme.genes or programme.prefixes, programme.name
        assert re.search(r"\b(19|20)\d\d\b", programme.source), programme.name


def test_no_gene_is_in_two_programmes():
    seen: dict[str, str] = {}
    for programme in EVERY:
        for gene in programme.genes:
            assert gene not in seen, f"{gene} in {seen.get(gene)} and {programme.name}"
            others = [p for p in EVERY if p.prefixes and p is not programme]
            assert not any(gene in p.members([gene])[0] for p in others), gene
            seen[gene] = programme.name


def test_kinases_of_a_ribosomal_protein_are_none():
    ribosomal = next(p for p in EVERY if p.name == "ribosomal proteins")
    measured = ["RPS6", "RPS6KA1", "RPS6KB2", "RPS4X", "RPS4Y1", "RPL3", "MRPL1", "RPS19BP1"]
    assert ribosomal.members(measured)[0] == ("MRPL1", "RPL3", "RPS4X", "RPS6")


def test_stress_tells_which_way_harm_goes_and_nuisance_does_not():
    assert {p.harm for p in programmes(STRESS)} == {-1, 1}
    assert next(p for p in programmes(STRESS) if p.name == "proliferation").harm == -1
    assert all(p.harm == 0 for p in programmes(NUISANCE))


def test_a_handed_set_goes_before_sentinels_and_prefixes_add_to_them(tmp_path):
    path = tmp_path / "h.gmt"
    path.write_text("HALLMARK_APOPTOSIS\tx\tA1\tB2\tZZ\n")
    sets: GeneSets = read_gene_sets(path)
    apoptosis = next(p for p in programmes(STRESS) if p.name == "apoptosis")
    assert apoptosis.members(["B2", "A1", "BIK"], [sets]) == (("A1", "B2"), "HALLMARK_APOPTOSIS")
    assert apoptosis.members(["B2", "A1", "BIK"]) == (("BIK",), "sentinel genes")
    mitochondrial = next(p for p in programmes(NUISANCE) if "mitochondrial" in p.name)
    assert mitochondrial.members(["MT-CO1", "MTOR"])[0] == ("MT-CO1",)


def test_sentinels_are_approved_and_mostly_of_their_hallmark_set(data_dir):
    approved = set(read_genes(data_dir / "knowledge/genes/all_genes.tsv.gz").symbols)
    hallmark = read_gene_sets(data_dir / "knowledge/gene_sets/h.all.v7.0.symbols.gmt").sets
    for programme in EVERY:
        assert set(programme.genes) <= approved, programme.name
        if programme.sets:
            members = {g for name in programme.sets for g in hallmark[name]}
            outside = [g for g in programme.genes if g not in members]
            assert len(outside) <= len(programme.genes) / 3, programme.name
            assert all(g in programme.source for g in outside), f"{programme.name}: where are {outside} from?"


@pytest.mark.parametrize("kind", [STRESS, NUISANCE])
def test_there_are_programmes_of_a_kind(kind):
    assert len(programmes(kind)) >= 5
