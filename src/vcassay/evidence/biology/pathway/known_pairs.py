"""Known pairs: whether genes that belong together have effects that are alike, or opposite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.shuffled_pairs import permuted_sums, shuffled_sums
from vcassay.arrays.tails import in_tails, pair_percentiles
from vcassay.core import Finding, Threshold
from vcassay.core.wording import capital
from vcassay.evidence.biology.bench import SUBMISSION, TRUTH, Arm, Bench
from vcassay.evidence.biology.contrast import Contrast, Wording, judge, not_assessable
from vcassay.evidence.biology.diagnostic import diagnostic
from vcassay.evidence.biology.likeness import likeness
from vcassay.evidence.biology.pathway.entities import Entities, gene_entities, target_entities
from vcassay.evidence.biology.pathway.pairs import Pairs, Union, find_pairs, unite
from vcassay.evidence.biology.tested import DRAWS, Tested, tested

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Places = dict[tuple[str, str], Array]

NAME = "known_pairs"

PAIR_ENTITIES = Threshold("known_pairs_entities", 20, "EFAAR: fewer perturbed genes have no tails to speak of")
PAIR_LEAST = Threshold("known_pairs_least", 10, "with fewer known pairs a share is a matter of one or two (proposal)")
TAILS, WIDE = 0.1, 0.2
"""Shares of all pairs that chance puts in the tails: the outer 5 % and the outer 10 % on either side (EFAAR)."""
SIGNS = (0, 1, -1)
EMBEDDING = "embedding"
OF_TRUTH = (TRUTH, TRUTH)

WORDS = Wording(
    quantity="share of known pairs in the outer 5 % on either side of all pairs",
    unit="known pairs",
    permuted="genes and shuffled partners, whichever is stricter",
    wanted=(
        "it would take more perturbed genes that resources under [knowledge] pair with each other, more cells each, "
        "or stronger effects"
    ),
    remedy="Check what the model knows of a perturbation beyond its size: effects of partners must be placed together.",
    digits=".0%",
)


@diagnostic(NAME, title="Known pairs", source="EFAAR benchmarks (Celik et al. 2024); Fosdick et al. 2018")
def known_pairs(bench: Bench, rng: np.random.Generator) -> tuple[Finding, ...]:
    """Effects of genes of one complex or pathway are among the most alike, or most opposite, of all pairs.

    Of the pairs that relations state (else, of those that share a gene set of moderate size), the share whose cosine
    is in the outer 5 % on either side of all pairs of perturbed genes; chance is 10 %. Where signs of pairs and
    directions of both perturbations are known, a pair counts on its own side only, at 10 %. The null is the stricter
    of two: genes that trade places, which keeps complexes whole, and pairs whose ends are swapped, by which every gene
    keeps its number of partners; both among genes of like effect size, as strong effects are more alike. The truth's
    pairs are of disjoint cells and controls. Conditions without a detectable effect are left out. Drugs are entities
    through their targets: drugs of the same few targets are one, and a pair of them is known where a target of the one
    is a partner of a target of the other and none is shared; they are judged where too few genes are perturbed, else
    shown beside.

    Not assessable with fewer than 20 entities or 10 known pairs among them, and where the truth's share is no more
    than under both nulls.
    """
    blocks = [_prepare(bench, gene_entities(bench)), _prepare(bench, target_entities(bench))]
    usable = [b for b in blocks if not b.why]
    if not usable:
        why = "; ".join(f"{b.entities.what}: {b.why}" for b in blocks)
        return not_assessable(NAME, f"{why}.", bench.submissions)
    placed = [_places(bench, block) for block in usable]
    found = [_measure(bench, block, places, rng) for block, places in zip(usable, placed, strict=True)]
    head = found[0]
    coverage = [_covered(usable[0]), f"In the outer 10 % on either side it is {head.wide:.0%} (chance 20 %)."]
    coverage += [_beside(block, own) for block, own in zip(usable[1:], found[1:], strict=True)]
    coverage += [f"{capital(b.entities.what)} are not judged: {b.why}." for b in blocks if b.why]
    rows = {
        name: [r for block, places in zip(usable, placed, strict=True) for r in _rows(block, places, name)]
        for name in ("", *(a.name for a in bench.submissions))
    }
    contrast = Contrast(
        truth=head.truth,
        models=head.models,
        truths=head.truths,
        baselines=head.baselines,
        embeddings=head.embeddings,
        rows=rows.pop(""),
        model_rows=rows,
        coverage=" ".join(coverage),
    )
    return judge(NAME, bench, contrast, WORDS)


class Block(NamedTuple):
    """Entities with their known pairs, or why they cannot be asked.

    Attributes
    ----------
    pairs
        Of each resource.
    judged
        Those that count together.
    whole
        Names of the resources that do.
    """

    entities: Entities
    pairs: tuple[Pairs, ...]
    judged: Union
    whole: tuple[str, ...]
    why: str


class Measured(NamedTuple):
    """One statistic of every arm over one block."""

    truth: Tested
    wide: float
    models: dict[str, Tested | str]
    truths: dict[str, Tested]
    baselines: dict[str, Tested]
    embeddings: dict[str, Tested]


def _prepare(bench: Bench, entities: Entities) -> Block:
    """Find known pairs of entities, and what is missing."""
    none = unite(())
    n = len(entities.members)
    if n < PAIR_ENTITIES.value:
        why = f"{n} with a measurable effect, {PAIR_ENTITIES.value:g} are needed{entities.left_out}"
        return Block(entities, (), none, (), why)
    if not bench.knowledge.relations and not bench.knowledge.gene_sets:
        return Block(entities, (), none, (), "no relations or gene sets are handed in under [knowledge]")
    names = sorted({gene for own in entities.members for gene in own})
    pairs = tuple(entities.lift(p, names) for p in find_pairs(names, bench.knowledge))
    direct = [p for p in pairs if p.direct]
    judged = direct if len(unite(direct).left) >= PAIR_LEAST.value else list(pairs)
    union = unite(judged)
    why = ""
    if len(union.left) < PAIR_LEAST.value:
        known = "; ".join(p.coverage for p in pairs)
        why = f"{len(union.left)} known pairs among {n}, {PAIR_LEAST.value:g} are needed ({known})"
    return Block(entities, pairs, union, tuple(p.resource for p in judged if len(p.left)), why)


def _likeness(bench: Bench, arm: Arm, entities: Entities, *, embedding: bool = False) -> Array:
    """(n, n) of entities; NaN where one is not answered."""
    item = np.where(arm.known, entities.item, -1)
    _, context = np.unique(bench.table.context, return_inverse=True)
    if embedding and arm.embedding is not None:
        rows = arm.embedding[bench.split.test]
        item = np.where(np.isfinite(rows).all(axis=1), item, -1)
        return likeness([(rows, rows)], item, context, len(entities.members))
    return likeness(bench.measurements(arm), item, context, len(entities.members))


def _places(bench: Bench, block: Block) -> Places:
    """(n, n) places of pairs by the role and the name of each arm, embeddings among them."""
    places = {}
    for arm in bench.arms:
        places[arm.role, arm.name] = pair_percentiles(_likeness(bench, arm, block.entities))
        if arm.embedding is not None:
            places[EMBEDDING, arm.name] = pair_percentiles(_likeness(bench, arm, block.entities, embedding=True))
    return places


def _measure(bench: Bench, block: Block, places: Places, rng: np.random.Generator) -> Measured:
    """Hold every arm beside both nulls; arms that answer the same entities share permutations and swaps."""
    seed, whole = int(rng.integers(2**63)), places[OF_TRUTH]
    stratum = block.entities.strata(np.unique([block.judged.left, block.judged.right]))
    groups: dict[bytes, list[tuple[str, str]]] = {}
    usable = {key: np.isfinite(place) & np.isfinite(whole) for key, place in places.items()}
    for key, own in usable.items():
        groups.setdefault(own.tobytes(), []).append(key)
    found: dict[tuple[str, str], Tested] = {}
    truths: dict[str, Tested] = {}
    for members in groups.values():
        shared = usable[members[0]]
        short = OF_TRUTH not in members
        columns = [whole, *(places[k] for k in members)] if short else [places[k] for k in members]
        # a truth of fewer pairs is ranked among those
        ranked = [pair_percentiles(np.where(shared, own, np.nan)) for own in columns] if short else columns
        values = recall(ranked, shared, block.judged, stratum, np.random.default_rng(seed))
        if short:
            truths |= {name: values[0] for role, name in members if role == SUBMISSION}
            values = values[1:]
        found |= dict(zip(members, values, strict=True))
    models: dict[str, Tested | str] = {a.name: found[a.role, a.name] for a in bench.submissions}
    for name, given in models.items():
        if isinstance(given, Tested) and given.n < PAIR_LEAST.value:
            models[name] = f"it answers {given.n} known pairs, {PAIR_LEAST.value:g} are needed"
    return Measured(
        found[OF_TRUTH],
        share_inside(whole, block.judged, WIDE),
        models,
        truths,
        {a.name: found[a.role, a.name] for a in bench.baselines},
        {name: own for (role, name), own in found.items() if role == EMBEDDING},
    )


def share_inside(place: Array, pairs: Union, share: float) -> float:
    """Share of the pairs in the tails, by the side where a sign is known; NaN without a pair that has a place."""
    inside, total = 0, 0
    for sign in SIGNS:
        at = (pairs.sign == sign) & np.isfinite(place[pairs.left, pairs.right])
        inside += int(in_tails(place[pairs.left[at], pairs.right[at]], share, sign).sum())
        total += int(at.sum())
    return inside / total if total else np.nan


def recall(
    places: Sequence[Array], usable: NDArray[np.bool_], pairs: Union, stratum: Codes, rng: np.random.Generator
) -> list[Tested]:
    """Share of the known pairs in the outer 5 % on either side, beside the stricter of two nulls.

    Parameters
    ----------
    places
        Of each arm, (n, n) from `pair_percentiles`.
    usable
        (n, n) pairs that count.
    stratum
        (n,) codes: labels are traded and ends swapped within.

    Returns
    -------
    For each arm its share with the larger of the two means, spreads and p-values.
    """
    at = usable[pairs.left, pairs.right]
    left, right, sign = pairs.left[at], pairs.right[at], pairs.sign[at]
    k = len(places)
    value, traded, swapped = np.zeros(k), np.zeros((DRAWS, k)), np.zeros((DRAWS, k))
    seed = int(rng.integers(2**63))
    for one in np.unique(sign):
        own = sign == one
        marks = np.stack([in_tails(place, TAILS, int(one)) for place in places], axis=2)
        a, b = left[own], right[own]
        value += marks[a, b].sum(axis=0)
        swapped += shuffled_sums(a, b, marks, stratum, DRAWS, rng)
        # signs share a generator's seed and the entities: one trade for all of them
        again = np.random.default_rng(seed)
        traded += permuted_sums(a, b, marks, stratum, DRAWS, again, np.unique([left, right]))
    m = len(left)
    if m < PAIR_LEAST.value:
        return [Tested(np.nan, np.nan, np.nan, np.nan, np.nan, m) for _ in range(k)]
    return [
        stricter(tested(v / m, t / m, m), tested(v / m, s / m, m))
        for v, t, s in zip(value, traded.T, swapped.T, strict=True)
    ]


def stricter(one: Tested, two: Tested) -> Tested:
    """The value with the larger mean, spread and p-values of two nulls."""
    return Tested(
        one.value,
        max(one.null, two.null),
        max(one.spread, two.spread),
        max(one.p, two.p),
        max(one.p_reversed, two.p_reversed),
        one.n,
    )


def _rows(block: Block, places: Places, name: str) -> list[Mapping[str, Any]]:
    """Evidence: each resource's share in truth and model (none of an empty name)."""
    out: list[Mapping[str, Any]] = []
    for own in block.pairs:
        if len(own.left):
            pairs = unite([own])
            resource = own.resource if block.entities.direct else f"{own.resource}, drugs by their targets"
            row: dict[str, Any] = {"kind": "resource", "resource": resource, "pairs": len(own.left)}
            row["truth"] = share_inside(places[OF_TRUTH], pairs, TAILS)
            if name:
                row["model"] = share_inside(places[SUBMISSION, name], pairs, TAILS)
            out.append(row | {"chance": TAILS})
    return out


def _covered(block: Block) -> str:
    """Of what the judged pairs are."""
    known = "; ".join(p.coverage for p in block.pairs)
    n = len(block.entities.members)
    return f"{n:,} {block.entities.what}{block.entities.left_out}; pairs by {', '.join(block.whole)} ({known})."


def _beside(block: Block, measured: Measured) -> str:
    """What the block that is not judged shows."""
    n = len(block.entities.members)
    return f"Shown beside it, {n:,} {block.entities.what}: {WORDS.value(measured.truth)} in the truth."
