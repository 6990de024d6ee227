"""How long an audit of tables takes at the size of Tahoe-100M: 379 drugs x 3 doses x 50 lines, 56,850 conditions.

    python benchmarks/audit_tahoe.py [--only drugs genes]

Two tables: drugs with SMILES, targets, mechanisms, plates and cell lines of Cellosaurus; and 1,137 genes in 50 lines
with a million pairs of relations and sets of genes. Of each, with unseen treatments and with few shots of new lines,
one row a check: seconds, and how many times the seconds of sorting and checking the same table once; the steps before
them in the same unit. Then the whole command, ``vcassay audit --table``, on the same files, beside reading the CSV.
Seconds are of the processor: other work on the machine does not count.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from claim_tahoe import LINES, table

from vcassay.claim import find_related, make_claim, make_split
from vcassay.claim.formats import read_condition_table
from vcassay.core import Conditions
from vcassay.evidence.leakage import CHECKS
from vcassay.knowledge import (
    Knowledge,
    read_cell_lines,
    read_compounds,
    read_gene_sets,
    read_genes,
    read_relations,
    read_siblings,
)
from vcassay.prediction import declare
from vcassay.run.audit import TABLES, Declaration
from vcassay.run.checks import run_checks
from vcassay.simulate.chemistry import SALT, SCAFFOLDS, structure

GENES, NETWORK_GENES, PAIRS, SETS = 1137, 18_000, 1_000_000, 2000
READ: dict[str, Callable[[Path], Any]] = {
    "compounds": read_compounds,
    "cell_lines": read_cell_lines,
    "relations": read_relations,
    "gene_sets": read_gene_sets,
    "genes": read_genes,
    "siblings": read_siblings,
}
SPLITS: dict[str, dict[str, Any]] = {"dex": {}, "few-shot": {"shots": 0.3}}
SEVERAL = ("compounds", "relations", "gene_sets")


def clock(function: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds of the processor that a call took, its commands included, and what it returned."""
    start = spent()
    found = function()
    return spent() - start, found


def spent() -> float:
    """Seconds of the processor that this process and its commands took so far."""
    use = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(own.ru_utime + own.ru_stime for own in use)


def write_splits(conditions: Conditions, batch: np.ndarray, folder: Path, **more: object) -> dict[str, Path]:
    """A table a split, in which a hundredth of the conditions is repeated on a last plate."""
    frame = pd.DataFrame(conditions.columns()).drop(columns="time").assign(batch=batch, **more)
    again = np.arange(len(frame)) % 100 == 0
    paths = {}
    for name, options in SPLITS.items():
        paths[name] = folder / f"{name}.csv"
        whole = frame.assign(role=make_split(conditions, name, **options).roles)
        pd.concat([whole, whole[again].assign(batch="plate again")]).to_csv(paths[name], index=False)
    return paths


def write_lines(folder: Path) -> Path:
    """Cell lines, of which a few descend from another, in Cellosaurus's columns, among others that nobody measured."""
    rows = [
        {"AC": f"CVCL_{i:04d}", "ID": f"line{i:02d}", "HI": f"CVCL_{i - 1:04d}" if i % 10 == 9 else "", "OI": ""}
        for i in range(2000)
    ]
    pd.DataFrame(rows).to_csv(folder / "lines.csv", index=False)
    (folder / "siblings.csv").write_text("a,b\nline00,line01\nline10,line11\n")
    return folder / "lines.csv"


