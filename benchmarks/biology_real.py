"""What real screens support: the biology diagnostics asked of the measured effects, for the table of docs/biology.md.

    VCASSAY_DATA=... python benchmarks/biology_real.py [--only a375 ...] [--sentences]

All conditions are test conditions where the question is what the truth supports; where one is asked of another (drugs
of genes, combinations of their parts), the other is trained. What needs data that a screen has not got (doses,
combinations, two lines) has no row. ``--sentences`` prints what the diagnostics say. Figures of models are those of the
studies in examples/.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import anndata as ad
import numpy as np
import pandas as pd
from scipy import sparse

from vcassay.claim import Role, Split, find_related, make_claim
from vcassay.core import Conditions, Finding, Status
from vcassay.core.registry import call
from vcassay.effects import measure
from vcassay.evidence.biology import DIAGNOSTICS, make_bench
from vcassay.evidence.biology.bench import Bench
from vcassay.knowledge import Knowledge, read_compounds, read_gene_sets, read_genes, read_relations
from vcassay.screen import Design, Readout, Rows, make_screen

HEAD = "| data set | asked of | diagnostic | assessable | truth | permuted | p |"
ELSEWHERE = {"attributed_genes", "batch_decoder", "input_use", "genetic_evidence", "pathway_generalisation"}
"""They ask of attributions, batches, disturbed inputs or trained versions: of no measured effect alone."""
NOTHING = ("nan", "None")


@dataclass(frozen=True)
class Question:
    """A screen, or a part of it.

    Attributes
    ----------
    folder, asked
        Where it lies, and what of it is asked.
    load
        Gives the rows.
    design
        Their columns.
    trained
        Which conditions are trained; none unless the question needs some.
    """

    folder: str
    asked: str
    load: Callable[[Path], ad.AnnData]
    design: dict[str, Any]
    trained: Callable[[Conditions], np.ndarray] = lambda table: np.zeros(len(table), bool)


def text(values: pd.Series) -> np.ndarray:
    """Annotations as text, empty where there are none."""
    return np.array(["" if v in NOTHING else v for v in values.astype(str)])


def annotated(rows: ad.AnnData) -> ad.AnnData:
    """Write what a file knows of its drugs as text."""
    rows = rows.copy()
    for column in {"moa", "smiles", "drug_targets"} & set(rows.obs):
        rows.obs[column] = text(rows.obs[column])
    return rows


def a375(folder: Path) -> ad.AnnData:
    rows = annotated(ad.read_h5ad(folder / "l1000_a375_dose_plate.h5ad"))
    return rows[rows.obs.pert_type_lincs.isin(["ctl_vehicle", "trt_cp"])].copy()


def skbr3(folder: Path) -> ad.AnnData:
    rows = annotated(ad.read_h5ad(folder / "l1000_skbr3_replicates.h5ad"))
    return rows[rows.obs.time_h.isin([6, 24])].copy()


def consensus(folder: Path) -> ad.AnnData:
    rows = annotated(ad.read_h5ad(folder / "lincs_consensus_drugs.h5ad"))
    named = text(rows.obs.drug_name)
    label = pd.Series(np.where(named != "", named, rows.obs.perturbation.astype(str)))
    twice = label.duplicated(keep=False).to_numpy()
    rows.obs["perturbation"] = np.where(twice, label + " " + rows.obs.drugbank_id.astype(str).to_numpy(), label)
    return rows


def consensus_and_genes(folder: Path) -> ad.AnnData:
    """Drugs, and over-expressed genes with ten significant landmark genes or more, on the genes of both."""
    drugs, genes = consensus(folder), ad.read_h5ad(folder / "lincs_consensus_overexpression_significant.h5ad")
    both = [g for g in drugs.var_names if g in set(genes.var_names[genes.var.measured])]
    values = [sparse.csr_matrix(rows[:, both].X).toarray().astype(float) for rows in (drugs, genes)]
    strong = (values[1] != 0).sum(axis=1) >= 10
    columns = ["perturbation", "perturbation_type", "moa", "smiles", "drug_targets"]
    table = pd.concat([drugs.obs, genes.obs[strong]]).reindex(columns=columns).astype(object)
    obs = pd.DataFrame({c: text(table[c]) for c in columns}, index=[f"row {i}" for i in range(len(table))])
    return ad.AnnData(np.vstack([values[0], values[1][strong]]), obs=obs, var=pd.DataFrame(index=both))


def symbols(rows: ad.AnnData) -> ad.AnnData:
    """Name genes by their symbols."""
    rows.var_names = rows.var.symbol.astype(str)
    rows.var_names_make_unique()
    return rows


def read(name: str, keep: Callable[[pd.DataFrame], Any] | None = None) -> Callable[[Path], ad.AnnData]:
    """Read a file as it is, or some of its rows."""

    def load(folder: Path) -> ad.AnnData:
        rows = annotated(ad.read_h5ad(folder / name))
        return rows if keep is None else rows[keep(rows.obs)].copy()

    return load


CELLS = {"perturbation": "perturbation", "control": ("control",), "modality": "perturbation_type", "rows": Rows.CELLS}
WELLS = {**CELLS, "rows": Rows.REPLICATES, "readout": Readout.CONTINUOUS}
READY = {**WELLS, "control": (), "rows": Rows.EFFECTS}
COUNTS = {**CELLS, "readout": Readout.COUNTS, "context": "context"}
LOGGED = {**CELLS, "readout": Readout.LOGNORM, "context": "cell_type"}
MEANS = {**LOGGED, "rows": Rows.REPLICATES}
DRUGS = {"delimiter": None, "annotation": {"moa": "moa", "smiles": "smiles", "target": "drug_targets"}}
DOSES = {"context": "cell_line", "dose": "dose_uM", "dose_unit": "uM", "time": "time_h"}

QUESTIONS = (
    Question("l1000_a375_dose_plate", "55 drugs, 6 doses, one line", a375, {**WELLS, **DRUGS, **DOSES}),
    Question(
        "l1000_skbr3_replicates",
        "10 drugs, 4 doses, 3 to 5 wells",
        skbr3,
        {**WELLS, **DRUGS, **DOSES, "batch": "batch"},
    ),
    Question(
        "l1000_multicell_cmapr", "3 drugs, 65 lines", read("l1000_3drugs_x_65lines.h5ad"), {**READY, **DRUGS, **DOSES}
    ),
    Question(
        "l1000_multicell_cmapr",
        "84 knock-downs, one line",
        read("l1000_shrna_plate.h5ad"),
        {**WELLS, "control": ("control",)},
    ),
    Question("lincs_consensus_dhimmel", "1,170 drugs, lines pooled", consensus, {**READY, **DRUGS}),
    Question(
        "lincs_consensus_dhimmel",
        "drugs of over-expressed genes",
        consensus_and_genes,
        {**READY, **DRUGS},
        lambda table: table.modality != "drug",
    ),
    Question(
        "ivcbench_predictions",
        "OP3: 141 drugs, 4 lineages",
        read("h5ad/op3_pbmc_pseudobulk_means.h5ad"),
        {**MEANS, **DRUGS},
    ),
    Question(
        "ivcbench_predictions",
        "OP3: NK cells of the others",
        read("h5ad/op3_pbmc_pseudobulk_means.h5ad"),
        {**MEANS, **DRUGS},
        lambda table: table.context != "NK",
    ),
    Question("ivcbench_predictions", "Schmidt: activated genes", read("h5ad/tcell_crispr_schmidt.h5ad"), MEANS),
    Question("ivcbench_predictions", "Shifrut: knock-outs", read("h5ad/tcell_crispr_shifrut.h5ad"), MEANS),
    Question(
        "papalexi2021_eccite",
        "25 knock-outs",
        read("papalexi2021_eccite.h5ad"),
        {**COUNTS, "batch": "replicate"},
    ),
    Question(
        "perturbench_devel",
        "9 knock-downs, 3 glioblastoma lines",
        read("raw/devel.h5ad", lambda obs: obs.cell_type != "k562"),
        LOGGED,
    ),
    Question("perturbench_devel", "knock-downs, and activation in K562", read("raw/devel.h5ad"), LOGGED),
    Question(
        "perturbench_devel",
        "15 pairs of their parts, K562",
        read("raw/devel.h5ad", lambda obs: obs.cell_type == "k562"),
        LOGGED,
        lambda table: np.array([len(p) == 1 for p in table.parts]),
    ),
    Question("datlinger2021_cropseq", "20 knock-outs, 2 states", read("datlinger2021_cropseq.h5ad"), COUNTS),
    Question(
        "zhao2021_glioblastoma",
        "panobinostat, 5 patients",
        lambda folder: symbols(ad.read_h5ad(folder / "zhao2021_glioblastoma.h5ad")),
        COUNTS,
    ),
)


def knowledge(data: Path) -> Knowledge:
    """Everything that diagnostics read."""
    folder = data / "knowledge"
    pairs = [("Reactome", "Reactome"), ("HuMAP", "HuMAP"), ("StringDB", "STRING")]
    return Knowledge(
        relations=tuple(read_relations(folder / f"gene_relationships/{f}.txt.gz", name=n, kin=False) for f, n in pairs),
        gene_sets=(read_gene_sets(folder / "gene_sets/h.all.v7.0.symbols.gmt", name="Hallmark", kin=False),),
        compounds=(read_compounds(folder / "compounds/lincs_pert_info2.tsv.gz", name="LINCS"),),
        genes=read_genes(folder / "genes/all_genes.tsv.gz"),
    )


def bench_of(question: Question, data: Path) -> tuple[Bench, Any]:
    """Measure a screen, and set its conditions for the diagnostics."""
    screen = make_screen(question.load(data / question.folder), Design(**question.design), name=question.folder)
    role = np.where(question.trained(screen.conditions), Role.TRAIN.value, Role.TEST.value)
    split = Split(screen.conditions, role.astype(str))
    effects = measure(screen, train=split.train, panel=split.test, seed=0)
    known = knowledge(data)
    claim = make_claim(split, related=find_related(screen.conditions, known))
    return make_bench(effects, claim, known, {}), screen


def ask(job: tuple[int, Path]) -> tuple[list[Finding], float]:
    """What the truth of a screen shows, by diagnostic."""
    at, data = job
    start = time.perf_counter()
    bench, screen = bench_of(QUESTIONS[at], data)
    found = []
    for entry in DIAGNOSTICS:
        if entry.name not in ELSEWHERE:
            provided = {"bench": bench, "screen": screen, "rng": np.random.default_rng(0)}
            found.append(call(entry, provided)[0])
    return found, time.perf_counter() - start


def row(question: Question, own: Finding) -> str:
    """A row of the table."""
    p = re.search(r"\(p = ([0-9.e-]+)", own.sentence)
    figures = [f"{v:.2f}" if v is not None else "" for v in (own.value, own.null)]
    yes = "yes" if own.status is Status.PASS else "no"
    return (
        f"| {question.folder} | {question.asked} | {own.check} | {yes} | {' | '.join(figures)} | {p[1] if p else ''} |"
    )


def main() -> None:
    """Ask and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", default=())
    parser.add_argument("--sentences", action="store_true")
    args = parser.parse_args()
    data = Path(os.environ["VCASSAY_DATA"])
    asked = [i for i, q in enumerate(QUESTIONS) if not args.only or any(o in q.folder + q.asked for o in args.only)]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        answers = list(pool.map(ask, [(i, data) for i in asked]))
    rows = []
    for at, (found, seconds) in zip(asked, answers, strict=True):
        question = QUESTIONS[at]
        print(f"{seconds:6.1f} s  {question.folder}: {question.asked}", file=sys.stderr)
        for own in found:
            if args.sentences:
                print(f"    {own.check} {own.status}: {own.sentence}", file=sys.stderr)
            if own.value is not None or own.status is Status.PASS:
                rows.append(row(question, own))
    print("\n".join([HEAD, "|---" * HEAD[1:].count("|") + "|", *rows]))


if __name__ == "__main__":
    main()
