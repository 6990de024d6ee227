"""Tables with a role column, made elsewhere: their columns are found, their rows become conditions."""

import gzip

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from tests.claim.formats.builders import NAMES, grid, roles, same, write

from vcassay.claim import Split, make_claim
from vcassay.claim.formats import read_condition_table, write_table
from vcassay.core import InputError, Regime
from vcassay.core.conditions import canonical

TAHOE = ["[('DMSO_TF', 0.0, 'uM')]", "[('Trametinib', 0.05, 'uM')]", "[('Trametinib', 5.0, 'uM')]"]


def family(name):
    """obs as a project publishes it; which of its rows are what is the same in all."""
    drug = ["control", "JQ1", "JQ1", "Dasatinib", "Dasatinib"]
    gene = ["ctrl", "A+ctrl", "ctrl+B", "A+B", "B+A"]
    split = ["train", "train", "train", "ood", "ood"]
    line = ["K562"] * 5
    return {
        "chemCPA": {
            "condition": drug, "cell_type": line, "dose": [1e4, 10.0, 1e4, 10.0, 1e4], "control": [1, 0, 0, 0, 0],
            "SMILES": ["", "C", "C", "CC", "CC"], "cov_drug_dose_name": [f"K562_{d}_1.0" for d in drug],
            "split_ood_finetuning": split, "replicate": ["a", "b", "a", "b", "a"],
        },
        "CPA": {"cond_harm": drug, "condition": drug, "cell_type": line, "dose_val": ["1", "0.1", "1", "0.1", "1"],
                "control": [1, 0, 0, 0, 0], "split": split},
        "biolord": {"condition": gene, "cell_type": line, "condition_name": [f"K562_{g}_1+1" for g in gene],
                    "dose_val": ["1", "1+1", "1+1", "1+1", "1+1"], "control": [1, 0, 0, 0, 0], "split1": split},
        "GEARS": {"condition": gene, "cell_type": line, "split": ["train", "train", "val", "test", "test"]},
        "scPerturb": {"perturbation": ["control", "A", "B", "A_B", "B_A"], "nperts": [0, 1, 1, 2, 2], "celltype": line,
                      "cell_line": line, "perturbation_type": ["CRISPRi"] * 5, "split": split},
        "Tahoe": {"drug": ["DMSO_TF", "Trametinib", "Trametinib", "Sotorasib", "Sotorasib"],
                  "drugname_drugconc": [*TAHOE, "[('Sotorasib', 0.5, 'uM')]", "[('Sotorasib', 5.0, 'uM')]"],
                  "cell_line_id": ["CVCL_1"] * 5, "plate": ["p1", "p1", "p2", "p2", "p1"],
                  "canonical_smiles": list("CCCNN"), "moa-fine": list("MMMXX"), "targets": list("AAABB"),
                  "split": split},
        "VCC": {"target_gene": ["non-targeting", "A", "B", "C", "D"], "batch": list("12121"), "split": split},
        "OP3": {"sm_name": ["Dimethyl Sulfoxide", "A", "B", "C", "D"], "cell_type": ["T"] * 5, "SMILES": list("CNOPS"),
                "plate_name": list("12121"), "split": ["control", "train", "train", "public_test", "private_test"]},
        "cell-eval": {"gene": ["non-targeting", "A", "B", "C", "D"], "cell_type": line, "gem_group": [1, 2, 1, 2, 1],
                      "split": split},
        "PerturBench": {"perturbation": ["control", "A", "B", "A+B", "B+A"], "cell_type": line, "condition": ["x"] * 5,
                        "split": ["train", "train", "val", "test", "test"]},
    }[name]  # fmt: skip


EXPECTED = {
    "chemCPA": ({"perturbation": "condition", "context": "cell_type", "dose": "dose", "smiles": "SMILES"}, 4, 2),
    "CPA": ({"perturbation": "condition", "context": "cell_type", "dose": "dose_val"}, 4, 2),
    "biolord": ({"perturbation": "condition", "context": "cell_type"}, 3, 1),
    "GEARS": ({"perturbation": "condition", "context": "cell_type"}, 3, 1),
    "scPerturb": ({"perturbation": "perturbation", "context": "cell_line", "modality": "perturbation_type"}, 3, 1),
    "Tahoe": (
        {"perturbation": "drugname_drugconc", "context": "cell_line_id", "moa": "moa-fine", "target": "targets"},
        4,
        2,
    ),
    "VCC": ({"perturbation": "target_gene", "batch": "batch"}, 4, 2),
    "OP3": ({"perturbation": "sm_name", "context": "cell_type", "batch": "plate_name", "smiles": "SMILES"}, 4, 2),
    "cell-eval": ({"perturbation": "gene", "context": "cell_type", "batch": "gem_group"}, 4, 2),
    "PerturBench": ({"perturbation": "perturbation", "context": "cell_type"}, 3, 1),
}


