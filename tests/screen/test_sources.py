"""One file, a list, a pattern or a folder; several files are one screen; Tahoe's Parquet is read as its h5ad."""

from __future__ import annotations

import anndata as ad
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.screen.builders import build, check_sentence, frame, poisson, write
from tests.screen.storage.layouts import write_tokens
from vcassay.core import InputError
from vcassay.screen import CONTROL, Design, read_screen
from vcassay.screen.sources import FILE, find_files

DESIGN = Design("perturbation", context="cell_line", batch="batch")


@pytest.fixture
def parts(two_contexts, tmp_path):
    """One file a line."""
    folder = tmp_path / "lines"
    folder.mkdir()
    for line in ("K562", "A549"):
        write(two_contexts[two_contexts.obs["cell_line"] == line].copy(), folder / f"{line}.h5ad")
    return folder


def names(screen) -> list[str]:
    return [path.name for path in screen.files]


def test_files_are_found_by_list_pattern_and_folder(parts):
    one, two = parts / "A549.h5ad", parts / "K562.h5ad"
    assert find_files(parts) == find_files(parts / "*.h5ad") == find_files([one, two]) == (one, two)
    assert find_files("lines/*.h5ad", parts.parent) == (one, two)
    assert find_files([two, one]) == (two, one)
    assert find_files(one) == (one,)
    assert find_files(parts / "none.h5ad") == (parts / "none.h5ad",)
    for named, said in ((parts / "*.zarr", "no file matches"), ([], "is empty")):
        with pytest.raises(InputError) as caught:
            find_files(named)
        check_sentence(caught.value, said)


def test_several_files_are_one_screen(parts, two_contexts):
    with read_screen(parts, DESIGN) as screen:
        assert names(screen) == ["A549.h5ad", "K562.h5ad"]
        assert screen.path == parts.resolve()
        assert screen.name == "lines"
        assert screen.n_rows == 64
        whole = read_screen(write(two_contexts, parts.parent / "a.h5ad"), DESIGN)
        assert screen.conditions.ids == whole.conditions.ids
        at = screen.adata.obs_names.get_indexer(whole.adata.obs_names)
        np.testing.assert_array_equal(screen.table.condition[at], whole.table.condition)
        rows = screen.matrix.to_memory()
        np.testing.assert_array_equal(rows[at], two_contexts.X)
        assert any("2 files were read as one screen of 12 genes" in s for s, _ in screen.notes)


def test_controls_of_a_context_may_lie_in_another_file(two_contexts, tmp_path):
    control = (two_contexts.obs["perturbation"] == "control").to_numpy()
    write(two_contexts[control].copy(), tmp_path / "a.h5ad")
    write(two_contexts[~control].copy(), tmp_path / "b.h5ad")
    with read_screen(tmp_path / "?.h5ad", DESIGN) as screen:
        assert (screen.table.condition == CONTROL).sum() == 16
        assert screen.table.pools == ("A549", "K562")


def test_a_file_can_be_the_context(parts):
    with read_screen(parts, Design("perturbation", context=FILE)) as screen:
        assert set(screen.conditions.context) == {"A549", "K562"}


def test_genes_that_some_file_lacks_are_left_out_and_said(two_contexts, tmp_path):
    write(two_contexts[:32, ::-1].copy(), tmp_path / "a.h5ad")
    write(two_contexts[32:, 2:].copy(), tmp_path / "b.h5ad")
    with read_screen(tmp_path / "*.h5ad", DESIGN) as screen:
        assert sorted(screen.genes) == sorted(two_contexts.var_names[2:])
        want = two_contexts[:, screen.genes].X
        np.testing.assert_array_equal(np.asarray(screen.matrix.to_memory()), want)
        assert any("2 that some file lacks were left out" in reason for _, reason in screen.notes)


def test_row_names_of_several_files_that_collide_are_told_apart(two_contexts, tmp_path):
    for k, part in enumerate((two_contexts[:32].copy(), two_contexts[32:].copy())):
        part.obs_names = [f"c{i}" for i in range(32)]
        part.obs["only"] = "x"
        if k:
            del part.obs["only"]
        write(part, tmp_path / f"{k}.h5ad")
    with read_screen(tmp_path / "*.h5ad", DESIGN) as screen:
        assert screen.adata.obs_names.is_unique
        assert screen.adata.obs_names[0] == "0:c0"
        said = [s for s, _ in screen.notes]
        assert any("Row names were joined" in s for s in said)
        assert any("lack the obs columns only" in s for s in said)


