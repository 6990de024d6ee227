"""Analogue: whether a compound acts like the loss (or gain) of the gene that it targets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.bands import bands_by_kind
from vcassay.arrays.matched_ranks import centred_ranks, matched_auroc
from vcassay.arrays.permutations import permute_within
from vcassay.core import Finding, Status, Threshold
from vcassay.evidence.biology.axes import stress_axes
from vcassay.evidence.biology.bench import Arm, Bench
from vcassay.evidence.biology.contrast import Contrast, Wording, judge, not_assessable
from vcassay.evidence.biology.diagnostic import diagnostic
from vcassay.evidence.biology.modality.pairing import Pairing, clear_own, find_pairs
from vcassay.evidence.biology.modality.placing import STRENGTH, TOP, Places, Side, averaged, place_genes
from vcassay.evidence.biology.tested import DRAWS, Tested, tested

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

NAME = "inhibitor_analogue"
LEAST_TARGETS = Threshold("analogue_targets", 5, "fewer distinct targets have too few permutations for p < .01")
BLOCK = 5
"""Targets that a stratum of the permutations has at least."""
BLOCKS = 3
"""Strata of effect size at most, of targets of one and of several compounds."""
ROWS = 200
WANTED = (
    f"it takes compounds with a known target of which {LEAST_TARGETS.value:g} or more distinct ones are perturbed "
    "genetically as well (CRISPRi, knock-out, over-expression), at best in the same context, and more rows of each"
)
WORDS = Wording(
    quantity="mean percentile of the target's genetic perturbation by likeness to the compound",
    unit="compounds",
    permuted="targets",
    wanted=WANTED,
    remedy="Check whether compounds and genes share what the model knows of a target.",
)


@diagnostic(
    NAME,
    title="Inhibitors beside the loss of their target",
    source="CMap: consensus gene signatures against compounds (Smith et al. 2017)",
)
def inhibitor_analogue(bench: Bench, rng: np.random.Generator) -> tuple[Finding, ...]:
    """A compound's effect is closest to the genetic perturbation of its own target.

    Statistic: the percentile of the target's perturbation among all genetic ones, by cosine to the compound's effect
    (1 = most alike, .5 = chance), averaged over contexts, then over compounds. An inhibitor should be near the loss of
    its target and opposite to its gain, an activator the other way round; a compound that does not say is taken for an
    inhibitor. Effects of doses are averaged; the own gene of a genetic perturbation does not count; the mean of
    compounds, and of genetic perturbations, in a context, axes of stress and the mean of training are taken off first.
    The genetic side is measured wherever the gene is trained, else the arm's own. Of up to three targets the best
    counts, in the null as well.

    Null: targets exchanged as wholes, so that compounds of one target stay together, within strata of
    the effect size of the target's perturbation and of targets of one and of several compounds. Same-context
    perturbations are what targets are ranked against; a target perturbed in other contexts alone is ranked by means
    over contexts. Not assessable below five distinct targets, or where the measured compounds do not pass.
    """
    pairing = find_pairs(bench)
    if len(pairing.asked) < LEAST_TARGETS.value:
        why = f"{_few(bench, pairing)}; {WANTED}"
        return not_assessable(NAME, f"{why}.", bench.submissions)
    study = _Study(bench, rng, pairing)
    truth = study.asked(bench.truth)
    if truth is None:
        why = f"the effects of too few compounds are defined; {WANTED}"
        return not_assessable(NAME, f"{why}.", bench.submissions)
    asked = {arm.name: study.asked(arm) for arm in (*bench.submissions, *bench.baselines)}
    models: dict[str, Tested | str] = {}
    truths: dict[str, Tested] = {}
    embeddings: dict[str, Tested] = {}
    for arm in bench.submissions:
        own = asked[arm.name]
        models[arm.name] = "it answers for too few compounds whose target is perturbed" if own is None else own.judged
        if own is not None and not arm.known.all():
            part = study.asked(bench.truth, arm.known)
            truths |= {arm.name: part.judged} if part is not None else {}
        inside = study.embedded(arm)
        embeddings |= {arm.name: inside} if inside is not None else {}
    contrast = Contrast(
        truth=truth.judged,
        models=models,
        truths=truths,
        baselines={b.name: own.judged for b in bench.baselines if (own := asked[b.name]) is not None},
        embeddings=embeddings,
        rows=study.rows(truth, None),
        model_rows={a.name: study.rows(truth, asked[a.name]) for a in bench.submissions},
        coverage=f"{truth.beside} {_coverage(pairing, truth)}",
    )
    found = judge(NAME, bench, contrast, WORDS)
    return tuple(_told(f, asked.get(f.model or "")) for f in found)


def _told(found: Finding, asked: _Asked | None) -> Finding:
    return (
        found
        if asked is None or found.status is Status.NA
        else replace(found, sentence=f"{found.sentence} {asked.beside}")
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """One arm's places, its statistic, and the numbers beside it."""

    pairing: Pairing
    places: Places
    before: Places
    judged: Tested
    plain: Tested
    equal: Tested
    signs: Tested

    @property
    def beside(self) -> str:
        """Further numbers, in a sentence."""
        best = best_target(self.places.place, self.pairing.targets)[1]
        own = np.arange(len(best))
        median = float(np.nanmedian(self.places.place[own, best]))
        mrr = float(np.nanmean(self.places.inverse[own, best]))
        return (
            f"Median {median:.2f}, mean reciprocal rank {mrr:.3f}, pooled AUROC {_auroc(self):.2f}; before means and "
            f"axes of stress are taken off {_short(self.plain)}; among the {STRENGTH} perturbations of most similar "
            f"size {_short(self.equal)}; by signs of the {TOP} genes that respond most {_short(self.signs)}."
        )


