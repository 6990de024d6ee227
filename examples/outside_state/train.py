"""Train Arc's State transition model on a task folder and answer its wanted conditions.

Calls the package's own commands, `state tx train` and `state tx infer`, in the environment of requirements.txt.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "outside"))
from task_io import Task, read_task, write_predictions


def state_table(X: np.ndarray, obs: pd.DataFrame) -> ad.AnnData:
    """Cells as State reads them: all genes of the screen in place of its variable genes; no batches."""
    obs = pd.DataFrame(
        {"perturbation": obs.perturbation, "cell_type": obs.context, "batch": "all"}, dtype="category"
    ).astype("category")
    obs.index = pd.Index([f"cell_{i}" for i in range(len(obs))])
    cells = ad.AnnData(np.asarray(X, dtype=np.float32), obs=obs)
    cells.obsm["X_hvg"] = cells.X
    return cells


def answerable(task: Task) -> pd.Series:
    """Which wanted conditions State can answer: it has a column only for perturbations seen in training.

    Nor does it answer for a context of which it has no control cells.
    """
    obs = task.cells.obs
    contexts = set(obs.context[obs.perturbation == "control"])
    trained = set(obs.perturbation) - {"control"}
    return task.wanted.perturbation.isin(trained) & task.wanted.context.isin(contexts)


def virtual_cells(task: Task, wanted: pd.DataFrame, n: int) -> ad.AnnData:
    """Control cells of each context, and ``n`` rows a wanted condition for State to fill."""
    obs = task.cells.obs
    known = (obs.perturbation == "control") & obs.context.isin(set(wanted.context))
    rows = wanted.loc[wanted.index.repeat(n), ["perturbation", "context"]]
    X = np.concatenate([task.dense(known), np.zeros((len(rows), task.cells.n_vars))])
    return state_table(X, pd.concat([obs.loc[known, ["perturbation", "context"]], rows]))


def overrides(folder: Path, args: argparse.Namespace) -> list[str]:
    """State's settings: its defaults but for size, steps and the names of the columns."""
    width, heads = args.hidden, 4
    return [
        f"data.kwargs.toml_config_path={folder}/task.toml",
        "data.kwargs.embed_key=X_hvg",
        "data.kwargs.output_space=gene",
        "data.kwargs.pert_col=perturbation",
        "data.kwargs.cell_type_key=cell_type",
        "data.kwargs.batch_col=batch",
        "data.kwargs.control_pert=control",
        "data.kwargs.num_workers=0",
        "data.kwargs.pin_memory=false",
        "model=state",
        f"model.kwargs.cell_set_len={args.cells}",
        f"model.kwargs.hidden_dim={width}",
        f"model.kwargs.transformer_backbone_kwargs.intermediate_size={4 * width}",
        f"model.kwargs.transformer_backbone_kwargs.num_hidden_layers={args.layers}",
        f"model.kwargs.transformer_backbone_kwargs.num_attention_heads={heads}",
        f"model.kwargs.transformer_backbone_kwargs.num_key_value_heads={heads}",
        f"model.kwargs.transformer_backbone_kwargs.head_dim={width // heads}",
        f"training.max_steps={args.steps}",
        f"training.val_freq={10 * args.steps}",  # no condition is set aside: the last step is used
        f"training.batch_size={args.batch}",
        f"training.lr={args.lr}",
        f"training.train_seed={args.seed}",
        "use_wandb=false",
        f"output_dir={folder}",
        "name=run",
    ]


def run_state(words: list[str], log: Path, threads: int) -> None:
    """One of State's commands; its output goes to a file."""
    command = [str(Path(sys.executable).parent / "state"), "tx", *words]
    names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS")
    environment = {**os.environ, **dict.fromkeys(names, str(threads)), "CUDA_VISIBLE_DEVICES": ""}
    with log.open("a") as out:
        code = subprocess.run(command, stdout=out, stderr=subprocess.STDOUT, env=environment, check=False).returncode
    if code:
        raise SystemExit(f"state tx {words[0]} failed:\n{log.read_text()[-3000:]}")


def effects_of(task: Task, wanted: pd.DataFrame, answered: ad.AnnData) -> dict[int, np.ndarray]:
    """Effect of each wanted condition: the pseudobulk of its virtual cells against that of the measured controls."""
    out, obs = {}, answered.obs
    for i, row in wanted.iterrows():
        mine = (obs.perturbation == row.perturbation) & (obs.cell_type == row.context)
        predicted = task.rate(np.asarray(answered.obsm["X_hvg"], dtype=np.float64)[np.flatnonzero(mine)])
        out[i] = task.effect(predicted.mean(axis=0), task.rate(task.control(row.context)).mean(axis=0))
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", help="folder written by `vcassay task`")
    parser.add_argument("-o", "--output", default="predictions.parquet")
    parser.add_argument("--log", default="state.log", help="what State prints")
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--cells", type=int, default=32, help="cells in a set")
    parser.add_argument("--batch", type=int, default=8, help="sets in a step")
    parser.add_argument("--hidden", type=int, default=128)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--lr", type=float, default=3e-4)
    parser.add_argument("--virtual", type=int, default=256, help="virtual cells a wanted condition")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    start, task = time.monotonic(), read_task(args.task)
    can = answerable(task)
    for row in task.wanted[~can].itertuples():
        print(f"{row.perturbation} in {row.context}: not seen in training or without controls, abstained")
    wanted, log = task.wanted[can], Path(args.log)
    log.write_text("")
    effects: dict[int, np.ndarray] = {}
    if len(wanted):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "data").mkdir()
            state_table(task.dense(np.ones(task.cells.n_obs)), task.cells.obs).write_h5ad(folder / "data/train.h5ad")
            text = f'[datasets]\ntask = "{folder}/data"\n\n[training]\ntask = "train"\n'
            (folder / "task.toml").write_text(text)
            print(f"training on {task.cells.n_obs} cells, {args.steps} steps; see {log}", flush=True)
            run_state(["train", *overrides(folder, args)], log, args.threads)
            print(f"{time.monotonic() - start:.0f} s; answering {len(wanted)} conditions", flush=True)
            virtual_cells(task, wanted, args.virtual).write_h5ad(folder / "asked.h5ad")
            asked = ["infer", "--model-dir", f"{folder}/run", "--adata", f"{folder}/asked.h5ad", "--embed-key", "X_hvg"]
            asked += ["--pert-col", "perturbation", "--celltype-col", "cell_type", "--seed", str(args.seed)]
            run_state([*asked, "--output", f"{folder}/answered.h5ad"], log, args.threads)
            effects = effects_of(task, wanted, ad.read_h5ad(folder / "answered.h5ad"))
    write_predictions(task, effects, args.output)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    print(f"{time.monotonic() - start:.0f} s, at most {peak:.1f} GiB")


if __name__ == "__main__":
    main()
