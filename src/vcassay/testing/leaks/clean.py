"""Clean studies of many shapes: honest splits and models that say all, and what all checks make of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np

from vcassay.claim import Exposure, Role, Split, find_related, make_claim, make_split
from vcassay.core import Finding, Regime, Status
from vcassay.core.finding import AMISS
from vcassay.effects import measure
from vcassay.evidence.baselines import ladder_audit, make_task, make_template
from vcassay.evidence.leakage import CHECKS
from vcassay.evidence.metrics import better_than_perfect, find_ceilings, make_panel, primary_metrics, score_answers
from vcassay.evidence.metrics.calibration.hackable import hackable, prepare_sabotages
from vcassay.run.cache import Cache
from vcassay.run.checks import run_checks
from vcassay.run.ladder import run_ladder
from vcassay.run.ladder_audit import EXEMPT, audit, without_barred
from vcassay.run.lookups import find_lookups
from vcassay.simulate import Simulation, SimulationPlan, simulate_screen
from vcassay.simulate.bulk import pooled_wells
from vcassay.testing.leaks.honest import find_knowledge, submit
from vcassay.testing.leaks.study import SMALL, Study

SCREEN, PUBLIC_SINCE = "GSE999999", date(2024, 6, 1)
DRAWS = 500
BY_DESIGN: Mapping[str, tuple[str, ...]] = {
    "mean": ("L24", "L24c", "L24d", "L25", "L26"),
    "additive": ("L24c", "L24d", "L25", "L26"),
}
"""What checks rightly say of a baseline that is handed in as a model: it ignores inputs, and is no more than a mean."""


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
    spared
        Perturbations (contexts where contexts are held out) that are excluded from training, so that losses of single
        cells have something unseen to be compared with.
    expected
        Checks that rightly warn of this kind of study.
    """

    title: str
    settings: Mapping[str, Any]
    make: str
    options: Mapping[str, Any] = field(default_factory=dict)
    change: Callable[[Simulation, np.random.Generator], Simulation] | None = None
    spared: int = 0
    expected: tuple[str, ...] = ()


GENES: Mapping[str, Any] = {"n_crispri": 60, "n_drugs": 0, "n_contexts": 2, "n_pathways": 12}
LINES: Mapping[str, Any] = {"n_crispri": 12, "n_drugs": 0, "n_contexts": 6, "n_siblings": 1}
DRUGS: Mapping[str, Any] = {"n_crispri": 0, "n_drugs": 36, "n_contexts": 2}

SHAPES: Mapping[str, Shape] = {
    "genes": Shape("60 genes in 2 contexts, GEX", GENES, "gex", spared=6),
    "contexts": Shape("6 contexts, CEX", LINES, "cex", {"fraction": 0.4}),
    "many contexts": Shape(
        "14 contexts, CEX", {**LINES, "n_contexts": 14, "n_siblings": 2}, "cex", {"fraction": 0.4}, spared=3
    ),
    "drugs": Shape(
        "36 drugs at 3 doses, DEX by structure",
        DRUGS,
        "dex",
        {"tier": "structure", "fraction": 0.4},
        expected=("L07", "L08"),
    ),
    "mechanisms": Shape(
        "36 drugs at 3 doses, DEX by target", DRUGS, "dex", {"tier": "target", "fraction": 0.4}, expected=("L07",)
    ),
    "both": Shape(
        "genes and drugs in 6 contexts, AEX",
        {**LINES, "n_crispri": 24, "n_drugs": 12, "doses": (5.0,)},
        "aex",
        {"fraction": 0.4},
        expected=("L07", "L08"),
    ),
    "few-shot": Shape("few-shot context, 4 of 16 shown", {**LINES, "n_crispri": 16}, "few-shot", {"shots": 4}),
    "combinations": Shape(
        "48 pairs of guides, both parts trained",
        {**GENES, "n_crispri": 16, "n_combinations": 48},
        "combination",
        {"seen": 2},
    ),
    "doses": Shape("the top dose, extrapolated", {**DRUGS, "n_drugs": 24}, "dose-extrapolation", {"fraction": 0.7}),
    "times": Shape(
        "the last time, extrapolated",
        {**DRUGS, "n_drugs": 18, "doses": (0.5, 5.0), "times": (6.0, 24.0)},
        "time-extrapolation",
        {"fraction": 0.7},
    ),
    "null": Shape("nothing has an effect, GEX", {**GENES, "null_share": 1.0}, "gex"),
    "thin": Shape("8 cells a condition, GEX", {**GENES, "cells_per_condition": 8, "controls_per_batch": 20}, "gex"),
    "one batch": Shape("one batch, CEX", {**LINES, "n_batches": 1, "controls_per_batch": 80}, "cex", {"fraction": 0.4}),
    "four batches": Shape("four batches, GEX", {**GENES, "n_batches": 4}, "gex"),
    "wells": Shape("bulk wells, GEX", {**GENES, "cells_per_condition": 48}, "gex", change=pooled_wells),
    "small": Shape("8 genes in one context, GEX", {**GENES, "n_crispri": 8, "n_contexts": 1}, "gex"),
}
"""Shapes of clean studies, by name."""


