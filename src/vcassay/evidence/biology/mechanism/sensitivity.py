"""Sensitivity: whether likeness of drugs follows chemistry more, and mechanism less, than it does in the truth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.permutations import permute_within
from vcassay.core import Finding, Status, Threshold
from vcassay.evidence.biology.bench import TRUTH, Arm, Bench
from vcassay.evidence.biology.contrast import NOT_ASSESSABLE, not_assessable
from vcassay.evidence.biology.diagnostic import diagnostic, finding
from vcassay.evidence.biology.mechanism.alike import Alike, alike, truth_where
from vcassay.evidence.biology.mechanism.drugs import LEAST, NO_COMPOUND, Drugs, find_drugs, has_compounds
from vcassay.evidence.biology.mechanism.dyads import Shares, partial, shares
from vcassay.evidence.biology.tested import DRAWS, SHARE_OF_TRUTH, truth_passes

NAME = "chemistry_sensitivity"
CHEMISTRY_TIMES = Threshold("chemistry_times", 1.25, "times the truth's share that a model's may have (proposal)")
CHEMISTRY_MORE = Threshold("chemistry_more", 0.1, "share of variance by which it must exceed the truth's (proposal)")
SHUFFLES = 49
"""Permutations of structures, for the mean share that any structures explain."""

Array = NDArray[np.float64]


@diagnostic(
    NAME,
    title="Chemistry against mechanism",
    source="Csendes 2026 (Turbine), MoA against chemistry; variance of pair cosines",
)
def chemistry_sensitivity(bench: Bench, rng: np.random.Generator) -> tuple[Finding, ...]:
    """Likeness of predicted effects does not follow structure far more, and mechanism less, than that of true effects.

    The variance over pairs of the cosine of effects (stress set aside), beyond shared plates, magnitudes and stress,
    is divided: what Tanimoto explains, and what a shared mechanism explains beyond that, each less what permuted
    labels would; in the truth both as shares of what disjoint halves reproduce. WARN where a model's share of
    chemistry exceeds the truth's by more than a quarter and by a tenth of the variance, while its share of mechanism is
    less than 70 % of the truth's. The silhouette by mechanism, which depends on the sizes of classes, is in the
    evidence alone. Not assessable without structures or mechanisms, or where the truth has no share of mechanism
    beyond permuted mechanisms.
    """
    if not has_compounds(bench):
        return not_assessable(NAME, NO_COMPOUND, bench.submissions)
    drugs = find_drugs(bench)
    partners = int((drugs.same & drugs.pairs).any(axis=1).sum())
    if partners < LEAST.value or not drugs.by_structure:
        why = f"{partners} of {len(drugs):,} drugs with a known mechanism and structure have a partner"
        return not_assessable(NAME, f"{why}; {LEAST.value:g} are needed. {drugs.coverage}", bench.submissions)
    said = alike(bench)
    permutations = permute_within(drugs.stratum, DRAWS, rng, identity=True)
    shuffles = permute_within(np.zeros(len(drugs), dtype=np.int64), SHUFFLES, rng)
    own = said[TRUTH]
    tested = partial(own.beyond, drugs, own, permutations, permutations[:1]).tested
    divided = {name: shares(a.beyond, drugs, a, permutations, shuffles) for name, a in said.items()}
    truth = divided[TRUTH]
    row = _row(TRUTH, truth, own, drugs)
    numbers = {"value": truth.chemistry, "evidence": (row,)}
    if not truth_passes(tested) or not np.isfinite(truth.chemistry) or not truth.mechanism > 0:
        why = (
            f"in the truth, mechanism explains no more of the likeness of drugs than permuted mechanisms do "
            f"(p = {tested.p:.2g} over {tested.n:,} pairs of one mechanism, beyond chemistry); it would take more "
            f"drugs of one mechanism and unlike structure, stronger doses, or more rows a condition"
        )
        return not_assessable(NAME, f"{why}. {drugs.missing}{drugs.strata}", bench.submissions, **numbers)
    reliable = f" (of a likeness of reliability {truth.reliability:.2f})" if truth.reliability < 1 else ""
    sentence = (
        f"In the truth, chemistry explains {_share(truth.chemistry)} of the variance of likeness between "
        f"{len(drugs):,} drugs and mechanism beyond it {_share(truth.mechanism)}{reliable}. "
        f"{drugs.missing}{drugs.strata}"
    )
    study = finding(NAME, Status.PASS, sentence, **numbers)
    out = [study]
    for arm in bench.submissions:
        fewer = truth_where(said, arm.name)
        beside = truth if fewer is None else shares(fewer, drugs, own, permutations, shuffles)
        out.append(_about(arm, divided, beside, said, drugs, row))
    return tuple(out)


def _about(
    arm: Arm,
    divided: dict[str, Shares],
    truth: Shares,
    said: dict[str, Alike],
    drugs: Drugs,
    truth_row: Mapping[str, Any],
) -> Finding:
    """Make a submission's finding, beside the truth on the pairs that it answers."""
    model = divided[arm.name]
    pairs = drugs.pairs & np.isfinite(said[arm.name].beyond)
    answered, partners = int(pairs.any(axis=1).sum()), int((pairs & drugs.same).any(axis=1).sum())
    rows = [_row(arm.name, model, said[arm.name], drugs), truth_row]
    rows += [_row(name, own, said[name], drugs) for name, own in divided.items() if name not in (TRUTH, arm.name)][:20]
    why = ""
    if partners < LEAST.value:
        why = f"it answers {partners} drugs that have a partner; {LEAST.value:g} are needed"
    elif not np.isfinite(model.chemistry) or not np.isfinite(model.mechanism):
        why = "its drugs are equally alike, whatever their mechanism"
    elif not np.isfinite(truth.chemistry) or not truth.mechanism > 0:
        why = "on the conditions that it answers, the truth itself does not show it"
    if why:
        return finding(NAME, Status.NA, f"{NOT_ASSESSABLE}{why}.", model=arm.name, evidence=rows)
    limit = max(CHEMISTRY_TIMES.value * truth.chemistry, truth.chemistry + CHEMISTRY_MORE.value)
    far, below = model.chemistry > limit, model.mechanism < SHARE_OF_TRUTH.value * truth.mechanism
    status = Status.WARN if far and below else Status.PASS
    words = {
        (True, True): "The likeness of its drugs follows chemistry, not mechanism",
        (True, False): "The likeness of its drugs follows chemistry more than the truth's, and mechanism as much",
        (False, True): "The likeness of its drugs follows mechanism less than the truth's, but not for chemistry",
        (False, False): "The likeness of its drugs follows chemistry and mechanism as the truth's does",
    }[far, below]
    sentence = (
        f"{words}: chemistry explains {_share(model.chemistry)} of its variance (truth {_share(truth.chemistry)}) and "
        f"mechanism beyond it {_share(model.mechanism)} (truth {_share(truth.mechanism)}), over {answered:,} drugs."
    )
    return finding(
        NAME,
        status,
        sentence,
        value=model.chemistry,
        null=truth.chemistry,
        threshold=limit,
        model=arm.name,
        evidence=rows,
        remedy="" if status is Status.PASS else "See whether effects of unlike structures and one mechanism agree.",
    )


