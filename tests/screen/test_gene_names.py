"""Gene names: symbols from a var column where var_names are Ensembl ids."""

import anndata as ad
import numpy as np
import pandas as pd
import pytest

from vcassay.core import InputError
from vcassay.screen import guess_design, read_screen
from vcassay.screen.gene_names import gene_names, symbol_column

IDS = [f"ENSG{i:011d}" for i in range(6)]


def table(
    column: str = "gene_name", symbols: tuple[str, ...] = ("KLF1", "CEBPA", "TP53", "MYC", "MYC", "")
) -> ad.AnnData:
    """20 cells a label of a file as GEARS writes it."""
    labels = np.repeat(["ctrl", "KLF1+ctrl", "CEBPA+ctrl", "CEBPA+KLF1"], 20)
    obs = pd.DataFrame({"condition": labels, "cell_type": "K562"}, index=[f"c{i}" for i in range(labels.size)])
    counts = np.random.default_rng(0).poisson(3.0, (labels.size, 6)).astype(np.float32)
    return ad.AnnData(counts, obs=obs, var=pd.DataFrame({column: list(symbols)}, index=IDS))


def test_symbols_that_are_missing_or_repeated_stay_ids():
    assert gene_names(table(), "gene_name").tolist() == ["KLF1", "CEBPA", "TP53", IDS[3], IDS[4], IDS[5]]
    assert gene_names(table(), None).tolist() == IDS


def test_a_symbol_that_is_the_id_of_another_gene_does_not_take_its_place():
    swapped = table(symbols=(IDS[1], "CEBPA", "TP53", "MYC", "GATA1", "SPI1"))
    names = gene_names(swapped, "gene_name")
    assert names[0] == IDS[0]
    assert len(set(names)) == 6


def test_the_column_is_found_only_where_perturbations_are_named_by_it():
    assert symbol_column(table(), {"KLF1"}) == "gene_name"
    assert symbol_column(table("feature_name"), {"KLF1"}) == "feature_name"
    assert symbol_column(table(), {"dasatinib"}) is None
    named = table()
    named.var_names = ["A", "B", "C", "D", "E", "F"]
    assert symbol_column(named, {"KLF1"}) is None


def test_a_screen_is_read_with_symbols_and_says_so(tmp_path):
    table().write_h5ad(tmp_path / "perturb_processed.h5ad")
    screen = read_screen(tmp_path / "perturb_processed.h5ad")
    assert screen.design.genes == "gene_name"
    assert screen.genes[:3].tolist() == ["KLF1", "CEBPA", "TP53"]
    assert any("var column 'gene_name'" in sentence for sentence, _ in screen.notes)


def test_an_empty_statement_keeps_the_ids_and_a_wrong_one_is_refused():
    assert guess_design(table(), stated={"genes": None}).design.genes is None
    with pytest.raises(InputError, match=r"no var column 'symbols'.*gene_name"):
        guess_design(table(), stated={"genes": "symbols"})
