"""Rebuild documented leaks as small tables and screens, by what was published of them; then audit each.

    python examples/documented_cases/build.py FOLDER

Names of compounds and genes that were not published are placeholders; numbers are those of the source.
"""

from __future__ import annotations

import sys
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

from vcassay.claim import make_split, write_split
from vcassay.simulate import SimulationPlan, simulate_screen
from vcassay.simulate.leaks import cell_counts_follow_effect, shared_controls

DOSES = (0.05, 0.5, 5.0)
FEW_SHOT_LINES = ("CVCL_1097", "CVCL_1285", "CVCL_1098", "CVCL_0334", "CVCL_0480")
SALTS = 16
STUDY = """schema = "vcassay.study/1"
name = "{name}"
[data]
screen = "screen.h5ad"
rows = "cells"
readout = "counts"
perturbation = "perturbation"
control = ["control"]
context = "context"
batch = "batch"
modality = "modality"
[split]
file = "split.json"
"""


def tahoe_few_shot() -> pd.DataFrame:
    """The few-shot list of STATE on Tahoe-100M: 379 drugs at three doses in 50 lines, five of them few-shot.

    In each of the five, 199 drugs are held out at all doses and 69 at the two lower doses alone; 42 entries are listed
    twice, 56 are for validation, two of them test as well; the vehicle is a test drug in four. Among the held-out
    drugs are 16 pairs of one parent compound; a hydrochloride is test where its maleate is for validation.
    """
    drugs = [f"compound {i:03d}" for i in range(379)]
    for i in range(SALTS - 1):
        drugs[2 * i + 1] = f"{drugs[2 * i]} (hydrochloride)"
    drugs[30:32] = ["Trametinib", "Trametinib (DMSO_TF)"]
    drugs[198], drugs[300] = "Imiquimod (hydrochloride)", "Imiquimod (maleate)"
    rows = []
    lines = [*FEW_SHOT_LINES, *(f"line {i:02d}" for i in range(45))]
    for line, (at, drug), dose in product(lines, enumerate(drugs), DOSES):
        role = "train"
        if line in FEW_SHOT_LINES:
            held = at < 199 or (at < 268 and dose < 5)
            role = "test" if held else "val" if 300 <= at < 318 else "train"
        rows.append((line, drug, dose, role))
    for line in FEW_SHOT_LINES:
        rows += [(line, drugs[i], dose, "test") for i in range(14) for dose in DOSES]
        rows += [(line, drugs[i], 5.0, "val") for i in (100, 101)]
        rows += [(line, "DMSO_TF", 0.0, "test")] if line != FEW_SHOT_LINES[-1] else []
    return pd.DataFrame(rows, columns=["cell_line", "drug", "dose_uM", "role"])


def as_lists(table: pd.DataFrame) -> str:
    """The few-shot lines of a table as the lists that cell-load reads: entries may be listed twice."""
    lines = ["[datasets]", 'tahoe = "data/tahoe"', "[training]", 'tahoe = "train"']
    for line in FEW_SHOT_LINES:
        lines.append(f'[fewshot."tahoe.{line}"]')
        own = table[table["cell_line"] == line]
        for role in ("val", "test"):
            rows = own[own["role"] == role]
            labels = [f"[('{drug}', {dose}, 'uM')]" for drug, dose in zip(rows["drug"], rows["dose_uM"], strict=True)]
            lines.append(f"{role} = [" + ", ".join(f'"{label}"' for label in labels) + "]")
    return "\n".join(lines) + "\n"


def replicated_plate() -> pd.DataFrame:
    """Tahoe-100M's fourteenth plate repeats conditions of others: held out by plate, they are on both sides."""
    rows = [
        (f"line {line}", f"compound {drug:02d}", 5.0, f"plate {1 + drug % 13}", "train")
        for line, drug in product(range(5), range(39))
    ]
    rows += [
        (f"line {line}", f"compound {drug:02d}", 5.0, "plate 14", "test") for line, drug in product(range(5), range(13))
    ]
    return pd.DataFrame(rows, columns=["cell_line", "drug", "dose_uM", "plate", "role"])


def random_records() -> pd.DataFrame:
    """Records of a drug screen drawn at random: nearly every test drug is trained in another cell type (OP3)."""
    rng = np.random.default_rng(0)
    cells = ("B cells", "Myeloid cells", "NK cells", "T cells CD4+", "T cells CD8+", "T regulatory cells")
    pairs = [(cell, f"compound {i:03d}") for i, cell in product(range(146), cells) if rng.random() < 0.7]
    table = pd.DataFrame(pairs, columns=["cell_type", "drug"]).assign(dose_uM=1.0)
    return table.assign(role=np.where(rng.random(len(table)) < 0.2, "test", "train"))


def challenge(folder: Path) -> None:
    """A challenge of 150, 50 and 100 genes in one line, whose template tells the cells of each test gene."""
    plan = SimulationPlan(
        n_genes=1000, n_contexts=1, n_siblings=0, n_crispri=300, n_drugs=0, cells_per_condition=60, cells_spread=0.3
    )
    made = cell_counts_follow_effect(simulate_screen(plan, seed=1), np.random.default_rng(1), amount=0.6)
    _write(
        folder, "cell numbers of test genes", made, make_split(made.screen.conditions, "gex", fraction=1 / 3, seed=1)
    )


def controls_shared(folder: Path) -> None:
    """Perturbations that do nothing, measured against the controls that models are trained on."""
    plan = SimulationPlan(
        n_genes=300, n_contexts=2, n_siblings=0, n_crispri=60, n_drugs=0, cells_per_condition=50, null_share=1.0
    )
    made = simulate_screen(plan, seed=2)
    split = shared_controls(make_split(made.screen.conditions, "gex", fraction=0.3, seed=2))
    _write(folder, "shared controls", made, split)


def _write(folder: Path, name: str, made, split) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    made.screen.adata.write_h5ad(folder / "screen.h5ad")
    write_split(split, folder / "split.json")
    (folder / "study.toml").write_text(STUDY.format(name=name), encoding="utf-8")


def build(folder: Path) -> None:
    """Write every case."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in (
        ("tahoe_few_shot", tahoe_few_shot()),
        ("replicated_plate", replicated_plate()),
        ("random_records", random_records()),
    ):
        table.to_csv(folder / f"{name}.csv", index=False)
    (folder / "tahoe_few_shot.toml").write_text(as_lists(tahoe_few_shot()), encoding="utf-8")
    challenge(folder / "cell_numbers")
    controls_shared(folder / "shared_controls")


if __name__ == "__main__":
    build(Path(sys.argv[1] if len(sys.argv) > 1 else "documented-cases"))