def _short(found: Tested) -> str:
    return f"{found.value:.2f} (p = {found.p:.2g})"


class _Study:
    """What all arms are asked alike: the same pairs and the same permutations."""

    def __init__(self, bench: Bench, rng: np.random.Generator, pairing: Pairing) -> None:
        self.bench, self.pairing = bench, pairing
        self.axes = stress_axes(bench)
        counted = bench.mask.any(axis=0)
        self.trained = np.where(counted, bench.trained[1], 0.0)
        self.drawn = draw_targets(pairing, self._strength(), rng)

    def asked(self, arm: Arm, known: NDArray[np.bool_] | None = None) -> _Asked | None:
        """Ask an arm; ``None`` where it answers for too few."""
        pairing = self._pairing(arm.known if known is None else arm.known & known)
        if len(pairing.asked) < LEAST_TARGETS.value:
            return None
        pairs = self._measured(arm, pairing)
        places = place_genes(pairing, pairs, self.axes.without)
        before = place_genes(pairing, pairs, None, thorough=False)
        four = (places.place, before.place, places.equal, places.signs)
        return _Asked(pairing, places, before, *(self._tested(m, pairing) for m in four))

    def embedded(self, arm: Arm) -> Tested | None:
        """Ask an embedding of the conditions; ``None`` where there is none."""
        pairing = self._pairing(arm.known)
        if arm.embedding is None or len(pairing.asked) < LEAST_TARGETS.value:
            return None
        test, train = self.bench.split.test, self.bench.split.train
        left = arm.embedding[test[pairing.drug_row]]
        right = arm.embedding[np.concatenate([train[pairing.train_row], test[pairing.test_row]])]
        if not (np.isfinite(left).all() and np.isfinite(right).all()):
            return tested(np.nan, np.empty(0), 0)
        places = place_genes(pairing, _averaged(pairing, [(left, right)]), lambda values: values, thorough=False)
        return self._tested(places.place, pairing)

    def rows(self, truth: _Asked, model: _Asked | None) -> list[Mapping[str, Any]]:
        """Evidence, one row a compound: spread evenly over the truth's percentiles where there are too many."""
        agents, pairing = self.bench.agents, truth.pairing
        value, best = best_target(truth.places.place, pairing.targets)
        order = np.lexsort((np.arange(len(value)), -np.round(value, 9)))
        shown = order[np.unique(np.linspace(0, len(order) - 1, min(ROWS, len(order))).round().astype(np.int64))]
        own = {} if model is None else {int(a): i for i, a in enumerate(model.pairing.compound)}
        out: list[Mapping[str, Any]] = []
        for i in shown.tolist():
            agent, gene = int(pairing.compound[i]), int(best[i])
            contexts = np.unique(pairing.drug_context[pairing.drug == i])
            at = pairing.contexts[contexts[0]] if len(contexts) == 1 else f"{len(contexts)} contexts"
            here = "" if truth.places.here[i, gene] else "; the gene in others"
            row: dict[str, Any] = {
                "kind": "analogue",
                "perturbation": agents.names[agent],
                "target": pairing.genes[gene],
            }
            row |= {"context": f"{at}{here}", "of": float(truth.places.of[i, gene])}
            row |= {"truth": float(value[i]), "before": float(truth.before.place[i, gene])}
            if model is not None and agent in own:
                row |= {"model": float(model.places.place[own[agent], gene])}
            out.append(row)
        return out

    def _pairing(self, known: NDArray[np.bool_]) -> Pairing:
        return self.pairing if known.all() else find_pairs(self.bench, known)

    def _measured(self, arm: Arm, pairing: Pairing) -> list[tuple[Side, Side]]:
        """Mean effects of compounds and of genetic perturbations, without controls or cells in common."""
        trained = self.trained[pairing.train_row]
        if not len(pairing.test_row):  # training controls on one side, controls of scoring on the other
            pairs = [(arm.values[pairing.drug_row], trained)]
        else:
            halves = self.bench.measurements(arm)
            ways = [*halves, *((b, a) for a, b in halves if a is not b)]
            pairs = [(a[pairing.drug_row], np.concatenate([trained, b[pairing.test_row]])) for a, b in ways]
        for _, right in pairs:
            clear_own(right, pairing)
        return _averaged(pairing, pairs)

    def _strength(self) -> Array:
        """(G,) size of the truth's mean effect of each gene's perturbations; NaN for none."""
        pairing = self.pairing
        values = np.concatenate([self.trained[pairing.train_row], self.bench.truth.values[pairing.test_row]])
        mean = averaged(values, pairing.gene[pairing.agent], np.zeros_like(pairing.agent))
        out = np.full(len(pairing.genes), np.nan)
        out[mean.item] = np.sqrt((mean.values * mean.values).sum(axis=1))
        return out

    def _tested(self, places: Array, pairing: Pairing) -> Tested:
        """Mean over compounds of the best of their targets, beside what it is with the targets of others."""
        value = best_target(places, pairing.targets)[0]
        n = int(np.isfinite(value).sum())
        return tested(float(np.nanmean(value)) if n else np.nan, permuted_means(places, pairing.targets, self.drawn), n)


