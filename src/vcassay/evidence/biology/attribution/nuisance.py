"""Nuisance genes: do predicted effects lie on genes of quality, sex and upkeep more than measured ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.multiple import benjamini_hochberg
from vcassay.arrays.resample import Estimate, aggregate, draw_weights
from vcassay.core import Finding, Status, Threshold
from vcassay.evidence.biology.attribution.mass import FOLD, Weighed, nuisances
from vcassay.evidence.biology.attribution.noise import halved, measurable
from vcassay.evidence.biology.attribution.shares import difference
from vcassay.evidence.biology.bench import Arm, Bench
from vcassay.evidence.biology.contrast import NOT_ASSESSABLE, not_assessable
from vcassay.evidence.biology.diagnostic import diagnostic, finding
from vcassay.evidence.biology.tested import MODEL_Q, Tested

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

NAME = "nuisance_genes"
LEAST = Threshold("attribution_nuisance_perturbations", 8, "an interval over perturbations needs as many")
MOST = Threshold("attribution_nuisance_most", 0.5, "share of the predicted energy that is more nuisance than response")
BOOTSTRAP = 1000
REMEDY = (
    "Compare the training data's batches and cell quality; see whether these genes' effects survive matched controls."
)


class Programme(NamedTuple):
    """One programme in one model: its mass, the truth's on the same conditions, and by how much it is more."""

    name: str
    model: Tested
    truth: float
    gap: Estimate
    q: float

    @property
    def amiss(self) -> bool:
        """Whether the model puts more there than the truth and random genes of like expression explain."""
        more = self.model.value > FOLD.value * max(self.truth, self.model.null)
        return bool(more and self.gap.low > 0 and self.q < MODEL_Q.value)


@diagnostic(
    NAME,
    title="Effects on nuisance genes",
    source="our own (docs/biology.md); genes of sex, quality and upkeep as single-cell quality control uses them",
)
def nuisance_genes(bench: Bench, rng: np.random.Generator) -> tuple[Finding, ...]:
    """Predicted effects lie on genes of quality, sex and upkeep no more than measured ones do.

    The mass of a programme (housekeeping, sex, mitochondrial, ribosomal, immediate early genes) is its share of the
    energy of all test conditions: squares of predicted effects, products of halves of measured ones. It is compared
    with the truth's, and with that of random genes of the same expression in controls.

    PASS: no programme has twice the truth's mass and that of random genes. WARN: one has, beyond chance (random sets of
    genes, Benjamini-Hochberg over programmes and models, q < .05; 95 % interval of the difference to the truth above
    0, perturbations resampled). FAIL: such programmes hold half of the predicted energy.

    Not assessable where no programme has 3 genes that count, no effect is detectable, or fewer than 8 perturbations
    are tested. Without halves the truth's noise is in its mass.
    """
    weighed, missing = nuisances(bench, rng)
    seed = int(rng.integers(2**63))
    if not weighed:
        why = "no programme of nuisance genes has 3 genes that count here; it takes gene symbols, and all genes"
        return not_assessable(NAME, f"{why}.", bench.submissions)
    known = measurable(bench)
    rows = np.flatnonzero(known)
    family = np.unique(bench.table.perturbation[rows], return_inverse=True)[1]
    if len(np.unique(family)) < LEAST.value:
        return not_assessable(NAME, f"it takes {LEAST.value:g} measured perturbations or more.", bench.submissions)
    if bench.has_halves and not (bench.effects.detectable[bench.split.test] & known).any():
        why = f"of {len(rows):,} conditions none has a detectable effect; it takes more rows a condition"
        return not_assessable(NAME, f"{why}.", bench.submissions)
    truth = _true_energy(bench, rows)
    whole = truth.sum(axis=0)
    if not whole.sum() > 0:
        return not_assessable(NAME, "measured effects have no energy beyond noise.", bench.submissions)
    of_truth = {w.name: w.weigh(whole / whole.sum()) for w in weighed}
    judged = {arm.name: _weigh(bench, arm, rows, truth, weighed, seed) for arm in bench.submissions}
    judged = _adjust(judged)
    words = "; ".join(f"{n} {t.value:.1%} ({t.n} genes; {t.null:.1%} random)" for n, t in of_truth.items())
    left = f" Not weighed: {', '.join(missing)}." if missing else ""
    study = finding(
        NAME,
        Status.PASS,
        f"In the truth, of the energy of effects over {len(rows):,} conditions: {words}.{left}",
        value=sum(t.value for t in of_truth.values()),
        evidence=[_row(n, t.n, t.value, t.null, t.value) for n, t in of_truth.items()],
    )
    return (study, *(_about(arm, judged[arm.name]) for arm in bench.submissions))


