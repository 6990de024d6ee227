"""Clean studies of many shapes with everything handed in: all diagnostics together, of models that deserve no blame."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcassay.claim import find_related, make_claim, make_split
from vcassay.core import Finding, Status
from vcassay.core.finding import AMISS
from vcassay.effects import measure
from vcassay.evidence.baselines import make_task, make_template
from vcassay.evidence.biology import DIAGNOSTICS, make_bench
from vcassay.knowledge import GeneSets, Knowledge, Regulons, Relations
from vcassay.prediction import Answer
from vcassay.run.cache import Cache
from vcassay.run.checks import run_checks
from vcassay.run.genetic import NO_GENETIC, has_both, learn_without
from vcassay.run.ladder import as_submission, run_ladder
from vcassay.simulate import Simulation, SimulationPlan, simulate_screen
from vcassay.simulate.answers import honest, perfect
from vcassay.simulate.bulk import pooled_wells
from vcassay.simulate.panel import STRESS
from vcassay.testing.biology.unheard import unheard
from vcassay.testing.leaks.honest import find_knowledge, resource
from vcassay.testing.leaks.shortcut import answered, exchanged
from vcassay.testing.leaks.study import SMALL, Study

Array = NDArray[np.float64]

PERFECT, SKILLED = "perfect", "skilled"
HONEST = (PERFECT, SKILLED)
"""Models that are told to lack nothing: the truth without noise, and one that is close to it."""
BARE = {"mean": "perturbed_mean", "no change": "no_change"}
"""Models that know nothing of a perturbation, and the rung of the ladder that is handed in."""
SKILL = 0.9
PLACED = 8
"""Dimensions of the embedding that is handed in."""
ALL = tuple(entry.name for entry in DIAGNOSTICS)
FALSE_ANYWHERE = ("paralog_compensation",)
"""Paralogs are drawn at random: no simulated gene makes up for another."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A kind of study.

    Attributes
    ----------
    title
        In words.
    settings
        Of `SimulationPlan`, beside the small ones.
    make, options
        Of `make_split`.
    change
        From the simulated screen and a generator to the one that is assessed.
    absent
        Diagnostics whose biology is not there: the truth must not pass.
    """

    title: str
    settings: Mapping[str, Any]
    make: str
    options: Mapping[str, Any] = field(default_factory=dict)
    change: Callable[[Simulation, np.random.Generator], Simulation] | None = None
    absent: tuple[str, ...] = FALSE_ANYWHERE


GENES: Mapping[str, Any] = {"n_crispri": 48, "n_drugs": 0, "n_contexts": 2, "n_pathways": 12}
LINES: Mapping[str, Any] = {"n_crispri": 16, "n_drugs": 0, "n_contexts": 8, "n_siblings": 1}
BOTH: Mapping[str, Any] = {"n_crispri": 24, "n_drugs": 36, "n_contexts": 2, "doses": (0.5, 5.0)}
DRUGS: Mapping[str, Any] = {"n_crispri": 0, "n_drugs": 36, "n_contexts": 2}
DEX: Mapping[str, Any] = {"tier": "structure", "fraction": 0.7}
NOTHING: Mapping[str, Any] = {"null_share": 1.0}

SHAPES: Mapping[str, Shape] = {
    "genes": Shape("48 guides in 2 contexts, GEX", GENES, "gex", {"fraction": 0.6}),
    "drugs": Shape("36 drugs at 3 doses in 2 contexts, DEX", DRUGS, "dex", DEX),
    "both": Shape("24 guides, 36 drugs at 2 doses, DEX", BOTH, "dex", DEX),
    "contexts": Shape("16 guides in 8 contexts, CEX", LINES, "cex", {"fraction": 0.6}),
    "dosed contexts": Shape(
        "12 drugs at 3 doses in 6 contexts, CEX", {**DRUGS, "n_drugs": 12, "n_contexts": 6}, "cex", {"fraction": 0.6}
    ),
    "few-shot": Shape("few-shot context, 4 of 24 shown", {**LINES, "n_crispri": 24}, "few-shot", {"shots": 4}),
    "combinations": Shape(
        "48 pairs of guides, both parts trained",
        {**GENES, "n_crispri": 16, "n_combinations": 48},
        "combination",
        {"seen": 2},
    ),
    "one context": Shape("24 guides, 36 drugs in 1 context, DEX", {**BOTH, "n_contexts": 1}, "dex", DEX),
    "few": Shape("8 guides in 1 context, GEX", {**GENES, "n_crispri": 8, "n_contexts": 1}, "gex", {"fraction": 0.6}),
    "wells": Shape("bulk wells of 36 drugs, DEX", {**DRUGS, "cells_per_condition": 48}, "dex", DEX, pooled_wells),
    "null genes": Shape("no guide has an effect, GEX", {**GENES, **NOTHING}, "gex", {"fraction": 0.6}, absent=ALL),
    "null drugs": Shape("nothing has an effect, guides and drugs, DEX", {**BOTH, **NOTHING}, "dex", DEX, absent=ALL),
    "null contexts": Shape(
        "nothing has an effect, 12 drugs at 3 doses, CEX",
        {**DRUGS, "n_drugs": 12, "n_contexts": 6, **NOTHING},
        "cex",
        {"fraction": 0.6},
        absent=ALL,
    ),
}
"""Shapes of simulated studies, by name."""

UNKNOWN = (
    "direction_agreement",
    "genetic_evidence",
    "inhibitor_analogue",
    "known_pairs",
    "known_signs",
    "moa_beyond_chemistry",
    "moa_similarity",
    "paralog_compensation",
    "pathway_generalisation",
    "self_knockdown",
    "target_context",
    "target_engagement",
    "target_neighbours",
    "target_pathway",
    "dose_agreement",
    "dose_direction",
    "dose_potency",
    "dose_response",
    "dose_saturation",
    "genetic_interaction",
)
"""What is not there where effects owe nothing to what is known of genes and drugs, nor to the dose."""

UNHEARD: Mapping[str, tuple[str, bool, tuple[str, ...]]] = {
    "unheard-of": ("effects that have nothing to do with classes, targets, pairs or doses", True, UNKNOWN),
    "null names": ("the same names, and nothing has an effect", False, ALL),
}
"""Planted studies: title, whether there are effects, and what is not there."""


@dataclass(frozen=True, slots=True, eq=False)
class Clean:
    """All findings of a clean study.

    Attributes
    ----------
    absent
        Diagnostics whose biology is not there.
    """

    title: str
    absent: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def passing(self) -> tuple[Finding, ...]:
        """Diagnostics in which the truth passes."""
        return tuple(f for f in self.findings if f.model is None and f.status is Status.PASS)

    @property
    def false(self) -> tuple[Finding, ...]:
        """Those of them whose biology is not there."""
        return tuple(f for f in self.passing if f.check in self.absent)

    def judged(self, *models: str) -> tuple[Finding, ...]:
        """Findings of some models that were assessable."""
        return tuple(f for f in self.findings if f.model in models and f.status in (Status.PASS, *AMISS))

    def accused(self, *models: str) -> tuple[Finding, ...]:
        """Findings that warn of some models, or fail them."""
        return tuple(f for f in self.judged(*models) if f.status in AMISS)

    @property
    def errors(self) -> tuple[Finding, ...]:
        """Crashes."""
        return tuple(f for f in self.findings if f.status is Status.ERROR)


def run_all(name: str, seed: int) -> Clean:
    """Ask all diagnostics of a clean study, as an assessment does."""
    if name not in SHAPES:
        title, there, absent = UNHEARD[name]
        planted, answers = unheard(seed, effects=there)
        found = run_checks(DIAGNOSTICS, planted.provided(*answers), {a.name: a for a in answers}, seed, "biology")
        return Clean(title, absent, tuple(found))
    shape = SHAPES[name]
    study = clean_study(shape, seed)
    screen, effects, knowledge = study.simulation.screen, study.effects, study.knowledge
    claim = make_claim(
        study.split, declared=study.split.declared, effects=effects, related=study.related, batches=screen.batches
    )
    task = make_task(effects, claim, knowledge, seed)
    quiet: Callable[[int, int], None] = lambda done, total: None  # noqa: E731
    template = make_template(screen, effects, study.split, task)
    rungs = run_ladder(task, claim, Cache(None), quick=True, progress=quiet, template=template)
    genetic = (
        learn_without(task, claim, Cache(None), rungs, quick=False, progress=quiet) if has_both(task) else NO_GENETIC
    )
    models = submit(study, seed)
    for own, rung in BARE.items():
        made = next(r for r in rungs if r.record.name == rung)
        answer = as_submission(made, own)
        if answer is not None:
            models[own] = answer
    every = {**models, **{r.record.name: r.answer for r in rungs if r.answer is not None}}
    tiers = {r.record.name: r.record.tier for r in rungs if r.record.legal and r.record.kind == "baseline"}
    provided: dict[str, Any] = {
        "screen": screen,
        "conditions": effects.conditions,
        "design": screen.design,
        "split": study.split,
        "claim": claim,
        "effects": effects,
        "knowledge": knowledge,
        "answers": every,
        "bench": make_bench(effects, claim, knowledge, every, tiers),
        "without_genetic": genetic.without,
        "permuted_genetic": genetic.permuted,
    }
    return Clean(shape.title, shape.absent, tuple(run_checks(DIAGNOSTICS, provided, models, seed, "biology")))


def clean_study(shape: Shape, seed: int) -> Study:
    """Simulate a screen of a shape, split it as its author should, and measure it."""
    simulation = simulate_screen(SimulationPlan(**{**SMALL, **shape.settings}), seed=seed)
    if shape.change is not None:
        simulation = shape.change(simulation, np.random.default_rng(seed))
    knowledge = know(simulation, seed)
    conditions = simulation.screen.conditions
    related = find_related(conditions, knowledge, tier=shape.options.get("tier", "structure"))
    split = make_split(
        conditions,
        shape.make,
        seed=seed,
        groups=related.families() if "tier" in shape.options else None,
        together=related.together(),
        **shape.options,
    )
    effects = measure(simulation.screen, train=split.train, panel=split.test, test_shards=split.test_shards, seed=seed)
    return Study(simulation, split, effects, knowledge)


def know(simulation: Simulation, seed: int) -> Knowledge:
    """What can be looked up: pathways, network, regulons and compounds that are true, and paralogs that are none."""
    own = find_knowledge(simulation)
    sets = dict(own.gene_sets[0].sets)
    stress = GeneSets(resource("hallmarks", 1), {"HALLMARK_P53_PATHWAY": sets[STRESS]}, {})
    edges = [(head, gene) for genes in sets.values() for head in genes for gene in genes if gene != head]
    source, target = [head for head, _ in edges], [gene for _, gene in edges]
    regulons = Regulons.make(resource("regulons", len(edges)), source, target, [1.0] * len(edges))
    genes = np.random.default_rng([seed, 7]).permutation(simulation.screen.genes)
    half = len(genes) // 2
    paralogs = Relations.make(resource("paralogs", half), "paralog", genes[:half].tolist(), genes[half:].tolist())
    return replace(
        own,
        gene_sets=(*own.gene_sets, stress),
        regulons=(regulons,),
        relations=(*own.relations, paralogs),
    )


def submit(study: Study, seed: int) -> dict[str, Answer]:
    """The honest models, with embedding, attributions and answers to exchanged inputs."""
    conditions, test = study.split.conditions, study.split.test
    rng = np.random.default_rng([seed, 2])
    every = {
        PERFECT: perfect(study.simulation, conditions).values,
        SKILLED: honest(study.simulation, conditions, rng, skill=SKILL).values,
    }
    return {
        name: equipped(answered(study, v[test], exchanged(study, v[test], v), name), v, test)
        for name, v in every.items()
    }


def equipped(answer: Answer, every: Array, test: NDArray[np.int64]) -> Answer:
    """An answer with an embedding of all conditions, and attributions by the size of what is predicted."""
    left, size, _ = np.linalg.svd(every - every.mean(axis=0), full_matrices=False)
    return replace(answer, embedding=left[:, :PLACED] * size[:PLACED], attribution=np.abs(every[test]) + 1e-6)
