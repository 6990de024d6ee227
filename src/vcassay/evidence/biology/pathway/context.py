"""Context: whether an expected response is absent where the genotype of the cells says that it cannot be."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.core import Finding, Threshold
from vcassay.evidence.biology.bench import Bench
from vcassay.evidence.biology.contrast import Contrast, Wording, judge, not_assessable
from vcassay.evidence.biology.diagnostic import diagnostic
from vcassay.evidence.biology.pathway.asked import Scores, ask, in_use
from vcassay.evidence.biology.pathway.covered import Covered, find_covered
from vcassay.evidence.biology.pathway.swapped import differences, permuted_contexts
from vcassay.evidence.biology.tested import DRAWS, Tested, tested
from vcassay.knowledge.expectations import Expectation

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

NAME = "target_context"
CONTEXTS = Threshold(
    "target_context_least", 9, "contexts: of 8 in two fours only 1 in 70 orders is as good, and p < .01 is asked"
)
WORDS = Wording(
    quantity="mean AUROC of expected sets where they should respond, less where they should not,",
    unit="perturbations that were tested in both",
    permuted="genotypes of contexts",
    wanted="it would take more contexts of known genotype on both sides, for more perturbations that depend on it",
    remedy="The model gives cells a response that their genotype rules out: check how it knows the context.",
)


class Sides(NamedTuple):
    """Of one expectation: mean z and contexts where it holds and where it does not, and z's spread under the null."""

    z: tuple[float, float]
    contexts: tuple[int, int]
    spread: float


@diagnostic(
    NAME,
    title="Responses by genotype",
    source="p53 wild type and MDM2 inhibition in pools of lines: McFarland et al. 2020, Nat Commun 11:4296",
)
def target_context(bench: Bench, rng: np.random.Generator) -> tuple[Finding, ...]:
    """A response is absent where the genotype of the cells rules it out.

    Of perturbations whose expected set should move in some contexts and not in others (targets of p53 after an
    inhibitor of MDM2, by the status of TP53): the mean rank of the set among matched random sets where it should move,
    less where it should not, within each perturbation, so that its strength does not enter. The null permutes the
    genotypes among the contexts in which they are known, for all perturbations alike: the context is the unit. Not
    assessable with fewer than 9 contexts of known genotype, or where the truth itself shows no difference.
    """
    covered = find_covered(bench)
    use, _ = in_use(bench)
    truth = ask(bench, covered, bench.truth.values, use)
    state = np.where(covered.state == -1, 0.0, covered.state)
    both = _both(covered, truth, state)
    able = both.any(axis=0) & (np.isfinite(state).sum(axis=0) >= CONTEXTS.value)
    both &= able
    if not both.any():
        return not_assessable(NAME, _too_few(covered, truth, state), bench.submissions)
    keys = rng.random((DRAWS, len(state)))
    patterns = {int(j): permuted_contexts(state[:, j], keys) for j in np.flatnonzero(able)}
    whole, rows = _measure(truth, both, state, patterns)
    models: dict[str, Tested | str] = {}
    truths: dict[str, Tested] = {}
    baselines: dict[str, Tested] = {}
    model_rows: dict[str, Any] = {}
    for arm in (*bench.submissions, *bench.baselines):
        mine = use & arm.known
        scores = ask(bench, covered, arm.values, mine)
        left = both & _both(covered, scores, state)
        if not left.any():
            models[arm.name] = "it answers no perturbation in contexts of both kinds"
            continue
        found, own = _measure(scores, left, state, patterns)
        if arm.role == "baseline":
            baselines[arm.name] = found
            continue
        models[arm.name] = found
        beside = rows
        if (mine != use).any():
            truths[arm.name], beside = _measure(ask(bench, covered, bench.truth.values, mine), left, state, patterns)
        model_rows[arm.name] = _rows(covered, beside, own)
    asked = ", ".join(_told(covered.rows[j]) for j in patterns)
    coverage = (
        f"Asked of {asked}; {int(np.isfinite(state[:, able]).any(axis=1).sum())} of {len(state)} contexts are of "
    )
    coverage += "known genotype."
    contrast = Contrast(whole, models, truths, baselines, {}, _rows(covered, rows, None), model_rows, coverage)
    return judge(NAME, bench, contrast, WORDS)


