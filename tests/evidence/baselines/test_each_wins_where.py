"""Planted structures: each rung wins exactly where its assumption holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest
from tests.evidence.baselines.conftest import conditions_of, task_of

from vcassay.core import Regime
from vcassay.evidence.baselines import BASELINES, Task, Template
from vcassay.knowledge import Features

G = 40
NOISE = 0.2


class Planted(NamedTuple):
    """What is to be predicted, and what a condition's rows tell."""

    task: Task
    truth: np.ndarray
    template: Template | None = None


class Row(NamedTuple):
    """A structure, the rungs that must find it, and rungs that cannot (probes and idle rungs aside)."""

    plant: Callable[[np.random.Generator], Planted]
    win: tuple[str, ...]
    lose: tuple[str, ...]


def planted(rng, value, wanted, template=None, **settings) -> Planted:
    """Noisy effects to learn from, and those without noise of what is wanted; ``value`` by (context, name[, dose])."""
    train = {k: v + NOISE * rng.normal(size=G) for k, v in value.items() if k not in set(wanted)}
    task = task_of(train, wanted, **settings)
    at = {conditions_of([k]).keys[0]: k for k in wanted}
    truth = np.array([value[at[key]] for key in task.wanted.keys])
    return Planted(task, truth, template(task) if template else None)


def ids(n):
    return tuple(f"g{i:02d}" for i in range(n))


def grid(contexts, guides, value):
    return {(f"c{i}", p): value(i, j) for i in range(contexts) for j, p in enumerate(ids(guides))}


def unseen_genes(value, n):
    return [k for k in value if k[1] in ids(len({k[1] for k in value}))[-n:]]


def constant(rng):
    v = rng.normal(size=G)
    value = grid(1, 40, lambda i, j: v)
    return planted(rng, value, unseen_genes(value, 10))


def uneven_noise(rng):
    """Half of the conditions have few cells, and are all noise."""
    v, cells = rng.normal(size=G), {}
    value = grid(1, 40, lambda i, j: v)
    wanted = unseen_genes(value, 10)
    cells = {k: 400.0 if j % 2 else 1.0 for j, k in enumerate(value)}
    task, truth, _ = planted(rng, value, wanted, weights=cells)
    return Planted(
        replace(task, effects=truth[0] + rng.normal(size=(30, G)) * 4.0 / np.sqrt(task.weights)[:, None]), truth
    )


def context_only(rng):
    alpha = rng.normal(size=(6, G))
    value = grid(6, 16, lambda i, j: alpha[i])
    return planted(rng, value, [k for k in value if k[0] == "c5" and k[1] >= "g06"], regime=Regime.FEW_SHOT)


def perturbation_only(rng):
    beta = rng.normal(size=(16, G))
    value = grid(6, 16, lambda i, j: beta[j])
    controls = {f"c{i}": rng.normal(size=G) for i in range(6)}
    return planted(rng, value, [k for k in value if k[0] == "c5"], regime=Regime.CEX, controls=controls)


def additive(rng):
    alpha, beta = rng.normal(size=(6, G)), rng.normal(size=(16, G))
    value = grid(6, 16, lambda i, j: alpha[i] + beta[j])
    return planted(rng, value, [k for k in value if k[0] == "c5" and k[1] >= "g06"], regime=Regime.FEW_SHOT)


def context_follows_controls(rng):
    state, axis, response = rng.normal(size=10), rng.normal(size=G), rng.normal(size=G)
    state[9] = 2.0 + state[:9].mean()
    beta = 0.5 * rng.normal(size=(12, G))
    value = grid(10, 12, lambda i, j: state[i] * response + beta[j])
    controls = {f"c{i}": 2.0 + state[i] * axis for i in range(10)}
    return planted(rng, value, [k for k in value if k[0] == "c9"], regime=Regime.CEX, controls=controls)


def interaction_follows_controls(rng):
    state, axis, response = rng.normal(size=12), rng.normal(size=G), rng.normal(size=(10, G))
    state[11] = 2.0 + state[:11].mean()
    value = grid(12, 10, lambda i, j: state[i] * response[j])
    controls = {f"c{i}": 2.0 + state[i] * axis for i in range(12)}
    return planted(rng, value, [k for k in value if k[0] == "c11"], regime=Regime.CEX, controls=controls)


