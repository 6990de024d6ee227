"""Train GEARS on a task folder and answer its wanted conditions. Needs the environment of requirements.txt."""

import argparse
import gzip
import pickle
import random
import resource
import sys
import tempfile
import time
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import scipy.sparse as sp

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "outside"))
from task_io import Task, read_task, write_predictions

MIN_JACCARD = 0.1  # as in gears.utils.get_GO_edge_list
BLOCK = 500


def read_go(
    path: str | Path, largest_term: int, genes: set[str] | None = None
) -> tuple[list[str], sp.csr_matrix, list[str]]:
    """Genes, (genes, terms) membership and terms of a GMT file, or of a table (go_id, gene_symbols joined by |).

    ``largest_term`` counts all genes of a term; ``genes`` are those to keep, all by default.
    """
    if ".gmt" in Path(path).suffixes:
        with (gzip.open if str(path).endswith(".gz") else open)(path, "rt", encoding="utf-8") as file:
            lines = [line.rstrip("\n").split("\t") for line in file]
        table = pd.DataFrame({"go_id": [line[0] for line in lines], "gene": [line[2:] for line in lines]})
    else:
        table = pd.read_csv(path, sep="\t", usecols=["go_id", "gene_symbols"], dtype=str).dropna()
        table["gene"] = table.gene_symbols.str.split("|")
    pairs = table.explode("gene")[["gene", "go_id"]].drop_duplicates()
    pairs = pairs[pairs.gene.fillna("") != ""]
    pairs = pairs[pairs.groupby("go_id").gene.transform("size") <= largest_term]
    pairs = pairs if genes is None else pairs[pairs.gene.isin(genes)]
    names, terms = sorted(pairs.gene.unique()), sorted(pairs.go_id.unique())
    at = pd.Index(names).get_indexer(pairs.gene), pd.Index(terms).get_indexer(pairs.go_id)
    return names, sp.csr_matrix((np.ones(len(pairs)), at), shape=(len(names), len(terms))), terms


