"""Published files; run with VCASSAY_DATA set to the folder that holds them."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from tests.screen.builders import check_sentence
from vcassay.core import InputError
from vcassay.screen import CONTROL, LEFT_OUT, guess_design, open_file, read_screen

FOLDER = os.environ.get("VCASSAY_DATA", "")
pytestmark = pytest.mark.skipif(not FOLDER, reason="VCASSAY_DATA does not name the folder of published files")

# file: (rows, readout, context, batch, dose, time, delimiter; conditions, pools, control rows)
PUBLISHED = {
    "cellbox_rppa/cellbox_rppa": ("effects", "continuous", "cell_line", None, None, None, ",", 89, 1, 0),
    "datlinger2021_cropseq/datlinger2021_cropseq": ("cells", "counts", "context", None, None, None, "+", 40, 2, None),
    "ivcbench_predictions/h5ad/op3_pbmc_pseudobulk_means": (
        *("replicates", "lognorm", "cell_type", None, None, None, "+"),
        *(563, 4, 4),
    ),
    "ivcbench_predictions/h5ad/tcell_crispr_schmidt": (
        *("replicates", "lognorm", "cell_type", None, None, None, "+"),
        *(50, 1, 1),
    ),
    "ivcbench_predictions/h5ad/tcell_crispr_shifrut": (
        *("replicates", "lognorm", "cell_type", None, None, None, "+"),
        *(14, 1, 1),
    ),
    "l1000_a375_dose_plate/l1000_a375_dose_plate": (
        *("replicates", "continuous", "cell_line", None, "dose_uM", None, "+"),
        *(351, 1, 26),
    ),
    "l1000_drug_cell_pairs/l1000_drug_cell_pairs": (
        *("replicates", "continuous", "cell_line", None, None, None, "+"),
        *(600, 87, 600),
    ),
    "l1000_multicell_cmapr/l1000_3drugs_x_65lines": (
        *("effects", "continuous", "cell_line", None, "dose_uM", "time_h", "+"),
        *(220, 65, 0),
    ),
    "l1000_multicell_cmapr/l1000_shrna_plate": ("replicates", "continuous", None, None, None, None, "+", 85, 1, None),
    "l1000_skbr3_replicates/l1000_skbr3_replicates": (
        *("replicates", "continuous", "cell_line", "batch", "dose_uM", "time_h", "+"),
        *(80, 4, 273),
    ),
    "lincs_consensus_dhimmel/lincs_consensus_drugs": ("effects", "continuous", None, None, None, None, "+", 1170, 1, 0),
    "lincs_consensus_dhimmel/lincs_consensus_overexpression_significant": (
        *("effects", "continuous", None, None, None, None, "+"),
        *(2088, 1, 0),
    ),
    "p100_gcp_plates/gcp_yapc": ("replicates", "continuous", "cell_line", None, "dose_uM", None, "+", 31, 1, None),
    "p100_gcp_plates/p100_a375": ("replicates", "continuous", "cell_line", None, "dose_uM", None, "+", 31, 1, None),
    "p100_gcp_plates/p100_mcf7": ("replicates", "continuous", "cell_line", None, "dose_uM", None, "+", 31, 1, None),
    "papalexi2021_eccite/papalexi2021_eccite": (
        "cells",
        "counts",
        "context",
        "replicate",
        None,
        None,
        "+",
        25,
        1,
        2386,
    ),
    "perturbench_devel/raw/devel": ("cells", "lognorm", "cell_type", None, None, None, "+", 60, 4, None),
    "zhao2021_glioblastoma/zhao2021_glioblastoma": ("cells", "counts", "context", None, None, None, "+", 5, 5, None),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_design_is_guessed_and_the_screen_read(name):
    *wanted, n_conditions, n_pools, n_controls = PUBLISHED[name]
    screen = read_screen(Path(FOLDER) / f"{name}.h5ad")
    d, table = screen.design, screen.table
    assert d.perturbation == "perturbation"
    assert [d.rows.value, d.readout.value, d.context, d.batch, d.dose, d.time, d.delimiter] == wanted
    assert d.dose_unit == ("uM" if d.dose else "")
    assert len(screen.conditions) == n_conditions
    assert len(table.pools) == n_pools
    assert not (table.condition == LEFT_OUT).any()
    if n_controls is not None:
        assert int((table.condition == CONTROL).sum()) == n_controls
    if "is_control" in screen.adata.obs:
        np.testing.assert_array_equal(table.condition == CONTROL, screen.adata.obs["is_control"].to_numpy(dtype=bool))


@pytest.mark.parametrize(
    "name", ["papalexi2021_eccite/papalexi2021_eccite", "l1000_skbr3_replicates/l1000_skbr3_replicates"]
)
def test_on_disk_and_in_memory_are_one(name):
    path = Path(FOLDER) / f"{name}.h5ad"
    memory = read_screen(path)
    with read_screen(path, backed=True) as disk:
        assert disk.conditions.sha256() == memory.conditions.sha256()
        assert disk.notes == memory.notes
        for (_, a), (_, b) in zip(memory.chunks(), disk.chunks(), strict=True):
            assert abs(a - b).max() == 0


def test_controls_alone_are_no_screen():
    path = Path(FOLDER) / "l1000_drug_cell_pairs" / "l1000_basal_165lines.h5ad"
    with pytest.raises(InputError) as caught:
        read_screen(path)
    check_sentence(caught.value, "l1000_basal_165lines.h5ad", "every row that takes part is a control")


def test_partner_counts_are_no_dose_and_combinations_are_found():
    path = Path(FOLDER) / "perturbench_devel" / "raw" / "devel.h5ad"
    guess = guess_design(open_file(path, backed=False)[0], path)
    assert guess.preset == "PerturBench"
    assert ("obs column 'dose' was not read as dose.", "'1+1' counts the partners of a combination") in guess.notes
    conditions = read_screen(path).conditions
    in_k562 = [len(p) for p, c in zip(conditions.parts, conditions.context, strict=True) if c == "k562"]
    assert (in_k562.count(1), in_k562.count(2)) == (18, 15)