def _true_energy(bench: Bench, rows: Codes) -> Array:
    """(n, g) products of halves, averaged; squares without halves."""
    out, n = np.zeros((len(rows), bench.mask.shape[1])), 0
    one = bench.truth.values
    for a, b in halved(bench) if bench.has_halves else ((one, one),):
        out += a[rows] * b[rows]
        n += 1
    return out / max(n, 1)


def _weigh(
    bench: Bench, arm: Arm, rows: Codes, truth: Array, weighed: Sequence[Weighed], seed: int
) -> list[Programme] | str:
    answered = arm.known[rows]
    at = rows[answered]
    family = np.unique(bench.table.perturbation[at], return_inverse=True)[1].astype(np.int64)
    if len(np.unique(family)) < LEAST.value:
        return f"it answers fewer than {LEAST.value:g} of the perturbations"
    energy, true = arm.values[at] ** 2, truth[answered]
    total = energy.sum()
    if not total > 0:
        return "its effects are 0"
    if not true.sum() > 0:
        return "on the conditions that it answers, measured effects have no energy beyond noise"
    context = np.unique(bench.table.context[at], return_inverse=True)[1].astype(np.int64)
    weights = draw_weights(context, family, BOOTSTRAP, np.random.default_rng(seed))
    whole, whole_true = energy.sum(axis=1), true.sum(axis=1)
    out = []
    for w in weighed:
        model = aggregate(energy[:, w.columns].sum(axis=1), weights, whole)
        measured = aggregate(true[:, w.columns].sum(axis=1), weights, whole_true)
        gap = difference(model, measured, weights)
        own = w.weigh(energy.sum(axis=0) / total)
        out.append(Programme(w.name, own, float(true[:, w.columns].sum() / true.sum()), gap, np.nan))
    return out


def _adjust(judged: dict[str, list[Programme] | str]) -> dict[str, list[Programme] | str]:
    """Adjust p-values over programmes and models."""
    p = [x.model.p for own in judged.values() if not isinstance(own, str) for x in own]
    q = iter(benjamini_hochberg(np.asarray(p)).tolist())
    return {name: own if isinstance(own, str) else [x._replace(q=next(q)) for x in own] for name, own in judged.items()}


def _about(arm: Arm, judged: list[Programme] | str) -> Finding:
    if isinstance(judged, str):
        return finding(NAME, Status.NA, f"{NOT_ASSESSABLE}{judged}.", model=arm.name)
    amiss = [p for p in judged if p.amiss]
    held = sum(p.model.value for p in amiss)
    status = Status.PASS if not amiss else Status.FAIL if held >= MOST.value else Status.WARN
    head = "No programme of nuisance genes has, beyond chance, twice its mass in the truth and in random genes"
    if amiss:
        head = f"{', '.join(p.name for p in amiss)}: more than twice the truth's mass, and random genes'"
    shown = amiss or sorted(judged, key=lambda p: -p.model.value)[:2]
    words = "; ".join(
        f"{p.name} {p.model.value:.1%} of its energy, truth {p.truth:.1%} (difference [{p.gap.low:+.1%}, "
        f"{p.gap.high:+.1%}]), random genes {p.model.null:.1%} (q = {p.q:.2g}, {p.model.n} genes)"
        for p in shown
    )
    return finding(
        NAME,
        status,
        f"{head}: {words}.",
        value=sum(p.model.value for p in judged),
        null=sum(p.model.null for p in judged),
        threshold=FOLD.value * sum(p.truth for p in judged),
        model=arm.name,
        evidence=[_row(p.name, p.model.n, p.model.value, p.model.null, p.truth) for p in judged],
        remedy="" if status is Status.PASS else REMEDY,
    )


def _row(name: str, genes: int, mass: float, matched: float, truth: float) -> dict[str, Any]:
    return {"kind": "genes", "programme": name, "genes": genes, "mass": mass, "matched": matched, "truth": truth}
