"""What a careful author hands in: all that can be looked up, a full disclosure with its files, and honest models."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import partial

import numpy as np

from vcassay.arrays.variable_genes import top
from vcassay.evidence.baselines import Rung
from vcassay.evidence.leakage.given.gene_lists import SETS, cell_groups, cell_moments
from vcassay.knowledge import CellLines, Compounds, Features, GeneSets, Knowledge, Relations, Resource
from vcassay.prediction import Answer, Disclosure, Materials, declare, hash_barcodes
from vcassay.run.ladder import as_submission
from vcassay.simulate import Simulation
from vcassay.simulate.answers import honest
from vcassay.testing.leaks.contexts import cell_lines
from vcassay.testing.leaks.likelihood import losses
from vcassay.testing.leaks.shortcut import answered, exchanged
from vcassay.testing.leaks.study import Study

RELEASED = date(2021, 6, 1)
SKILLED = "skilled"
SUBMITTED = {"mean": "perturbed_mean", "additive": "additive"}
"""Model to the rung of the ladder that is handed in under its name, where the claim allows it."""
CHOSEN_SHARE = 0.5
BARCODES = 20_000


def resource(name: str, n: int) -> Resource:
    """A resource of a file that was released before the screen was."""
    return Resource(name, f"{name}.csv", "", RELEASED, "", n)


def find_knowledge(simulation: Simulation) -> Knowledge:
    """All that can be looked up of a simulated screen: pathways, pairs of genes, features, compounds, cell lines."""
    own, made = simulation.knowledge, simulation.features
    sets = {name: tuple(sorted(genes)) for name, genes in own.gene_sets.items()}
    pairs = all_partners(simulation)
    left, right = ([pair[k] for pair in pairs] for k in (0, 1))
    drugs = own.compounds
    names = tuple(c.name for c in drugs)
    table = Compounds(
        resource("compounds", len(drugs)),
        names,
        names,
        tuple(c.smiles for c in drugs),
        ("",) * len(drugs),
        tuple((c.target,) for c in drugs),
        tuple((c.moa,) for c in drugs),
    )
    lines = np.unique(simulation.screen.conditions.context).tolist()
    around = simulation.context_features
    return Knowledge(
        features=(Features("features", made.names, made.matrix, resource("features", len(made.names)), "embedding"),),
        gene_sets=(GeneSets(replace(resource("pathways", len(sets)), kin=False), sets, {}),),
        relations=(Relations.make(resource("network", len(pairs)), "network neighbour", left, right),),
        compounds=(table,) if drugs else (),
        cell_lines=cell_lines_released(lines, simulation),
        context_features=(
            Features("lines", around.names, around.matrix, resource("lines", len(around.names)), "embedding"),
        ),
    )


def all_partners(simulation: Simulation) -> list[tuple[str, str]]:
    """A network over all genes: targeted genes of one pathway, and each other gene with two of its own."""
    targets = {part for parts in simulation.screen.conditions.parts for part in parts}
    pairs = list(simulation.knowledge.gene_relations)
    for members in (sorted(genes) for genes in simulation.knowledge.gene_sets.values()):
        others = [gene for gene in members if gene not in targets]
        pairs += [(one, members[(members.index(one) + step) % len(members)]) for one in others for step in (1, 2)]
    return sorted({(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]})


def cell_lines_released(lines: list[str], simulation: Simulation) -> CellLines:
    """Descent of the screen's contexts."""
    return replace(cell_lines(lines, simulation.relations), resource=resource("cell lines", len(lines)))


def disclose(study: Study, seed: int) -> tuple[Disclosure, Materials]:
    """Everything that a disclosure can say, and every file that it can name, of a model without any leak."""
    rng = np.random.default_rng([seed, 1])
    screen, knowledge = study.simulation.screen, study.knowledge
    features, pairs = knowledge.features[0], knowledge.relations
    day = RELEASED.isoformat()
    declared = declare(
        inputs=["perturbation", "dose", "time", "control_expression"],
        controls="training",
        priors=[
            {
                "name": "features",
                "kind": "embedding",
                "assay": "none",
                "access": "public",
                "holds_test": False,
                "released": day,
                "file": "features.csv",
            }
        ],
        graphs=[
            {"name": p.resource.name, "built_from": "all genes", "released": day, "file": "network.csv"} for p in pairs
        ],
        pretraining=[
            {
                "name": "atlas",
                "accessions": ["GSE100001", "GSE100002"],
                "contexts": ["liver", "lung"],
                "perturbed": False,
                "holds_test": False,
                "released": day,
                "barcodes": "atlas.md5",
            }
        ],
        genes={"data": "training", "file": "genes.txt"},
        scaling="training",
        filters=[],
        selection="validation",
        looks=1,
        submissions=0,
        losses="losses.csv",
    )
    moments = cell_moments(screen, cell_groups(screen, study.split)).scores(SETS["training"][1][1])
    chosen = top(moments["dispersion (Seurat)"], round(CHOSEN_SHARE * len(screen.genes)))
    atlas = np.unique(hash_barcodes([f"atlas_{seed}_{i}" for i in range(BARCODES)]))
    materials = Materials(
        features={"features": features},
        edges={p.resource.name: p for p in pairs},
        genes=tuple(screen.genes[chosen].tolist()),
        barcodes={"atlas": atlas},
        losses=losses(study, rng, memorised=False),
    )
    return declared, materials


def submit(study: Study, rungs: list[Rung], seed: int) -> dict[str, Answer]:
    """The models of a clean study: a skilled one, and rungs of the ladder where they are legal."""
    disclosure, materials = disclose(study, seed)
    full = partial(replace, disclosure=disclosure, materials=materials)
    every = honest(study.simulation, study.split.conditions, np.random.default_rng([seed, 2])).values
    values = every[study.split.test]
    models = {SKILLED: full(answered(study, values, exchanged(study, values, every), SKILLED))}
    made = {r.record.name: r for r in rungs}
    for name, rung in SUBMITTED.items():
        answer = as_submission(made[rung], name) if rung in made else None
        if answer is not None:
            ablations = answered(study, answer.values, exchanged(study, answer.values), name).ablations
            models[name] = full(answer, ablations=ablations)
    return models