def drugs(folder: Path) -> tuple[Conditions, dict[str, Path], dict[str, Path]]:
    """The table of drugs and its knowledge."""
    conditions = table()
    names = sorted({parts[0] for parts in conditions.parts})
    smiles, last = {}, ""
    for i, name in enumerate(names):
        salt = name.endswith("hydrochloride")
        last = last + SALT if salt else structure(i % len(SCAFFOLDS), i // len(SCAFFOLDS))
        smiles[name] = last
    rows = [
        {"name": n, "smiles": smiles[n], "target": f"G{i % 90:05d}|G{i % 41:05d}", "moa": f"inhibitor {i % 60}"}
        for i, n in enumerate(names)
    ]
    pd.DataFrame(rows).to_csv(folder / "compounds.csv", index=False)
    at = {name: i for i, name in enumerate(names)}
    own = [parts[0] for parts in conditions.parts]
    batch = np.asarray([f"plate {at[n] % 4} {d:g}" for n, d in zip(own, conditions.dose.tolist(), strict=True)])
    tables = write_splits(conditions, batch, folder, smiles=[smiles[n] for n in own])
    return (
        conditions,
        tables,
        {
            "compounds": folder / "compounds.csv",
            "cell_lines": write_lines(folder),
            "siblings": folder / "siblings.csv",
        },
    )


def genes(folder: Path) -> tuple[Conditions, dict[str, Path], dict[str, Path]]:
    """The table of genes and its knowledge."""
    rng = np.random.default_rng(0)
    symbols = np.asarray([f"G{i:05d}" for i in range(NETWORK_GENES)])
    wanted = np.sort(rng.choice(symbols, GENES, replace=False)).tolist()
    rows = [(f"line{i:02d}", (gene,)) for i in range(LINES) for gene in wanted]
    context, parts = zip(*rows, strict=True)
    conditions = Conditions.make(context, parts, None, None, np.full(len(rows), "CRISPRi"))
    tables = write_splits(conditions, np.arange(len(rows)) % 14, folder)
    ends = rng.integers(NETWORK_GENES, size=(2, PAIRS))
    pairs = pd.DataFrame({"a": symbols[ends[0]], "b": symbols[ends[1]], "score": rng.integers(150, 1000, PAIRS)})
    pairs.to_csv(folder / "pairs.csv", index=False)
    members = [rng.choice(symbols, 20, replace=False) for _ in range(SETS)]
    sets = "\n".join("\t".join([f"set{i}", "", *own]) for i, own in enumerate(members))
    (folder / "sets.gmt").write_text(sets + "\n")
    pd.DataFrame({"symbol": symbols, "alias_symbol": [f"ALIAS{i}" for i in range(NETWORK_GENES)]}).to_csv(
        folder / "genes.csv", index=False
    )
    return (
        conditions,
        tables,
        {
            "relations": folder / "pairs.csv",
            "gene_sets": folder / "sets.gmt",
            "genes": folder / "genes.csv",
            "cell_lines": write_lines(folder),
            "siblings": folder / "siblings.csv",
        },
    )


def know(files: Mapping[str, Path]) -> Knowledge:
    """Read what is known."""
    read = {name: READ[name](path) for name, path in files.items()}
    given = {name: (own,) if name in SEVERAL else own for name, own in read.items()}
    return Knowledge(**given)


def each_check(conditions: Conditions, table: Path, files: Mapping[str, Path]) -> None:
    """Print the seconds of each step and of each check on tables."""
    columns = (conditions.context, conditions.parts, conditions.dose, conditions.time, conditions.modality)
    sorting, _ = clock(lambda: Conditions.make(*columns))
    print(f", {len(conditions):,} conditions, sorted and checked in {sorting:.2f} s")
    print(f"{'step':<58}{'[s]':>7}{'x sorting':>11}")

    def line(name: str, took: float, words: str = "") -> None:
        print(f"{name:<58}{took:>7.2f}{took / sorting:>11.1f}  {words}", flush=True)

    took, split = clock(lambda: read_condition_table(table))
    line("read the split", took)
    took, knowledge = clock(lambda: know(files))
    line("read the knowledge", took)
    took, related = clock(lambda: find_related(split.conditions, knowledge))
    line("kin", took)
    took, claim = clock(lambda: make_claim(split, related=related, batches=split.meta.get("batches")))
    line("claim", took)
    models = {"model": Declaration(declare(inputs=("gene", "smiles"), priors=[{"name": "STRING", "kind": "network"}]))}
    provided = {"conditions": split.conditions, "split": split, "claim": claim, "knowledge": knowledge}
    entries = [e for e in CHECKS if set(e.arguments) <= TABLES]
    spent = 0.0
    for entry in entries:
        took, found = clock(lambda entry=entry: run_checks([entry], provided, models, 0, "leakage"))
        spent += took
        line(f"{entry.name} {entry.meta['title']}", took, ", ".join(f.status.value for f in found))
    line(f"all {len(entries)} checks", spent)


def whole_command(table: Path, files: Mapping[str, Path]) -> None:
    """Print the seconds of the command, beside reading its table."""
    reading, _ = clock(lambda: pd.read_csv(table, dtype=str, keep_default_na=False))
    options = [word for name, path in files.items() for word in (f"--{name.replace('_', '-')}", str(path))]
    command = [sys.executable, "-m", "vcassay"]
    start, _ = clock(lambda: subprocess.run([*command, "--version"], check=True, capture_output=True))
    full = [*command, "audit", "--table", str(table), *options, "--json"]
    took, done = clock(lambda: subprocess.run(full, check=True, capture_output=True, text=True))
    print(f"\nvcassay audit --table: {took:.2f} s, {start:.2f} s of it to start Python")
    print(f"reading the CSV alone: {reading:.2f} s; the answer is {len(done.stdout):,} characters of JSON")


def main() -> None:
    """Time both tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", nargs="*", choices=("drugs", "genes"), default=("drugs", "genes"))
    for make in (drugs, genes):
        if make.__name__ in parser.parse_args().only:
            with tempfile.TemporaryDirectory() as folder:
                start = time.perf_counter()
                conditions, tables, files = make(Path(folder))
                print(f"\n== {make.__name__}, written in {time.perf_counter() - start:.1f} s")
                for name, path in tables.items():
                    print(f"\n-- split: {name}", end="")
                    each_check(conditions, path, files)
                    whole_command(path, files)


if __name__ == "__main__":
    main()