def _both(covered: Covered, scores: Scores, state: Array) -> Mask:
    """(p, k) agents that an expectation covers and that are measured where it holds and where it does not."""
    known = np.isfinite(scores.z)
    on, off = (known & (state == side)[None] for side in (1, 0))
    return np.asarray(covered.member & on.any(axis=1) & off.any(axis=1))


def _measure(scores: Scores, both: Mask, state: Array, patterns: dict[int, Array]) -> tuple[Tested, dict[int, Sides]]:
    """The statistic of one arm; of each expectation the mean z in contexts of either kind, and the null's spread."""
    rank = scores.rank
    value, draws, n, missing = 0.0, np.zeros(DRAWS), 0, np.zeros(DRAWS)
    rows: dict[int, Sides] = {}
    for j, permuted in patterns.items():
        who = np.flatnonzero(both[:, j])
        if not len(who):
            continue
        value += float(differences(rank[who, :, j], state[None, :, j]).sum())
        n += len(who)
        drawn = differences(rank[who, :, j], permuted)
        draws += np.nansum(drawn, axis=0)
        missing += np.isnan(drawn).sum(axis=0)
        z = scores.z[who, :, j]
        sides = [z[:, state[:, j] == side] for side in (1, 0)]
        on, off = (float(np.nanmean(own)) for own in sides)
        held = [int(np.isfinite(own).any(axis=0).sum()) for own in sides]
        known = np.isfinite(drawn).any(axis=0)
        spread = float(np.std(np.nanmean(differences(z, permuted)[:, known], axis=0)))
        rows[j] = Sides((on, off), (held[0], held[1]), spread)
    with np.errstate(invalid="ignore", divide="ignore"):
        return tested(value / n, draws / (n - missing), n), rows


def _rows(
    covered: Covered,
    truth: dict[int, Sides],
    model: dict[int, Sides] | None,
) -> list[dict[str, Any]]:
    """Two rows an expectation: where it holds, and where nothing is expected."""
    out: list[dict[str, Any]] = []
    for j, own in truth.items():
        row = covered.rows[j]
        for side, where in enumerate((row.words, _elsewhere(row))):
            one: dict[str, Any] = {"kind": "expectation", "class": row.name, "set": row.set}
            one |= {"sign": row.sign if side == 0 else 0, "where": where}
            one |= {"contexts": own.contexts[side], "truth": own.z[side]}
            one |= {} if model is None or j not in model else {"model": model[j].z[side]}
            out.append(one | {"null_sd": own.spread, "source": f"{row.source} ({row.confidence})"})
    return out


def _elsewhere(row: Expectation) -> str:
    parts = [f"{fact} {' or '.join(v)}" for p in (row.nothing, row.opposite) for fact, v in p.items()]
    parts += [f"{' or '.join(row.expressed)} silent"] if row.expressed else []
    return ", ".join(parts)


def _told(row: Expectation) -> str:
    return f"{row.name} ({row.words}; not with {_elsewhere(row)})"


def _too_few(covered: Covered, truth: Scores, state: Array) -> str:
    told = [
        f"{row.name} ({int((state[:, j] == 1).sum())} contexts with, {int((state[:, j] == 0).sum())} without)"
        for j, row in enumerate(covered.rows)
        if row.nothing or row.opposite or row.expressed
    ]
    have = (
        f"of classes that depend on the genotype there are {', '.join(told)}"
        if told
        else "no test perturbation is of a class that depends on it"
    )
    return (
        f"no perturbation was tested in contexts where its expected response is known to be possible and where it is "
        f"not, {CONTEXTS.value:g} contexts together; {have}."
    )