@dataclass(frozen=True, slots=True, eq=False)
class Clean:
    """A clean study and what all checks find in it."""

    shape: Shape
    study: Study
    findings: tuple[Finding, ...]

    @property
    def alarms(self) -> tuple[Finding, ...]:
        """Findings that accuse, rightly or not; an error is none of the study's and counts as well."""
        return tuple(f for f in self.findings if f.status in (*AMISS, Status.ERROR))

    @property
    def false_alarms(self) -> tuple[Finding, ...]:
        """Those that are not to be expected of such a study or such a model."""
        return tuple(
            f
            for f in self.alarms
            if f.check not in self.shape.expected and f.check not in BY_DESIGN.get(f.model or "", ())
        )

    @property
    def unknown(self) -> tuple[Finding, ...]:
        """Findings that stay open."""
        return tuple(f for f in self.findings if f.status is Status.UNKNOWN)


def clean_study(shape: Shape, seed: int) -> Study:
    """Simulate a screen of a shape, split it as its author should, and measure it."""
    plan = SimulationPlan(**{**SMALL, **shape.settings})
    simulation = simulate_screen(plan, seed=seed)
    if shape.change is not None:
        simulation = shape.change(simulation, np.random.default_rng(seed))
    knowledge = find_knowledge(simulation)
    conditions = simulation.screen.conditions
    tier = shape.options.get("tier", "structure")
    related = find_related(conditions, knowledge, tier=tier)
    split = make_split(
        conditions,
        shape.make,
        seed=seed,
        groups=related.families() if "tier" in shape.options or shape.make in ("gex", "aex") else None,
        together=related.together(),
        **shape.options,
    )
    split = spare(split, shape.spared, seed)
    effects = measure(simulation.screen, train=split.train, panel=split.test, test_shards=split.test_shards, seed=seed)
    return Study(simulation, split, effects, knowledge)


def spare(split: Split, n: int, seed: int) -> Split:
    """Exclude some of what is trained: contexts where these are held out, perturbations elsewhere."""
    table = split.conditions
    labels = table.context if split.declared is Regime.CEX else table.perturbation
    trained = np.setdiff1d(labels[split.train], labels[split.test])
    out = np.isin(labels, np.random.default_rng([seed, 3]).permutation(trained)[:n])
    return replace(split, roles=np.where(out, Role.EXCLUDED.value, split.roles).astype(split.roles.dtype))


def run_all(shape: Shape, seed: int) -> Clean:
    """Run every leakage check on a clean study, with three honest models, as an assessment does."""
    study = clean_study(shape, seed)
    screen, split, effects, knowledge = study.simulation.screen, study.split, study.effects, study.knowledge
    claim = make_claim(
        split,
        declared=split.declared,
        effects=effects,
        related=study.related,
        batches=screen.batches,
        exposure=Exposure("yes", "public", PUBLIC_SINCE, 1, (SCREEN,)),
    )
    task = make_task(effects, claim, knowledge, seed)
    rungs = run_ladder(
        task,
        claim,
        Cache(None),
        quick=True,
        progress=lambda done, total: None,
        template=make_template(screen, effects, split, task),
    )
    models = submit(study, rungs, seed)
    provided: dict[str, Any] = {
        "screen": screen,
        "conditions": effects.conditions,
        "design": screen.design,
        "split": split,
        "claim": claim,
        "effects": effects,
        "knowledge": knowledge,
    }
    audited = audit(rungs, provided, seed)
    rungs = without_barred(rungs, audited)
    provided["answers"] = {**models, **{r.record.name: r.answer for r in rungs if r.answer is not None}}
    provided["lookups"] = find_lookups(rungs, effects.conditions.take(split.test))
    findings = run_checks(CHECKS, provided, models, seed, "leakage")
    panel = make_panel(effects, claim, effects.mask)
    scores = score_answers(panel, models, seed, DRAWS, metrics=primary_metrics(panel))
    ceilings = find_ceilings(scores)
    findings += [better_than_perfect(scores, ceilings, name) for name in models]
    known = prepare_sabotages(panel, seed)
    findings += [hackable(known, name, scores.predicted[name], seed=seed) for name in models]
    findings.append(ladder_audit(audited, EXEMPT))
    return Clean(shape, study, tuple(findings))
