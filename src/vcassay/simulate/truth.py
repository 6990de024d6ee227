"""Truth: what every condition really does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.random import Generator
from numpy.typing import NDArray

from vcassay.core import Conditions
from vcassay.simulate.contexts import Contexts
from vcassay.simulate.grid import Grid
from vcassay.simulate.panel import Floats, Panel
from vcassay.simulate.perturbagens import Perturbagens
from vcassay.simulate.plan import SimulationPlan
from vcassay.simulate.response import hill, onset

TARGET_SUM = 1e4
"""Counts a profile is scaled to before log1p."""


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """True effects.

    Attributes
    ----------
    conditions
        (n,) all simulated conditions.
    genes
        (g,) names.
    delta
        (n, g) log1p(1e4 x rate) - log1p(1e4 x control rate), where rate is the expected share of
        counts, averaged over batches as the condition's cells are.
    is_null
        (n,) whether the condition does nothing: its delta is 0 exactly.
    response
        (n,) part of the full effect that dose and time bring about.
    codes
        Parts of the log rate change as (n, r) weights of the programmes: ``stress``,
        ``perturbation``, ``context``, ``interaction``, ``synergy``.
    programmes, programme_names
        (r, g) and r names.
    knockdown
        (n, g) sparse: log rate change of target genes themselves, beside the codes.
    control
        (contexts, g) profile log1p(1e4 x rate) of unperturbed cells, batches weighing equally.
    contexts
        Names of the rows of ``control``.
    """

    conditions: Conditions
    genes: NDArray[np.str_]
    delta: Floats
    is_null: NDArray[np.bool_]
    response: Floats
    codes: Mapping[str, Floats]
    programmes: Floats
    programme_names: tuple[str, ...]
    knockdown: sp.csr_matrix
    control: Floats
    contexts: tuple[str, ...]

    def component(self, name: str) -> Floats:
        """(n, g) one part of the log rate change; ``target`` is the knockdown itself."""
        if name == "target":
            return np.asarray(self.knockdown.toarray())
        return np.asarray(self.codes[name] @ self.programmes)

    def log_rate_change(self) -> Floats:
        """(n, g) the whole change of log rate, before rates are scaled to sum to 1."""
        return _change(self.codes, self.programmes, self.knockdown)

    @property
    def magnitude(self) -> Floats:
        """(n,) root mean square of delta over genes."""
        return np.asarray(np.sqrt(np.mean(self.delta**2, axis=1)))


@dataclass(frozen=True, slots=True, eq=False)
class Rates:
    """Expected shares of counts in each batch.

    ``perturbed`` is (n, batches, g) and ``control`` (contexts, batches, g).
    """

    perturbed: Floats
    control: Floats


def make_truth(
    plan: SimulationPlan,
    panel: Panel,
    contexts: Contexts,
    perturbagens: Perturbagens,
    grid: Grid,
    weights: Floats,
    rng: Generator,
) -> tuple[Truth, Rates]:
    """Add up the parts of every effect and turn them into expected shares of counts.

    Parameters
    ----------
    weights
        (n, batches) share of each condition's cells in each batch.
    """
    codes, knockdown, response = _parts(plan, panel, contexts, perturbagens, grid, rng)
    change = _change(codes, panel.programmes, knockdown)
    batch = plan.batch_sd * rng.standard_normal((plan.n_batches, plan.n_genes))
    batch -= batch.mean(axis=0)
    base = contexts.log_rate[:, None, :] + batch
    rates = Rates(_shares(base[grid.context] + change[:, None, :]), _shares(base))
    perturbed = np.einsum("nb,nbg->ng", weights, rates.perturbed)
    unperturbed = np.einsum("nb,nbg->ng", weights, rates.control[grid.context])
    active = ~perturbagens.is_null[np.maximum(grid.part, 0)] & (grid.part >= 0)
    truth = Truth(
        conditions=grid.conditions,
        genes=panel.genes,
        delta=np.log1p(TARGET_SUM * perturbed) - np.log1p(TARGET_SUM * unperturbed),
        is_null=np.asarray(~active.any(axis=1)),
        response=response,
        codes=codes,
        programmes=panel.programmes,
        programme_names=panel.programme_names,
        knockdown=knockdown,
        control=np.log1p(TARGET_SUM * rates.control.mean(axis=1)),
        contexts=contexts.names,
    )
    return truth, rates


def _parts(
    plan: SimulationPlan, panel: Panel, contexts: Contexts, perturbagens: Perturbagens, grid: Grid, rng: Generator
) -> tuple[dict[str, Floats], sp.csr_matrix, Floats]:
    """Codes of every condition by part, the knockdown of target genes, and the response to dose and time."""
    n, r = len(grid.conditions), len(panel.programmes)
    row, slot = np.nonzero(grid.part >= 0)
    who = grid.part[row, slot]
    response = onset(grid.conditions.time) * hill(
        grid.conditions.dose, perturbagens.ec50[grid.part[:, 0]], perturbagens.slope[grid.part[:, 0]]
    )
    strength = response[row] * perturbagens.size[who]
    latent = contexts.latent[grid.context[row]]
    common = contexts.latent @ _context_codes(contexts.latent.shape[1], r, rng)
    share = {"stress": plan.stress_share, "context": plan.context_share, "interaction": plan.interaction_share}
    share["perturbation"] = 1 - sum(share.values())
    unit = {
        "stress": perturbagens.stress[who, None] * np.eye(r)[-1],
        "context": common[grid.context[row]],
        "interaction": np.einsum("ml,mlr->mr", latent, perturbagens.rewiring[who]),
        "perturbation": perturbagens.own[who],
    }
    codes = {name: np.zeros((n, r)) for name in sorted(unit)}
    for name, total in codes.items():
        np.add.at(total, row, np.sqrt(max(share[name], 0.0)) * strength[:, None] * unit[name])

    codes["synergy"] = _synergy(plan, perturbagens, grid, r, rng)
    lowered = sp.coo_matrix(
        (response[row] * perturbagens.knockdown[who], (row, perturbagens.target_gene[who])), (n, plan.n_genes)
    )
    knockdown = sp.csr_matrix(lowered)
    knockdown.eliminate_zeros()
    return codes, knockdown, response


def _context_codes(dims: int, r: int, rng: Generator) -> Floats:
    """(l, r) unit codes: what each latent dimension adds to the response to any perturbation."""
    codes = rng.standard_normal((dims, r))
    return np.asarray(codes / np.linalg.norm(codes, axis=1, keepdims=True))


def _synergy(plan: SimulationPlan, perturbagens: Perturbagens, grid: Grid, r: int, rng: Generator) -> Floats:
    """(n, r) what a pair does beyond the sum of its parts, alike in every context; 0 if a part is null."""
    out = np.zeros((len(grid.conditions), r))
    pairs = grid.part[grid.part[:, 1] >= 0]
    if not len(pairs):
        return out
    distinct, of_row = np.unique(pairs, axis=0, return_inverse=True)
    code = rng.standard_normal((len(distinct), r))
    code /= np.linalg.norm(code, axis=1, keepdims=True)
    both = np.all(perturbagens.size[distinct] > 0, axis=1)
    size = np.sqrt(plan.synergy_share * np.sum(perturbagens.size[distinct] ** 2, axis=1)) * both
    at = np.flatnonzero(grid.part[:, 1] >= 0)
    out[at] = (size[:, None] * code)[of_row.ravel()] * onset(grid.conditions.time[at])[:, None]
    return out


def _change(codes: Mapping[str, Floats], programmes: Floats, knockdown: sp.csr_matrix) -> Floats:
    total = np.sum([codes[name] for name in sorted(codes)], axis=0)
    return np.asarray(total @ programmes + knockdown.toarray())


def _shares(log_rate: Floats) -> Floats:
    rate = np.exp(log_rate - log_rate.max(axis=-1, keepdims=True))
    return np.asarray(rate / rate.sum(axis=-1, keepdims=True))