def test_files_without_a_common_gene(two_contexts, tmp_path):
    write(two_contexts[:32, :6].copy(), tmp_path / "a.h5ad")
    write(two_contexts[32:, 6:].copy(), tmp_path / "b.h5ad")
    with pytest.raises(InputError) as caught:
        read_screen(tmp_path / "*.h5ad", DESIGN)
    check_sentence(caught.value, "no gene in common", "GENE0", "GENE6")


def test_one_of_several_that_is_damaged_leaves_no_file_open(parts):
    (parts / "K562.h5ad").write_bytes(b"no")
    with pytest.raises(InputError) as caught:
        read_screen(parts, DESIGN)
    check_sentence(caught.value, "K562.h5ad", "no HDF5 file")


def tahoe() -> ad.AnnData:
    rows = [
        (line, drug, dose, plate)
        for line in ("CVCL_0023", "CVCL_0480")
        for drug, dose in (("DMSO_TF", 0.0), ("Trametinib", 0.05), ("Trametinib", 5.0))
        for plate in ("plate1", "plate2")
        for _ in range(4)
    ]
    line, drug, dose, plate = zip(*rows, strict=True)
    labels = [f"[('{d}', {v}, 'uM')]" for d, v in zip(drug, dose, strict=True)]
    return build(frame(drug=drug, drugname_drugconc=labels, cell_line_id=line, plate=plate), poisson(len(rows)))


def test_tahoes_parquet_is_read_as_its_h5ad(tmp_path):
    adata = tahoe()
    reference = read_screen(write(adata, tmp_path / "a.h5ad"))
    with read_screen(write_tokens(adata, tmp_path / "tahoe")) as screen:
        assert len(screen.files) == 2
        assert screen.design == reference.design
        assert screen.conditions.ids == reference.conditions.ids
        assert screen.adata.obs_names.tolist() == adata.obs_names.tolist()
        order = adata.var_names.get_indexer(screen.genes)
        np.testing.assert_array_equal(screen.matrix.to_memory().toarray(), adata.X[:, order])
        assert any("named by 'gene_symbol'" in s for s, _ in screen.notes)


def test_the_dose_of_a_sample_is_read_from_its_metadata(tmp_path):
    adata = tahoe()
    labels = adata.obs.pop("drugname_drugconc")
    adata.obs["sample"] = [f"smp_{labels.unique().tolist().index(label)}" for label in labels]
    folder = write_tokens(adata, tmp_path / "tahoe")
    known = pd.DataFrame({"sample": [f"smp_{i}" for i in range(3)], "drugname_drugconc": labels.unique()})
    known.to_parquet(folder / "metadata" / "sample_metadata.parquet")
    with read_screen(folder) as screen:
        assert screen.design.perturbation == "drugname_drugconc"
        assert set(screen.conditions.dose) == {0.05, 5.0}


def edit(folder, change):
    path = folder / "data" / "train-00001-of-00002.parquet"
    pq.write_table(change(pq.read_table(path)), path)


def replaced(table, name, values):
    return table.set_column(table.schema.get_field_index(name), name, values)


def uneven(table):
    lists = table["expressions"].to_pylist()
    return replaced(table, "expressions", pa.array([lists[0][:-1], *lists[1:]]))


def unknown(table):
    lists = table["genes"].to_pylist()
    return replaced(table, "genes", pa.array([[1, 10**6, *lists[0][2:]], *lists[1:]]))


def absent(table):
    return replaced(table, "genes", pa.array([None, *table["genes"].to_pylist()[1:]]))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (uneven, "differ in length"),
        (unknown, "does not know"),
        (absent, "missing lists or values"),
        (lambda t: t.drop_columns(["plate"]), "lacks the column 'plate'"),
    ],
)
def test_broken_lists_are_one_sentence(tmp_path, change, said):
    folder = write_tokens(tahoe(), tmp_path / "tahoe")
    edit(folder, change)
    with pytest.raises(InputError) as caught:
        read_screen(folder)
    check_sentence(caught.value, "train-00001", said)


def test_parquet_that_holds_no_cells_or_no_genes(tmp_path):
    folder = write_tokens(tahoe(), tmp_path / "tahoe")
    (folder / "metadata" / "gene_metadata.parquet").rename(folder / "metadata" / "genes.parquet")
    with pytest.raises(InputError) as caught:
        read_screen(folder)
    check_sentence(caught.value, "no gene_metadata.parquet")
    frame(a=[1]).to_parquet(tmp_path / "other.parquet")
    with pytest.raises(InputError) as caught:
        read_screen(tmp_path / "other.parquet")
    check_sentence(caught.value, "other.parquet", "no columns 'genes' and 'expressions'")
    (tmp_path / "text.parquet").write_text("no")
    for name in ("text.parquet", "gone.parquet"):
        with pytest.raises(InputError) as caught:
            read_screen(tmp_path / name)
        check_sentence(caught.value, name)
