"""Beyond chemistry: whether drugs of one mechanism act alike more than their structures explain."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from vcassay.arrays.permutations import permute_within
from vcassay.core import Finding, Status
from vcassay.evidence.biology.bench import TRUTH, Bench
from vcassay.evidence.biology.contrast import Contrast, Wording, judge, not_assessable
from vcassay.evidence.biology.diagnostic import diagnostic
from vcassay.evidence.biology.mechanism.alike import alike, truth_where
from vcassay.evidence.biology.mechanism.drugs import LEAST, NO_COMPOUND, find_drugs, has_compounds
from vcassay.evidence.biology.mechanism.dyads import Partial, partial
from vcassay.evidence.biology.tested import DRAWS, TRUTH_P, Tested

NAME = "moa_beyond_chemistry"

WORDS = Wording(
    quantity="partial correlation of likeness with one mechanism, given structures,",
    unit="pairs of one mechanism",
    permuted="mechanisms",
    wanted="it would take more drugs of one mechanism and unlike structure, stronger doses, or more rows a condition",
    remedy="The model may hand on the fingerprint it is given: try it with fingerprints of other drugs.",
    digits=".3f",
)


@diagnostic(
    NAME, title="Mechanism beyond chemistry", source="Szalai 2019; partial Mantel regression (Smouse et al. 1986)"
)
def moa_beyond_chemistry(bench: Bench, rng: np.random.Generator) -> tuple[Finding, ...]:
    """Drugs of one mechanism act alike more than their structures, plates, strength and stress explain.

    The cosine of each pair of drugs of unlike structure (Tanimoto below .3), with axes of stress projected out, is
    regressed on Tanimoto (a broken line) and the sizes of the fingerprints, a shared scaffold and group of structures,
    on shared plates, on both magnitudes of effect and both magnitudes along axes of stress. What is left is
    correlated with sharing a mechanism; the null permutes mechanisms among drugs of like structure and the same
    plates. Magnitudes are each arm's own. Beside it is told the same by ranks, and over pairs of any structure without
    covariates of structure, mechanisms permuted among all drugs. A model fails whose likeness of mechanisms vanishes
    with structures: it hands on the fingerprint that it is given. Not assessable without structures (SMILES and
    RDKit) or mechanisms, with fewer than eight drugs that have a partner, or where the truth is within the null.
    """
    if not has_compounds(bench):
        return not_assessable(NAME, NO_COMPOUND, bench.submissions)
    drugs = find_drugs(bench)
    partners = int((drugs.same & drugs.pairs).any(axis=1).sum())
    if partners < LEAST.value or not drugs.by_structure:
        why = f"{partners} of {len(drugs):,} drugs with a known mechanism have a partner; {LEAST.value:g} are needed"
        if partners >= LEAST.value:
            why = "structures are known of too few drugs (fingerprints need SMILES and RDKit)"
        return not_assessable(NAME, f"{why}. {drugs.coverage}", bench.submissions)
    said = alike(bench)
    permutations = permute_within(drugs.stratum, DRAWS, rng, identity=True)
    free = permute_within(np.zeros(len(drugs), dtype=np.int64), DRAWS, rng, identity=True)
    found = {name: partial(a.beyond, drugs, a, permutations, free) for name, a in said.items()}
    inside = {a.name: said[a.name].inside for a in bench.submissions}
    fewer = {a.name: truth_where(said, a.name) for a in bench.submissions}
    contrast = Contrast(
        truth=found[TRUTH].tested,
        models={a.name: _asked(found[a.name].tested) for a in bench.submissions},
        truths={
            name: partial(own, drugs, said[TRUTH], permutations, free).tested
            for name, own in fewer.items()
            if own is not None
        },
        baselines={a.name: found[a.name].tested for a in bench.baselines},
        embeddings={
            name: partial(value, drugs, said[name], permutations, free).tested
            for name, value in inside.items()
            if value is not None
        },
        rows=[_row(TRUTH, found[TRUTH])],
        model_rows={a.name: [_row(a.name, found[a.name]), _row(TRUTH, found[TRUTH])] for a in bench.submissions},
        coverage=f"{drugs.missing}{drugs.strata}",
    )
    return tuple(_also(f, found) for f in judge(NAME, bench, contrast, WORDS))


def _asked(value: Tested) -> Tested | str:
    if value.n < LEAST.value:
        return "it answers too few pairs of one mechanism"
    return value if np.isfinite(value.value) else "its drugs are equally alike, whatever their mechanism"


def _row(name: str, found: Partial) -> dict[str, str | float]:
    row: dict[str, str | float] = {"kind": "partial", "arm": name, "pairs": float(found.tested.n)}
    for key, value in (("given structures", found.tested), ("before", found.before), ("ranks", found.ranks)):
        row |= {key: value.value, f"{key}, permuted": value.null, f"{key}, p": value.p}
    return row


def _also(finding: Finding, found: dict[str, Partial]) -> Finding:
    """Add what it is before structures are given, and by ranks."""
    name = finding.model or TRUTH
    if finding.value is None or name not in found:
        return finding
    own = found[name]
    text = (
        f"Without structures as a covariate {own.before.value:.3f} (p = {own.before.p:.2g}); "
        f"by ranks {own.ranks.value:.3f} (p = {own.ranks.p:.2g})."
    )
    if finding.status is Status.FAIL and own.before.p < TRUTH_P.value:
        text += " What drugs of one mechanism have in common here is their structure."
    return replace(finding, sentence=f"{finding.sentence} {text}")