@pytest.mark.parametrize("name", EXPECTED)
@pytest.mark.parametrize("form", ["h5ad", "csv"])
def test_published_column_names_are_found(name, form, tmp_path):
    obs, (columns, n, n_test) = family(name), EXPECTED[name]
    role = next(c for c in obs if c.startswith("split"))
    path = tmp_path / f"t.{form}"
    write(obs, path) if form == "h5ad" else pd.DataFrame(obs).to_csv(path, index=False)
    split = read_condition_table(path, role)
    assert columns.items() <= split.meta["columns"].items()
    assert (len(split.conditions), len(split.test)) == (n, n_test)
    assert len(split.also_train) == 0
    assert "control" not in " ".join(split.conditions.perturbation.tolist()).lower()
    if "ood" in obs[role]:
        assert set(split.words) == {"train", "ood"}
    same(read_condition_table(path), split)  # the one column of roles is found


def test_annotation_doses_and_batches_are_kept(tmp_path):
    split = read_condition_table(write(family("Tahoe"), tmp_path / "t.h5ad"), "split")
    assert split.conditions.ids == ["CVCL_1 | Sotorasib | 0.5", "CVCL_1 | Sotorasib | 5", "CVCL_1 | Trametinib | 0.05",
                                    "CVCL_1 | Trametinib | 5"]  # fmt: skip
    assert split.conditions.annotation["target"].tolist() == ["B", "B", "A", "A"]
    assert split.conditions.annotation["smiles"].tolist() == ["N", "N", "C", "C"]
    assert split.meta["batches"] == (("p2",), ("p1",), ("p1",), ("p2",))


def test_every_container_reads_alike(tmp_path):
    frame = pd.DataFrame(
        {"line": list("KKLL"), "gene": ["A", "B", "A", "ctrl"], "split": ["train", "test", "val", "test"]}
    )
    columns = {"context": "line"}
    frame.to_csv(tmp_path / "t.csv", index=False)
    frame.to_csv(tmp_path / "s.csv", index=False, sep=";")
    frame.to_csv(tmp_path / "t.tsv", index=False, sep="\t")
    frame.to_csv(tmp_path / "i.csv")
    frame.to_parquet(tmp_path / "t.parquet")
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress((tmp_path / "t.csv").read_bytes()))
    write(frame, tmp_path / "t.h5ad")
    write(frame, tmp_path / "t.zarr")
    frame.index = frame.index.astype(str)
    ad.AnnData(X=sp.csc_matrix(np.eye(4, dtype=np.float32)), obs=frame).write_h5ad(tmp_path / "csc.h5ad")
    first = read_condition_table(tmp_path / "t.csv", "split", columns)
    assert roles(first) == {"K | A": "train", "K | B": "test", "L | A": "val"}
    for path in sorted(tmp_path.iterdir()):
        read = read_condition_table(path, "split", columns)
        same(read, first)
        assert read.meta["controls_in_test"] == [("ctrl", "L", "test")], path


def test_columns_named_by_the_user_win(tmp_path):
    path = tmp_path / "t.csv"
    rows = [("X", "A", "K", "train"), ("Y", "A", "L", "test")]
    pd.DataFrame(rows, columns=["perturbation", "drug", "where", "split"]).to_csv(path, index=False)
    assert read_condition_table(path, "split").conditions.ids == ["all | X", "all | Y"]
    split = read_condition_table(path, "split", {"perturbation": "drug", "context": "where"})
    assert roles(split) == {"K | A": "train", "L | A": "test"}
    assert split.meta["columns"] == {"role": "split", "perturbation": "drug", "context": "where"}
    with pytest.raises(InputError, match="'contxt' is no field; did you mean 'context'"):
        read_condition_table(path, "split", {"contxt": "where"})
    with pytest.raises(InputError, match="no column 'whre'; did you mean 'where'"):
        read_condition_table(path, "split", {"context": "whre"})


def test_a_context_needs_no_controls_of_its_own(tmp_path):
    path = tmp_path / "t.csv"
    rows = [("K", "A", "train"), ("L", "A", "test"), ("L", "B", "test"), ("K", "control", "train")]
    pd.DataFrame(rows, columns=["cell_line", "gene", "role"]).to_csv(path, index=False)
    assert read_condition_table(path, "role").conditions.ids == ["K | A", "L | A", "L | B"]


