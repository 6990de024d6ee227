"""Converting published forms; each file is written by the test, by another way than it is read."""

from __future__ import annotations

import gzip
from pathlib import Path

import anndata as ad
import h5py
import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from scipy.io import mmwrite

from vcassay.core import InputError
from vcassay.screen import read_screen
from vcassay.screen.convert import convert, form_of
from vcassay.screen.design import Design, Readout, Rows

GENES = ["780", "7849", "2978"]
SIGS = ["S1", "S2", "S3", "S4"]
VALUES = np.arange(12, dtype=np.float32).reshape(4, 3) - 5


@pytest.fixture
def gctx(tmp_path):
    path = tmp_path / "level5.gctx"
    with h5py.File(path, "w") as file:
        file["0/DATA/0/matrix"] = VALUES
        file["0/META/COL/id"] = np.array(SIGS, dtype="S")
        file["0/META/ROW/id"] = np.array(GENES, dtype="S")
    return path


@pytest.fixture
def about(tmp_path):
    path = tmp_path / "sig_info.txt.gz"
    rows = [
        "sig_id\tpert_iname\tpert_type\tcell_id\tpert_dose\tpert_dose_unit",
        "S3\tDMSO\tctl_vehicle\tA375\t-666\t-666",
    ]
    rows += ["S1\tbelinostat\ttrt_cp\tA375\t10\tuM", "S2\tbelinostat\ttrt_cp\tMCF7\t-666.0\tng/ml"]
    with gzip.open(path, "wt") as out:
        out.write("\n".join(rows) + "\n")
    return path


@pytest.fixture
def genes(tmp_path):
    path = tmp_path / "gene_info.txt"
    path.write_text("pr_gene_id\tpr_gene_symbol\tpr_is_lm\n2978\tGUCA1A\t0\n780\tDDR1\t1\n7849\tPAX8\t1\n")
    return path


def sentence(*args, **kw) -> str:
    with pytest.raises(InputError) as error:
        convert(*args, **kw)
    return str(error.value)


def test_gctx_with_its_tables(gctx, about, genes, tmp_path):
    out = tmp_path / "out.h5ad"
    got = convert(gctx, out, obs=about, var=genes)
    a = ad.read_h5ad(out)
    np.testing.assert_array_equal(a.X, VALUES)
    assert list(a.obs_names) == SIGS
    assert list(a.var_names) == GENES
    assert list(a.var["pr_gene_symbol"]) == ["DDR1", "PAX8", "GUCA1A"]
    assert a.obs["pert_iname"].tolist()[:3] == ["belinostat", "belinostat", "DMSO"]
    np.testing.assert_array_equal(a.obs["pert_dose"], [10, np.nan, np.nan, np.nan])
    assert any("several units" in what for what, _ in got.notes)
    assert any("1 of 4 rows are not in the table" in what for what, _ in got.notes)
    assert not list(tmp_path.glob(".*"))


def test_rows_and_genes_are_kept_by_their_labels(gctx, about, genes, tmp_path):
    out = tmp_path / "out.h5ad"
    convert(gctx, out, obs=about, var=genes, keep_obs=["pert_type=trt_cp"], keep_var=["pr_is_lm=1"])
    np.testing.assert_array_equal(ad.read_h5ad(out).X, VALUES[:2, :2])
    screen = read_screen(
        out,
        Design(
            "pert_iname", control=(), context="cell_id", rows=Rows.EFFECTS, readout=Readout.CONTINUOUS, delimiter=None
        ),
    )
    assert len(screen.conditions) == 2


