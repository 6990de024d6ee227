"""Prior knowledge about a simulated screen: features, similarities, annotation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from vcassay.simulate.chemistry import Compound
from vcassay.simulate.contexts import Contexts
from vcassay.simulate.panel import Floats, Panel
from vcassay.simulate.perturbagens import CRISPRI, Perturbagens
from vcassay.simulate.plan import SimulationPlan


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """One row of numbers a name.

    Attributes
    ----------
    names
        p row names.
    columns
        d column names.
    matrix
        (p, d).
    """

    names: tuple[str, ...]
    columns: tuple[str, ...]
    matrix: Floats

    def rows(self, names: list[str] | tuple[str, ...]) -> Floats:
        """(len(names), d) rows in the order asked for; NaN where a name is unknown."""
        position = {name: i for i, name in enumerate(self.names)}
        at = np.asarray([position.get(name, -1) for name in names], dtype=np.int64)
        return np.where((at >= 0)[:, None], self.matrix[at], np.nan)


@dataclass(frozen=True, slots=True, eq=False)
class Knowledge:
    """What a user of the screen could look up.

    Attributes
    ----------
    gene_sets
        Members of each pathway and of the stress response.
    compounds
        Every drug with its structure, target and mechanism.
    gene_relations
        Pairs of targeted genes in one pathway, (a, b) with a < b: partners in the sense of L09.
    """

    gene_sets: Mapping[str, tuple[str, ...]]
    compounds: tuple[Compound, ...]
    gene_relations: tuple[tuple[str, str], ...]


def perturbation_features(plan: SimulationPlan, panel: Panel, perturbagens: Perturbagens, rng: Generator) -> Features:
    """Membership of each perturbagen's target in the pathways, with noise; columns have unit variance.

    ``feature_quality`` of the variance is signal. A guide and the inhibitors of its gene have the
    same signal and noise of their own. Combinations have no row: use their parts.
    """
    member = np.asarray(
        [
            [gene in panel.gene_sets[name] for name in panel.programme_names[: plan.n_pathways]]
            for gene in perturbagens.target
        ]
    )
    rate = plan.n_pathways**-1.0 if plan.n_pathways > 1 else 0.5
    signal = (member - rate) / np.sqrt(rate * (1 - rate))
    noise = rng.standard_normal(signal.shape)
    matrix = np.sqrt(plan.feature_quality) * signal + np.sqrt(1 - plan.feature_quality) * noise
    return Features(tuple(perturbagens.names.tolist()), panel.programme_names[: plan.n_pathways], np.asarray(matrix))


def context_similarity(names: tuple[str, ...], control: Floats) -> Features:
    """Correlation of control expression between contexts, after the mean over contexts is removed.

    Parameters
    ----------
    control
        (c, g) control profiles in log1p space.

    Returns
    -------
    Features whose columns are the contexts; with one context the matrix is 1.
    """
    centred = control - control.mean(axis=0) if len(names) > 1 else control
    centred = centred - centred.mean(axis=1, keepdims=True)
    unit = centred / np.linalg.norm(centred, axis=1, keepdims=True)
    return Features(names, names, np.asarray(unit @ unit.T))


def make_knowledge(panel: Panel, perturbagens: Perturbagens, compounds: tuple[Compound, ...]) -> Knowledge:
    """Collect the annotation."""
    guides = np.flatnonzero(perturbagens.modality == CRISPRI)
    pathway: NDArray[np.int64] = perturbagens.pathway[guides]
    names = perturbagens.names[guides].tolist()
    pairs = [
        (min(a, b), max(a, b))
        for i, a in enumerate(names)
        for j, b in enumerate(names[:i])
        if pathway[i] == pathway[j] and a != b
    ]
    return Knowledge(panel.gene_sets, compounds, tuple(sorted(pairs)))


def relations(contexts: Contexts) -> tuple[tuple[str, str, str], ...]:
    """(a, b, ``sibling``) for every pair of contexts of one origin."""
    return tuple((a, b, "sibling") for a, b in contexts.siblings)
