"""Dose direction: whether low and top dose point the same way, and for which drugs they do not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.core import Finding, Threshold
from vcassay.core.wording import capital
from vcassay.evidence.biology.bench import TRUTH, Arm, Bench
from vcassay.evidence.biology.contrast import Rows, Wording, judge
from vcassay.evidence.biology.diagnostic import diagnostic
from vcassay.evidence.biology.dose.across_drugs import DOSE_DRUGS, LEAST, across_drugs, ask_arms, comparable
from vcassay.evidence.biology.dose.repeats import Repeats, repeats, too_few
from vcassay.evidence.biology.dose.series import Strata
from vcassay.evidence.biology.quarters import QUARTERS
from vcassay.evidence.biology.tested import Tested

NAME = "dose_direction"
DOSE_TURNS = Threshold("dose_turns", 0.5, "cosine of low and top dose of an effect that turns: 60 degrees (proposal)")
DOSE_TURN_ERROR = Threshold(
    "dose_turn_error", 1 / 3, "spread of a squared size over pairs of quarters, as a share of it (proposal)"
)
ROWS = 150
BINS = 3
"""Parts into which drugs are divided by the size of the low dose."""
PAIRINGS = (((0, 1), (2, 3)), ((0, 2), (1, 3)), ((0, 3), (1, 2)))
"""Ways to make two pairs of the quarters."""

Array = NDArray[np.float64]
Index = NDArray[np.int64]
Mask = NDArray[np.bool_]


@diagnostic(
    NAME,
    title="Dose direction",
    source="our own (docs/biology.md): noise-corrected cosine of low and top dose, drugs permuted",
)
def dose_direction(bench: Bench, rng: np.random.Generator) -> tuple[Finding, ...]:
    """Drugs whose effect turns between low and top dose are predicted to turn.

    The cosine of the lowest dose with a detectable effect and the top dose is measured on pairs of quarters with their
    own controls, <low, top> / sqrt(<low, low> <top, top>), every product between disjoint rows: noise shortens a
    plain cosine, and weak drugs would seem to turn. Doses whose size the quarters do not agree on are left out. Drugs
    that turn (biphasic ones, or toxicity at the top dose) are counted, and are no failure of a dose response. Cosines
    are ranked within contexts among drugs of the same doses and about the same size of the low one (thirds), since
    what noise is left leans with it: two quarters against the other two for the truth, and against the model's plain
    cosine. The null permutes drugs, alike in all contexts. Not assessable with fewer than four rows a condition, or
    where a repeat does not order the drugs alike: then none can be told to turn more than another.
    """
    missing = too_few(NAME, bench)
    if missing:
        return missing
    got = repeats(bench)
    low = lowest(got)
    turn = turns(got, low)
    able = (low >= 0) & turn.sure
    alike = Strata(got.strata.drug, by_size(got.strata.stratum, turn.size, able))
    use = able & comparable(alike.stratum, able)
    n, below, reversed_ = int(able.sum()), turn.whole[able] < DOSE_TURNS.value, turn.whole[able] < 0
    coverage = (
        f"{capital(got.coverage)}; {n:,} of these have an effect at a lower dose and at the top "
        f"one, of a size on which the quarters agree, and "
        f"{int(use.sum()):,} two others of the same doses and about that size to be compared with."
    )
    if n:
        coverage += (
            f" Of the {n:,}, {int(below.sum()):,} turn by more than 60 degrees and {int(reversed_.sum()):,} reverse "
            f"(median cosine {float(np.median(turn.whole[able])):.2f}); a drug that turns is no failure of monotony."
        )
    of_model = {name: plain(own, low, got.length) for name, own in got.own.items()}
    seed = int(rng.integers(2**63))

    def ask(arm: Arm, among: Mask) -> Tested:
        if arm.role == TRUTH:
            return across_drugs(turn.pairs, alike, among, seed)
        return across_drugs([(x, of_model[arm.name]) for pair in turn.pairs for x in pair], alike, among, seed)

    def tell(arm: Arm) -> Rows:
        if arm.role == TRUTH:
            return _rows(got, low, able, turn.whole, None)
        return _rows(got, low, able & got.known[arm.name], turn.whole, of_model[arm.name])

    return judge(
        NAME,
        bench,
        ask_arms(bench, got, use, alike.stratum, ask, tell, coverage),
        Wording(
            "rank correlation within contexts of the cosine of low and top dose",
            "dose series",
            "drugs",
            f"more drugs with an effect at two doses ({DOSE_DRUGS.value:g} at least), or more rows, would show it",
            "Check whether the model changes the direction of an effect with dose at all.",
        ),
    )


def lowest(got: Repeats) -> Index:
    """(m,) the lowest dose with a detectable effect, below the top one that has one too; -1 without."""
    there = (np.arange(got.quiet.shape[1]) < got.length[:, None] - 1) & ~got.quiet
    top = ~got.quiet[np.arange(len(got.length)), got.length - 1]
    return np.asarray(np.where(there.any(axis=1) & top, np.argmax(there, axis=1), -1), dtype=np.int64)


def by_size(stratum: Index, size: Array, use: Mask) -> Index:
    """(m,) strata divided into thirds by size, or into halves, or not at all, so that each has at least three."""
    out = stratum * BINS
    at = np.flatnonzero(use)
    at = at[np.lexsort((size[at], stratum[at]))]
    _, first, n = np.unique(stratum[at], return_index=True, return_counts=True)
    place, count = np.arange(len(at)) - np.repeat(first, n), np.repeat(n, n)
    out[at] += place * np.clip(count // LEAST, 1, BINS) // np.maximum(count, 1)
    return out


class Turns(NamedTuple):
    """Cosines of low and top dose.

    Attributes
    ----------
    whole
        (m,) of all quarters.
    pairs
        Of two quarters and of the other two, each (m,), for every way to pair them; NaN where a size is not above 0.
    sure
        (m,) whether all four quarters are measured and agree on the size of either dose to `DOSE_TURN_ERROR`: where
        they do not, a cosine corrected for noise leans with the strength of the drug.
    size
        (m,) squared size of the low dose, without noise.
    """

    whole: Array
    pairs: list[tuple[Array, Array]]
    sure: Mask
    size: Array


def turns(got: Repeats, low: Index) -> Turns:
    """Noise-corrected cosines of the low and the top dose."""
    i, at, top = np.arange(len(low)), np.maximum(low, 0), got.length - 1

    def products(a: int, b: int) -> tuple[Array, Array, Array]:
        p, q = got.product[a, b], got.product[b, a]
        return (p[i, at, top] + q[i, at, top]) / 2, p[i, at, at], p[i, top, top]

    found = {(a, b): products(a, b) for a in range(QUARTERS) for b in range(a + 1, QUARTERS)}
    sizes = [np.stack([three[j] for three in found.values()]) for j in (1, 2)]
    with np.errstate(invalid="ignore"):
        ok = [(v.mean(axis=0) > 0) & (v.std(axis=0) <= DOSE_TURN_ERROR.value * v.mean(axis=0)) for v in sizes]
    sums = [np.mean([three[j] for three in found.values()], axis=0) for j in range(3)]
    pairs = [(_cosine(*found[p]), _cosine(*found[q])) for p, q in PAIRINGS]
    return Turns(_cosine(*sums), pairs, np.asarray(ok[0] & ok[1]), sums[1])


def _cosine(cross: Array, low: Array, top: Array) -> Array:
    with np.errstate(invalid="ignore"):
        ok = (low > 0) & (top > 0)
        return np.asarray(np.where(ok, cross / np.sqrt(np.where(ok, low * top, 1.0)), np.nan))


def plain(own: Array, low: Index, length: Index) -> Array:
    """(m,) cosine of predictions at the low and the top dose; NaN where one of them is 0."""
    i, at, top = np.arange(len(low)), np.maximum(low, 0), length - 1
    # What differs by rounding alone does not tell drugs apart.
    return np.round(_cosine(own[i, at, top], own[i, at, at], own[i, top, top]), 9)


def _rows(got: Repeats, low: Index, use: Mask, whole: Array, model: Array | None) -> list[Mapping[str, Any]]:
    """Cosines, series that turn most first."""
    at = np.flatnonzero(use)
    rows: list[Mapping[str, Any]] = []
    for i in at[np.argsort(whole[at], kind="stable")][:ROWS].tolist():
        row: dict[str, Any] = {"perturbation": got.series[i].perturbation, "context": got.series[i].context}
        row |= {
            "low": float(got.dose[i, low[i]]),
            "top": float(got.dose[i, got.length[i] - 1]),
            "truth": float(whole[i]),
        }
        if model is not None and np.isfinite(model[i]):
            row["model"] = float(model[i])
        rows.append(row)
    return rows