def _row(name: str, own: Shares, said: Alike, drugs: Drugs) -> dict[str, str | float]:
    return {
        "kind": "shares",
        "arm": name,
        "chemistry": own.chemistry,
        "mechanism": own.mechanism,
        "reliability": own.reliability,
        "silhouette": silhouette(said.beyond, drugs),
    }


def silhouette(cosine: Array, drugs: Drugs) -> float:
    """Mean silhouette by each drug's first mechanism among classes of two or more; NaN with fewer than two classes."""
    from sklearn.metrics import silhouette_score

    largest = {name: i for i, (name, _) in enumerate(drugs.classes)}
    code = np.asarray([next((largest[m] for m in own if m in largest), -1) for own in drugs.mechanisms], dtype=np.int64)
    size = np.bincount(code[code >= 0], minlength=1)
    at = np.flatnonzero((code >= 0) & (np.where(code >= 0, size[code], 0) > 1))
    distance = 1.0 - cosine[np.ix_(at, at)]
    np.fill_diagonal(distance, 0.0)
    if len(set(code[at].tolist())) < 2 or not np.isfinite(distance).all():
        return np.nan
    return float(silhouette_score(np.maximum(distance, 0.0), code[at], metric="precomputed"))


def _share(value: float) -> str:
    """A share of the variance in words; what is below 0 is less than permuted labels explain."""
    return f"{value:.2%}" if value > 0 else "nothing"