def test_cells_on_both_sides(tmp_path):
    path = tmp_path / "t.csv"
    rows = [("A", "train"), ("A", "test"), ("B", "val"), ("B", "train"), ("C", "train"), ("D", "test"), ("E", "")]
    pd.DataFrame(rows, columns=["perturbation", "role"]).to_csv(path, index=False)
    split = read_condition_table(path, "role")
    assert split.roles.tolist() == ["test", "train", "train", "test", "excluded"]
    assert split.also_train.tolist() == [0]
    assert split.conflicts == (("all | A", "train", "test"),)
    assert "1 perturbed rows are excluded." in [n for n, _ in split.meta["notes"]]


def test_controls_listed_as_test_are_reported_and_take_no_part(tmp_path):
    path = tmp_path / "t.csv"
    rows = [("DMSO", "K", "test"), ("dmso", "L", "ood"), ("Non-Targeting_03", "K", "test"), ("NTF3", "K", "test"),
            ("A", "K", "train"), ("DMSO", "K", "train")]  # fmt: skip
    pd.DataFrame(rows, columns=["perturbation", "context", "role"]).to_csv(path, index=False)
    split = read_condition_table(path, "role")
    assert split.conditions.perturbation.tolist() == ["A", "NTF3"]
    assert split.meta["controls_in_test"] == [
        ("DMSO", "K", "test"),
        ("Non-Targeting_03", "K", "test"),
        ("dmso", "L", "ood"),
    ]
    stated = read_condition_table(path, "role", control=("A",))
    assert "DMSO" in stated.conditions.perturbation


def test_chemcpa_s_test_is_its_validation_if_stated(tmp_path):
    rows = [("A", "train"), ("A", "test"), ("B", "ood"), ("C", "train")]
    path = tmp_path / "t.csv"
    pd.DataFrame(rows, columns=["condition", "split"]).to_csv(path, index=False)
    split = read_condition_table(path, "split")
    assert (split.roles.tolist(), split.words) == (["test", "test", "train"], ("test", "ood", "train"))
    assert any("val_values=('test',)" in reason for _, reason in split.meta["notes"])
    split = read_condition_table(path, "split", val_values=("test",))
    assert (split.roles.tolist(), len(split.also_train)) == (["train", "test", "train"], 0)


def test_one_label_of_context_drug_and_dose_is_taken_apart(tmp_path):
    path = tmp_path / "t.csv"
    rows = [("A549_control_1.0", "train"), ("A549_Drug_X_0.1", "train"), ("A549_Drug_X_1.0", "ood")]
    pd.DataFrame(rows, columns=["cov_drug_dose_name", "split"]).to_csv(path, index=False)
    split = read_condition_table(path, "split")
    assert roles(split) == {"A549 | Drug_X | 0.1": "train", "A549 | Drug_X | 1": "test"}
    rows = [("A549_ctrl_1", "train"), ("A549_B+ctrl_1+1", "train"), ("A549_A+B_1+1", "test")]
    pd.DataFrame(rows, columns=["condition_name", "split"]).to_csv(path, index=False)
    assert roles(read_condition_table(path, "split")) == {"A549 | A+B": "test", "A549 | B": "train"}


def test_folds_and_flags(tmp_path):
    path = tmp_path / "t.csv"
    rows = [("A", 0, True), ("B", 1, True), ("C", 2, False)]
    pd.DataFrame(rows, columns=["gene", "fold", "is_train"]).to_csv(path, index=False)
    with pytest.raises(InputError, match="name the test fold"):
        read_condition_table(path, "fold")
    assert read_condition_table(path, "fold", test_values=(1,)).roles.tolist() == ["train", "test", "train"]
    split = read_condition_table(path, "is_train")
    assert (split.roles.tolist(), split.words) == (["train", "train", "test"], ())


def test_refusals(tmp_path):
    path = tmp_path / "t.csv"
    pd.DataFrame({"gene": ["A", "B"], "my_split": ["train", "test"]}).to_csv(path, index=False)
    with pytest.raises(InputError, match="no column 'role'; the values of my_split look like roles"):
        read_condition_table(path, "role")
    with pytest.raises(InputError, match="no column 'my_splt'; did you mean 'my_split'"):
        read_condition_table(path, "my_splt")
    pd.DataFrame({"foo": ["A", "B"], "split": ["train", "test"]}).to_csv(path, index=False)
    with pytest.raises(InputError, match="no column looks like the perturbation; name it: its columns are foo, split"):
        read_condition_table(path, "split")
    pd.DataFrame({"gene": ["A", "B"], "a": ["train", "test"], "b": ["train", "val"]}).to_csv(path, index=False)
    with pytest.raises(InputError, match=r"has 2 columns whose values are roles \(a, b\)"):
        read_condition_table(path)
    (tmp_path / "x.pkl").write_bytes(b"")
    with pytest.raises(InputError, match="is a pickle"):
        read_condition_table(tmp_path / "x.pkl", "split")
    with pytest.raises(InputError, match="is missing"):
        read_condition_table(tmp_path / "no.csv", "split")
    path.write_text("")
    with pytest.raises(InputError, match="cannot be read"):
        read_condition_table(path, "split")