def _averaged(pairing: Pairing, pairs: list[tuple[Array, Array]]) -> list[tuple[Side, Side]]:
    """Mean over the doses, times and replicates of a compound or gene in a context."""
    return [
        (averaged(a, pairing.drug, pairing.drug_context), averaged(b, pairing.agent, pairing.context)) for a, b in pairs
    ]


def draw_targets(pairing: Pairing, strength: Array, rng: np.random.Generator) -> Codes:
    """(draws, G) genes that stand for each gene: targets are exchanged within strata, other genes stay."""
    asked = pairing.asked
    several = (pairing.drugs_of[asked] > 1).astype(np.int64)
    if np.bincount(several, minlength=2).min() < BLOCK:  # too few of either are not told apart
        several = np.zeros_like(several)
    block = bands_by_kind(np.nan_to_num(strength[asked]), several, BLOCK, BLOCKS)
    drawn = np.tile(np.arange(len(pairing.genes)), (DRAWS, 1))
    drawn[:, asked] = asked[permute_within(block, DRAWS, rng)]
    return drawn


def best_target(places: Array, targets: Codes) -> tuple[Array, Codes]:
    """(d,) highest place among a compound's targets (NaN for none), and the gene that has it."""
    known = np.where(targets >= 0, places[np.arange(len(targets))[:, None], targets], np.nan)
    filled = np.where(np.isfinite(known), known, -np.inf)
    at = filled.argmax(axis=1)
    rows = np.arange(len(targets))
    return np.where(np.isfinite(filled[rows, at]), filled[rows, at], np.nan), targets[rows, at]


def permuted_means(places: Array, targets: Codes, drawn: Codes) -> Array:
    """(draws,) mean over compounds of the best place among the genes that stand for their targets."""
    rows, out = np.arange(len(targets))[:, None], np.empty(len(drawn))
    filled = np.where(np.isfinite(places), places, -np.inf)
    for i, stands in enumerate(drawn):
        best = np.where(targets >= 0, filled[rows, stands[targets]], -np.inf).max(axis=1)
        fine = np.isfinite(best)
        out[i] = best[fine].mean() if fine.any() else np.nan
    return out


def _auroc(asked: _Asked) -> float:
    """Area under the ROC curve of finding pairs of a compound and its target, by cosine, over all pairs."""
    label = np.zeros(asked.places.cosine.shape, dtype=bool)
    rows = np.repeat(np.arange(len(label)), asked.pairing.targets.shape[1])
    flat = asked.pairing.targets.reshape(-1)
    label[rows[flat >= 0], flat[flat >= 0]] = True
    ok = np.isfinite(asked.places.cosine)
    stratum = np.zeros(int(ok.sum()), dtype=np.int64)
    ranks = centred_ranks(asked.places.cosine[ok][None], stratum)
    return float(matched_auroc(ranks, label[ok][None].astype(np.float64), stratum)[0, 0])


def _coverage(pairing: Pairing, asked: _Asked) -> str:
    """Who was compared with what, and who was not."""
    best = best_target(asked.places.place, pairing.targets)[1]
    here = int(asked.places.here[np.arange(len(best)), best].sum())
    where = f"{here} of {len(best)} compounds are ranked in their own context"
    where += f", {len(best) - here} by means over contexts" if here < len(best) else ""
    text = f"{where}; {len(pairing.asked)} distinct targets among {len(np.unique(pairing.gene[pairing.agent]))} genes."
    left = ", ".join(f"{n} {why}" for why, n in pairing.left_out.items() if n)
    if pairing.guessed:
        text += f" {pairing.guessed} compounds that do not say how they act are taken for inhibitors."
    return f"{text} Left out: {left}." if left else text


def _few(bench: Bench, pairing: Pairing) -> str:
    """Why there is nothing to ask."""
    if not bench.agents.drug[bench.agent[bench.agent >= 0]].any():
        return "there are no compounds among the test conditions"
    if not len(pairing.agent):
        return "nothing is perturbed genetically"
    left = ", ".join(f"{n} {why}" for why, n in pairing.left_out.items() if n)
    found = (
        f"{len(pairing.compound)} compounds with {len(pairing.asked)} distinct targets that are perturbed genetically"
    )
    return f"there are {found}" + (f"; left out: {left}" if left else "")