def test_gctx_by_runs_of_rows(tmp_path, about, monkeypatch):
    monkeypatch.setattr("vcassay.screen.convert.gct.ROW_BYTES", 3 * 4 * 2)
    path = tmp_path / "long.gctx"
    values = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
    with h5py.File(path, "w") as file:
        file["0/DATA/0/matrix"] = values
        file["0/META/COL/id"] = np.array([f"S{i}" for i in range(40)], dtype="S")
        file["0/META/COL/group"] = np.array([b"a" if i % 13 == 0 else b"b" for i in range(40)])
        file["0/META/ROW/id"] = np.array(GENES, dtype="S")
    convert(path, tmp_path / "all.h5ad")
    np.testing.assert_array_equal(ad.read_h5ad(tmp_path / "all.h5ad").X, values)
    convert(path, tmp_path / "some.h5ad", keep_obs=["group=a"])
    np.testing.assert_array_equal(ad.read_h5ad(tmp_path / "some.h5ad").X, values[::13])


@pytest.mark.parametrize("packed", [False, True])
def test_gct(tmp_path, packed):
    lines = ["#1.3", "3\t2\t1\t2", "id\tsymbol\tA\tB", "pert\tna\tx\ty", "dose\tna\t-666\t3"]
    lines += ["g1\tG1\t1\t2", "g2\tG2\tNA\t4", "g3\tG3\t5\t6.5"]
    text = "\n".join(lines) + "\n"
    path = tmp_path / ("p.gct.gz" if packed else "p.gct")
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    convert(path, tmp_path / "p.h5ad")
    a = ad.read_h5ad(tmp_path / "p.h5ad")
    np.testing.assert_array_equal(a.X, np.array([[1, np.nan, 5], [2, 4, 6.5]], dtype=np.float32))
    assert a.obs["pert"].tolist() == ["x", "y"]
    np.testing.assert_array_equal(a.obs["dose"], [np.nan, 3])
    assert a.var["symbol"].tolist() == ["G1", "G2", "G3"]


@pytest.mark.parametrize("turned", [False, True])
def test_matrix_market(tmp_path, turned):
    counts = sparse.random(5, 7, density=0.5, random_state=0, format="csr", data_rvs=lambda n: np.arange(1, n + 1))
    mmwrite(tmp_path / "GSM1_matrix.mtx", counts.T if turned else counts)
    (tmp_path / "GSM1_genes.tsv").write_text("".join(f"ENSG{i}\tG{i}\n" for i in range(5)))
    (tmp_path / "GSM1_barcodes.tsv").write_text("".join(f"cell{i}\n" for i in range(7)))
    (tmp_path / "identities.csv").write_text("cell_barcode,guide\n" + "".join(f"cell{i},g{i % 2}\n" for i in range(7)))
    convert(tmp_path / "GSM1_matrix.mtx", tmp_path / "m.h5ad", obs=tmp_path / "identities.csv")
    a = ad.read_h5ad(tmp_path / "m.h5ad")
    np.testing.assert_array_equal(a.X.toarray(), counts.T.toarray())
    assert list(a.var_names) == [f"G{i}" for i in range(5)]
    assert a.obs["guide"].tolist() == [f"g{i % 2}" for i in range(7)]


def test_a_table_of_pairs_either_way(tmp_path):
    path = tmp_path / "wide.csv"
    path.write_text("line,A (1),B (2)\nX,1,2\nY,,4\n")
    convert(path, tmp_path / "a.h5ad", rows="contexts")
    a = ad.read_h5ad(tmp_path / "a.h5ad")
    assert sorted(zip(a.obs["context"], a.obs["perturbation"], a.X[:, 0].tolist(), strict=True)) == [
        ("X", "A", 1.0),
        ("X", "B", 2.0),
        ("Y", "B", 4.0),
    ]
    convert(path, tmp_path / "b.h5ad", rows="perturbations")
    b = ad.read_h5ad(tmp_path / "b.h5ad")
    assert set(b.obs["perturbation"]) == {"X", "Y"}
    screen = read_screen(tmp_path / "a.h5ad", Design("perturbation", control=(), context="context", rows=Rows.EFFECTS,
                                                      readout=Readout.SCALAR, delimiter=None))  # fmt: skip
    assert len(screen.conditions) == 3


