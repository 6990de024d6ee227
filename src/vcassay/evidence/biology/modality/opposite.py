"""Opposite: whether the activation of a gene does the opposite of its repression."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.permutations import permute_within
from vcassay.arrays.retrieval import cosine_distances
from vcassay.core import Finding, Threshold
from vcassay.evidence.biology.axes import stress_axes
from vcassay.evidence.biology.bench import TRUTH, Arm, Bench
from vcassay.evidence.biology.contrast import Contrast, Wording, judge, not_assessable
from vcassay.evidence.biology.diagnostic import diagnostic
from vcassay.evidence.biology.modality.pairing import Pairing, clear_own, find_pairs
from vcassay.evidence.biology.modality.placing import averaged, centred
from vcassay.evidence.biology.tested import DRAWS, Tested, tested

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

NAME = "direction_agreement"
LEAST = Threshold("opposite_genes", 5, "fewer genes have too few permutations for p < .01")
ROWS = 200
WANTED = (
    f"it takes {LEAST.value:g} or more genes that are both activated (CRISPRa, over-expression) and repressed "
    "(CRISPRi, knock-out), one of the two among the test conditions, at best in the same contexts"
)
WORDS = Wording(
    quantity="mean of minus the cosine of a gene's activation and its repression",
    unit="genes",
    permuted="genes",
    wanted=WANTED,
    remedy="Check whether the model reads the direction of a genetic perturbation.",
)


@diagnostic(
    NAME,
    title="Opposition of activation and repression",
    source="CRISPRa against CRISPRi of one gene: Gilbert et al. 2014, Cell 159:647",
)
def direction_agreement(bench: Bench, rng: np.random.Generator) -> tuple[Finding, ...]:
    """Effects of activating a gene are opposite to those of repressing it.

    Statistic: minus the cosine of the two mean effects, averaged over genes that are measured or predicted both ways,
    one of them among the test conditions. In every context the mean of activations, and of repressions, is taken off
    first, then axes of stress; then contexts are averaged. The gene itself does not count. Null: repressions permuted
    among genes. A trained perturbation stands as it was measured. Not assessable below five such genes, or where the
    measured effects do not pass: a gene that limits nothing in a context changes nothing when it is raised.
    """
    pairing = find_pairs(bench)
    genes = _both(bench, pairing)
    if len(genes) < LEAST.value:
        why = f"{len(genes)} genes are perturbed both ways, with a detectable effect, and tested one way; {WANTED}"
        return not_assessable(NAME, f"{why}.", bench.submissions)
    order = permute_within(np.zeros(len(genes), dtype=np.int64), DRAWS, rng)
    asked = {arm.name: _asked(bench, arm, pairing, genes, order) for arm in bench.arms}
    named = [pairing.genes[g] for g in genes.tolist()]
    truth, of_truth = asked[TRUTH]
    part = {}
    for arm in bench.submissions:
        if not arm.known.all():
            part[arm.name] = _asked(bench, bench.truth, pairing, genes, order, arm.known)[0]
    contrast = Contrast(
        truth=truth,
        models={a.name: asked[a.name][0] for a in bench.submissions},
        truths=part,
        baselines={a.name: asked[a.name][0] for a in bench.baselines},
        rows=_rows(named, of_truth, None),
        model_rows={a.name: _rows(named, of_truth, asked[a.name][1]) for a in bench.submissions},
        coverage=f"{float(np.nanmean(of_truth > 0)):.0%} of them are opposite.",
    )
    return judge(NAME, bench, contrast, WORDS)


def _both(bench: Bench, pairing: Pairing) -> Codes:
    """Genes that are perturbed both ways, not both of them trained alone."""
    gene, side = pairing.gene[pairing.agent], pairing.side[pairing.agent]
    stated = bench.agents.direction[pairing.agent] != 0
    tested_ = np.zeros(len(gene), dtype=bool)
    tested_[len(pairing.train_row) :] = True
    ways = [set(gene[stated & (side == way)].tolist()) for way in (-1, 1)]
    return np.array(sorted(ways[0] & ways[1] & set(gene[stated & tested_].tolist())), dtype=np.int64)


def _asked(
    bench: Bench, arm: Arm, pairing: Pairing, genes: Codes, order: Codes, known: NDArray[np.bool_] | None = None
) -> tuple[Tested, Array]:
    """Ask an arm: the statistic, and (m,) the value of each gene."""
    answered = (arm.known if known is None else arm.known & known)[pairing.test_row]
    use = np.concatenate([np.ones(len(pairing.train_row), dtype=bool), answered])
    trained = np.where(bench.mask.any(axis=0), bench.trained[1][pairing.train_row], 0.0)
    total, count = np.zeros((len(genes), len(genes))), np.zeros((len(genes), len(genes)))
    for pair in bench.measurements(arm):
        rows = [np.concatenate([trained, half[pairing.test_row]]) for half in pair]
        for half in rows:
            clear_own(half, pairing)
        for a, b in (rows, rows[::-1]):
            raised, lowered = (_means(bench, pairing, x, use, way, genes) for x, way in ((a, 1), (b, -1)))
            found = cosine_distances(raised, lowered) - 1.0
            total += np.nan_to_num(found)
            count += np.isfinite(found)
    opposite = np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0)
    each = np.diagonal(opposite)
    fine = np.isfinite(each)
    drawn = opposite[np.arange(len(genes)), order]
    with np.errstate(invalid="ignore"):
        value = float(np.nanmean(each)) if fine.sum() >= LEAST.value else np.nan
        null = np.nanmean(drawn[:, fine], axis=1) if fine.any() else np.empty(0)
    return tested(value, null, int(fine.sum())), each


def _means(bench: Bench, pairing: Pairing, rows: Array, use: NDArray[np.bool_], way: int, genes: Codes) -> Array:
    """(m, g) mean effect of each gene one way, less what all of that way share in a context and axes of stress."""
    gene = pairing.gene[pairing.agent]
    own = use & (pairing.side[pairing.agent] == way) & (bench.agents.direction[pairing.agent] != 0)
    side = averaged(rows[own], gene[own], pairing.context[own])
    mean = averaged(stress_axes(bench).without(centred(side)), side.item, np.zeros_like(side.item))
    out = np.full((len(genes), rows.shape[1]), np.nan)
    at = np.searchsorted(mean.item, genes)
    there = np.isin(genes, mean.item)
    out[there] = mean.values[at[there]]
    return out


def _rows(genes: list[str], truth: Array, model: Array | None) -> list[Mapping[str, Any]]:
    """Evidence, one row a gene."""
    out: list[Mapping[str, Any]] = []
    for i in np.argsort(-np.round(truth, 9), kind="stable")[:ROWS].tolist():
        row: dict[str, Any] = {"kind": "opposite", "target": genes[i]}
        row |= {"truth": float(truth[i])} if np.isfinite(truth[i]) else {}
        row |= {"model": float(model[i])} if model is not None and np.isfinite(model[i]) else {}
        out.append(row)
    return out
