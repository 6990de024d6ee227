from __future__ import annotations

import pandas as pd
import pytest

from vcassay.core import InputError
from vcassay.knowledge import annotate, match, read_compounds

IMATINIB = "KTUFNOKKBVMGRW-UHFFFAOYSA-N"
SAMPLES = {
    "repurposing hub": (
        "!a header line\n!another\npert_iname\tclinical_phase\tmoa\ttarget\n"
        "imatinib\tLaunched\tBcr-Abl inhibitor|KIT inhibitor\tABL1|KIT\n"
    ),
    "chembl": (
        '"ChEMBL ID";"Name";"Targets";"Smiles";"Inchi Key"\n"CHEMBL941";"IMATINIB";"17";"CN1CC";"' + IMATINIB + '"\n'
    ),
    "chembl mechanisms": (
        "Parent Molecule ChEMBL ID;Parent Molecule Name;Mechanism of Action;Target Name;Smiles\n"
        "CHEMBL941;IMATINIB;Bcr-Abl inhibitor;ABL1;CN1CC\nCHEMBL941;IMATINIB;KIT inhibitor;KIT;CN1CC\n"
    ),
    "chembl structures": (
        f"chembl_id\tcanonical_smiles\tstandard_inchi\tstandard_inchi_key\nCHEMBL941\tCN1CC\tInChI=1S/x\t{IMATINIB}\n"
    ),
    "lincs": (
        "pert_id\tpert_iname\tcanonical_smiles\tinchi_key\ttarget\tMOA\tmergeMOA\tmergeTargets\n"
        f"BRD-1\timatinib\t-666\t{IMATINIB}\tABL1\t\tBcr-Abl inhibitor; KIT inhibitor\tABL1; KIT\n"
    ),
    "tahoe": (
        "drug,targets,moa-broad,moa-fine,canonical_smiles,pubchem_cid\n"
        'imatinib,"ABL1, KIT",inhibitor/antagonist,unclear,CN1CC,5291\n'
    ),
    "jump": (
        "broad_sample\tInChIKey\tpert_iname\ttarget_list\tpert_type\tsmiles\n"
        f"BRD-1-001\t{IMATINIB}\timatinib\tABL1|KIT\ttrt\tCN1CC\nNA\tX\tDMSO\tNA\tcontrol\tCS(C)=O\n"
    ),
    "moabox": f"cmpd_sample_id\tinchi_key\tsmiles\tcas_number\tmoa\nJA-88\t{IMATINIB}\tCN1CC\t\tA;B\nKB-00\t\t\t\t\n",
    "plain": "compound,smiles,target,moa\nimatinib,CN1CC,ABL1,Bcr-Abl inhibitor\n",
}


@pytest.mark.parametrize("source", SAMPLES)
def test_the_source_is_told_from_its_columns(write, source):
    path = write("c.txt", SAMPLES[source])
    told, named = read_compounds(path), read_compounds(path, source)
    for column in ("ids", "names", "smiles", "inchikey", "targets", "moa"):
        assert getattr(told, column) == getattr(named, column)


def test_columns_end_where_they_belong(write):
    read = {source: read_compounds(write(f"{source}.txt", text)) for source, text in SAMPLES.items()}
    assert read["repurposing hub"].moa == (("Bcr-Abl inhibitor", "KIT inhibitor"),)
    assert read["chembl"].targets == ((),)
    assert read["chembl"].inchikey == (IMATINIB,)
    assert (read["chembl mechanisms"].targets, read["chembl mechanisms"].ids) == ((("ABL1", "KIT"),), ("CHEMBL941",))
    assert read["chembl structures"].names == ("CHEMBL941",)
    assert (read["lincs"].smiles, read["lincs"].targets) == (("",), (("ABL1", "KIT"),))
    assert (read["tahoe"].targets, read["tahoe"].moa) == ((("ABL1", "KIT"),), ((),))
    assert (read["jump"].ids, read["jump"].names) == (("BRD-1-001", "DMSO"), ("imatinib", "DMSO"))
    assert read["jump"].targets == (("ABL1", "KIT"), ())
    assert read["moabox"].moa == (("A", "B"), ())
    assert read["plain"].names == ("imatinib",)


def test_mechanisms_keep_their_own_commas(write):
    semicolons = read_compounds(write("a.tsv", "name\tmoa\nx\tA; B\ny\tSulfonylurea receptor 1, Kir6.2 blocker\n"))
    commas = read_compounds(write("b.tsv", "name\tmoa\nx\tA, B\ny\tIndoleamine 2,3-dioxygenase inhibitor\n"))
    assert semicolons.moa == (("A", "B"), ("Sulfonylurea receptor 1, Kir6.2 blocker",))
    assert commas.moa == (("A", "B"), ("Indoleamine 2,3-dioxygenase inhibitor",))