def twin_contexts(rng):
    beta, profile = rng.normal(size=(5, 12, G)), rng.normal(size=(5, G))
    value = grid(10, 12, lambda i, j: beta[i // 2, j])
    controls = {f"c{i}": profile[i // 2] + 0.05 * rng.normal(size=G) for i in range(10)}
    return planted(rng, value, [k for k in value if k[0] == "c7"], regime=Regime.CEX, controls=controls)


def derived_lines(rng):
    """A line derived from a trained one acts as it does; their controls do not show it."""
    beta = rng.normal(size=(5, 12, G))
    value = grid(10, 12, lambda i, j: beta[i // 2, j])
    controls = {f"c{i}": rng.normal(size=G) for i in range(10)}
    hidden = [k for k in value if k[0] == "c7"]
    return planted(rng, value, hidden, regime=Regime.CEX, controls=controls, siblings={"c7": ("c6",)})


def paralogs(rng):
    """Pairs of genes act alike; one of each of ten pairs is hidden."""
    beta, names = rng.normal(size=(20, G)), ids(40)
    value = {("c0", p): beta[j // 2] for j, p in enumerate(names)}
    kin = {p: (names[j ^ 1],) for j, p in enumerate(names)}
    return planted(rng, value, [("c0", p) for p in names[:20:2]], relatives=kin)


def of_features(rng, x, effect, kind="annotation", hidden=20):
    names = ids(len(x))
    value = {("c0", p): effect[j] for j, p in enumerate(names)}
    return planted(rng, value, [("c0", p) for p in names[-hidden:]], features=(Features("f", names, x, kind=kind),))


def linear_in_features(rng):
    x = rng.normal(size=(80, 6))
    return of_features(rng, x, x @ rng.normal(size=(6, G)))


def sparse_in_features(rng):
    """Three of sixty columns tell."""
    x = rng.normal(size=(80, 60))
    return of_features(rng, x, x[:, :3] @ rng.normal(size=(3, G)), kind="embedding")


def clusters_in_features(rng):
    """More clusters than columns: no plane goes through them."""
    of = np.arange(96) % 16
    x = 3.0 * rng.normal(size=(16, 3))[of] + 0.1 * rng.normal(size=(96, 3))
    return of_features(rng, x, rng.normal(size=(16, G))[of])


def threshold_interaction(rng):
    """A response where two features lie on the same side; neither tells anything on its own."""
    x = rng.uniform(-1.0, 1.0, size=(160, 2))
    return of_features(rng, x, np.outer(np.sign(x[:, 0] * x[:, 1]), rng.normal(size=G)))


def gene_loadings(rng):
    """A perturbed gene acts as its own loadings in the pseudobulks say; what they say is seen on other genes too."""
    genes = [f"g{i:02d}" for i in range(G)]
    load = rng.normal(size=(G, 3))
    k = rng.normal(size=(3, 3))
    value = {("c0", genes[j]): load @ k @ load[j] for j in range(G)}
    return planted(rng, value, [("c0", p) for p in genes[-10:]], genes=genes)


def co_varying_genes(rng):
    """Genes of modules that vary together in controls and act alike."""
    genes, module = [f"g{i:02d}" for i in range(G)], np.arange(G) % 8
    effect = rng.normal(size=(8, G))
    embedding = rng.normal(size=(8, 5))[module] + 0.05 * rng.normal(size=(G, 5))
    value = {("c0", genes[j]): effect[module[j]] for j in range(G)}
    return planted(rng, value, [("c0", p) for p in genes[-10:]], genes=genes, embedding=embedding)


def another_screen(rng):
    """Responses of other genes elsewhere, turned and with noise of their own."""
    low = rng.normal(size=(80, 5))
    other = low @ rng.normal(size=(5, 60)) + 0.2 * rng.normal(size=(80, 60))
    return of_features(rng, other, low @ rng.normal(size=(5, G)), kind="response")


def doubles(rng, join):
    """Pairs of trained singles; a third of the pairs is hidden."""
    beta, names = rng.normal(size=(12, G)), ids(12)
    value = {("c0", p): beta[j] for j, p in enumerate(names)}
    pairs = [(i, j) for j in range(12) for i in range(j)]
    value |= {("c0", f"{names[i]}+{names[j]}"): join(beta[i], beta[j]) for i, j in pairs}
    hidden = [k for n, k in enumerate(value) if "+" in k[1] and n % 3 == 0]
    return planted(rng, value, hidden, regime=Regime.COMBINATION)


def dosed(rng, size, hidden, powers=(0, 1, 2, 3)):
    """Compounds at four doses, each a direction times a size; some are hidden at one dose."""
    direction = {f"d{i:02d}": rng.normal(size=G) for i in range(16)}
    value = {("c0", d, 10.0**x): size(x) * v for d, v in direction.items() for x in powers}
    wanted = [("c0", d, 10.0**hidden) for d in sorted(direction)[:4]]
    return planted(rng, value, wanted, regime=Regime.DOSE)


def classes(rng, column):
    """Compounds of one class act alike; each has features and labels of its own besides."""
    names, kind = [f"d{i:02d}" for i in range(48)], np.arange(48) % 8
    bits = (rng.uniform(size=(48, 200)) < 0.2).astype(float)
    labels = {name: f"l{i}" for name, i in zip(names, rng.permutation(48) % 8, strict=True)}
    if column == "scaffold":
        bits = np.abs((rng.uniform(size=(8, 200)) < 0.2)[kind] - (rng.uniform(size=(48, 200)) < 0.03).astype(float))
    effect = rng.normal(size=(8, G))
    annotation = dict.fromkeys(("moa", "target"), labels)
    if column in annotation:
        annotation[column] = {name: f"k{i}" for name, i in zip(names, kind.tolist(), strict=True)}
    value = {("c0", d, 1.0): effect[kind[j]] for j, d in enumerate(names)}
    prints = (Features("bits", tuple(names), bits, kind="fingerprint"),)
    wanted = [("c0", d, 1.0) for d in names[-12:]]
    return planted(rng, value, wanted, regime=Regime.DEX, annotation=annotation, features=prints)


def genetic_targets(rng):
    """Compounds do less of what the loss of their target does, each of a gene of its own."""
    genes, drugs = ([f"{letter}{i:02d}" for i in range(40)] for letter in "Kd")
    mean = rng.normal(size=G)
    loss = {gene: rng.normal(size=G) for gene in genes}
    value = {("c0", gene): effect for gene, effect in loss.items()}
    value |= {("c0", d, 1.0): mean + 0.8 * loss[gene] for d, gene in zip(drugs, genes, strict=True)}
    annotation = {"target": dict(zip(drugs, genes, strict=True))}
    return planted(rng, value, [("c0", d, 1.0) for d in drugs[-12:]], regime=Regime.DEX, annotation=annotation)


def target_switched(rng, left):
    """A mean effect, but for the perturbed gene, whose expression is (mostly) lost."""
    genes, control = [f"g{i:02d}" for i in range(G)], rng.uniform(4.0, 6.0, size=G)
    mean = 0.3 * rng.normal(size=G)
    value = {("c0", p): np.where(np.arange(G) == j, (left - 1.0) * control, mean) for j, p in enumerate(genes[:30])}
    wanted = [("c0", p) for p in genes[20:30]]
    task, truth, _ = planted(rng, value, wanted, genes=genes, controls={"c0": control})
    marked = [replace(t, modality=np.full(len(t), "CRISPRi")) for t in (task.train, task.wanted)]
    return Planted(replace(task, train=marked[0], wanted=marked[1]), truth)


def own_magnitude(rng):
    """One direction, of a size that belongs to the perturbation and is seen in other contexts."""
    v, size = rng.normal(size=G), rng.uniform(0.2, 3.0, size=24)
    value = grid(5, 24, lambda i, j: size[j] * v)
    return planted(rng, value, [k for k in value if k[0] == "c4"], regime=Regime.CEX)


def by_batch(rng):
    """Effects are the batch's."""
    of, effect = np.arange(40) % 4, rng.normal(size=(4, G))
    value = grid(1, 40, lambda i, j: effect[j % 4])

    def template(task):
        share = [np.eye(4)[[of[int(p[1:])] for p in t.perturbation.tolist()]] for t in (task.train, task.wanted)]
        n = [np.full(len(s), 50.0) for s in share]
        return Template(n[0], n[1], n[0], n[1], ("b0", "b1", "b2", "b3"), *share)

    return planted(rng, value, unseen_genes(value, 10), template)


def by_cells(rng):
    """What kills cells has a large effect, in one direction."""
    v, size = rng.normal(size=G), rng.uniform(0.0, 3.0, size=60)
    value = grid(1, 60, lambda i, j: size[j] * v)

    def template(task):
        rows = [np.exp(6.0 - size[[int(p[1:]) for p in t.perturbation.tolist()]]) for t in (task.train, task.wanted)]
        none = [np.full(len(r), np.nan) for r in rows]
        return Template(*rows, *none, (), *(np.zeros((len(r), 0)) for r in rows))

    return planted(rng, value, unseen_genes(value, 15), template)


MEANS = ("no_change", "perturbed_mean")
LINEARS = ("ridge", "pls", "elastic_net", "gene_loading_prior")
ROWS = {
    "constant": Row(constant, ("perturbed_mean", "perturbed_mean_cells", "context_mean"), ("no_change",)),
    "noise by cells": Row(uneven_noise, ("perturbed_mean_cells",), ("perturbed_mean",)),
    "context": Row(context_only, ("context_mean", "additive"), (*MEANS, "perturbation_mean", "general_mean")),
    "perturbation": Row(
        perturbation_only,
        ("perturbation_mean", "general_mean", "additive", "nearest_context"),
        (*MEANS, "magnitude_only"),
    ),
    "additive": Row(additive, ("additive",), (*MEANS, "context_mean", "perturbation_mean", "general_mean")),
    "context by controls": Row(
        context_follows_controls, ("additive", "context_regression"), (*MEANS, "perturbation_mean", "general_mean")
    ),
    "interaction by controls": Row(
        interaction_follows_controls, ("context_regression",), ("additive", "perturbation_mean", "perturbed_mean")
    ),
    "twin contexts": Row(twin_contexts, ("nearest_context",), ("additive", "perturbation_mean", "perturbed_mean")),
    "derived lines": Row(
        derived_lines, ("related_contexts",), ("nearest_context", "additive", "perturbation_mean", "perturbed_mean")
    ),
    "paralogs": Row(paralogs, ("trained_relatives",), MEANS),
    "linear in features": Row(
        linear_in_features,
        ("ridge", "pls", "elastic_net", "gene_loading_prior", "csendes_elastic_net"),
        (*MEANS, "feature_knn", "random_forest"),
    ),
    "few features tell": Row(sparse_in_features, ("elastic_net",), (*MEANS, "ridge", "feature_knn")),
    "clusters in features": Row(
        clusters_in_features,
        ("feature_knn", "kernel_ridge", "csendes_neighbours"),
        (*MEANS, "ridge", "pls", "elastic_net", "gene_loading_prior"),
    ),
    "threshold interaction": Row(
        threshold_interaction,
        ("random_forest", "gradient_boosting", "kernel_ridge", "csendes_forest"),
        (*MEANS, *LINEARS),
    ),
    "gene loadings": Row(gene_loadings, ("gene_loading",), (*MEANS, "coexpression_knn")),
    "co-varying genes": Row(co_varying_genes, ("coexpression_knn",), MEANS),
    "another screen": Row(another_screen, ("response_transfer", "gene_loading_transfer"), (*MEANS, "feature_knn")),
    "doubles add up": Row(
        lambda rng: doubles(rng, lambda a, b: a + b),
        ("additive_combination", "one_hot", "global_epistasis"),
        (*MEANS, "matching_mean"),
    ),
    "doubles are scaled": Row(
        lambda rng: doubles(rng, lambda a, b: 0.7 * (a + b) + 0.5),
        ("global_epistasis",),
        (*MEANS, "additive_combination", "matching_mean"),
    ),
    "doubles are means": Row(
        lambda rng: doubles(rng, lambda a, b: (a + b) / 2.0),
        ("matching_mean", "global_epistasis"),
        (*MEANS, "additive_combination"),
    ),
    "log-linear dose": Row(
        lambda rng: dosed(rng, lambda x: 1.0 + x, 1.5, (0, 1, 1.5, 3)),
        ("dose_interpolation",),
        (*MEANS, "context_mean", "nearest_dose"),
    ),
    "log-linear dose, beyond": Row(
        lambda rng: dosed(rng, lambda x: 1.0 + x, 3), ("dose_interpolation",), (*MEANS, "nearest_dose")
    ),
    "saturated dose": Row(
        lambda rng: dosed(rng, lambda x: 3.0 if x else 0.0, 3), ("nearest_dose", "dose_interpolation"), MEANS
    ),
    "mechanism": Row(lambda rng: classes(rng, "moa"), ("mechanism_mean",), (*MEANS, "target_mean", "nearest_compound")),
    "target": Row(lambda rng: classes(rng, "target"), ("target_mean",), (*MEANS, "mechanism_mean", "nearest_compound")),
    "scaffold": Row(
        lambda rng: classes(rng, "scaffold"), ("nearest_compound",), (*MEANS, "mechanism_mean", "target_mean")
    ),
    "target perturbed": Row(genetic_targets, ("target_effect",), (*MEANS, "target_mean", "feature_knn")),
    "target lost": Row(
        lambda rng: target_switched(rng, 0.0), ("informed_mean", "target_scaling"), (*MEANS, "gene_propensity")
    ),
    "target scaled": Row(
        lambda rng: target_switched(rng, 0.6), ("target_scaling",), (*MEANS, "informed_mean", "gene_propensity")
    ),
    "own magnitude": Row(own_magnitude, ("magnitude_only", "perturbation_mean"), (*MEANS, "context_mean")),
    "batch": Row(by_batch, ("batch_only",), (*MEANS, "cell_count_magnitude")),
    "cell number": Row(by_cells, ("cell_count_magnitude", "cell_count_neighbour"), (*MEANS, "batch_only")),
}
ELSEWHERE = {
    "gene_propensity": "ranks genes and is no estimate: test_propensity",
    "similar_responses": "for one feature: test_similar_responses",
    **dict.fromkeys((e.name for e in BASELINES if e.meta["kind"] == "sabotage"), "must lose: test_sabotage"),
    "no_change": "wins where nothing happens: below",
}
"""Rungs whose winning is tested in another way."""


def error(name: str, world: Planted) -> float:
    """Squared error as a share of the truth's squares."""
    model = BASELINES[name].obj()
    probe = BASELINES[name].meta["kind"] == "probe"
    model = model.fit(world.task, world.template) if probe else model.fit(world.task)
    gap = model.predict(world.task.wanted) - world.truth
    return float((gap * gap).sum() / (world.truth * world.truth).sum())


SLOW = {"threshold interaction, every gene a forest"}
ALL = [pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name for name in ROWS]


@pytest.mark.parametrize("structure", ALL)
def test_each_wins_where_its_assumption_holds(structure):
    """In the median over seeds no winner has half of the error of any rung that cannot find the structure."""
    row, found = ROWS[structure], {}
    for seed in range(3):
        world = row.plant(np.random.default_rng([seed, list(ROWS).index(structure)]))
        for name in (*row.win, *row.lose):
            found.setdefault(name, []).append(error(name, world))
    middle = {name: float(np.median(errors)) for name, errors in found.items()}
    assert max(middle[n] for n in row.win) < 0.5 * min(middle[n] for n in row.lose), middle


def test_nothing_is_best_told_by_no_change():
    rng = np.random.default_rng(0)
    value = grid(2, 20, lambda i, j: np.zeros(G))
    world = planted(rng, value, unseen_genes(value, 5))
    assert not BASELINES["no_change"].obj().fit(world.task).predict(world.task.wanted).any()
    assert BASELINES["perturbed_mean"].obj().fit(world.task).predict(world.task.wanted).any()


def test_every_rung_has_a_structure_in_which_it_wins():
    winners = {name for row in ROWS.values() for name in row.win}
    assert winners | set(ELSEWHERE) == {e.name for e in BASELINES}
    assert not winners & set(ELSEWHERE)