@given(data=st.data())
def test_a_written_table_reads_back(data, tmp_path_factory):
    parts = data.draw(st.lists(st.sets(NAMES, min_size=1, max_size=2), min_size=2, max_size=6))
    alone = [(p,) for pair in parts for p in pair]
    contexts = data.draw(st.lists(NAMES, min_size=1, max_size=2, unique=True))
    doses = data.draw(st.sampled_from([(), (0.05, 5.0)]))
    table = grid(contexts, list(dict.fromkeys([*map(canonical, parts), *alone])), doses)
    given_roles = data.draw(
        st.lists(st.sampled_from(["train", "val", "test"]), min_size=len(table), max_size=len(table))
    )
    test = np.flatnonzero(np.array(given_roles) == "test")
    split = Split(table, np.array(given_roles), also_train=test[: len(test) // 2])
    path = write_table(split, tmp_path_factory.mktemp("t") / "t.csv")
    same(read_condition_table(path, "role"), split)


def test_what_a_table_cannot_say(tmp_path):
    for name in ("DMSO", "nan", "A+B"):
        split = Split(grid("K", [(name,), ("X",)]), np.array(["train", "test"]))
        with pytest.raises(InputError, match="cannot say this split"):
            write_table(split, tmp_path / "x.csv")
    with pytest.raises(InputError, match="cells of a condition are parted"):
        write_table(Split(grid("K", [("A",)]), np.array(["test"]), test_shards=(1,)), tmp_path / "x.csv")
    assert not list(tmp_path.iterdir())


def test_one_name_by_two_kinds_of_perturbation_is_two_perturbations(tmp_path):
    rows = [
        ("K", g, kind, "train" if kind == "CRISPRi" else "test")
        for g in ("GATA1", "TP53")
        for kind in ("CRISPRi", "CRISPRa")
    ]
    rows += [("K", "STAT1", "CRISPRi", "train")]
    path = tmp_path / "t.csv"
    pd.DataFrame(rows, columns=["cell_line", "gene", "modality", "role"]).to_csv(path, index=False)
    split = read_condition_table(path, "role")
    assert set(split.conditions.perturbation.tolist()) == {
        "GATA1 [CRISPRa]",
        "GATA1 [CRISPRi]",
        "TP53 [CRISPRa]",
        "TP53 [CRISPRi]",
        "STAT1",
    }
    claim = make_claim(split)
    assert claim.regime is Regime.MODALITY
    assert set(claim.novelty.perturbation.tolist()) == {"other modality"}


def test_a_context_column_with_gaps_is_named_when_it_is_not_taken(tmp_path):
    (tmp_path / "t.csv").write_text("gene,cell_line,role\nA1,K562,train\nB1,,test\nC1,K562,test\n")
    split = read_condition_table(tmp_path / "t.csv", "role")
    assert any("'cell_line' was not taken as the context" in note[0] for note in split.meta["notes"])


def test_a_column_that_tells_the_rows_of_a_condition_apart_is_named(tmp_path):
    rows = [("K", "d1", lot, "train" if lot == "low" else "test") for lot in ("low", "high")] * 4
    pd.DataFrame(rows, columns=["cell_line", "drug", "level", "role"]).to_csv(tmp_path / "t.csv", index=False)
    split = read_condition_table(tmp_path / "t.csv", "role")
    assert split.meta["unread"] == "level"
    assert any("column 'level' was not read" in note[0] for note in split.meta["notes"])


@pytest.mark.parametrize(("column", "modality"), [("drug", "drug"), ("cytokine", "cytokine"), ("gene", "")])
def test_the_name_of_the_column_tells_compounds(column, modality, tmp_path):
    frame = pd.DataFrame({column: ["TGFB1", "IL6"], "cell_type": ["T", "T"], "role": ["train", "test"]})
    frame.to_csv(tmp_path / "t.csv", index=False)
    split = read_condition_table(tmp_path / "t.csv", "role")
    assert set(split.conditions.modality.tolist()) == {modality}
    assert make_claim(split).regime is (Regime.DEX if modality else Regime.GEX)
