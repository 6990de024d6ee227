"""Similarity of mechanism: whether drugs of one mechanism and different structure act alike."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.permutations import permute_within
from vcassay.core import Finding
from vcassay.evidence.biology.axes import stress_axes
from vcassay.evidence.biology.bench import TRUTH, Bench
from vcassay.evidence.biology.contrast import Contrast, Wording, judge, not_assessable
from vcassay.evidence.biology.diagnostic import diagnostic
from vcassay.evidence.biology.mechanism.alike import Alike, alike, truth_where
from vcassay.evidence.biology.mechanism.drugs import LEAST, NO_COMPOUND, Drugs, find_drugs, has_compounds
from vcassay.evidence.biology.mechanism.precise import Class, Precise, by_class, precise, supported
from vcassay.evidence.biology.mechanism.rows import between_rows, class_rows
from vcassay.evidence.biology.tested import DRAWS, Tested

NAME = "moa_similarity"
CHEMISTRY = "chemistry alone"
CLASS_DRAWS = 4999
"""Permutations for single mechanisms of the truth: there may be hundreds to adjust for."""
NAMED = 8
"""Mechanisms that a sentence names."""

Codes = NDArray[np.int64]

WORDS = Wording(
    quantity="mean average precision among drugs of one mechanism",
    unit="drugs",
    permuted="mechanisms",
    wanted="it would take more drugs of one mechanism and unlike structure, stronger doses, or more rows a condition",
    remedy="Compare pairs of one mechanism and different structure: the model places drugs by something else.",
)


@diagnostic(
    NAME, title="Similarity within mechanisms", source="copairs (Kalinin et al. 2025); LPM (Nat Comput Sci 2025)"
)
def moa_similarity(bench: Bench, rng: np.random.Generator) -> tuple[Finding, ...]:
    """Drugs of one mechanism and different structure have similar effects, with stress set aside.

    Each drug ranks all others by the cosine of effects, a mean over contexts, after axes of general stress were
    projected out; its average precision says how early those that share a mechanism come. Partners of similar
    structure (Tanimoto of .3 or more) are neither hits nor misses, and two forms of one parent are not compared. Ties
    count as the mean over their orders. The truth is measured on disjoint halves of cells and controls. The null
    permutes mechanisms among drugs of like structure and the same plates. Ranking by Tanimoto alone stands beside the
    baselines. Drugs without a detectable effect, or a known mechanism, are left out. Not assessable without
    mechanisms, with fewer than eight drugs that have a partner, or where the truth is within the null.
    """
    if not has_compounds(bench):
        return not_assessable(NAME, NO_COMPOUND, bench.submissions)
    drugs = find_drugs(bench)
    partners = int((drugs.same & drugs.dissimilar).any(axis=1).sum())
    if partners < LEAST.value:
        why = (
            f"{partners} of {len(drugs):,} drugs with a known mechanism have a partner of the same mechanism and "
            f"different structure among the test conditions; {LEAST.value:g} are needed. {drugs.coverage}"
        )
        return not_assessable(NAME, why, bench.submissions)
    said = alike(bench)
    permutations = permute_within(drugs.stratum, DRAWS, rng, identity=True)
    found = {name: precise(a.beyond, drugs, permutations) for name, a in said.items()}
    chemistry = precise(drugs.tanimoto, drugs, permutations) if drugs.by_structure else None
    truth = found[TRUTH]
    if truth.tested.n < LEAST.value:
        why = f"the likeness of only {truth.tested.n} drugs that have a partner is measured; {LEAST.value:g} are needed"
        return not_assessable(NAME, f"{why}. {drugs.coverage}", bench.submissions)
    more = permute_within(drugs.stratum, CLASS_DRAWS, rng, identity=True)
    classes = by_class(precise(said[TRUTH].beyond, drugs, more), drugs, more)
    mine = _Rows(drugs, classes, said[TRUTH], truth, chemistry)
    contrast = Contrast(
        truth=truth.tested,
        models={
            a.name: found[a.name].tested
            if found[a.name].tested.n >= LEAST.value
            else "it answers too few drugs that have a partner"
            for a in bench.submissions
        },
        truths=_truths(bench, said, drugs, permutations),
        baselines={a.name: found[a.name].tested for a in bench.baselines}
        | ({CHEMISTRY: chemistry.tested} if chemistry is not None else {}),
        embeddings=_embeddings(bench, said, drugs, permutations),
        rows=mine.of(None, None),
        model_rows={a.name: mine.of(said[a.name], found[a.name]) for a in bench.submissions},
        coverage=f"{_support(classes)} {drugs.coverage} {_axes(bench)}",
    )
    before = {name: precise(a.whole, drugs, permutations[:1]).tested.value for name, a in said.items()}
    seed = int(rng.integers(2**63))  # no arm's figure depends on how many others there are
    share = {a.name: found[a.name].significant(np.random.default_rng(seed)) for a in (bench.truth, *bench.submissions)}
    return tuple(_also(f, before, share, chemistry) for f in judge(NAME, bench, contrast, WORDS))


class _Rows:
    """Evidence of one arm beside the truth and chemistry."""

    def __init__(
        self, drugs: Drugs, classes: list[Class], truth: Alike, measured: Precise, chemistry: Precise | None
    ) -> None:
        self.drugs, self.classes, self.truth, self.measured, self.chemistry = drugs, classes, truth, measured, chemistry

    def of(self, said: Alike | None, found: Precise | None) -> list[Any]:
        by_structure = self.chemistry.precision if self.chemistry is not None else None
        tanimoto = self.drugs.tanimoto if self.chemistry is not None else None
        own, inside = (None, None) if said is None or found is None else (found.precision, said.beyond)
        return [
            *class_rows(self.classes, self.measured.precision, own, by_structure),
            *between_rows(self.drugs, self.classes, self.truth.beyond, inside, tanimoto),
        ]


def _truths(bench: Bench, said: dict[str, Alike], drugs: Drugs, permutations: Codes) -> dict[str, Tested]:
    """The truth on the pairs of drugs that a model answers, where these are fewer."""
    fewer = {arm.name: truth_where(said, arm.name) for arm in bench.submissions}
    return {name: precise(own, drugs, permutations).tested for name, own in fewer.items() if own is not None}


def _embeddings(bench: Bench, said: dict[str, Alike], drugs: Drugs, permutations: Codes) -> dict[str, Tested]:
    """What embeddings say, where they are handed in."""
    inside = {a.name: said[a.name].inside for a in bench.submissions}
    return {name: precise(i, drugs, permutations).tested for name, i in inside.items() if i is not None}


def _support(classes: list[Class]) -> str:
    """Which classes the truth itself supports, as a sentence."""
    names = supported(classes)
    if not names:
        return f"Of {len(classes)} mechanisms with two drugs or more, none exceeds permuted ones by itself."
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return (
        f"Of {len(classes)} mechanisms with two drugs or more, {len(names)} exceed permuted ones by themselves: "
        f"{', '.join(names[:NAMED])}{more}."
    )


def _axes(bench: Bench) -> str:
    names = stress_axes(bench).names
    return f"Set aside: {', '.join(names)}." if names else "No axis of stress could be set aside."


def _also(finding: Finding, before: dict[str, float], share: dict[str, float], chemistry: Precise | None) -> Finding:
    """Add what is told beside the grade: with stress, drug by drug, and by chemistry alone."""
    name = finding.model or TRUTH
    if finding.value is None or not np.isfinite(before.get(name, np.nan)):
        return finding
    words = [f"{before[name]:.2f} with stress left in"]
    if np.isfinite(share[name]):
        beside = f" (truth {share[TRUTH]:.0%})" if finding.model else ""
        words.append(f"{share[name]:.0%} of drugs beyond random ranks by themselves{beside}")
    if chemistry is not None and not finding.model:
        words.append(f"{chemistry.tested.value:.2f} by {CHEMISTRY} ({chemistry.tested.null:.2f} permuted)")
    return replace(finding, sentence=f"{finding.sentence} Beside it: {'; '.join(words)}.")
