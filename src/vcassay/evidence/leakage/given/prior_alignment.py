"""Prior alignment: which of several priors align with held-out responses better than annotation does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.claim import Split
from vcassay.core import Threshold
from vcassay.effects import Effects
from vcassay.evidence.leakage.given.responses import (
    Alignment,
    Responses,
    align,
    alignment_on,
    mean_responses,
    paired_error,
    prior_kernel,
    rows_of,
)
from vcassay.knowledge import Features, Genes

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

PRIOR_ALIGNED = Threshold(
    "prior_aligned", 0.5, "annotation and networks reach .05 to .49 on the responses of four screens (proposal)"
)
PRIOR_WHOLE = Threshold("prior_whole", 0.9, "1 is the responses themselves; no annotation comes near (proposal)")
PRIOR_ABOVE = Threshold("prior_above_reference_sd", 2.0, "above STRING or GO by 2 permutation SD (proposal)")
PRIOR_BEYOND_TRAINING = Threshold("prior_beyond_training_se", 3.0, "one in 700 by chance, as many priors are compared")
PRIOR_NEIGHBOURS_P = Threshold("prior_neighbours_p", 0.05, "one-sided, permuted priors")
RESPONSES_AGREE = Threshold("responses_agree", 0.3, "below it the corrected alignment has an error above .2 (proposal)")
FEWEST = Threshold("prior_min_perturbations", 10, "with fewer the permutation SD exceeds .2 (proposal)")
REFERENCE_KINDS = ("annotation", "network")
"""Kinds of priors that hold no responses."""
LARGEST = 500
"""Perturbations that are compared at most, drawn at random."""
SAME = 1e-6


@dataclass(frozen=True, slots=True)
class Suspect:
    """A prior and what was found of it.

    Attributes
    ----------
    features
        The prior.
    test, training
        Alignment with the responses of the test and of the training conditions; ``None`` where these cannot be
        compared.
    beyond, beyond_error
        Alignment with the test responses minus that with the training responses, and its standard error; NaN where
        there are too few of either.
    reference, above, above_spread
        The most aligned reference, by how much the prior exceeds it on the perturbations that both know, and the
        spread of this difference by chance.
    why
        In words why it may hold responses; empty where it is not suspected.
    missing
        Why it could not be compared; empty where it was.
    wanted, known
        Test perturbations, and those of them that the prior knows.
    """

    features: Features
    test: Alignment | None = None
    training: Alignment | None = None
    beyond: float = float("nan")
    beyond_error: float = float("nan")
    reference: str = ""
    above: float = float("nan")
    above_spread: float = float("nan")
    why: str = ""
    missing: str = ""
    wanted: int = 0
    known: int = 0

    def row(self) -> Mapping[str, Any]:
        """Evidence."""
        if self.test is None:
            return {"not compared": self.features.name, "reason": self.missing}
        known = {
            "prior": self.features.name,
            "kind": self.features.kind,
            "perturbations": self.test.n,
            "of": self.wanted,
            "alignment": self.test.value,
            "error": self.test.error,
            "permutation SD": self.test.spread,
            "alignment in training": None if self.training is None else self.training.value,
            "nearest neighbours": self.test.neighbours,
            "permuted neighbours": self.test.neighbours_null,
            "p": self.test.neighbours_p,
        }
        return known | ({"reference": self.reference, "above it": self.above} if self.reference else {})


class Beside(NamedTuple):
    """A reference beside a prior: its alignment, by how much the prior exceeds it, and the spread of that by chance."""

    name: str
    value: float
    above: float
    spread: float


@dataclass(frozen=True, slots=True, eq=False)
class Lineup:
    """Responses that priors are compared with: of the test and of the training conditions.

    ``paired`` says whether the training perturbations are those of the test set, in other contexts.
    """

    test: Responses
    training: Responses
    genes: Genes | None
    paired: bool
    n: int

    @property
    def refused(self) -> str:
        """Why nothing can be compared, in words; empty where it can."""
        if len(self.test) < FEWEST.value:
            return f"{len(self.test)} test perturbations can be compared within a context, {FEWEST.value:g} are needed"
        if self.test.halves and not self.test.agreement >= RESPONSES_AGREE.value:
            return (
                f"which responses are alike is not measured: kernels of two halves of the cells correlate by "
                f"{self.test.agreement:.2f}, {RESPONSES_AGREE.value:g} is needed"
            )
        return ""

    def examine(self, prior: Features, rng: np.random.Generator) -> Suspect:
        """Measure a prior, without judging it."""
        rows, known = rows_of(prior, self.test.parts, self.genes)
        n = int(known.sum())
        if n < FEWEST.value:
            missing = f"it knows {n} of {len(self.test)} test perturbations, {FEWEST.value:g} are needed"
            return Suspect(prior, missing=missing, wanted=self.n, known=n)
        at = np.flatnonzero(known)
        own, kernel = self.test.take(at), prior_kernel(rows[at])
        test = align(kernel, own, rng)
        if not np.isfinite(test.value):
            return Suspect(prior, missing="it tells no test perturbation from another", wanted=self.n, known=n)
        training, beyond, error = self._training(prior, test, own, kernel, rng)
        return Suspect(prior, test, training, beyond, error, wanted=self.n, known=n)

    def _training(
        self, prior: Features, test: Alignment, own: Responses, kernel: Array, rng: np.random.Generator
    ) -> tuple[Alignment | None, float, float]:
        """Alignment with the training responses, and how far that with the test responses goes beyond."""
        rows, known = rows_of(prior, self.training.parts, self.genes)
        if self.paired:
            known &= np.isin(_names(self.training.parts), _names(own.parts))
        at = np.flatnonzero(known)
        if len(at) < FEWEST.value:
            return None, float("nan"), float("nan")
        theirs, other = self.training.take(at), prior_kernel(rows[at])
        training = align(other, theirs, rng)
        if self.paired and theirs.parts == own.parts:
            error = paired_error(alignment_on(kernel, own), alignment_on(other, theirs), len(at))
        else:
            error = float(np.hypot(test.error, training.error))
        return training, test.value - training.value, error

    def beside(self, suspect: Suspect, references: Sequence[Features]) -> tuple[Beside, ...]:
        """References on the perturbations that they share with a prior, the most aligned first."""
        rows, known = rows_of(suspect.features, self.test.parts, self.genes)
        found = []
        for other in references:
            theirs, too = rows_of(other, self.test.parts, self.genes)
            at = np.flatnonzero(known & too)
            if len(at) < FEWEST.value:
                continue
            own = self.test.take(at)
            mine, its = (alignment_on(prior_kernel(x[at]), own) for x in (rows, theirs))
            every = np.arange(len(at))
            value, above = its(every), mine(every) - its(every)
            if not np.isfinite(above):
                continue
            by_chance = suspect.test.spread * float(np.sqrt(2.0)) if suspect.test else 0.0
            found.append(Beside(other.name, value, above, float(np.fmax(paired_error(mine, its, len(at)), by_chance))))
        return tuple(sorted(found, key=lambda b: -b.value))


def line_up(effects: Effects, split: Split, genes: Genes | None, rng: np.random.Generator) -> Lineup:
    """Average the responses of test and training conditions."""
    test = mean_responses(effects, split.test)
    both = np.isin(np.arange(len(effects.conditions)), split.both_sides)
    training = mean_responses(effects, split.train[~both[split.train]])
    n = len(test)
    test = _some(test, rng)
    paired = bool(np.isin(_names(test.parts), _names(training.parts)).mean() >= 0.5) if len(test) else False
    if paired:
        training = training.take(np.flatnonzero(np.isin(_names(training.parts), _names(test.parts))))
    return Lineup(test, _some(training, rng), genes, paired, n)


def judge(
    lineup: Lineup, priors: Sequence[Features], references: Sequence[Features], rng: np.random.Generator
) -> tuple[Suspect, ...]:
    """Examine priors; one that aligns far is compared with references that are not suspected themselves."""
    sound = list(references)
    for one in references:
        others = [r for r in references if r is not one and not same_features(r, one)]
        if _judged(lineup, lineup.examine(one, rng), others).why:
            sound.remove(one)
    found = [lineup.examine(prior, rng) for prior in priors]
    return tuple(_judged(lineup, s, [r for r in sound if not same_features(r, s.features)]) for s in found)


def same_features(a: Features, b: Features) -> bool:
    """Whether two priors hold the same numbers: one file, or equal rows of the names that either has."""
    if a.resource is not None and b.resource is not None and a.resource.sha256 == b.resource.sha256 != "":
        return a.kind == b.kind or a.matrix.shape == b.matrix.shape
    shared = sorted(set(a.ids) & set(b.ids))
    if a.matrix.shape[1] != b.matrix.shape[1] or not shared or len(shared) < 0.5 * min(len(a.ids), len(b.ids)):
        return False
    mine, theirs = a.rows(shared)[0], b.rows(shared)[0]
    return bool(np.allclose(mine, theirs, rtol=SAME, atol=SAME * float(np.abs(mine).max(initial=0.0))))


def _judged(lineup: Lineup, s: Suspect, references: Sequence[Features]) -> Suspect:
    """Say why a prior may hold responses, if it may."""
    test = s.test
    if test is None or test.value <= PRIOR_ALIGNED.value:
        return s
    beside = lineup.beside(s, references)
    best = beside[0] if beside else Beside("", float("nan"), float("nan"), float("nan"))
    grounds = []
    if test.value > PRIOR_WHOLE.value:
        grounds.append("about as the responses themselves would (1)")
    if test.neighbours_p <= PRIOR_NEIGHBOURS_P.value:
        if best.above > PRIOR_ABOVE.value * best.spread:
            grounds.append(f"{best.above:.2f} above {best.name} (by chance {best.spread:.2f})")
        clear = test.value - PRIOR_ABOVE.value * test.error > PRIOR_ALIGNED.value
        if clear and not best.value > PRIOR_ALIGNED.value:
            grounds.append(f"more than the {PRIOR_ALIGNED.value:g} that annotation reaches elsewhere")
        if s.beyond > PRIOR_BEYOND_TRAINING.value * s.beyond_error:
            grounds.append(f"{s.beyond:.2f} more than with the training responses (error {s.beyond_error:.2f})")
    if lineup.paired and -s.beyond > PRIOR_ABOVE.value * s.beyond_error:
        grounds = []  # it resembles what the same perturbations did in training, which a model may use
    why = " and ".join(grounds)
    return replace(s, reference=best.name, above=best.above, above_spread=best.spread, why=why)


def _some(responses: Responses, rng: np.random.Generator) -> Responses:
    """At most so many perturbations as are compared."""
    if len(responses) <= LARGEST:
        return responses
    return responses.take(np.sort(rng.permutation(len(responses))[:LARGEST]))


def _names(parts: Sequence[tuple[str, ...]]) -> NDArray[np.str_]:
    return np.asarray(["\n".join(own) for own in parts], dtype=str)
