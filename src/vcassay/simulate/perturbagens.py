"""Perturbagens: the single perturbations, and what each of them does."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from vcassay.simulate.chemistry import Compound, make_compounds
from vcassay.simulate.panel import Floats, Panel
from vcassay.simulate.plan import SimulationPlan

CRISPRI, DRUG = "CRISPRi", "drug"
DRUGS_PER_TARGET = 3
EXPRESSED_QUANTILE = 0.3
"""Targets come from genes above this quantile of expression, so that a knockdown can be measured."""
EC50_DECADES = (-1.0, 0.5)
HILL_SLOPES = (1.0, 1.6)
STRESS_SPREAD = 0.3


@dataclass(frozen=True, slots=True, eq=False)
class Perturbagens:
    """Single perturbations, guides first, then drugs.

    Attributes
    ----------
    names, modality, target, moa, smiles
        (p,) labels; a guide is named after its target gene, and has no mechanism or structure.
    target_gene, pathway
        (p,) index of the target gene and of its pathway.
    is_null
        (p,) whether it does nothing anywhere.
    size
        (p,) root mean square log rate change at full dose, 0 where null.
    stress
        (p,) strength of the stress response, relative to the others.
    own
        (p, r) unit code over programmes: what it does in every context.
    rewiring
        (p, l, r) unit codes: what each latent dimension of a context adds.
    knockdown
        (p,) log rate change of the target gene itself; 0 for drugs.
    ec50, slope
        (p,) of the Hill curve, uM; NaN for guides.
    """

    names: NDArray[np.str_]
    modality: NDArray[np.str_]
    target: NDArray[np.str_]
    moa: NDArray[np.str_]
    smiles: NDArray[np.str_]
    target_gene: NDArray[np.int64]
    pathway: NDArray[np.int64]
    is_null: NDArray[np.bool_]
    size: Floats
    stress: Floats
    own: Floats
    rewiring: Floats
    knockdown: Floats
    ec50: Floats
    slope: Floats

    def __len__(self) -> int:
        return len(self.names)

    def take(self, index: NDArray[np.int64]) -> Perturbagens:
        """Rows at ``index``, repeats allowed."""
        return Perturbagens(*(getattr(self, f.name)[index] for f in fields(self)))


def make_perturbagens(plan: SimulationPlan, panel: Panel, rng: Generator) -> tuple[Perturbagens, tuple[Compound, ...]]:
    """Draw guides and drugs.

    Drugs inhibit the targets of working guides where there are any, three drugs a target. A drug
    shares ``on_target_share`` of its energy with its target's knockdown, half of the rest with its
    structure group, and has the other half for itself.
    """
    ranked = _targets(panel, rng)
    guides = np.sort(ranked[: plan.n_crispri])
    guide_null = _some(plan.n_crispri, plan.null_share, rng)
    first = [t for t in ranked[: plan.n_crispri].tolist() if not guide_null[np.searchsorted(guides, t)]]
    n_targets = -(-plan.n_drugs // DRUGS_PER_TARGET)
    hit = [*first, *(t for t in ranked.tolist() if t not in first)][:n_targets]
    drug_target = np.repeat(np.asarray(hit, dtype=np.int64), DRUGS_PER_TARGET)[: plan.n_drugs]
    compounds = make_compounds(tuple(panel.genes[drug_target].tolist()), plan.n_salts)
    drugs = compounds[: plan.n_drugs]

    target = np.concatenate([guides, drug_target])
    is_drug = np.arange(len(target)) >= plan.n_crispri
    scaffold = np.asarray([-1] * plan.n_crispri + [d.scaffold for d in drugs], dtype=np.int64)
    own, rewiring = _codes(plan, panel, target, scaffold, is_drug, rng)
    n, is_null = len(target), np.concatenate([guide_null, _some(plan.n_drugs, plan.null_share, rng)])
    stress = np.exp(STRESS_SPREAD * rng.standard_normal(n) - STRESS_SPREAD**2)  # mean square 1
    left = 1 - np.clip(plan.knockdown + 0.05 * rng.standard_normal(n), 0, 0.98)
    one = Perturbagens(
        names=np.asarray([*panel.genes[guides].tolist(), *(d.name for d in drugs)], dtype=str),
        modality=np.where(is_drug, DRUG, CRISPRI),
        target=panel.genes[target],
        moa=np.asarray([""] * plan.n_crispri + [d.moa for d in drugs], dtype=str),
        smiles=np.asarray([""] * plan.n_crispri + [d.smiles for d in drugs], dtype=str),
        target_gene=target,
        pathway=panel.pathway[target],
        is_null=is_null,
        size=np.where(is_null, 0.0, plan.effect_size * np.exp(plan.effect_spread * rng.standard_normal(n))),
        stress=stress,
        own=own,
        rewiring=rewiring,
        knockdown=np.where(is_drug | is_null, 0.0, np.log(left)),
        ec50=np.where(is_drug, 10 ** rng.uniform(*EC50_DECADES, size=n), np.nan),
        slope=np.where(is_drug, rng.uniform(*HILL_SLOPES, size=n), np.nan),
    )
    return _add_salts(one, compounds[plan.n_drugs :]), compounds


def _add_salts(perturbagens: Perturbagens, salts: tuple[Compound, ...]) -> Perturbagens:
    """Append salts, which do what their parents do under another name and structure."""
    if not salts:
        return perturbagens
    position = {name: i for i, name in enumerate(perturbagens.names.tolist())}
    n = len(perturbagens)
    index = np.asarray([*range(n), *(position[s.parent] for s in salts)], dtype=np.int64)
    values = {f.name: getattr(perturbagens, f.name)[index] for f in fields(perturbagens)}
    values["names"] = np.asarray([*perturbagens.names.tolist(), *(s.name for s in salts)], dtype=str)
    values["smiles"] = np.asarray([*perturbagens.smiles.tolist(), *(s.smiles for s in salts)], dtype=str)
    return Perturbagens(**values)


def _targets(panel: Panel, rng: Generator) -> NDArray[np.int64]:
    """Expressed genes, one of each pathway in turn, so that pathways get equally many targets."""
    expressed = panel.log_expression >= np.quantile(panel.log_expression, EXPRESSED_QUANTILE)
    order = rng.permutation(len(panel.genes))
    order = order[expressed[order]]
    place = np.zeros(len(order), dtype=np.int64)
    for k in range(int(panel.pathway.max()) + 1):
        here = panel.pathway[order] == k
        place[here] = np.arange(here.sum())
    return np.asarray(order[np.lexsort((panel.pathway[order], place))])


def _some(n: int, share: float, rng: Generator) -> NDArray[np.bool_]:
    chosen = np.zeros(n, dtype=bool)
    chosen[rng.permutation(n)[: round(share * n)]] = True
    return chosen


def _codes(
    plan: SimulationPlan,
    panel: Panel,
    target: NDArray[np.int64],
    scaffold: NDArray[np.int64],
    is_drug: NDArray[np.bool_],
    rng: Generator,
) -> tuple[Floats, Floats]:
    """Codes of each perturbagen over programmes: (p, r) its own, and (p, l, r) by latent dimension."""
    r, k, dims = len(panel.programmes), plan.n_pathways, 2 * plan.context_dims
    genes, of_gene = np.unique(target, return_inverse=True)
    at = panel.pathway[genes]
    own_pathway = np.eye(r)[:k]
    gene_own = _mix(own_pathway[at], _random_codes((len(genes), r), rng), plan.pathway_share)
    gene_rewiring = _mix(
        _random_codes((k, dims, r), rng)[at], _random_codes((len(genes), dims, r), rng), plan.pathway_share
    )
    groups = max(int(scaffold.max(initial=-1)) + 1, 1)
    group = _random_codes((groups, r), rng)[np.maximum(scaffold, 0)]
    off_target = _mix(group, _random_codes((len(target), r), rng), 0.5)
    shared = np.where(is_drug, plan.on_target_share, 1.0)
    own = _mix(gene_own[of_gene], off_target, shared[:, None])
    other = _random_codes((len(target), dims, r), rng)
    return own, _mix(gene_rewiring[of_gene], other, shared[:, None, None])


def _random_codes(shape: tuple[int, ...], rng: Generator) -> Floats:
    """Unit vectors over programmes that leave out the last one, the stress response."""
    code = rng.standard_normal(shape)
    code[..., -1] = 0.0
    return np.asarray(code / np.linalg.norm(code, axis=-1, keepdims=True))


def _mix(shared: Floats, own: Floats, share: float | Floats) -> Floats:
    """Unit vectors with ``share`` of their energy from ``shared`` and the rest from ``own``."""
    code = np.sqrt(share) * shared + np.sqrt(1 - np.asarray(share)) * own
    return np.asarray(code / np.linalg.norm(code, axis=-1, keepdims=True))