def go_graph(member: sp.csr_matrix, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Edges source -> target to each gene's k nearest by the Jaccard index of their terms, and to itself.

    As GEARS builds it (above 0.1, k + 1 with the gene itself), but for ties, which go by the order of the genes.

    Returns
    -------
    (2, edges) indices and (edges,) weights.
    """
    size = np.asarray(member.sum(axis=1)).ravel()
    sources, targets, weights = [], [], []
    for start in range(0, len(size), BLOCK):
        shared = (member[start : start + BLOCK] @ member.T).toarray()
        index = shared / (size[start : start + BLOCK, None] + size[None, :] - shared)
        index[np.arange(len(index)), start + np.arange(len(index))] = 2.0  # itself first, whatever ties with it
        nearest = np.argsort(-index, axis=1, kind="stable")[:, : k + 1]
        value = np.minimum(np.take_along_axis(index, nearest, axis=1), 1.0)
        row, column = np.nonzero(value > MIN_JACCARD)
        sources.append(nearest[row, column])
        targets.append(start + row)
        weights.append(value[row, column])
    return np.array([np.concatenate(sources), np.concatenate(targets)]), np.concatenate(weights)


def screen_genes(task: Task) -> set[str]:
    """Genes measured, perturbed in training, or asked for: of the last, the names alone."""
    labels = [*task.cells.obs.perturbation.unique(), *task.wanted.perturbation]
    return {*task.cells.var_names, *(gene for label in labels for gene in label.split("+"))}


def gears_name(perturbation: str) -> str:
    """``ctrl``, ``A+ctrl`` or ``A+B``."""
    parts = perturbation.split("+")
    return "ctrl" if perturbation == "control" else "+".join([*parts, "ctrl"] if len(parts) == 1 else parts)


def answerable(perturbation: str, genes: set[str]) -> bool:
    """Whether GEARS has all genes of the perturbation in its graph; it knows of one or two at once."""
    parts = perturbation.split("+")
    return len(parts) <= 2 and genes.issuperset(parts)


def validation(conditions: list[str], fraction: float, seed: int) -> list[str]:
    """Training conditions by which the best epoch is chosen: at least one, never a wanted one."""
    n = max(1, round(fraction * len(conditions)))
    return sorted(np.random.default_rng(seed).choice(sorted(conditions), n, replace=False).tolist())


def fit(task: Task, context: str, go: tuple[list[str], np.ndarray, np.ndarray], args: argparse.Namespace):
    """GEARS trained on one context."""
    import torch
    from gears import GEARS, PertData

    random.seed(args.seed), np.random.seed(args.seed), torch.manual_seed(args.seed)  # noqa: NPY002
    torch.set_num_threads(args.threads)
    genes, edges, weights = go
    obs = task.cells.obs
    kept = (obs.context == context) & [p == "control" or answerable(p, set(genes)) for p in obs.perturbation]
    names = [gears_name(p) for p in obs.perturbation[kept]]
    cells = ad.AnnData(
        sp.csr_matrix(task.dense(kept), dtype=np.float32),
        obs=pd.DataFrame({"condition": names, "cell_type": "cells"}, index=obs.index[kept]),
        var=pd.DataFrame({"gene_name": task.cells.var_names}, index=task.cells.var_names),
    )
    trained = sorted(set(names) - {"ctrl"})
    held = validation(trained, args.validation, args.seed)
    print(f"{context}: {cells.n_obs} cells, {len(trained)} conditions, of which {len(held)} choose the epoch: {held}")
    lost = sorted(set(obs.perturbation[(obs.context == context) & ~kept]))
    print(f"{context}: {len(lost)} training conditions have genes outside of the graph and are left out: {lost}")
    with tempfile.TemporaryDirectory() as folder:
        for file, content in {  # found there, they are not downloaded
            "gene2go_all.pkl": dict.fromkeys(genes, frozenset()),
            "genes.pkl": genes,
            "split.pkl": {"train": ["ctrl", *[c for c in trained if c not in held]], "val": held},
        }.items():
            Path(folder, file).write_bytes(pickle.dumps(content))
        data = PertData(folder, gene_set_path=f"{folder}/genes.pkl")
        data.new_data_process("task", adata=cells)
        data.prepare_split("custom", seed=args.seed, split_dict_path=f"{folder}/split.pkl")
        data.split = "no_test"  # a custom split wants a test set
        data.get_dataloader(batch_size=args.batch, test_batch_size=128)
        model = GEARS(data, device="cpu")
        model.model_initialize(
            hidden_size=args.hidden,
            G_go=torch.tensor(edges, dtype=torch.long),
            G_go_weight=torch.tensor(weights, dtype=torch.float32),
        )
        model.train(epochs=args.epochs, lr=1e-3)
    return model


def predict(model, task: Task, context: str, perturbation: str, n: int = 64) -> np.ndarray:
    """(genes,) effect: the shift that GEARS adds to control cells, on their mean."""
    import torch
    from gears.utils import create_cell_graph_dataset_for_prediction
    from torch_geometric.loader import DataLoader

    parts = perturbation.split("+")
    graphs = create_cell_graph_dataset_for_prediction(parts, model.ctrl_adata, model.pert_list, "cpu", n)
    batch = next(iter(DataLoader(graphs, n)))
    model.best_model.eval()
    with torch.no_grad():
        shift = (model.best_model(batch) - batch.x.reshape(n, -1)).mean(dim=0).numpy()
    control = task.control(context).mean(axis=0)
    return task.effect(task.rate(control + shift), task.rate(control))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", help="folder written by `vcassay task`")
    parser.add_argument("--go", required=True, help="GO terms: GMT, or a table (go_id, gene_symbols joined by |)")
    parser.add_argument("-o", "--output", default="predictions.parquet")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--hidden", type=int, default=64)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--neighbours", type=int, default=20, help="nearest genes in the GO graph")
    parser.add_argument("--graph", choices=("screen", "all"), default="screen", help="genes of the GO graph")
    parser.add_argument("--largest-term", type=int, default=1000, help="leave out GO terms of more genes")
    parser.add_argument("--validation", type=float, default=0.1, help="share of training conditions")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    start, task = time.monotonic(), read_task(args.task)
    wide = screen_genes(task) if args.graph == "screen" else None
    genes, member, terms = read_go(args.go, args.largest_term, wide)
    edges, weights = go_graph(member, args.neighbours)
    print(f"GO graph ({args.graph} genes): {len(genes)} genes, {len(terms)} terms, {len(weights)} edges")
    effects, known = {}, set(genes)
    for context, rows in task.wanted.groupby("context"):
        obs = task.cells.obs[task.cells.obs.context == context]
        if not {"control"} < set(obs.perturbation):
            print(f"{context}: nothing but controls to train on: GEARS takes no context, abstained")
            continue
        model = fit(task, context, (genes, edges, weights), args)
        for i, perturbation in rows.perturbation.items():
            if answerable(perturbation, known):
                effects[i] = predict(model, task, context, perturbation)
            else:
                print(f"{perturbation}: not in the GO graph, abstained")
    write_predictions(task, effects, args.output)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{time.monotonic() - start:.0f} s, at most {peak:.1f} GiB")


if __name__ == "__main__":
    main()