def test_parquet_of_tahoe_is_read(tmp_path):
    path = tmp_path / "drug_metadata.parquet"
    row = {"drug": ["Talc"], "targets": [None], "moa-fine": ["unclear"], "canonical_smiles": ["[Mg+2]"]}
    pd.DataFrame(row).to_parquet(path)
    compounds = read_compounds(path, released="2025-02-25")
    assert (compounds.names, compounds.targets, compounds.moa) == (("Talc",), ((),), ((),))
    assert compounds.resource.name == "drug_metadata"


def test_look_up_joins_rows_of_one_name_and_flags_two_structures(write):
    rows = "id,name,inchikey,target,moa\n1,Dex-A,AAAAAAAAAAAAAA-X-N,NR3C1,a\n2,dex A,BBBBBBBBBBBBBB-X-N,NR3C2,a\n"
    rows += "3,Solo,,T,b\n"
    compounds = read_compounds(write("c.csv", rows))
    found, matched = compounds.look_up(["DexA", "3", "nobody", "Solo"])
    assert found.ids == ("DexA", "3", "nobody", "Solo")
    assert found.names == ("Dex-A", "Solo", "", "Solo")
    assert found.targets == (("NR3C1", "NR3C2"), ("T",), (), ("T",))
    assert found.inchikey[0] == "AAAAAAAAAAAAAA-X-N"
    assert found.ambiguous == ("DexA",)
    assert matched.how == {"DexA": "spelling", "3": "exact", "Solo": "exact"}
    assert matched.unmatched == ("nobody",)


def test_salts_are_found_under_their_parents_and_last_of_all(write):
    rows = "name,target\nimiquimod,TLR7\nImiquimod (maleate),TLR8\nafatinib HCl,EGFR\n"
    compounds = read_compounds(write("c.csv", rows))
    found, matched = compounds.look_up(["imiquimod hydrochloride", "Imiquimod (Maleate)", "Afatinib (dimaleate)"])
    assert matched.how == {
        "Imiquimod (Maleate)": "case", "imiquimod hydrochloride": "parent name", "Afatinib (dimaleate)": "parent name"
    }  # fmt: skip
    assert found.targets == (("TLR7", "TLR8"), ("TLR8",), ("EGFR",))


def test_several_tables_fill_each_other(write):
    first = read_compounds(write("a.csv", "name,smiles,target\nx,CC,T1\ny,,\n"))
    second = read_compounds(write("b.csv", "name,smiles,target\nX,CCC,T2\ny,CN,\n"))
    found, coverage = annotate(["x", "y", "z", "x"], [first, second])
    assert found is not None
    assert found.ids == ("x", "y", "z")
    assert found.smiles == ("CC", "CN", "")
    assert found.targets == (("T1", "T2"), (), ())
    assert [c.coverage() for c in coverage] == [
        "a: matched 2 of 3 (67 %); unmatched: z", "b: matched 2 of 3 (67 %), 1 by case; unmatched: z"
    ]  # fmt: skip
    assert annotate(["x"], []) == (None, ())


@pytest.mark.parametrize(
    ("text", "preset", "sentence"),
    [
        ("smiles,value\nCC,1\n", None, "has the columns smiles, value but none for the compound"),
        ("name,smiles\nx,CC\nNA,CN\n", None, "line 3 has no name of a compound"),
        ("name\nx\n", "tahoo", "no source is called 'tahoo'; did you mean 'tahoe'"),
        ("name\nx\n", "tahoe", "has the columns name but none for the compound; name that column 'drug'"),
        (
            "id,name,inchikey\n1,x,AAAAAAAAAAAAAA-X-N\n2,y,CCCCCCCCCCCCCC-X-N\n1,x,BBBBBBBBBBBBBB-X-N\n",
            None,
            "gives '1' two structures, on lines 2 and 4; give each structure an id of its own",
        ),
    ],
)
def test_mistakes_are_refused_in_one_sentence(write, text, preset, sentence):
    with pytest.raises(InputError, match=sentence):
        read_compounds(write("c.csv", text), preset)


def test_real_tables_have_the_rows_their_readme_states(real, lincs):
    folder = real / "compounds"
    assert len(lincs) == 34419
    assert sum(map(bool, lincs.targets)) == 3992
    jump = read_compounds(folder / "JUMP-Target-1_compound_metadata.tsv.gz")
    assert len(jump) == 307
    assert jump.ids[jump.names.index("DMSO")] == "DMSO"
    boxes = read_compounds(folder / "MoABox_compounds_metadata.txt.gz")
    assert len(boxes) == 4345
    pairs = read_compounds(folder / "MoABox_compounds_target_pairs_public.txt.gz")
    assert pairs.resource.rows == 6219
    assert len(match([key for key in boxes.inchikey if key], pairs.ids).found) > 2000


def test_real_drugs_get_their_targets_through_salt_names(lincs):
    found, matched = lincs.look_up(["Trametinib (DMSO_TF solvate)", "Imiquimod (maleate)", "BRD-K09991945"])
    assert found.names == ("trametinib", "imiquimod", "BRD-K09991945")
    assert set(found.targets[0]) == {"MAP2K1", "MAP2K2"}
    assert list(matched.how.values()) == ["exact", "parent name", "parent name"]