def test_a_table_of_one_number_a_row(tmp_path):
    path = tmp_path / "gdsc.csv"
    frame = pd.DataFrame(
        {"DRUG_NAME": ["a", "b", "a"], "CELL_LINE_NAME": ["x", "x", "y"], "LN_IC50": [1.5, None, -2.0]}
    )
    frame.to_csv(path, index=False)
    got = convert(path, tmp_path / "g.h5ad", value="LN_IC50")
    a = ad.read_h5ad(tmp_path / "g.h5ad")
    np.testing.assert_array_equal(a.X[:, 0], [1.5, -2.0])
    assert a.obs["DRUG_NAME"].tolist() == ["a", "a"]
    assert "1 of 3 rows were left out" in got.notes[0][0]
    assert "did you mean 'LN_IC50'" in sentence(path, tmp_path / "h.h5ad", value="LN_IC5")
    assert "holds no numbers" in sentence(path, tmp_path / "h.h5ad", value="DRUG_NAME")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("x.h5ad", "h5ad is read as it is"),
        ("x.parquet", "Parquet is read as it is"),
        ("x.h5mu", "mudata"),
        ("x.xlsx", "save its sheet as .csv"),
        ("x.tar.gz", "unpack it"),
        ("x.zip", "unpack it"),
        ("x.rds", "zellkonverter"),
        ("x.pkl", "a pickle, which can run code"),
        ("x.gctx.gz", "gunzip x.gctx.gz"),
        ("x.csv", "--value COLUMN"),
        ("x.docx", "cannot be converted"),
        ("x", "cannot be converted"),
        ("x.gct", "begins with"),
        ("x.gctx", "no GCTX"),
        ("x.mtx", "no file of genes"),
    ],
)
def test_what_cannot_be_converted_is_said_in_a_sentence(tmp_path, name, said):
    (tmp_path / name).write_bytes(b"a,b\n1,2\n")
    found = sentence(tmp_path / name, tmp_path / "out.h5ad")
    assert said in found
    assert "\n" not in found
    assert not (tmp_path / "out.h5ad").exists()


def test_other_mistakes(gctx, about, tmp_path):
    out = tmp_path / "out.h5ad"
    assert "no such file" in sentence(tmp_path / "none.gct", out)
    assert "no such file" in sentence(gctx, out, obs=tmp_path / "none.tsv")
    assert "did you mean 'pert_type'" in sentence(gctx, out, obs=about, keep_obs=["pert_typ=x"])
    assert "is not COLUMN=VALUE" in sentence(gctx, out, obs=about, keep_obs=["pert_type"])
    assert "no row has" in sentence(gctx, out, obs=about, keep_obs=["pert_type=x"])
    assert "'x' is no number" in sentence(gctx, out, obs=about, keep_obs=["pert_dose=x"])
    (tmp_path / "other.tsv").write_text("a\tb\n1\t2\n")
    assert "no column names the rows" in sentence(gctx, out, obs=tmp_path / "other.tsv")
    (tmp_path / "twice.tsv").write_text("id\n" + "S1\n" * 3 + "S2\nS3\n")
    assert "names rows twice (S1)" in sentence(gctx, out, obs=tmp_path / "twice.tsv")
    (tmp_path / "bad.gct").write_text("#1.2\n2\t2\nName\tDescription\tA\tB\ng1\tx\t1\t2\n")
    assert "holds something else" in sentence(tmp_path / "bad.gct", out)
    (tmp_path / "texts.csv").write_text("line,a\nx,high\n")
    assert "holds texts" in sentence(tmp_path / "texts.csv", out, rows="contexts")
    out.write_text("mine")
    assert "exists" in sentence(gctx, out)
    assert out.read_text() == "mine"


def test_forms():
    names = ("a.gctx.gz", "a.tar.gz", "a.b.csv", "a", "a.gz")
    assert [form_of(Path(n)) for n in names] == [".gctx", ".tar", ".csv", "", ""]
